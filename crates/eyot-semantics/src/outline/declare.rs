//! First pass: an id and a name for everything declared.

use std::collections::hash_map::Entry;
use std::sync::OnceLock;

use eyot_syntax::ast::{
    self, Annotation, BodyKind, BodyModifier, Declaration, DeclarationKind, FunctionDeclaration,
    FunctionKind, Identifier, Modifiers as Words, ParameterKeyword, PrimaryConstructor,
    TypeParameter, VariableDeclaration, VariableKeyword,
};
use eyot_syntax::{Span, Symbol, SyntaxTree, sym};
use rustc_hash::FxHashMap;

use super::Outline;
use crate::load::LoadedLibrary;
use crate::model::{
    Access, AsyncMarker, Class, ClassId, ClassKind, Decl, Extension, ExtensionId, FileId,
    LibraryId, Member, MemberFlags, MemberId, MemberKind, Modifiers, NodeRef, Owner, TypeParamId,
    TypeParamOwner, Typedef, TypedefId, known,
};
use crate::types::Ty;

/// Where a declaration stands.
#[derive(Clone, Copy)]
struct Place {
    library: LibraryId,
    file: FileId,
    decl: u32,
}

/// Index of a member that is no member of the tree; see [`NodeRef`].
pub(super) const NO_MEMBER: u32 = u32::MAX;

impl Outline<'_> {
    pub(super) fn declare(&mut self, loaded: &[LoadedLibrary]) {
        for library in loaded {
            let id = library.id;
            if &*self.world.library(id).uri == "dart:core" {
                let declared = &mut self.world.libraries[id.index()].declared;
                declared.insert(sym::DYNAMIC, Decl::Dynamic);
                declared.insert(sym::NEVER, Decl::Never);
            }
            for file in self.world.library(id).files.clone() {
                let Some(tree) = self.tree(file) else {
                    continue;
                };
                for (index, node) in tree.declarations.iter().enumerate() {
                    let place = Place {
                        library: id,
                        file,
                        decl: index as u32,
                    };
                    self.declare_one(place, &tree, node);
                }
            }
        }
    }

    fn declare_one(&mut self, place: Place, tree: &SyntaxTree, node: &Declaration) {
        if node.modifiers.contains(Words::AUGMENT) {
            self.report_augmentation(place.file, node.span);
            return;
        }
        match &node.kind {
            DeclarationKind::Class(class) => {
                let kind = if node.modifiers.contains(Words::MIXIN)
                    || self.world.library(place.library).version < (3, 0)
                {
                    ClassKind::MixinClass
                } else {
                    ClassKind::Class
                };
                let id = self.declare_class(place, class.name, kind, node, &class.type_params);
                if let Some(primary) = &class.primary_constructor {
                    self.declare_primary(place, id, primary);
                }
                self.declare_members(place, tree, Owner::Class(id), class.name, &class.members);
            }
            DeclarationKind::Mixin(mixin) => {
                let params = &mixin.type_params;
                let id = self.declare_class(place, mixin.name, ClassKind::Mixin, node, params);
                self.declare_members(place, tree, Owner::Class(id), mixin.name, &mixin.members);
            }
            DeclarationKind::Enum(node_enum) => {
                let params = &node_enum.type_params;
                let id = self.declare_class(place, node_enum.name, ClassKind::Enum, node, params);
                self.declare_enum_values(place, id, node_enum);
                if let Some(primary) = &node_enum.primary_constructor {
                    self.declare_primary(place, id, primary);
                }
                let owner = Owner::Class(id);
                self.declare_members(place, tree, owner, node_enum.name, &node_enum.members);
            }
            DeclarationKind::Extension(extension) => {
                let id = self.declare_extension(place, node, extension);
                let name = extension.name.unwrap_or(Identifier {
                    symbol: sym::EMPTY,
                    span: node.span,
                });
                let owner = Owner::Extension(id);
                self.declare_members(place, tree, owner, name, &extension.members);
            }
            DeclarationKind::ExtensionType(extension) => {
                let kind = ClassKind::ExtensionType;
                let params = &extension.type_params;
                let id = self.declare_class(place, extension.name, kind, node, params);
                self.declare_primary(place, id, &extension.primary_constructor);
                let owner = Owner::Class(id);
                self.declare_members(place, tree, owner, extension.name, &extension.members);
            }
            DeclarationKind::Typedef(typedef) => {
                let id = TypedefId(self.world.typedefs.len() as u32);
                let owner = TypeParamOwner::Typedef(id);
                let type_params = self.name_type_params(&typedef.type_params, owner);
                self.world.typedefs.push(Typedef {
                    name: typedef.name.symbol,
                    library: place.library,
                    file: place.file,
                    span: typedef.name.span,
                    decl: Some(place.decl),
                    type_params,
                    ty: OnceLock::new(),
                });
                self.typedefs.push(id);
                self.declare_name(place, typedef.name, Decl::Typedef(id));
            }
            DeclarationKind::Function(function) => {
                let owner = Owner::Library(place.library);
                let node_ref = NodeRef {
                    decl: place.decl,
                    member: NO_MEMBER,
                    var: 0,
                };
                let id =
                    self.declare_function(place, tree, owner, function, node.modifiers, node_ref);
                let decl = match function.kind {
                    FunctionKind::Setter => Decl::Member {
                        get: None,
                        set: Some(id),
                    },
                    _ => Decl::Member {
                        get: Some(id),
                        set: None,
                    },
                };
                self.declare_name(place, function.name, decl);
                self.world.libraries[place.library.index()].members.push(id);
            }
            DeclarationKind::Variables(variables) => {
                let owner = Owner::Library(place.library);
                let words = node.modifiers | Words::STATIC;
                let member = NO_MEMBER;
                let made =
                    self.declare_variables(place, owner, variables, words, member, &node.metadata);
                for (id, name) in made {
                    let settable = self.is_settable(id);
                    let decl = Decl::Member {
                        get: Some(id),
                        set: settable.then_some(id),
                    };
                    self.declare_name(place, name, decl);
                    self.world.libraries[place.library.index()].members.push(id);
                }
            }
        }
    }

    fn report_augmentation(&self, file: FileId, span: Span) {
        let message = "augmentations are an experiment and no part of Dart 3.13; write the declaration in one place, without `augment`";
        self.error(file, "augmentation", span, message);
    }

    /// Gives a name its meaning in the library; a getter and a setter share one.
    fn declare_name(&mut self, place: Place, name: Identifier, decl: Decl) {
        let declared = &mut self.world.libraries[place.library.index()].declared;
        let joined = match (declared.get(&name.symbol), decl) {
            (None, _) => Some(decl),
            (
                Some(&Decl::Member { get, set: None }),
                Decl::Member {
                    get: None,
                    set: Some(new),
                },
            ) => Some(Decl::Member {
                get,
                set: Some(new),
            }),
            (
                Some(&Decl::Member { get: None, set }),
                Decl::Member {
                    get: Some(new),
                    set: None,
                },
            ) => Some(Decl::Member {
                get: Some(new),
                set,
            }),
            _ => None,
        };
        match joined {
            Some(decl) => {
                declared.insert(name.symbol, decl);
            }
            None => self.report_duplicate(place.file, name, "in this library"),
        }
    }

    fn report_duplicate(&self, file: FileId, name: Identifier, whereabouts: &str) {
        let message = format!(
            "`{}` is declared twice {whereabouts}; rename or remove one of the two",
            name.symbol
        );
        self.error(file, "duplicate-declaration", name.span, message);
    }

    /// Type parameters with names, bounds to come.
    fn name_type_params(
        &mut self,
        written: &[TypeParameter],
        owner: TypeParamOwner,
    ) -> Vec<TypeParamId> {
        (0u32..)
            .zip(written)
            .map(|(index, param)| self.world.new_type_param(param.name.symbol, owner, index))
            .collect()
    }

    fn declare_class(
        &mut self,
        place: Place,
        name: Identifier,
        kind: ClassKind,
        node: &Declaration,
        type_params: &[TypeParameter],
    ) -> ClassId {
        let words = node.modifiers;
        let sealed = words.contains(Words::SEALED);
        let id = self.new_class_id(place.library, name.symbol);
        let type_params = self.name_type_params(type_params, TypeParamOwner::Class(id));
        let class = Class {
            name: name.symbol,
            library: place.library,
            file: place.file,
            span: name.span,
            decl: Some(place.decl),
            kind,
            is_abstract: sealed || words.contains(Words::ABSTRACT) || kind == ClassKind::Mixin,
            modifiers: Modifiers {
                sealed,
                base: words.contains(Words::BASE),
                interface: words.contains(Words::INTERFACE),
                final_: words.contains(Words::FINAL),
            },
            type_params,
            supertype: None,
            mixin: None,
            interfaces: Vec::new(),
            on: Vec::new(),
            members: Vec::new(),
            instance: FxHashMap::default(),
            statics: FxHashMap::default(),
            constructors: FxHashMap::default(),
            enum_values: Vec::new(),
            sealed_subclasses: Vec::new(),
            pragmas: pragmas(self.tree(place.file).as_deref(), &node.metadata),
            supers: OnceLock::new(),
            vector_len: OnceLock::new(),
        };
        self.put_class(id, class);
        self.declare_name(place, name, Decl::Class(id));
        let library = &mut self.world.libraries[place.library.index()];
        library.classes.push(id);
        id
    }

    /// The fixed id of a class that the runtime knows, or a new one.
    fn new_class_id(&self, library: LibraryId, name: Symbol) -> ClassId {
        let uri = &*self.world.library(library).uri;
        let fixed = known::NAMES
            .iter()
            .position(|&(lib, known_name)| lib == uri && known_name == name.as_str());
        // A second declaration of the name was reported and gets a place of its own.
        let is_free = |&index: &usize| self.world.classes[index].decl.is_none();
        let index = fixed.filter(is_free).unwrap_or(self.world.classes.len());
        ClassId(index as u32)
    }

    pub(super) fn put_class(&mut self, id: ClassId, class: Class) {
        if id.index() == self.world.classes.len() {
            self.world.classes.push(class);
        } else {
            self.world.classes[id.index()] = class;
        }
        self.classes.push(id);
    }

    fn declare_extension(
        &mut self,
        place: Place,
        node: &Declaration,
        extension: &ast::ExtensionDeclaration,
    ) -> ExtensionId {
        let id = ExtensionId(self.world.extensions.len() as u32);
        let owner = TypeParamOwner::Extension(id);
        let type_params = self.name_type_params(&extension.type_params, owner);
        self.world.extensions.push(Extension {
            name: extension.name.map(|name| name.symbol),
            library: place.library,
            file: place.file,
            span: extension.name.map_or(node.span, |name| name.span),
            decl: Some(place.decl),
            type_params,
            on: Ty::ERROR,
            members: Vec::new(),
            instance: FxHashMap::default(),
            statics: FxHashMap::default(),
        });
        self.extensions.push(id);
        if let Some(name) = extension.name {
            self.declare_name(place, name, Decl::Extension(id));
        }
        id
    }

    fn declare_enum_values(&mut self, place: Place, class: ClassId, node: &ast::EnumDeclaration) {
        if node.values.is_empty() {
            let message = "an enum has at least one value; name one";
            self.error(place.file, "empty-enum", node.name.span, message);
        }
        for (index, value) in node.values.iter().enumerate() {
            let node_ref = NodeRef {
                decl: place.decl,
                member: NO_MEMBER,
                var: index as u32,
            };
            let flags = MemberFlags::STATIC
                | MemberFlags::CONST
                | MemberFlags::FINAL
                | MemberFlags::HAS_INITIALIZER
                | MemberFlags::ENUM_VALUE;
            let owner = Owner::Class(class);
            let kind = MemberKind::Field;
            let id = self.new_member(place, owner, value.name, kind, flags, Some(node_ref));
            self.world.classes[class.index()].enum_values.push(id);
            self.add_to_owner(owner, id, value.name);
        }
        let values = Identifier {
            symbol: sym::VALUES,
            span: node.name.span,
        };
        let flags =
            MemberFlags::STATIC | MemberFlags::CONST | MemberFlags::FINAL | MemberFlags::SYNTHETIC;
        let owner = Owner::Class(class);
        let id = self.new_member(place, owner, values, MemberKind::Field, flags, None);
        self.add_to_owner(owner, id, values);
    }

    /// The constructor in a class header and the fields its parameters declare.
    fn declare_primary(&mut self, place: Place, class: ClassId, primary: &PrimaryConstructor) {
        let owner = Owner::Class(class);
        for (index, param) in primary.params.iter().enumerate() {
            let Some(name) = param.name else { continue };
            let is_representation = self.world.is_extension_type(class);
            if param.keyword == ParameterKeyword::None && !is_representation {
                continue;
            }
            let node_ref = NodeRef {
                decl: place.decl,
                member: NO_MEMBER,
                var: index as u32,
            };
            let mut flags = MemberFlags::empty();
            let is_final = is_representation || param.keyword == ParameterKeyword::Final;
            flags.set(MemberFlags::FINAL, is_final);
            flags.set(MemberFlags::COVARIANT, param.is_covariant);
            let kind = MemberKind::Field;
            let id = self.new_member(place, owner, name, kind, flags, Some(node_ref));
            self.add_to_owner(owner, id, name);
        }
        let name = match primary.name {
            Some(name) => name,
            None => Identifier {
                symbol: sym::NEW,
                span: self.world.class(class).span,
            },
        };
        let mut flags = MemberFlags::STATIC;
        let is_enum = self.world.class(class).kind == ClassKind::Enum;
        flags.set(MemberFlags::CONST, primary.is_const || is_enum);
        let node_ref = NodeRef {
            decl: place.decl,
            member: NO_MEMBER,
            var: 0,
        };
        let kind = MemberKind::Constructor;
        let id = self.new_member(place, owner, name, kind, flags, Some(node_ref));
        self.add_constructor(place.file, class, id, name);
    }

    fn declare_members(
        &mut self,
        place: Place,
        tree: &SyntaxTree,
        owner: Owner,
        owner_name: Identifier,
        members: &[ast::Member],
    ) {
        for (index, member) in members.iter().enumerate() {
            let index = index as u32;
            let node_ref = NodeRef {
                decl: place.decl,
                member: index,
                var: 0,
            };
            if member.modifiers.contains(Words::AUGMENT) {
                self.report_augmentation(place.file, member.span);
                continue;
            }
            match &member.kind {
                ast::MemberKind::Fields(fields) => {
                    let words = member.modifiers;
                    let made = self.declare_variables(
                        place,
                        owner,
                        fields,
                        words,
                        index,
                        &member.metadata,
                    );
                    for (id, name) in made {
                        self.add_to_owner(owner, id, name);
                    }
                }
                ast::MemberKind::Method(method) => {
                    let words = member.modifiers;
                    let id = self.declare_function(place, tree, owner, method, words, node_ref);
                    self.add_to_owner(owner, id, method.name);
                }
                ast::MemberKind::Constructor(constructor) => {
                    let Owner::Class(class) = owner else {
                        let message = "an extension has no constructors; make it a static method";
                        let span = constructor.name_span;
                        self.error(place.file, "constructor-in-extension", span, message);
                        continue;
                    };
                    let words = member.modifiers;
                    self.check_constructor_name(place.file, constructor, owner_name);
                    self.declare_constructor(place, tree, class, constructor, words, node_ref);
                }
                // It belongs to the constructor in the header.
                ast::MemberKind::PrimaryConstructorBody(_) => {}
            }
        }
    }

    fn check_constructor_name(
        &self,
        file: FileId,
        constructor: &ast::ConstructorDeclaration,
        owner: Identifier,
    ) {
        if let Some(name) = constructor.class_name
            && name.symbol != owner.symbol
        {
            let message = format!(
                "a constructor of `{0}` begins with the name of the class; write `{0}`, or give a method a result type",
                owner.symbol
            );
            self.error(file, "constructor-name", name.span, message);
        }
    }

    fn declare_constructor(
        &mut self,
        place: Place,
        tree: &SyntaxTree,
        class: ClassId,
        node: &ast::ConstructorDeclaration,
        words: Words,
        node_ref: NodeRef,
    ) {
        let kind = match (words.contains(Words::FACTORY), &node.redirection) {
            (_, Some(_)) => MemberKind::RedirectingFactory,
            (true, None) => MemberKind::Factory,
            (false, None) => MemberKind::Constructor,
        };
        let body = &tree[node.body];
        let mut flags = MemberFlags::STATIC;
        // From 3.13 on the constructors of an enum are constant without saying so.
        let is_implied = kind == MemberKind::Constructor
            && self.world.class(class).kind == ClassKind::Enum
            && self.world.library(place.library).version >= (3, 13);
        flags.set(
            MemberFlags::CONST,
            words.contains(Words::CONST) || is_implied,
        );
        let is_native = matches!(body.kind, BodyKind::Native(_));
        flags.set(
            MemberFlags::EXTERNAL,
            words.contains(Words::EXTERNAL) || is_native,
        );
        let name = Identifier {
            symbol: node.name.map_or(sym::NEW, |name| name.symbol),
            span: node.name_span,
        };
        let owner = Owner::Class(class);
        let id = self.new_member(place, owner, name, kind, flags, Some(node_ref));
        self.world.members[id.index()].marker = marker(body.modifier);
        self.add_constructor(place.file, class, id, name);
    }

    pub(super) fn add_constructor(
        &mut self,
        file: FileId,
        class: ClassId,
        id: MemberId,
        name: Identifier,
    ) {
        let data = &mut self.world.classes[class.index()];
        data.members.push(id);
        match data.constructors.entry(name.symbol) {
            Entry::Vacant(place) => {
                place.insert(id);
            }
            Entry::Occupied(_) => self.report_duplicate(file, name, "in this class"),
        }
    }

    fn declare_function(
        &mut self,
        place: Place,
        tree: &SyntaxTree,
        owner: Owner,
        node: &FunctionDeclaration,
        words: Words,
        node_ref: NodeRef,
    ) -> MemberId {
        let kind = match node.kind {
            FunctionKind::Function | FunctionKind::Operator => MemberKind::Method,
            FunctionKind::Getter => MemberKind::Getter,
            FunctionKind::Setter => MemberKind::Setter,
        };
        let body = &tree[node.body];
        let is_top_level = matches!(owner, Owner::Library(_));
        let is_static = is_top_level || words.contains(Words::STATIC);
        let is_native = matches!(body.kind, BodyKind::Native(_));
        let is_external = words.contains(Words::EXTERNAL) || is_native;
        let lacks_body = matches!(body.kind, BodyKind::Empty) && !is_external;
        let may_lack_body = !is_static
            && matches!(owner, Owner::Class(class) if !self.world.is_extension_type(class));
        // At top level the parser says so already.
        if lacks_body && !may_lack_body && !is_top_level {
            let message = format!("`{}` needs a body `{{ … }}` or `=> …`", node.name.symbol);
            self.error(place.file, "missing-body", node.name.span, message);
        }
        let mut flags = MemberFlags::empty();
        flags.set(MemberFlags::STATIC, is_static);
        flags.set(MemberFlags::EXTERNAL, is_external);
        flags.set(MemberFlags::ABSTRACT, lacks_body && may_lack_body);
        let id = self.new_member(place, owner, node.name, kind, flags, Some(node_ref));
        self.world.members[id.index()].marker = marker(body.modifier);
        id
    }

    fn declare_variables(
        &mut self,
        place: Place,
        owner: Owner,
        node: &VariableDeclaration,
        words: Words,
        member: u32,
        metadata: &[Annotation],
    ) -> Vec<(MemberId, Identifier)> {
        let mut flags = MemberFlags::empty();
        let is_const = node.keyword == VariableKeyword::Const;
        let is_final = is_const || node.keyword == VariableKeyword::Final;
        flags.set(MemberFlags::STATIC, words.contains(Words::STATIC));
        flags.set(MemberFlags::CONST, is_const);
        flags.set(MemberFlags::FINAL, is_final);
        flags.set(MemberFlags::LATE, node.is_late);
        flags.set(MemberFlags::EXTERNAL, words.contains(Words::EXTERNAL));
        flags.set(MemberFlags::ABSTRACT, words.contains(Words::ABSTRACT));
        flags.set(MemberFlags::COVARIANT, words.contains(Words::COVARIANT));
        if flags.contains(MemberFlags::STATIC) && !metadata.is_empty() {
            let pragmas = pragmas(self.tree(place.file).as_deref(), metadata);
            let is_shared = pragmas.iter().any(|pragma| pragma.as_str() == "vm:shared");
            flags.set(MemberFlags::SHARED, is_shared);
        }
        let mut made = Vec::new();
        for (index, variable) in node.variables.iter().enumerate() {
            self.check_without_storage(place.file, &variable.name, flags, variable.initializer);
            let mut flags = flags;
            flags.set(MemberFlags::HAS_INITIALIZER, variable.initializer.is_some());
            let node_ref = NodeRef {
                decl: place.decl,
                member,
                var: index as u32,
            };
            let kind = MemberKind::Field;
            let id = self.new_member(place, owner, variable.name, kind, flags, Some(node_ref));
            made.push((id, variable.name));
        }
        made
    }

    /// An abstract or external variable stands for accessors, so it has no value of its own.
    fn check_without_storage(
        &self,
        file: FileId,
        name: &Identifier,
        flags: MemberFlags,
        initializer: Option<ast::ExprId>,
    ) {
        let word = match flags {
            _ if flags.contains(MemberFlags::ABSTRACT) => "abstract",
            _ if flags.contains(MemberFlags::EXTERNAL) => "external",
            _ => return,
        };
        let message = if initializer.is_some() {
            format!("an {word} variable has no initial value; remove it, or the word '{word}'")
        } else if flags.contains(MemberFlags::CONST) {
            format!("an {word} variable cannot be constant; remove one of the two words")
        } else {
            return;
        };
        self.error(file, "variable-without-storage", name.span, message);
    }

    /// Whether a variable can be assigned: a final one only if it is late and has no value yet.
    pub(super) fn is_settable(&self, member: MemberId) -> bool {
        let flags = self.world.member(member).flags;
        !flags.contains(MemberFlags::FINAL)
            || (flags.contains(MemberFlags::LATE) && !flags.contains(MemberFlags::HAS_INITIALIZER))
    }

    fn new_member(
        &mut self,
        place: Place,
        owner: Owner,
        name: Identifier,
        kind: MemberKind,
        flags: MemberFlags,
        node: Option<NodeRef>,
    ) -> MemberId {
        self.push_member(Member {
            name: name.symbol,
            owner,
            kind,
            library: place.library,
            file: place.file,
            span: name.span,
            flags,
            type_params: Vec::new(),
            params: Vec::new(),
            ty: OnceLock::new(),
            marker: AsyncMarker::Sync,
            redirect: None,
            constant: OnceLock::new(),
            node,
        })
    }

    pub(super) fn push_member(&mut self, member: Member) -> MemberId {
        let id = MemberId(self.world.members.len() as u32);
        self.world.members.push(member);
        self.members.push(id);
        id
    }

    /// Puts a method, accessor or variable in the tables of its class or extension.
    pub(super) fn add_to_owner(&mut self, owner: Owner, id: MemberId, name: Identifier) {
        let member = self.world.member(id);
        let (file, kind) = (member.file, member.kind);
        let is_static = member.flags.contains(MemberFlags::STATIC);
        let settable = kind == MemberKind::Field && self.is_settable(id);
        let (members, instance, statics) = match owner {
            Owner::Class(class) => {
                let class = &mut self.world.classes[class.index()];
                (&mut class.members, &mut class.instance, &mut class.statics)
            }
            Owner::Extension(extension) => {
                let extension = &mut self.world.extensions[extension.index()];
                (
                    &mut extension.members,
                    &mut extension.instance,
                    &mut extension.statics,
                )
            }
            Owner::Library(_) => return,
        };
        members.push(id);
        let table = if is_static { statics } else { instance };
        let access: &mut Access = table.entry(name.symbol).or_default();
        let reads = kind != MemberKind::Setter;
        let writes = kind == MemberKind::Setter || settable;
        let mut is_duplicate = false;
        if reads {
            is_duplicate |= access.get.is_some();
            access.get.get_or_insert(id);
        }
        if writes {
            is_duplicate |= access.set.is_some();
            access.set.get_or_insert(id);
        }
        if is_duplicate {
            self.report_duplicate(file, name, "in this class");
        }
    }
}

fn marker(modifier: BodyModifier) -> AsyncMarker {
    match modifier {
        BodyModifier::Sync => AsyncMarker::Sync,
        BodyModifier::Async => AsyncMarker::Async,
        BodyModifier::AsyncStar => AsyncMarker::AsyncStar,
        BodyModifier::SyncStar => AsyncMarker::SyncStar,
    }
}

/// The names in `@pragma('name')` annotations.
fn pragmas(tree: Option<&SyntaxTree>, metadata: &[Annotation]) -> Vec<Symbol> {
    let Some(tree) = tree else { return Vec::new() };
    let name_of = |annotation: &Annotation| {
        let path = &annotation.name.path;
        if path.len() != 1 || path[0].symbol != sym::PRAGMA {
            return None;
        }
        let first = annotation.arguments.as_ref()?.args.first()?;
        match &tree[first.value].kind {
            ast::ExprKind::String(text) => Some(Symbol::intern(text.as_str()?)),
            _ => None,
        }
    };
    metadata.iter().filter_map(name_of).collect()
}

/// A place for what the language adds to a class: the class's own.
pub(super) fn made_name(symbol: Symbol, span: Span) -> Identifier {
    Identifier { symbol, span }
}
