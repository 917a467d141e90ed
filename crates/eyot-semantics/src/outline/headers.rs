//! Third pass: bounds, supertypes, mixin applications, the classes below a sealed one.
//!
//! A class's header is resolved after those of its supertypes, so that what is asked of them meanwhile (is the mixin's `on`
//! type fulfilled, what are its type arguments) has its answer. The list of classes is put in that order, too.

use std::sync::OnceLock;

use eyot_syntax::ast::{DeclarationKind, TypeKind, TypeNodeId};
use eyot_syntax::{Span, Symbol, SyntaxTree};
use rustc_hash::FxHashMap;

use super::Outline;
use super::scope::{TypeScope, resolve_bounds, resolve_type};
use crate::infer::Inference;
use crate::model::{
    Class, ClassId, ClassKind, Decl, Modifiers, TypeParamId, TypeParamOwner, known,
};
use crate::types::{Ty, TyKind};

/// How far a class's header is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderState {
    Waiting,
    Running,
}

/// What a header says, types still to be resolved.
#[derive(Default)]
struct Header {
    superclass: Option<TypeNodeId>,
    mixins: Vec<TypeNodeId>,
    interfaces: Vec<TypeNodeId>,
    on: Vec<TypeNodeId>,
    /// `class C = S with M`: the last mixin is C's own.
    is_application: bool,
}

impl Outline<'_> {
    pub(super) fn headers(&mut self) {
        let declared = std::mem::take(&mut self.classes);
        for &class in &declared {
            self.world.ensure_class_bounds(class);
            self.header_states.insert(class, HeaderState::Waiting);
        }
        for &class in &declared {
            self.header(class);
        }
        for typedef in self.typedefs.clone() {
            self.world.aliased(typedef);
        }
        self.extension_headers();
        self.sealed_families();
    }

    fn extension_headers(&mut self) {
        for id in self.extensions.clone() {
            let extension = self.world.extension(id);
            let (Some(tree), Some(decl)) = (self.tree(extension.file), extension.decl) else {
                continue;
            };
            let DeclarationKind::Extension(node) = &tree.declarations[decl as usize].kind else {
                continue;
            };
            let scope = TypeScope::of_extension(self.world, id);
            let params = &self.world.extension(id).type_params;
            resolve_bounds(self.world, &scope, &tree, &node.type_params, params);
            let on = resolve_type(self.world, &scope, &tree, node.on);
            self.world.extensions[id.index()].on = on;
        }
    }

    fn header(&mut self, class: ClassId) {
        if self.header_states.get(&class) != Some(&HeaderState::Waiting) {
            return;
        }
        self.header_states.insert(class, HeaderState::Running);
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.resolve_header(class));
        self.header_states.remove(&class);
        self.classes.push(class);
    }

    fn resolve_header(&mut self, class: ClassId) {
        let data = self.world.class(class);
        let kind = data.kind;
        let (Some(tree), Some(decl)) = (self.tree(data.file), data.decl) else {
            return;
        };
        let header = match &tree.declarations[decl as usize].kind {
            DeclarationKind::Class(node) => Header {
                superclass: node.superclass,
                mixins: node.mixins.clone(),
                interfaces: node.interfaces.clone(),
                on: Vec::new(),
                is_application: node.is_mixin_application,
            },
            DeclarationKind::Mixin(node) => Header {
                interfaces: node.interfaces.clone(),
                on: node.on.clone(),
                ..Header::default()
            },
            DeclarationKind::Enum(node) => Header {
                mixins: node.mixins.clone(),
                interfaces: node.interfaces.clone(),
                ..Header::default()
            },
            DeclarationKind::ExtensionType(node) => Header {
                interfaces: node.interfaces.clone(),
                ..Header::default()
            },
            _ => Header::default(),
        };
        let scope = TypeScope::of_class(self.world, class);
        let interfaces = if kind == ClassKind::ExtensionType {
            self.superinterfaces(class, &scope, &tree, &header.interfaces)
        } else {
            self.supertypes(class, &scope, &tree, &header.interfaces)
        };
        let on = self.supertypes(class, &scope, &tree, &header.on);
        let superclass = match header.superclass {
            Some(node) => self.supertype(class, &scope, &tree, node),
            None if kind == ClassKind::Enum => self.enum_base(),
            None => None,
        };
        let mut superclass = match superclass {
            Some(ty) => Some(ty),
            None if class == known::OBJECT || kind == ClassKind::ExtensionType => None,
            None => Some(Ty::OBJECT),
        };
        let mut own_mixin = None;
        for (index, &node) in header.mixins.iter().enumerate() {
            let (Some(base), Some(mixin)) = (
                superclass,
                self.mixin_type(class, &scope, &tree, node, superclass),
            ) else {
                continue;
            };
            self.check_mixin(class, base, mixin, tree[node].span);
            if header.is_application && index + 1 == header.mixins.len() {
                own_mixin = Some(mixin);
            } else {
                superclass = Some(self.apply_mixin(class, base, mixin));
            }
        }
        let data = &mut self.world.classes[class.index()];
        data.supertype = superclass;
        data.mixin = own_mixin;
        data.interfaces = interfaces;
        data.on = on;
    }

    /// The class every enum extends.
    fn enum_base(&mut self) -> Option<Ty> {
        let core = *self.world.by_uri.get("dart:core")?;
        let name = Symbol::intern("_Enum");
        let Some(&Decl::Class(base)) = self.world.library(core).declared.get(&name) else {
            return None;
        };
        self.header(base);
        Some(self.world.types.interface(base, &[]))
    }

    fn supertypes(
        &mut self,
        class: ClassId,
        scope: &TypeScope,
        tree: &SyntaxTree,
        nodes: &[TypeNodeId],
    ) -> Vec<Ty> {
        nodes
            .iter()
            .filter_map(|&node| self.supertype(class, scope, tree, node))
            .collect()
    }

    /// The supertype written, its own header resolved; none if it is no class or leads in a circle.
    pub(super) fn supertype(
        &mut self,
        class: ClassId,
        scope: &TypeScope,
        tree: &SyntaxTree,
        node: TypeNodeId,
    ) -> Option<Ty> {
        let ty = resolve_type(self.world, scope, tree, node);
        let span = tree[node].span;
        let TyKind::Interface {
            class: target,
            nullable: false,
            ..
        } = self.world.types.kind(ty)
        else {
            if ty != Ty::ERROR {
                let message =
                    "only a class, mixin or enum can be a supertype; name one without `?`";
                self.error(scope.file, "supertype-not-a-class", span, message);
            }
            return None;
        };
        if self.world.is_extension_type(*target) && !self.world.is_extension_type(class) {
            let message = format!(
                "`{}` is an extension type: only other extension types can implement it",
                self.world.class(*target).name
            );
            self.error(scope.file, "supertype-not-a-class", span, message);
            return None;
        }
        if self.header_states.get(target) == Some(&HeaderState::Running) {
            let message = format!(
                "`{}` is its own supertype; remove one `extends`, `implements`, `with` or `on` from the circle",
                self.world.class(class).name
            );
            self.error(scope.file, "cyclic-supertypes", span, message);
            return None;
        }
        self.header(*target);
        Some(ty)
    }

    /// A mixin's type; the arguments of a raw one are inferred from what its `on` types find in the superclass.
    fn mixin_type(
        &mut self,
        class: ClassId,
        scope: &TypeScope,
        tree: &SyntaxTree,
        node: TypeNodeId,
        base: Option<Ty>,
    ) -> Option<Ty> {
        let ty = self.supertype(class, scope, tree, node)?;
        let TyKind::Interface { class: mixin, .. } = self.world.types.kind(ty) else {
            return None;
        };
        let is_raw = matches!(
            &tree[node].kind,
            TypeKind::Named { type_args, .. } if type_args.is_empty()
        );
        let data = self.world.class(*mixin);
        if !is_raw || data.type_params.is_empty() || data.on.is_empty() {
            return Some(ty);
        }
        let mut inference = Inference::new(self.world, &data.type_params);
        for &on in &data.on {
            let seen = self
                .world
                .class_of(on)
                .and_then(|on_class| Some((on_class, self.world.as_instance_of(base?, on_class)?)));
            if let Some((on_class, args)) = seen {
                let found = self.world.types.interface(on_class, &args);
                inference.constrain_argument(found, on);
            }
        }
        Some(self.world.types.interface(*mixin, &inference.solve()))
    }

    fn check_mixin(&self, class: ClassId, base: Ty, mixin: Ty, span: Span) {
        let world = &*self.world;
        let (Some(base_class), Some(mixin_class)) = (world.class_of(base), world.class_of(mixin))
        else {
            return;
        };
        let data = world.class(mixin_class);
        let file = world.class(class).file;
        // Before 3.0 every class could be mixed in, and older libraries may still do so with those of the core.
        let is_old = world.library(world.class(class).library).version < (3, 0)
            && world.library(data.library).uri.starts_with("dart:");
        if !matches!(data.kind, ClassKind::Mixin | ClassKind::MixinClass) && !is_old {
            let message = format!(
                "`{0}` cannot be mixed in; declare it as `mixin {0}` or `mixin class {0}`",
                data.name
            );
            self.error(file, "not-a-mixin", span, message);
        }
        for &on in &data.on {
            let fulfilled = world
                .class_of(on)
                .is_none_or(|on_class| world.is_subclass(base_class, on_class));
            if !fulfilled {
                let wanted = world
                    .class_of(on)
                    .map_or("", |c| world.class(c).name.as_str());
                let message = format!(
                    "`{}` needs a superclass that is a `{wanted}`, which `{}` is not; extend or mix in `{wanted}` before it",
                    data.name,
                    world.class(base_class).name
                );
                self.error(file, "mixin-on-not-fulfilled", span, message);
            }
        }
    }

    /// Makes the class `base & mixin` for the superclass chain of `class`, and gives its type there.
    fn apply_mixin(&mut self, class: ClassId, base: Ty, mixin: Ty) -> Ty {
        let id = ClassId(self.world.classes.len() as u32);
        let world = &*self.world;
        let class_data = world.class(class);
        let mentioned = self.mentioned_params(&class_data.type_params, &[base, mixin]);
        let copies: Vec<TypeParamId> = (0u32..)
            .zip(&mentioned)
            .map(|(index, &param)| {
                let name = world.type_param(param).name;
                world.new_type_param(name, TypeParamOwner::Class(id), index)
            })
            .collect();
        let copied_types: Vec<Ty> = copies.iter().map(|&copy| world.types.param(copy)).collect();
        let moved = |ty: Ty| world.types.substitute(ty, &mentioned, &copied_types);
        for (&copy, &param) in copies.iter().zip(&mentioned) {
            let _ = world.type_param(copy).bound.set(moved(world.bound(param)));
        }
        let name_of = |ty: Ty| {
            world
                .class_of(ty)
                .map_or("", |c| world.class(c).name.as_str())
        };
        let application = Class {
            name: Symbol::intern(&format!("{}&{}", name_of(base), name_of(mixin))),
            library: class_data.library,
            file: class_data.file,
            span: class_data.span,
            decl: class_data.decl,
            kind: ClassKind::Application,
            is_abstract: true,
            modifiers: Modifiers::default(),
            type_params: copies,
            supertype: Some(moved(base)),
            mixin: Some(moved(mixin)),
            interfaces: Vec::new(),
            on: Vec::new(),
            members: Vec::new(),
            instance: FxHashMap::default(),
            statics: FxHashMap::default(),
            constructors: FxHashMap::default(),
            enum_values: Vec::new(),
            sealed_subclasses: Vec::new(),
            pragmas: Vec::new(),
            supers: OnceLock::new(),
            vector_len: OnceLock::new(),
        };
        let library = class_data.library;
        let args: Vec<Ty> = mentioned.iter().map(|&p| world.types.param(p)).collect();
        self.put_class(id, application);
        self.world.libraries[library.index()].classes.push(id);
        self.world.types.interface(id, &args)
    }

    /// Those of `params` that the types mention, and those that the bounds of such mention.
    fn mentioned_params(&self, params: &[TypeParamId], types: &[Ty]) -> Vec<TypeParamId> {
        let mut open: Vec<Ty> = types.to_vec();
        let mut found: Vec<TypeParamId> = Vec::new();
        while let Some(ty) = open.pop() {
            for &param in params {
                if !found.contains(&param) && self.world.mentions(ty, &[param]) {
                    found.push(param);
                    open.push(self.world.bound(param));
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// Notes at each sealed class the classes declared directly below it.
    fn sealed_families(&mut self) {
        for class in self.classes.clone() {
            // Who matches all classes below a sealed one has matched the values of an extension type on the way.
            let kind = self.world.class(class).kind;
            if matches!(kind, ClassKind::Application | ClassKind::ExtensionType) {
                continue;
            }
            for sup in self.written_supers(class) {
                let data = &mut self.world.classes[sup.index()];
                if data.modifiers.sealed && !data.sealed_subclasses.contains(&class) {
                    data.sealed_subclasses.push(class);
                }
            }
        }
    }

    /// The direct supertypes as the source has them: through the applications made for its mixins.
    fn written_supers(&self, class: ClassId) -> Vec<ClassId> {
        let mut found = Vec::new();
        let mut next = Some(class);
        while let Some(current) = next.take() {
            for ty in self.world.direct_supertypes(current) {
                let Some(sup) = self.world.class_of(ty) else {
                    continue;
                };
                if self.world.class(sup).kind == ClassKind::Application {
                    next = Some(sup);
                } else {
                    found.push(sup);
                }
            }
        }
        found
    }
}
