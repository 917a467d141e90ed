//! Problems in declarations of extension types: header, superinterfaces, members, and the circles that erasing them would make.

use eyot_syntax::ast::{
    DeclarationKind, ExtensionTypeDeclaration, ParameterKeyword, ParameterKind, TypeKind,
    TypeNodeId,
};
use eyot_syntax::{Span, Symbol, SyntaxTree};
use rustc_hash::FxHashSet;

use super::Outline;
use super::scope::{TypeScope, member_function_type};
use crate::model::{
    Access, ClassId, LibraryId, MemberFlags, MemberId, MemberKind, Owner, TypeParamId, known,
};
use crate::types::{Ty, TyKind};

impl Outline<'_> {
    pub(super) fn check_extension_types(&self) {
        for &class in &self.classes {
            if self.world.is_extension_type(class) {
                self.check_extension_type(class);
            }
            let data = self.world.class(class);
            self.check_erased_bounds(class, &data.type_params);
        }
        for &id in &self.members {
            let member = self.world.member(id);
            if let Owner::Class(class) = member.owner {
                self.check_erased_bounds(class, &member.type_params);
                continue;
            }
            let span = member.span;
            self.erased_bounds(member.file, span, &member.type_params);
        }
    }

    fn check_extension_type(&self, class: ClassId) {
        let data = self.world.class(class);
        let Some(tree) = self.tree(data.file) else {
            return;
        };
        let declaration = data.decl.and_then(|decl| {
            let node = tree.declarations.get(decl as usize)?;
            match &node.kind {
                DeclarationKind::ExtensionType(node) => Some(&**node),
                _ => None,
            }
        });
        let Some(node) = declaration else { return };
        if !self.check_header(class, node) {
            return;
        }
        if self.represents_itself(class) {
            let message = format!(
                "`{0}` is represented by itself; give one of the extension types in the circle another representation",
                data.name
            );
            self.error(data.file, "cyclic-representation", data.span, message);
            return;
        }
        self.check_representation(class, node);
        self.check_superinterfaces(class);
        self.check_members(class);
        self.check_inherited(class);
    }

    // ---- the header

    /// Whether there is a representation at all.
    fn check_header(&self, class: ClassId, node: &ExtensionTypeDeclaration) -> bool {
        let data = self.world.class(class);
        let constructor = &node.primary_constructor;
        let [param] = constructor.params.as_slice() else {
            // What is not there at all the parser has reported.
            if constructor.span.start != constructor.span.end {
                let message = "an extension type has exactly one representation, as in `extension type E(int value)`";
                self.error(data.file, "representation", constructor.span, message);
            }
            return false;
        };
        let is_old = self.world.library(data.library).version < (3, 13);
        if param.keyword == ParameterKeyword::Var {
            let message = "a representation is final: leave out `var`";
            self.error(data.file, "representation", param.span, message);
        } else if is_old && (param.kind != ParameterKind::Positional || param.default.is_some()) {
            let message = "before Dart 3.13 the representation is a required positional parameter";
            self.error(data.file, "representation", param.span, message);
        }
        self.world.representation_field(class).is_some()
    }

    fn check_representation(&self, class: ClassId, node: &ExtensionTypeDeclaration) {
        let world = &*self.world;
        let data = world.class(class);
        let representation = world.representation(class);
        let span = node
            .primary_constructor
            .params
            .first()
            .map_or(data.span, |param| param.span);
        if representation != Ty::ERROR && world.is_subtype(representation, Ty::NEVER) {
            let message = "no value has this representation type; choose one that has values";
            self.error(data.file, "representation", span, message);
        }
        if !world.is_covariant_use(representation, &data.type_params) {
            let message = "a type parameter stands where a function takes it; the representation may only give values of it";
            self.error(data.file, "non-covariant-use", span, message);
        }
    }

    /// Whether what represents the extension type contains the extension type again.
    fn represents_itself(&self, class: ClassId) -> bool {
        let mut seen = FxHashSet::default();
        let mut open = vec![self.world.representation(class)];
        while let Some(ty) = open.pop() {
            if let Some(found) = self.world.extension_type_of(ty) {
                if found == class {
                    return true;
                }
                if seen.insert(found) {
                    open.push(self.world.representation(found));
                }
            }
            self.world.types.map_parts(ty, &mut |part| {
                open.push(part);
                part
            });
        }
        false
    }

    // ---- superinterfaces

    /// Resolves the superinterfaces of an extension type, and remembers where they are written.
    pub(super) fn superinterfaces(
        &mut self,
        class: ClassId,
        scope: &TypeScope,
        tree: &SyntaxTree,
        nodes: &[TypeNodeId],
    ) -> Vec<Ty> {
        let mut interfaces = Vec::new();
        for &node in nodes {
            let Some(ty) = self.supertype(class, scope, tree, node) else {
                continue;
            };
            let span = tree[node].span;
            if self.is_deferred(scope, tree, node) {
                let message = "a type that is loaded later cannot be implemented; import its library without `deferred`";
                self.error(scope.file, "deferred-type", span, message);
                continue;
            }
            interfaces.push(ty);
            self.written_interfaces
                .entry(class)
                .or_default()
                .push((ty, span));
        }
        interfaces
    }

    fn is_deferred(&self, scope: &TypeScope, tree: &SyntaxTree, node: TypeNodeId) -> bool {
        let TypeKind::Named {
            prefix: Some(prefix),
            ..
        } = &tree[node].kind
        else {
            return false;
        };
        let prefix = self.world.prefix(scope.library, prefix.symbol);
        prefix.is_some_and(|prefix| prefix.deferred)
    }

    fn check_superinterfaces(&self, class: ClassId) {
        let world = &*self.world;
        let data = world.class(class);
        let mut seen = Vec::new();
        for &(ty, span) in self.written_interfaces.get(&class).into_iter().flatten() {
            if seen.contains(&ty) {
                let message = "this type is named twice; remove one of the two";
                self.error(data.file, "repeated-interface", span, message);
                continue;
            }
            seen.push(ty);
            self.check_superinterface(class, ty, span);
        }
        if let Some(doubled) = self.doubled_superinterface(class) {
            let message = format!(
                "`{}` implements `{}` with different type arguments; agree on one",
                data.name,
                world.class(doubled).name
            );
            self.error(data.file, "conflicting-superinterfaces", data.span, message);
        }
    }

    fn check_superinterface(&self, class: ClassId, ty: Ty, span: Span) {
        let world = &*self.world;
        let data = world.class(class);
        let representation = world.representation(class);
        if !world.is_covariant_use(ty, &data.type_params) {
            let message = "a type parameter stands where a function takes it; a supertype may only give values of it";
            self.error(data.file, "non-covariant-use", span, message);
        }
        if ty == Ty::FUNCTION || ty == Ty::RECORD {
            let message = format!(
                "`{}` cannot be implemented by an extension type",
                world.show(ty)
            );
            self.error(data.file, "superinterface", span, message);
            return;
        }
        let fits = match world.instantiated_representation(ty) {
            Some(other) => {
                world.is_subtype(representation, other) || world.is_subtype(representation, ty)
            }
            None => world.is_subtype(representation, ty),
        };
        if !fits {
            let message = format!(
                "the representation `{}` is no `{}`, so `{}` cannot implement it",
                world.show(representation),
                world.show(ty),
                data.name
            );
            self.error(data.file, "superinterface", span, message);
        }
    }

    /// A class that is a superinterface twice, with different arguments.
    fn doubled_superinterface(&self, class: ClassId) -> Option<ClassId> {
        let world = &*self.world;
        let mut seen: Vec<Ty> = Vec::new();
        let mut open: Vec<Ty> = world.class(class).interfaces.clone();
        while let Some(ty) = open.pop() {
            if seen.contains(&ty) {
                continue;
            }
            let found = world.class_of(ty)?;
            if seen
                .iter()
                .any(|&other| world.class_of(other) == Some(found))
            {
                return Some(found);
            }
            seen.push(ty);
            let TyKind::Interface { args, .. } = world.types.kind(ty) else {
                continue;
            };
            let params = &world.class(found).type_params;
            let above = world.direct_supertypes(found);
            open.extend(above.map(|sup| world.subst(sup, params, args)));
        }
        None
    }

    // ---- members

    fn check_members(&self, class: ClassId) {
        let world = &*self.world;
        let data = world.class(class);
        let object = world.class(known::OBJECT);
        for &id in &data.members {
            let member = world.member(id);
            let is_static = member.flags.contains(MemberFlags::STATIC);
            let is_constructor = matches!(
                member.kind,
                MemberKind::Constructor | MemberKind::Factory | MemberKind::RedirectingFactory
            );
            if is_constructor {
                continue;
            }
            let report =
                |code, message: String| self.error(member.file, code, member.span, message);
            if object.instance.contains_key(&member.name) {
                report(
                    "object-member",
                    format!(
                        "every value has its own `{}`, which an extension type cannot replace; choose another name",
                        member.name
                    ),
                );
            }
            if is_static {
                let inherited = self.inherited(class, member.name, member.library);
                let is_own = data.instance.contains_key(&member.name);
                if !is_own && inherited.iter().any(|found| *found != Access::default()) {
                    report(
                        "conflicting-members",
                        format!(
                            "`{}` is inherited as an instance member; choose another name for the static one",
                            member.name
                        ),
                    );
                }
                continue;
            }
            let is_field = member.kind == MemberKind::Field;
            if is_field
                && world.representation_field(class) != Some(id)
                && !member.flags.contains(MemberFlags::EXTERNAL)
            {
                report(
                    "extension-type-field",
                    "an extension type has no variables besides its representation; make it static, or a getter"
                        .to_string(),
                );
            }
            self.check_not_covariant(id);
        }
    }

    fn check_not_covariant(&self, id: MemberId) {
        let member = self.world.member(id);
        let message = "members of an extension type override nothing: leave out `covariant`";
        for param in member.params.iter().filter(|param| param.covariant) {
            self.error(member.file, "covariant", param.span, message);
        }
        if member.flags.contains(MemberFlags::COVARIANT) {
            self.error(member.file, "covariant", member.span, message);
        }
    }

    /// What each superinterface has under a name that the extension type does not declare; what Object has is everybody's.
    fn inherited(&self, class: ClassId, name: Symbol, library: LibraryId) -> Vec<Access> {
        let world = &*self.world;
        let sups = world.class(class).interfaces.iter();
        sups.filter_map(|&ty| world.class_of(ty))
            .map(|sup| world.instance_members(sup, name, library))
            .collect()
    }

    /// Names under which superinterfaces have different things must be declared again.
    fn check_inherited(&self, class: ClassId) {
        let world = &*self.world;
        let data = world.class(class);
        let object = world.class(known::OBJECT);
        let mut names: Vec<(Symbol, LibraryId)> = world
            .supers(class)
            .keys()
            .flat_map(|&sup| world.class(sup).instance.values())
            .flat_map(|access| [access.get, access.set])
            .flatten()
            .map(|id| (world.member(id).name, world.member(id).library))
            .filter(|(name, library)| !name.is_private() || *library == data.library)
            .collect();
        names.sort_unstable_by_key(|(name, library)| (name.as_str(), *library));
        names.dedup_by_key(|(name, _)| *name);
        for (name, library) in names {
            let own = data.instance.get(&name).copied().unwrap_or_default();
            if object.instance.contains_key(&name) {
                continue;
            }
            let found = self.inherited(class, name, library);
            let is_method = |id: &MemberId| world.member(*id).kind == MemberKind::Method;
            let hides_setters = own.get.as_ref().is_some_and(is_method);
            let mut gets: Vec<MemberId> = found.iter().filter_map(|a| a.get).collect();
            let mut sets: Vec<MemberId> = found.iter().filter_map(|a| a.set).collect();
            gets.retain(|id| own.get.is_none() && (own.set.is_none() || !is_method(id)));
            sets.retain(|_| own.set.is_none() && !hides_setters);
            let is_mixed = !sets.is_empty() && gets.iter().any(is_method);
            if is_mixed || self.is_in_conflict(class, gets) || self.is_in_conflict(class, sets) {
                let message = format!(
                    "`{}` gets different members `{name}` from its superinterfaces; declare `{name}` in it",
                    data.name
                );
                self.error(data.file, "conflicting-members", data.span, message);
                return;
            }
        }
    }

    /// Whether several members of a name cannot be inherited together: of extension types there may be but one, those of
    /// classes must have one among them that serves for all.
    fn is_in_conflict(&self, class: ClassId, mut members: Vec<MemberId>) -> bool {
        let world = &*self.world;
        members.sort_unstable();
        members.dedup();
        if members.len() < 2 {
            return false;
        }
        let is_view = |&id: &MemberId| {
            world.receiver_type_params(id).is_some() || world.is_representation(id)
        };
        if members.iter().any(is_view) {
            return true;
        }
        let this = world.this_type(class);
        let is_method = |id: MemberId| world.member(id).kind == MemberKind::Method;
        let types: Vec<Ty> = members
            .iter()
            .map(|&id| match world.member(id).owner {
                Owner::Class(owner) => {
                    world.as_seen_from(member_function_type(world, id), owner, this)
                }
                _ => member_function_type(world, id),
            })
            .collect();
        let is_setter = members
            .iter()
            .any(|&id| world.member(id).kind == MemberKind::Setter);
        let serves = |index: usize| {
            types.iter().all(|&other| {
                if is_setter {
                    world.is_subtype(other, types[index])
                } else {
                    world.is_subtype(types[index], other)
                }
            })
        };
        members
            .iter()
            .any(|&id| is_method(id) != is_method(members[0]))
            || !(0..types.len()).any(serves)
    }

    // ---- bounds

    fn check_erased_bounds(&self, class: ClassId, params: &[TypeParamId]) {
        let data = self.world.class(class);
        if data.kind != crate::model::ClassKind::Application {
            self.erased_bounds(data.file, data.span, params);
        }
    }

    /// Bounds must make sense without extension types, too: none leads back to its parameter.
    fn erased_bounds(&self, file: crate::model::FileId, span: Span, params: &[TypeParamId]) {
        let world = &*self.world;
        for &param in params {
            let bound = world.bound(param);
            if world.extension_type_of(bound).is_none() {
                continue;
            }
            let mut ty = world.erase(bound);
            let mut steps = 0;
            while let TyKind::Param { param: next, .. } = world.types.kind(ty) {
                steps += 1;
                if *next == param || steps > 100 {
                    let message = format!(
                        "the bound of `{0}` is represented by `{0}` itself; choose another bound",
                        world.type_param(param).name
                    );
                    self.error(file, "cyclic-bound", span, message);
                    break;
                }
                ty = world.erase(world.bound(*next));
            }
        }
    }
}
