//! Deferred imports: what uses a name of one first asks whether it is loaded.
//!
//! A use is noticed where the prefix is resolved ([`Walk::use_prefix`]) and checked around the smallest expression that has it
//! ([`Walk::with_loads`]), so that arguments and assigned values are not evaluated before.

use eyot_syntax::ast::StringText;
use eyot_syntax::{Span, Symbol};

use super::Walk;
use crate::model::{Decl, MemberId};
use crate::program::{Args, Expr, ExprKind};
use crate::types::Ty;

impl Walk<'_> {
    /// A name behind a prefix is used.
    pub(super) fn use_prefix(&mut self, prefix: Symbol, span: Span) {
        let library = self.world.library(self.library);
        if !library.prefixes.get(&prefix).is_some_and(|p| p.deferred) {
            return;
        }
        if self.in_const {
            let message = format!(
                "a constant cannot use the deferred import '{prefix}', which may not be loaded yet: import the library without 'deferred', or do without 'const'"
            );
            return self.error("deferred-in-constant", span, message);
        }
        self.deferred = Some(prefix);
    }

    /// Builds an expression, behind a check that the deferred import it uses is loaded.
    pub(super) fn with_loads(&mut self, build: impl FnOnce(&mut Self) -> Expr) -> Expr {
        let outer = self.deferred.take();
        let expr = build(self);
        match std::mem::replace(&mut self.deferred, outer) {
            Some(prefix) if expr.ty != Ty::ERROR => {
                let check = self.import_call("_checkLoaded", prefix, Ty::VOID, expr.span);
                let check = self.expr_stmt(check);
                self.block(vec![check], expr)
            }
            _ => expr,
        }
    }

    /// `prefix.loadLibrary()`.
    pub(super) fn load_library(&mut self, prefix: Symbol, span: Span) -> Expr {
        let ty = self.world.future_of(Ty::VOID);
        self.import_call("_loadLibrary", prefix, ty, span)
    }

    /// Calls a function of `dart:async` with what tells imports apart.
    fn import_call(&self, function: &str, prefix: Symbol, ty: Ty, span: Span) -> Expr {
        let uri = &self.world.library(self.library).uri;
        let import = StringText::Utf8(format!("{prefix} {uri}").into());
        let import = self.node(ExprKind::String(import.into()), Ty::STRING, span);
        match self.async_function(function) {
            Some(target) => {
                let args = Args {
                    positional: vec![import],
                    ..Args::default()
                };
                self.node(ExprKind::StaticCall { target, args }, ty, span)
            }
            None => self.node(ExprKind::Null, ty, span),
        }
    }

    fn async_function(&self, name: &str) -> Option<MemberId> {
        let library = self.world.by_uri.get("dart:async")?;
        let declared = &self.world.library(*library).declared;
        match declared.get(&Symbol::intern(name))? {
            Decl::Member { get, .. } => *get,
            _ => None,
        }
    }
}
