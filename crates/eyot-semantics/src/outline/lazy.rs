//! What is found out about members on first use: types inferred from initialisers, constants, default values.
//!
//! The answers live in the member; whoever asks first computes. Circles are found with a stack per thread.

use std::cell::RefCell;

use eyot_syntax::Diagnostic;

use crate::const_eval;
use crate::model::{FormalKind, MemberFlags, MemberId, MemberKind, World};
use crate::program::ConstId;
use crate::types::Ty;

/// What can be asked about a member and may lead back to itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Type(MemberId),
    Constant(MemberId),
    Default(MemberId, usize),
    /// The body of a const constructor.
    Body(MemberId),
}

thread_local! {
    static ASKED: RefCell<Vec<Question>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work`, or answers none where this very question is being worked on further out.
pub(crate) fn ask<T>(question: Question, work: impl FnOnce() -> T) -> Option<T> {
    let is_new = ASKED.with_borrow_mut(|asked| {
        let is_new = !asked.contains(&question);
        if is_new {
            asked.push(question);
        }
        is_new
    });
    if !is_new {
        return None;
    }
    let answer = work();
    ASKED.with_borrow_mut(|asked| {
        asked.pop();
    });
    Some(answer)
}

impl World {
    /// A member's type: the result of a function, the type of a variable (inferred now if need be), a constructor's class.
    pub fn ty(&self, member: MemberId) -> Ty {
        let data = self.member(member);
        if let Some(&ty) = data.ty.get() {
            return ty;
        }
        match ask(Question::Type(member), || self.find_type(member)) {
            Some(ty) => *data.ty.get_or_init(|| ty),
            None => {
                let message = format!(
                    "the type of `{}` depends on itself; write its type",
                    data.name
                );
                self.report(
                    data.file,
                    Diagnostic::error("cyclic-inference", data.span, message),
                );
                *data.ty.get_or_init(|| Ty::DYNAMIC)
            }
        }
    }

    fn find_type(&self, member: MemberId) -> Ty {
        if let Some(ty) = self.inherited_type(member) {
            return ty;
        }
        let data = self.member(member);
        // The types in headers rest on those of representations, before the types of members are known.
        if let Some(ty) = self.header_field_type(member) {
            return ty;
        }
        if data.kind == MemberKind::Field && data.flags.contains(MemberFlags::HAS_INITIALIZER) {
            return crate::body::infer_variable(self, member);
        }
        Ty::DYNAMIC
    }

    /// The value of a const variable or enum constant; none if it has none (the reason was reported).
    pub fn constant(&self, member: MemberId) -> Option<ConstId> {
        let data = self.member(member);
        if let Some(&value) = data.constant.get() {
            return value;
        }
        match ask(Question::Constant(member), || {
            const_eval::variable(self, member)
        }) {
            Some(value) => *data.constant.get_or_init(|| value),
            None => {
                let message = format!("the constant `{}` depends on its own value", data.name);
                self.report(
                    data.file,
                    Diagnostic::error("cyclic-constant", data.span, message),
                );
                *data.constant.get_or_init(|| None)
            }
        }
    }

    /// The default value of an optional parameter; none means null (also after a problem, which was reported).
    pub fn param_default(&self, member: MemberId, index: usize) -> Option<ConstId> {
        let param = self.member(member).params.get(index)?;
        if let Some(&value) = param.default.get() {
            return value;
        }
        if !param.has_default && param.formal != FormalKind::Super {
            return None;
        }
        match ask(Question::Default(member, index), || {
            const_eval::param_default(self, member, index)
        }) {
            Some(value) => *param.default.get_or_init(|| value),
            None => {
                let message = format!("the default of `{}` depends on its own value", param.name);
                self.report(
                    self.member(member).file,
                    Diagnostic::error("cyclic-constant", param.span, message),
                );
                *param.default.get_or_init(|| None)
            }
        }
    }
}
