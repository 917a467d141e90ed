//! Variables that the isolates of a group share: `@pragma('vm:shared')`.
//!
//! The last step of analysis makes accessors of them, over functions of `dart:concurrent` that know a variable by its number:
//!
//! ```text
//! @pragma('vm:shared')           String get name => _readShared<String>(0, 'name', :shared name);
//! String name = compute();  ⇒    void set name(String value) => _writeShared<String>(0, 'name', value);
//!                                String :shared name() => compute();
//! ```
//!
//! So whoever does not use them pays nothing: neither compiler nor interpreter knows them. Whether a value is deeply immutable is found
//! out where it is written; types that no such value has are errors here.

use std::cell::Cell;
use std::sync::OnceLock;

use eyot_syntax::{Diagnostic, Span, Symbol};

use crate::body::retype::{Mapping, map_body};
use crate::made::{Change, Made, getter_body, int, null, setter_body, setter_of, text};
use crate::model::{ClassId, Decl, Member, MemberFlags, MemberId, MemberKind, World};
use crate::program::{Args, Body, Expr, ExprKind};
use crate::types::{FunctionTy, Ty, TyKind};

/// What a program must be run with to use any of this.
pub(crate) const FLAG: &str = "--experimental-shared-data";

/// Checks the shared variables of a program, and makes accessors of them.
pub(crate) fn lower(world: &mut World, bodies: &mut Vec<(MemberId, Body)>) {
    let shared = shared_variables(world);
    if shared.is_empty() || !check(world, &shared) {
        return;
    }
    let Some(functions) = Functions::of(world) else {
        return;
    };
    let mut made = Made::default();
    for (number, &variable) in shared.iter().enumerate() {
        let initializer = bodies
            .iter()
            .position(|(member, _)| *member == variable)
            .map(|index| bodies.swap_remove(index).1);
        functions.accessors(world, variable, number as i64, initializer, &mut made);
    }
    let writes = Writes { made: &made };
    for (_, body) in &mut *bodies {
        map_body(body, &writes);
    }
    let mut new = std::mem::take(&mut made.bodies);
    for (_, body) in &mut new {
        map_body(body, &Writes { made: &made });
    }
    made.bodies = new;
    made.put(world, bodies);
}

/// In the order of their declaration, which numbers them. A constant is everybody's anyway.
fn shared_variables(world: &World) -> Vec<MemberId> {
    let own = world.members.first_own()..world.members.len();
    let own = own.map(|index| MemberId(index as u32));
    let is_shared = |member: &MemberId| {
        let flags = world.member(*member).flags;
        flags.contains(MemberFlags::SHARED) && !flags.contains(MemberFlags::CONST)
    };
    own.filter(is_shared).collect()
}

// ---- rules

/// Whether all of them may be what they are.
fn check(world: &World, variables: &[MemberId]) -> bool {
    let is_fine = Cell::new(true);
    for &variable in variables {
        let data = world.member(variable);
        if let Some(message) = fault(world, variable, data) {
            is_fine.set(false);
            world.report(
                data.file,
                Diagnostic::error("shared-variable", data.span, message),
            );
        }
    }
    is_fine.get()
}

fn fault(world: &World, variable: MemberId, data: &Member) -> Option<String> {
    let name = data.name;
    if !world.options.shared_data {
        return Some(format!(
            "a variable that isolates share ('vm:shared') is experimental: run the program with {FLAG}"
        ));
    }
    if data.flags.contains(MemberFlags::EXTERNAL) {
        return Some(format!("'{name}' is external, so isolates cannot share it"));
    }
    if data.flags.contains(MemberFlags::LATE) {
        return Some(format!(
            "'{name}' is 'vm:shared', which a late variable cannot be; give it an initial value, which is computed when it is first read"
        ));
    }
    let ty = world.ty(variable);
    let class = mutable_class(world, ty)?;
    Some(format!(
        "'{name}' is 'vm:shared', but instances of '{}' can change; isolates share only what is deeply immutable",
        world.class(class).name
    ))
}

/// The class, in a type, of whose instances none is deeply immutable, if there is one.
fn mutable_class(world: &World, ty: Ty) -> Option<ClassId> {
    match world.types.kind(ty) {
        TyKind::Interface {
            class,
            nullable: false,
            ..
        } => excludes_immutable(world, *class).then_some(*class),
        TyKind::Record {
            positional,
            named,
            nullable: false,
        } => {
            let named = named.iter().map(|(_, ty)| *ty);
            let mut fields = positional.iter().copied().chain(named);
            fields.find_map(|field| mutable_class(world, field))
        }
        _ => None,
    }
}

/// Whether a class has variables that can change, and nobody implements it in another way.
fn excludes_immutable(world: &World, class: ClassId) -> bool {
    let own = world.classes.first_own()..world.classes.len();
    let mut own = own.map(|index| ClassId(index as u32));
    can_change(world, class)
        && !own.any(|other| world.supers(other).contains_key(&class) && !can_change(world, other))
}

/// Whether a class declares or inherits a variable that is not final, or late.
fn can_change(world: &World, class: ClassId) -> bool {
    let superclass = |&class: &ClassId| {
        world
            .class(class)
            .supertype
            .and_then(|ty| world.class_of(ty))
    };
    let mut chain = std::iter::successors(Some(class), superclass);
    chain.any(|class| {
        let data = world.class(class);
        let mixin = data.mixin.and_then(|ty| world.class_of(ty));
        let data = mixin.map_or(data, |mixin| world.class(mixin));
        let mut members = data.members.iter();
        members.any(|&member| is_changing(world.member(member)))
    })
}

fn is_changing(member: &Member) -> bool {
    let not_in_instances = MemberFlags::STATIC | MemberFlags::ABSTRACT | MemberFlags::EXTERNAL;
    member.kind == MemberKind::Field
        && !member.flags.intersects(not_in_instances)
        && (!member.flags.contains(MemberFlags::FINAL) || member.flags.contains(MemberFlags::LATE))
}

// ---- accessors

/// What accessors call.
struct Functions {
    read: MemberId,
    write: MemberId,
}

impl Functions {
    fn of(world: &World) -> Option<Functions> {
        let library = world.by_uri.get("dart:concurrent").copied()?;
        let declared = &world.library(library).declared;
        let function = |name: &str| match declared.get(&Symbol::intern(name))? {
            Decl::Member { get, .. } => *get,
            _ => None,
        };
        Some(Functions {
            read: function("_readShared")?,
            write: function("_writeShared")?,
        })
    }

    /// Makes accessors of a variable, and a function of its initialiser.
    fn accessors(
        &self,
        world: &World,
        variable: MemberId,
        number: i64,
        initializer: Option<Body>,
        made: &mut Made,
    ) {
        let data = world.member(variable);
        let (ty, span) = (world.ty(variable), data.span);
        let name = text(data.name.as_str(), span);
        let compute = made.add(world, initial_function(data, ty));
        let nothing = || getter_body(null(span), ty);
        let body = initializer.map_or_else(nothing, |body| as_function(body, ty));
        made.bodies.push((compute, body));
        let torn_off = Expr {
            kind: ExprKind::StaticTearOff(compute),
            ty: world.types.function(FunctionTy {
                type_params: Box::default(),
                positional: Box::default(),
                required: 0,
                named: Box::default(),
                result: ty,
            }),
            span,
        };
        let arguments = vec![int(number, span), name.clone(), torn_off];
        let read = call(self.read, ty, arguments, ty, span);
        made.bodies.push((variable, getter_body(read, ty)));
        made.members.push((variable, Change::Getter));
        if data.flags.contains(MemberFlags::FINAL) {
            return;
        }
        let flags = MemberFlags::SYNTHETIC | MemberFlags::STATIC;
        let setter = made.add(world, setter_of(data, ty, flags));
        let body = setter_body(ty, span, |value| {
            let arguments = vec![int(number, span), name, value];
            call(self.write, ty, arguments, Ty::VOID, span)
        });
        made.bodies.push((setter, body));
        made.setters.insert(variable, setter);
    }
}

fn call(target: MemberId, of: Ty, positional: Vec<Expr>, ty: Ty, span: Span) -> Expr {
    let args = Args {
        types: vec![of],
        positional,
        named: Vec::new(),
    };
    let kind = ExprKind::StaticCall { target, args };
    Expr { kind, ty, span }
}

/// The function that computes the first value.
fn initial_function(variable: &Member, ty: Ty) -> Member {
    Member {
        name: Symbol::intern(&format!(":shared {}", variable.name)),
        kind: MemberKind::Method,
        flags: MemberFlags::STATIC | MemberFlags::SYNTHETIC,
        ty: OnceLock::from(ty),
        constant: OnceLock::new(),
        node: None,
        ..variable.clone()
    }
}

/// The body of an initialiser as that of a function.
fn as_function(body: Body, ty: Ty) -> Body {
    Body {
        function: crate::program::FunctionNode {
            result: ty,
            element: ty,
            ..body.function
        },
        ..body
    }
}

/// Writes of the variables become calls of their setters.
struct Writes<'a> {
    made: &'a Made,
}

impl Mapping for Writes<'_> {
    fn ty(&self, ty: Ty) -> Ty {
        ty
    }

    fn expr(&self, expr: &mut Expr) {
        if let ExprKind::StaticSet(member, _) = &mut expr.kind
            && let Some(&setter) = self.made.setters.get(member)
        {
            *member = setter;
        }
    }
}
