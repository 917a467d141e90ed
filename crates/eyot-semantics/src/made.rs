//! What the last steps of analysis add to a program: members with code that nobody has written.

use std::sync::{Arc, OnceLock};

use eyot_syntax::ast::StringText;
use eyot_syntax::{Span, Symbol};
use rustc_hash::FxHashMap;

use crate::model::{
    Access, AsyncMarker, ClassId, Member, MemberFlags, MemberId, MemberKind, Param, ParamKind,
    World,
};
use crate::program::{
    Body, Expr, ExprKind, FunctionNode, Local, LocalId, ParamNode, Stmt, StmtKind,
};
use crate::types::Ty;

/// What a step adds and changes; members are changed once everything was looked at.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) members: Vec<(MemberId, Change)>,
    /// New members, numbered behind all others.
    added: Vec<Member>,
    pub(crate) bodies: Vec<(MemberId, Body)>,
    /// Setters of fields that become getters.
    pub(crate) setters: FxHashMap<MemberId, MemberId>,
}

/// What becomes of a member.
pub(crate) enum Change {
    /// A field becomes a getter, with a setter beside it in its class.
    Accessors(ClassId, Option<MemberId>),
    /// An external function has code now.
    Code,
    /// An external variable becomes a getter.
    Getter,
}

impl Made {
    /// The number that the next member added will have.
    pub(crate) fn add(&mut self, world: &World, member: Member) -> MemberId {
        let id = MemberId((world.members.len() + self.added.len()) as u32);
        self.added.push(member);
        id
    }

    /// Puts everything in its place.
    pub(crate) fn put(self, world: &mut World, bodies: &mut Vec<(MemberId, Body)>) {
        for member in self.added {
            world.members.push(member);
        }
        for (id, change) in self.members {
            let Some(member) = world.members.get_mut(id.index()) else {
                continue;
            };
            member.flags.remove(MemberFlags::EXTERNAL);
            if !matches!(change, Change::Code) {
                member.kind = MemberKind::Getter;
            }
            let Change::Accessors(class, setter) = change else {
                continue;
            };
            let field_name = member.name;
            let class = &mut world.classes[class.index()];
            class.members.extend(setter);
            let access = Access {
                get: Some(id),
                set: setter,
            };
            class.instance.insert(field_name, access);
        }
        world.member_cache = Default::default();
        bodies.extend(self.bodies);
        bodies.sort_by_key(|(member, _)| *member);
    }
}

// ---- pieces of trees

/// An integer.
pub(crate) fn int(value: i64, span: Span) -> Expr {
    let kind = ExprKind::Int(value);
    let ty = Ty::INT;
    Expr { kind, ty, span }
}

/// A truth value.
pub(crate) fn boolean(value: bool, span: Span) -> Expr {
    let kind = ExprKind::Bool(value);
    let ty = Ty::BOOL;
    Expr { kind, ty, span }
}

/// A string.
pub(crate) fn text(value: &str, span: Span) -> Expr {
    let kind = ExprKind::String(Arc::new(StringText::Utf8(value.into())));
    let ty = Ty::STRING;
    Expr { kind, ty, span }
}

/// Null.
pub(crate) fn null(span: Span) -> Expr {
    let kind = ExprKind::Null;
    let ty = Ty::NULL;
    Expr { kind, ty, span }
}

/// A function that gives the value.
pub(crate) fn returning(params: Vec<ParamNode>, value: Expr, result: Ty) -> FunctionNode {
    let span = value.span;
    let kind = StmtKind::Return(Some(value));
    FunctionNode {
        type_params: Vec::new(),
        params,
        result,
        element: result,
        marker: AsyncMarker::Sync,
        body: Some(Box::new(Stmt { kind, span })),
        native: None,
        span,
    }
}

/// The function that a getter is.
pub(crate) fn getter_body(value: Expr, ty: Ty) -> Body {
    Body {
        locals: Vec::new(),
        function: returning(Vec::new(), value, ty),
        initializers: Vec::new(),
    }
}

/// The function that a setter is: what `write` makes of its parameter, which is the first local.
pub(crate) fn setter_body(value_type: Ty, span: Span, write: impl FnOnce(Expr) -> Expr) -> Body {
    let value = Expr {
        kind: ExprKind::Local(LocalId(0)),
        ty: value_type,
        span,
    };
    let param = ParamNode {
        local: LocalId(0),
        kind: ParamKind::Required,
        default: None,
        check: false,
    };
    let local = Local {
        name: Symbol::intern("value"),
        ty: value_type,
        late: false,
        is_final: true,
        span,
    };
    Body {
        locals: vec![local],
        function: returning(vec![param], write(value), Ty::VOID),
        initializers: Vec::new(),
    }
}

/// The setter beside a field that becomes a getter.
pub(crate) fn setter_of(field: &Member, ty: Ty, flags: MemberFlags) -> Member {
    Member {
        kind: MemberKind::Setter,
        flags,
        params: vec![Param::required(Symbol::intern("value"), ty, field.span)],
        ty: OnceLock::from(Ty::VOID),
        marker: AsyncMarker::Sync,
        constant: OnceLock::new(),
        ..field.clone()
    }
}
