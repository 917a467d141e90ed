//! Names declared twice in one scope of a body or in one list.

use eyot_syntax::ast::{
    DeclarationKind, ExprKind, ForInit, ForParts, FormalParameter, Identifier, MemberKind, StmtId,
    StmtKind, TypeKind, TypeParameter,
};
use eyot_syntax::{SyntaxTree, sym};

use super::error;
use crate::model::{FileId, World};

pub(super) fn check(world: &World, file: FileId) {
    let Some(tree) = world.file(file).tree.as_deref() else {
        return;
    };
    // Since 3.7 `_` binds nothing; before, it is a name like others.
    let wildcards = world.library(world.file(file).library).version >= (3, 7);
    let scopes = Scopes {
        world,
        file,
        tree,
        wildcards,
    };
    for stmt in &tree.stmts {
        scopes.statement(&stmt.kind);
    }
    for expr in &tree.exprs {
        if let ExprKind::Function(function) = &expr.kind {
            scopes.params(&function.params);
            scopes.type_params(&function.type_params);
        }
    }
    for ty in &tree.types {
        if let TypeKind::Function(function) = &ty.kind {
            scopes.type_params(&function.type_params);
        }
    }
    for declaration in &tree.declarations {
        scopes.declaration(&declaration.kind);
    }
}

struct Scopes<'w> {
    world: &'w World,
    file: FileId,
    tree: &'w SyntaxTree,
    wildcards: bool,
}

impl Scopes<'_> {
    fn statement(&self, kind: &StmtKind) {
        match kind {
            StmtKind::Block(stmts) => self.block(stmts),
            StmtKind::Switch { cases, .. } => {
                for case in cases {
                    self.block(&case.body);
                }
            }
            StmtKind::LocalFunction(local) => {
                self.params(&local.function.params);
                self.type_params(&local.function.type_params);
            }
            StmtKind::Try(statement) => {
                for clause in &statement.catches {
                    let names = clause.exception.iter().chain(&clause.stack_trace);
                    self.distinct(names.copied());
                }
            }
            StmtKind::For { parts, .. } => {
                if let ForParts::Loop {
                    init: ForInit::Variables(declaration),
                    ..
                } = &**parts
                {
                    self.distinct(declaration.variables.iter().map(|variable| variable.name));
                }
            }
            _ => {}
        }
    }

    fn block(&self, stmts: &[StmtId]) {
        let mut names = Vec::new();
        for &stmt in stmts {
            match &self.tree[stmt].kind {
                StmtKind::Variables(declaration) => {
                    names.extend(declaration.variables.iter().map(|variable| variable.name));
                }
                StmtKind::LocalFunction(local) => names.push(local.function.name),
                StmtKind::PatternVariables(declaration) => {
                    names.extend(super::patterns::variables(self.tree, declaration.pattern));
                }
                _ => {}
            }
        }
        self.distinct(names.into_iter());
    }

    fn declaration(&self, kind: &DeclarationKind) {
        let members = match kind {
            DeclarationKind::Class(node) => {
                self.type_params(&node.type_params);
                &node.members
            }
            DeclarationKind::Mixin(node) => {
                self.type_params(&node.type_params);
                &node.members
            }
            DeclarationKind::Enum(node) => {
                self.type_params(&node.type_params);
                &node.members
            }
            DeclarationKind::Extension(node) => {
                self.type_params(&node.type_params);
                &node.members
            }
            DeclarationKind::ExtensionType(node) => {
                self.type_params(&node.type_params);
                &node.members
            }
            DeclarationKind::Typedef(node) => {
                self.type_params(&node.type_params);
                if node.is_old_style
                    && let TypeKind::Function(function) = &self.tree[node.ty].kind
                {
                    self.params(&function.params);
                }
                return;
            }
            DeclarationKind::Function(node) => return self.type_params(&node.type_params),
            DeclarationKind::Variables(_) => return,
        };
        for member in members {
            if let MemberKind::Method(method) = &member.kind {
                self.type_params(&method.type_params);
            }
        }
    }

    fn params(&self, params: &[FormalParameter]) {
        self.distinct(params.iter().filter_map(|param| param.name));
    }

    fn type_params(&self, params: &[TypeParameter]) {
        self.distinct(params.iter().map(|param| param.name));
    }

    fn distinct(&self, names: impl Iterator<Item = Identifier>) {
        let mut seen = rustc_hash::FxHashSet::default();
        for name in names {
            if name.symbol == sym::UNDERSCORE && self.wildcards {
                continue;
            }
            if !seen.insert(name.symbol) {
                let message = format!(
                    "`{}` is declared twice in this scope; rename or remove one of the two",
                    name.symbol
                );
                error(
                    self.world,
                    self.file,
                    "duplicate-declaration",
                    name.span,
                    message,
                );
            }
        }
    }
}
