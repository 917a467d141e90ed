//! Members of one class that cannot be together: static and instance members, methods and setters, constructors and static
//! members, and what has the name of the class or of a type parameter.

use eyot_syntax::ast::{DeclarationKind, TypeParameter};
use eyot_syntax::{Span, Symbol, sym};
use rustc_hash::FxHashMap;

use super::error;
use super::overrides::{described, is_settable, sort};
use crate::model::{
    Access, ClassId, ClassKind, ExtensionId, FileId, Member, MemberFlags, MemberId, MemberKind,
    World, known,
};

/// What a class or extension declares.
struct Declares<'w> {
    world: &'w World,
    file: FileId,
    name: Symbol,
    members: &'w [MemberId],
    instance: &'w FxHashMap<Symbol, Access>,
    statics: &'w FxHashMap<Symbol, Access>,
}

pub(super) fn check(world: &World, class: ClassId) {
    let data = world.class(class);
    if data.kind == ClassKind::Application {
        return;
    }
    let declares = Declares {
        world,
        file: data.file,
        name: data.name,
        members: &data.members,
        instance: &data.instance,
        statics: &data.statics,
    };
    for &id in &data.members {
        let member = world.member(id);
        let is_constructor = is_constructor(member);
        if member.flags.contains(MemberFlags::SYNTHETIC) {
            continue;
        }
        if is_constructor {
            constructor_and_static(world, class, id);
        } else if member.name == data.name {
            let message = format!(
                "`{}` cannot have a member with its own name; rename the member",
                data.name
            );
            error(
                world,
                member.file,
                "member-named-like-class",
                member.span,
                message,
            );
        } else if member.flags.contains(MemberFlags::STATIC) {
            declares.static_and_instance(id, inherited_instance(world, class, member));
        } else {
            declares.method_and_setter(id);
        }
    }
    declares.type_parameters(data.decl, Some(class));
}

pub(super) fn check_extension(world: &World, extension: ExtensionId) {
    let data = world.extension(extension);
    let declares = Declares {
        world,
        file: data.file,
        name: data.name.unwrap_or(sym::EMPTY),
        members: &data.members,
        instance: &data.instance,
        statics: &data.statics,
    };
    for &id in &data.members {
        if world.member(id).flags.contains(MemberFlags::STATIC) {
            declares.static_and_instance(id, None);
        } else {
            declares.no_object_member(id);
            declares.method_and_setter(id);
        }
    }
    declares.type_parameters(data.decl, None);
}

impl Declares<'_> {
    /// What every object has is found on the object, so an extension's is never called.
    fn no_object_member(&self, id: MemberId) {
        let member = self.world.member(id);
        let object = &self.world.class(known::OBJECT).instance;
        if member.kind != MemberKind::Setter && object.contains_key(&member.name) {
            let message = format!(
                "every object has its own `{}`, so this one is never found; rename it",
                member.name
            );
            error(
                self.world,
                member.file,
                "extension-of-object-member",
                member.span,
                message,
            );
        }
    }
}

pub(super) fn is_constructor(member: &Member) -> bool {
    matches!(
        member.kind,
        MemberKind::Constructor | MemberKind::Factory | MemberKind::RedirectingFactory
    )
}

fn either(access: &Access) -> Option<MemberId> {
    access.get.or(access.set)
}

/// An instance member with the static member's name in a supertype.
fn inherited_instance(world: &World, class: ClassId, member: &Member) -> Option<MemberId> {
    if world.is_extension_type(class) {
        return None;
    }
    let access = world.instance_members(class, member.name, member.library);
    either(&access)
}

fn constructor_and_static(world: &World, class: ClassId, id: MemberId) {
    let (data, member) = (world.class(class), world.member(id));
    let Some(other) = data.statics.get(&member.name).and_then(either) else {
        return;
    };
    let message = format!(
        "the constructor `{}.{}` and {} have one name; rename one of the two",
        data.name,
        member.name,
        described(world, other)
    );
    error(
        world,
        member.file,
        "constructor-and-static",
        member.span,
        message,
    );
}

impl Declares<'_> {
    fn static_and_instance(&self, id: MemberId, inherited: Option<MemberId>) {
        let member = self.world.member(id);
        let own = self.instance.get(&member.name).and_then(either);
        if let Some(other) = own.or(inherited) {
            let message = format!(
                "the static member `{}` has the name of {}, an instance member; rename one of the two",
                member.name,
                described(self.world, other)
            );
            error(
                self.world,
                member.file,
                "static-and-instance",
                member.span,
                message,
            );
        } else {
            self.method_and_setter(id);
        }
    }

    /// A setter (of a variable, too) beside a method: reported at the later one.
    fn method_and_setter(&self, id: MemberId) {
        let member = self.world.member(id);
        let table = if member.flags.contains(MemberFlags::STATIC) {
            self.statics
        } else {
            self.instance
        };
        let Some(Access {
            get: Some(get),
            set: Some(set),
        }) = table.get(&member.name)
        else {
            return;
        };
        let (method, setter) = (self.world.member(*get), self.world.member(*set));
        let later = if method.span < setter.span {
            *set
        } else {
            *get
        };
        // A variable beside a method of its name is a second declaration of the name.
        if method.kind != MemberKind::Method || is_field(setter) || later != id {
            return;
        }
        let message = format!(
            "the method and the setter `{}` cannot be together; rename one of the two",
            member.name
        );
        error(
            self.world,
            member.file,
            "method-and-setter",
            member.span,
            message,
        );
    }

    fn type_parameters(&self, decl: Option<u32>, class: Option<ClassId>) {
        let tree = self.world.file(self.file).tree.as_deref();
        let declaration = tree.zip(decl).and_then(|(tree, decl)| {
            let declaration = tree.declarations.get(decl as usize)?;
            Some(&declaration.kind)
        });
        let params: &[TypeParameter] = match declaration {
            Some(DeclarationKind::Class(node)) => &node.type_params,
            Some(DeclarationKind::Mixin(node)) => &node.type_params,
            Some(DeclarationKind::Enum(node)) => &node.type_params,
            Some(DeclarationKind::Extension(node)) => &node.type_params,
            Some(DeclarationKind::ExtensionType(node)) => &node.type_params,
            _ => return,
        };
        for param in params {
            let name = param.name.symbol;
            if name == sym::UNDERSCORE {
                continue;
            }
            if name == self.name {
                let what = format!("its declaration, `{name}`");
                self.report_type_parameter(param.name.span, name, &what);
            } else if let Some(member) = self.member_named(name, class) {
                let what = format!("{} `{name}`", sort(member));
                self.report_type_parameter(param.name.span, name, &what);
            }
        }
    }

    fn member_named(&self, name: Symbol, class: Option<ClassId>) -> Option<&Member> {
        let constructor =
            class.and_then(|class| self.world.class(class).constructors.get(&name).copied());
        let mut ids = self.members.iter().copied().chain(constructor);
        ids.find(|&id| self.world.member(id).name == name)
            .map(|id| self.world.member(id))
    }

    fn report_type_parameter(&self, span: Span, name: Symbol, what: &str) {
        let message =
            format!("the type parameter `{name}` has the name of {what}; rename one of the two");
        error(self.world, self.file, "type-parameter-name", span, message);
    }
}

fn is_field(member: &Member) -> bool {
    member.kind == MemberKind::Field && is_settable(member)
}
