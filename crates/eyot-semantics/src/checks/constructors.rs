//! Generative constructors: their form, what they initialise, what they call, and what `const` asks of them.

use eyot_syntax::ast::{
    self, BodyKind, BodyModifier, FormalParameter, Identifier, Initializer, InitializerKind,
    Modifiers, ParameterForm,
};
use eyot_syntax::{Span, Symbol, SyntaxTree, sym};

use super::conflicts::is_constructor;
use super::overrides::is_settable;
use super::{error, modifiers};
use crate::model::{
    ClassId, ClassKind, FormalKind, Member, MemberFlags, MemberId, MemberKind, Owner, World,
};
use crate::outline::nodes::{MemberNode, member_node};

/// A constructor as written.
struct Written<'t> {
    tree: &'t SyntaxTree,
    class: ClassId,
    id: MemberId,
    span: Span,
    params: &'t [FormalParameter],
    initializers: &'t [Initializer],
    body: Option<&'t ast::FunctionBody>,
}

pub(super) fn check(world: &World, id: MemberId) {
    let member = world.member(id);
    let Owner::Class(class) = member.owner else {
        return;
    };
    if is_constructor(member) && world.class(class).kind == ClassKind::Mixin {
        let message = "a mixin has no constructors; make it a mixin class, or remove this one";
        return error(
            world,
            member.file,
            "mixin-constructor",
            member.span,
            message,
        );
    }
    if member.kind != MemberKind::Constructor {
        return;
    }
    let Some(tree) = world.file(member.file).tree.as_deref() else {
        return;
    };
    if member.flags.contains(MemberFlags::SYNTHETIC) {
        return check_made(world, class, id);
    }
    let Some(written) = written(tree, class, id, member) else {
        return;
    };
    check_words(world, &written);
    match written.redirection() {
        Some(target) => check_redirecting(world, &written, target),
        None => check_initializing(world, &written),
    }
    if member.flags.contains(MemberFlags::EXTERNAL) {
        check_external(world, &written);
    }
    if member.flags.contains(MemberFlags::CONST) {
        check_const(world, &written);
    }
}

fn written<'t>(
    tree: &'t SyntaxTree,
    class: ClassId,
    id: MemberId,
    member: &Member,
) -> Option<Written<'t>> {
    match member_node(tree, member)? {
        MemberNode::Constructor(node) => Some(Written {
            tree,
            class,
            id,
            span: node.name_span,
            params: &node.params,
            initializers: &node.initializers,
            body: Some(&tree[node.body]),
        }),
        MemberNode::Primary(node) => {
            let body = primary_body(tree, member.node?.decl);
            Some(Written {
                tree,
                class,
                id,
                span: member.span,
                params: &node.params,
                initializers: body.map_or(&[], |body| &body.initializers),
                body: body.map(|body| &tree[body.body]),
            })
        }
        _ => None,
    }
}

fn primary_body(tree: &SyntaxTree, decl: u32) -> Option<&ast::PrimaryConstructorBody> {
    let members = match &tree.declarations.get(decl as usize)?.kind {
        ast::DeclarationKind::Class(class) => &class.members,
        ast::DeclarationKind::Enum(node) => &node.members,
        ast::DeclarationKind::ExtensionType(node) => &node.members,
        _ => return None,
    };
    members.iter().find_map(|member| match &member.kind {
        ast::MemberKind::PrimaryConstructorBody(body) => Some(&**body),
        _ => None,
    })
}

impl Written<'_> {
    fn redirection(&self) -> Option<Symbol> {
        self.initializers
            .iter()
            .find_map(|entry| match &entry.kind {
                InitializerKind::Redirection { name, .. } => {
                    Some(name.map_or(sym::NEW, |name| name.symbol))
                }
                _ => None,
            })
    }

    fn has_body(&self) -> bool {
        self.body
            .is_some_and(|body| !matches!(body.kind, BodyKind::Empty | BodyKind::Native(_)))
    }

    fn report(&self, world: &World, code: &'static str, span: Span, message: impl Into<String>) {
        error(world, world.member(self.id).file, code, span, message);
    }
}

/// Words that no constructor has.
fn check_words(world: &World, written: &Written) {
    let member = world.member(written.id);
    if let Some(words) = modifiers(written.tree, member) {
        let wrong = [
            (Modifiers::ABSTRACT, "abstract"),
            (Modifiers::STATIC, "static"),
        ];
        if let Some((_, word)) = wrong.iter().find(|(flag, _)| words.contains(*flag)) {
            let message = format!("a constructor cannot be `{word}`; remove the word");
            written.report(world, "constructor-modifier", written.span, message);
        }
    }
    let is_async = written
        .body
        .is_some_and(|body| body.modifier != BodyModifier::Sync);
    if is_async {
        let message = "a constructor cannot be async or a generator; make it a static method";
        written.report(world, "constructor-modifier", written.span, message);
    }
}

fn check_external(world: &World, written: &Written) {
    if written.has_body() {
        let message = "an external constructor has no body; remove it, or the word `external`";
        written.report(world, "external-with-body", written.span, message);
    }
    if let Some(entry) = written.initializers.first() {
        let message = "an external constructor has no initialisers; remove them";
        written.report(world, "external-with-initializers", entry.span, message);
    }
    if let Some(param) = field_formal(written.params) {
        let message = "an external constructor initialises no fields; drop the `this.`";
        written.report(world, "external-with-initializers", param.span, message);
    }
}

fn field_formal(params: &[FormalParameter]) -> Option<&FormalParameter> {
    params
        .iter()
        .find(|param| param.form == ParameterForm::Field)
}

// ---- redirecting constructors

fn check_redirecting(world: &World, written: &Written, target: Symbol) {
    let mut redirections = 0;
    for entry in written.initializers {
        let is_redirection = matches!(entry.kind, InitializerKind::Redirection { .. });
        redirections += u32::from(is_redirection);
        if !is_redirection || redirections > 1 {
            let message =
                "a constructor that redirects does nothing else; remove this, or the redirection";
            written.report(world, "redirecting-with-more", entry.span, message);
            break;
        }
    }
    if written.has_body() {
        let message = "a constructor that redirects has no body; remove it";
        written.report(world, "redirecting-with-more", written.span, message);
    }
    let formal = written
        .params
        .iter()
        .find(|param| param.form != ParameterForm::Normal);
    if let Some(param) = formal {
        let message = "a constructor that redirects initialises nothing; drop `this.` or `super.`";
        written.report(world, "redirecting-with-more", param.span, message);
    }
    let Some(&next) = world.class(written.class).constructors.get(&target) else {
        return;
    };
    let target = world.member(next);
    if target.kind != MemberKind::Constructor {
        let message = "a constructor can only redirect to a generative one; name another, or make this one a factory";
        written.report(world, "redirection-to-factory", written.span, message);
    } else if world.member(written.id).flags.contains(MemberFlags::CONST)
        && !target.flags.contains(MemberFlags::CONST)
    {
        let message = "a const constructor can only redirect to a const one";
        written.report(world, "const-calls-non-const", written.span, message);
    }
    if leads_back(world, written.id) {
        let message = "this constructor redirects to itself in a circle; let one of the circle initialise the object";
        written.report(world, "cyclic-redirection", written.span, message);
    }
}

fn leads_back(world: &World, start: MemberId) -> bool {
    let mut next = redirects_to(world, start);
    // As many steps as there can be constructors on the way.
    for _ in 0..1000 {
        match next {
            Some(id) if id == start => return true,
            Some(id) => next = redirects_to(world, id),
            None => return false,
        }
    }
    false
}

fn redirects_to(world: &World, id: MemberId) -> Option<MemberId> {
    let member = world.member(id);
    let Owner::Class(class) = member.owner else {
        return None;
    };
    let tree = world.file(member.file).tree.as_deref()?;
    let name = written(tree, class, id, member)?.redirection()?;
    world.class(class).constructors.get(&name).copied()
}

// ---- constructors that initialise

fn check_initializing(world: &World, written: &Written) {
    check_super_entries(world, written);
    check_once(world, written);
    check_super_target(world, written);
    if !world
        .member(written.id)
        .flags
        .contains(MemberFlags::EXTERNAL)
    {
        check_all_initialized(world, written);
    }
}

fn check_super_entries(world: &World, written: &Written) {
    let mut seen = false;
    for (index, entry) in written.initializers.iter().enumerate() {
        if !matches!(entry.kind, InitializerKind::Super { .. }) {
            continue;
        }
        if world.class(written.class).kind == ClassKind::Enum {
            let message =
                "a constructor of an enum calls no superclass constructor; remove the call";
            written.report(world, "super-in-enum", entry.span, message);
        } else if seen {
            let message = "one constructor of the superclass is called, not two; remove one call";
            written.report(world, "super-twice", entry.span, message);
            return;
        } else if index + 1 < written.initializers.len()
            && !matches!(
                written.initializers[index + 1].kind,
                InitializerKind::Super { .. }
            )
        {
            let message = "the call of the superclass's constructor comes last; move it to the end";
            written.report(world, "super-not-last", entry.span, message);
        }
        seen = true;
    }
}

/// No field gets a value twice: from its declaration if it is final, from formals, from the list.
fn check_once(world: &World, written: &Written) {
    let mut set: Vec<Symbol> = Vec::new();
    let formals = written
        .params
        .iter()
        .filter(|param| param.form == ParameterForm::Field)
        .filter_map(|param| param.name);
    let entries = written
        .initializers
        .iter()
        .filter_map(|entry| match &entry.kind {
            InitializerKind::Field { name, .. } => Some(*name),
            _ => None,
        });
    for name in formals.chain(entries) {
        let Some(field) = own_field(world, written.class, name.symbol) else {
            continue;
        };
        let marks = MemberFlags::FINAL | MemberFlags::HAS_INITIALIZER;
        if set.contains(&name.symbol) {
            report_twice(world, written, name, "by this constructor already");
        } else if world.member(field).flags.contains(marks) {
            report_twice(
                world,
                written,
                name,
                "where it is declared, and it is final",
            );
        }
        set.push(name.symbol);
    }
}

fn report_twice(world: &World, written: &Written, name: Identifier, by: &str) {
    let message = format!(
        "`{}` is initialised {by}; remove one of the two",
        name.symbol
    );
    written.report(world, "initialized-twice", name.span, message);
}

fn own_field(world: &World, class: ClassId, name: Symbol) -> Option<MemberId> {
    let field = world.class(class).instance.get(&name)?.get?;
    (world.member(field).kind == MemberKind::Field).then_some(field)
}

/// The constructor of the superclass that is called makes an instance.
fn check_super_target(world: &World, written: &Written) {
    let call = written
        .initializers
        .iter()
        .find_map(|entry| match &entry.kind {
            InitializerKind::Super { name, .. } => {
                Some((name.map_or(sym::NEW, |name| name.symbol), entry.span))
            }
            _ => None,
        });
    let (name, span) = call.unwrap_or((sym::NEW, written.span));
    check_generative(world, written.class, written.id, name, span);
}

fn check_generative(world: &World, class: ClassId, id: MemberId, name: Symbol, span: Span) {
    let Some(target) = super_constructor(world, class, name) else {
        return;
    };
    let (member, target) = (world.member(id), world.member(target));
    if target.kind != MemberKind::Constructor {
        let message = "the superclass's constructor is a factory, which makes other objects; call a generative one";
        error(world, member.file, "super-is-factory", span, message);
    } else if member.flags.contains(MemberFlags::CONST)
        && !target.flags.contains(MemberFlags::CONST)
        && world.class(class).kind != ClassKind::Enum
    {
        let message = "a const constructor can only call a const constructor of the superclass; mark that one `const`, or drop `const` here";
        error(world, member.file, "const-calls-non-const", span, message);
    }
}

fn super_constructor(world: &World, class: ClassId, name: Symbol) -> Option<MemberId> {
    let sup = world.class_of(world.class(class).supertype?)?;
    world.class(sup).constructors.get(&name).copied()
}

/// A default constructor, or one of a mixin application.
fn check_made(world: &World, class: ClassId, id: MemberId) {
    let member = world.member(id);
    if member.flags.contains(MemberFlags::FORWARDING) {
        return;
    }
    if world.class(class).kind != ClassKind::Enum {
        check_generative(world, class, id, sym::NEW, member.span);
    }
    for &field in &world.class(class).members {
        if needs_value(world, field) {
            report_field(world, field);
        }
    }
}

/// Whether a field must be given a value by every constructor.
pub(super) fn needs_value(world: &World, field: MemberId) -> bool {
    let member = world.member(field);
    let exempt = MemberFlags::STATIC
        | MemberFlags::LATE
        | MemberFlags::HAS_INITIALIZER
        | MemberFlags::EXTERNAL
        | MemberFlags::ABSTRACT
        | MemberFlags::SYNTHETIC;
    member.kind == MemberKind::Field
        && !member.flags.intersects(exempt)
        && (member.flags.contains(MemberFlags::FINAL) || !world.is_nullable(world.ty(field)))
}

/// A field that nothing gives a value.
pub(super) fn report_field(world: &World, field: MemberId) {
    let member = world.member(field);
    let why = if member.flags.contains(MemberFlags::FINAL) {
        "is final"
    } else {
        "cannot be null"
    };
    let message = format!(
        "`{}` {why} and never gets a value; give it one, or initialise it in a constructor",
        member.name
    );
    error(
        world,
        member.file,
        "field-not-initialized",
        member.span,
        message,
    );
}

fn check_all_initialized(world: &World, written: &Written) {
    let class = world.class(written.class);
    let formals = &world.member(written.id).params;
    let is_set = |field: MemberId| {
        let name = world.member(field).name;
        formals
            .iter()
            .any(|param| param.formal == FormalKind::Field && param.variable == name)
            || written.initializers.iter().any(|entry| {
                matches!(&entry.kind, InitializerKind::Field { name: set, .. } if set.symbol == name)
            })
    };
    let open: Vec<String> = class
        .members
        .iter()
        .filter(|&&field| needs_value(world, field) && !is_set(field))
        .map(|&field| format!("`{}`", world.member(field).name))
        .collect();
    // A formal that names no field was meant for one of them.
    let is_unknown = |name: Symbol| own_field(world, written.class, name).is_none();
    let mut unknown = formals
        .iter()
        .filter(|param| param.formal == FormalKind::Field && is_unknown(param.variable));
    if open.is_empty() || unknown.next().is_some() {
        return;
    }
    let (them, are) = if open.len() == 1 {
        ("it", "is")
    } else {
        ("them", "are")
    };
    let message = format!(
        "{} {are} not initialised by this constructor; take {them} as `this.` parameters, or set {them} in its initialisers",
        open.join(", ")
    );
    written.report(world, "field-not-initialized", written.span, message);
}

// ---- const

fn check_const(world: &World, written: &Written) {
    if written.has_body() {
        let message = "a const constructor has no body; remove it, or the word `const`";
        written.report(world, "const-with-body", written.span, message);
    }
    if written.redirection().is_some() {
        return;
    }
    if let Some(field) = changing_field(world, written.class) {
        let message = format!(
            "a class with a const constructor has only final fields, but `{}` can change; make it final",
            world.member(field).name
        );
        written.report(world, "const-with-changing-field", written.span, message);
    }
    for &field in &world.class(written.class).members {
        let marks = MemberFlags::FINAL | MemberFlags::LATE;
        let member = world.member(field);
        if member.kind == MemberKind::Field
            && member.flags.contains(marks)
            && !member.flags.contains(MemberFlags::STATIC)
        {
            let message = "a class with a const constructor has no late final fields; drop `late`, or the `const`";
            error(
                world,
                member.file,
                "const-with-late-field",
                member.span,
                message,
            );
        }
    }
}

/// An instance variable of the class or above that can be assigned.
fn changing_field(world: &World, class: ClassId) -> Option<MemberId> {
    let mut next = Some(class);
    while let Some(class) = next {
        let found = super::overrides::own_members(world, class)
            .iter()
            .copied()
            .find(|&id| {
                let member = world.member(id);
                let exempt = MemberFlags::STATIC | MemberFlags::ABSTRACT | MemberFlags::EXTERNAL;
                member.kind == MemberKind::Field
                    && !member.flags.intersects(exempt)
                    && (is_settable(member) && !member.flags.contains(MemberFlags::FINAL))
            });
        if found.is_some() {
            return found;
        }
        next = world
            .class(class)
            .supertype
            .and_then(|ty| world.class_of(ty));
    }
    None
}
