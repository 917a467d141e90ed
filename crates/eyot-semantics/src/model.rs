//! The declarations of a program: libraries, classes, members, type parameters.
//!
//! A [`World`] holds every declaration of the core libraries and of the program, in arenas addressed by ids. It is built
//! by the outline phase (which resolves type annotations and infers the types of members) and is read-only while bodies are
//! analysed. Core classes that the runtime knows have fixed ids ([`known`], the numbering of `eyot-bytecode`'s
//! `well_known::CLASSES`; a test in the compiler holds the two together).
//!
//! Which list is which: [`Class::members`] are what the source declares (plus what the language adds: default constructors,
//! enum `values`, …); the members an *instance* answers to come from [`crate::hierarchy`], which walks supertypes.

use std::sync::{Arc, Mutex, OnceLock};

use eyot_syntax::{Span, Symbol};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::arena::Arena;
use crate::program::ConstId;
use crate::types::{Ty, Types};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);
        impl $name {
            /// The id as an arena index.
            pub fn index(self) -> usize { self.0 as usize }
        }
    )* };
}

ids! {
    /// A library.
    LibraryId,
    /// A file (library or part).
    FileId,
    /// A class, mixin, enum, mixin application or extension type.
    ClassId,
    /// A member: function, accessor, variable or constructor, of a class, an extension or a library.
    MemberId,
    /// A type parameter.
    TypeParamId,
    /// An extension.
    ExtensionId,
    /// A type alias.
    TypedefId,
}

/// Fixed ids of core classes (the same numbers as `eyot_bytecode::well_known::class`).
#[allow(missing_docs)]
pub mod known {
    use super::ClassId;
    macro_rules! known {
        ($($name:ident = $lib:literal $dart:literal),* $(,)?) => {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            #[repr(u32)]
            enum Index { $($name),* }
            $(pub const $name: ClassId = ClassId(Index::$name as u32);)*
            /// (library URI, name) by id.
            pub const NAMES: &[(&str, &str)] = &[$(($lib, $dart)),*];
        };
    }
    known! {
        // Id 0 is no class of Dart: free memory and forwarding records carry it.
        FREE = "dart:_internal" "_Free",
        OBJECT = "dart:core" "Object",
        NULL = "dart:core" "Null",
        BOOL = "dart:core" "bool",
        NUM = "dart:core" "num",
        INT = "dart:core" "int",
        DOUBLE = "dart:core" "double",
        STRING = "dart:core" "String",
        ONE_BYTE_STRING = "dart:core" "_OneByteString",
        TWO_BYTE_STRING = "dart:core" "_TwoByteString",
        LIST = "dart:core" "List",
        FIXED_LIST = "dart:core" "_List",
        IMMUTABLE_LIST = "dart:core" "_ImmutableList",
        GROWABLE_LIST = "dart:core" "_GrowableList",
        MAP = "dart:collection" "_Map",
        SET = "dart:collection" "_Set",
        CONST_MAP = "dart:collection" "_ConstMap",
        CONST_SET = "dart:collection" "_ConstSet",
        INDEX_TABLE = "dart:collection" "_IndexTable",
        CELL = "dart:_internal" "_Cell",
        RAW_CELL = "dart:_internal" "_RawCell",
        CLOSURE = "dart:core" "_Closure",
        RECORD = "dart:core" "_Record",
        TYPE = "dart:core" "_Type",
        SYMBOL = "dart:core" "Symbol",
        STACK_TRACE = "dart:core" "_StackTrace",
        SUSPENSION = "dart:async" "_Suspension",
        SEND_PORT = "dart:isolate" "_SendPort",
        RAW_RECEIVE_PORT = "dart:isolate" "_RawReceivePort",
        CAPABILITY = "dart:isolate" "_Capability",
        TRANSFERABLE = "dart:isolate" "_TransferableTypedData",
        BYTE_BUFFER = "dart:typed_data" "_ByteBuffer",
        BYTE_DATA = "dart:typed_data" "_ByteData",
        INT8_LIST = "dart:typed_data" "_Int8List",
        UINT8_LIST = "dart:typed_data" "_Uint8List",
        UINT8_CLAMPED_LIST = "dart:typed_data" "_Uint8ClampedList",
        INT16_LIST = "dart:typed_data" "_Int16List",
        UINT16_LIST = "dart:typed_data" "_Uint16List",
        INT32_LIST = "dart:typed_data" "_Int32List",
        UINT32_LIST = "dart:typed_data" "_Uint32List",
        INT64_LIST = "dart:typed_data" "_Int64List",
        UINT64_LIST = "dart:typed_data" "_Uint64List",
        FLOAT32_LIST = "dart:typed_data" "_Float32List",
        FLOAT64_LIST = "dart:typed_data" "_Float64List",
        NATIVE_OBJECT = "dart:_internal" "_NativeObject",
        WEAK_REFERENCE = "dart:core" "_WeakReference",
        EXPANDO = "dart:core" "Expando",
        FINALIZER = "dart:core" "_Finalizer",
        FUNCTION = "dart:core" "Function",
        RECORD_INTERFACE = "dart:core" "Record",
        FUTURE = "dart:async" "Future",
        FUTURE_IMPL = "dart:async" "_Future",
        STRING_BUFFER = "dart:core" "StringBuffer",
        EPHEMERON = "dart:_internal" "_Ephemeron",
        LIST_ITERATOR = "dart:core" "_ListIterator",
        TYPE_INTERFACE = "dart:core" "Type",
        STACK_TRACE_INTERFACE = "dart:core" "StackTrace",
    }
}

/// Everything declared.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct World {
    pub types: Types,
    pub libraries: Arena<Library>,
    pub files: Arena<File>,
    pub classes: Arena<Class>,
    pub members: Arena<Member>,
    pub extensions: Arena<Extension>,
    pub typedefs: Arena<Typedef>,
    /// The canonical constants.
    pub consts: crate::consts::Consts,
    /// Look-ups of instance members that were made before.
    pub member_cache: crate::hierarchy::MemberCache,
    /// Problems found so far, lazily evaluated parts included.
    pub problems: Mutex<Vec<Problem>>,
    /// Type arguments to be checked against bounds, once all bounds are known.
    pub bound_uses: Mutex<Vec<crate::checks::bounds::BoundUse>>,
    /// Whether the types written at members are resolved, so that inherited members can be compared by signature.
    pub signatures_known: bool,
    /// Libraries by URI.
    pub by_uri: FxHashMap<Arc<str>, LibraryId>,
    /// Bodies the constant evaluator runs: const constructors, by member. Made on first use, or read from the core image.
    pub const_bodies: Mutex<FxHashMap<MemberId, Option<Arc<crate::program::Body>>>>,
    /// The instance fields of classes and their superclasses, for objects that are constants.
    pub field_chains: Mutex<FxHashMap<ClassId, Arc<[MemberId]>>>,
    /// Libraries for which a file that they name cannot be used: what they do not know may have been declared there.
    pub incomplete: FxHashSet<LibraryId>,
    /// What the user asked for.
    pub options: Options,
}

/// What the user asked for and analysis needs to know.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `-D name=value`.
    pub defines: FxHashMap<String, String>,
    /// Whether `assert` is evaluated, in constants too (there it always is when false: a failing one is an error).
    pub enable_asserts: bool,
    /// Whether `dart:ffi` cannot be imported.
    pub forbid_ffi: bool,
    /// Whether isolates may share variables (`vm:shared`, `dart:concurrent`).
    pub shared_data: bool,
}

/// A diagnostic and its file.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Where.
    pub file: FileId,
    /// What.
    pub diagnostic: eyot_syntax::Diagnostic,
}

/// A source file: its text and tree (absent for the core libraries when they come from the image).
#[derive(Clone, Debug)]
pub struct File {
    /// `file:`, `package:` or `dart:` URI.
    pub uri: Arc<str>,
    /// How diagnostics name it (a path as the user gave it, where there is one).
    pub display: Arc<str>,
    /// Text with line starts.
    pub source: Option<Arc<eyot_syntax::SourceFile>>,
    /// Its tree.
    pub tree: Option<Arc<eyot_syntax::SyntaxTree>>,
    /// The library it belongs to.
    pub library: LibraryId,
}

/// What a name in a scope or namespace stands for. Getter and setter of one name are two entries joined here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Decl {
    Class(ClassId),
    Typedef(TypedefId),
    Extension(ExtensionId),
    /// A top-level function, getter or variable, and the setter of the same name if it is another declaration.
    Member {
        get: Option<MemberId>,
        set: Option<MemberId>,
    },
    /// `dynamic`, `void` is syntax, `Never`.
    Dynamic,
    Never,
    /// Imported from two libraries with different meanings.
    Ambiguous,
}

/// A library.
#[derive(Clone, Debug)]
pub struct Library {
    /// Its URI.
    pub uri: Arc<str>,
    /// Defining file first, then parts.
    pub files: Vec<FileId>,
    /// (major, minor) of the language.
    pub version: (u16, u16),
    /// Names declared in it.
    pub declared: FxHashMap<Symbol, Decl>,
    /// Names it exports (declared public ones and re-exports).
    pub exported: FxHashMap<Symbol, Decl>,
    /// Names its imports bring in without a prefix (declared names come first in look-up).
    pub imported: FxHashMap<Symbol, Decl>,
    /// Prefixes: what each gives.
    pub prefixes: FxHashMap<Symbol, Prefix>,
    /// Extensions that can be used here, imported or declared.
    pub extensions: Vec<ExtensionId>,
    /// All members at top level in source order.
    pub members: Vec<MemberId>,
    /// All classes in source order.
    pub classes: Vec<ClassId>,
    /// Names of private members, such that a field of that name may be answered by something else than a final field: read them
    /// with [`World::conflicting_fields`].
    pub conflicting: OnceLock<FxHashSet<Symbol>>,
}

/// An import prefix.
#[derive(Clone, Debug, Default)]
pub struct Prefix {
    /// What it gives.
    pub names: FxHashMap<Symbol, Decl>,
    /// `deferred as`.
    pub deferred: bool,
}

/// Which kind of class-like declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ClassKind {
    Class,
    Mixin,
    /// `mixin class`, and any class of a library before 3.0 that can be mixed in.
    MixinClass,
    Enum,
    /// An application `S with M` made for a superclass chain.
    Application,
    ExtensionType,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name; an application's is `S&M`.
    pub name: Symbol,
    /// Where.
    pub library: LibraryId,
    /// File and place of the name.
    pub file: FileId,
    /// Place of the name.
    pub span: Span,
    /// Index of its declaration in the file's tree (an application has that of the class it is made for); none if it came
    /// from the image.
    pub decl: Option<u32>,
    /// Kind.
    pub kind: ClassKind,
    /// `abstract` (also sealed classes and mixins).
    pub is_abstract: bool,
    /// `sealed`, `base`, `interface`, `final`.
    pub modifiers: Modifiers,
    /// Type parameters. An application has copies of those its types mention.
    pub type_params: Vec<TypeParamId>,
    /// Superclass as an interface type; none for Object only. With mixins it is the last application.
    pub supertype: Option<Ty>,
    /// For an application: the mixin applied, as an interface type.
    pub mixin: Option<Ty>,
    /// `implements`; for a mixin also its `on` types are in `on`.
    pub interfaces: Vec<Ty>,
    /// `on` types of a mixin.
    pub on: Vec<Ty>,
    /// Declared members in source order, constructors included.
    pub members: Vec<MemberId>,
    /// Instance members by name: getter, method or field, and setter.
    pub instance: FxHashMap<Symbol, Access>,
    /// Static members by name.
    pub statics: FxHashMap<Symbol, Access>,
    /// Constructors by name (`new` for the unnamed one).
    pub constructors: FxHashMap<Symbol, MemberId>,
    /// Enum constants in order.
    pub enum_values: Vec<MemberId>,
    /// Direct subclasses of a sealed class, for exhaustiveness.
    pub sealed_subclasses: Vec<ClassId>,
    /// Names in `@pragma` annotations.
    pub pragmas: Vec<Symbol>,
    /// Every class this one is a subtype of, with arguments over this class's parameters; filled by [`crate::hierarchy`]
    /// on first use, which must come after the supertypes are resolved.
    pub supers: OnceLock<FxHashMap<ClassId, Box<[Ty]>>>,
    /// The length of the vector of type arguments that its objects carry; found out by the compiler on first use.
    pub vector_len: OnceLock<u16>,
}

/// Class modifiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Modifiers {
    pub sealed: bool,
    pub base: bool,
    pub interface: bool,
    pub final_: bool,
}

/// What reads and what writes a name. A field that can be assigned is both; a method is `get` only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Method, getter or field.
    pub get: Option<MemberId>,
    /// Setter or assignable field.
    pub set: Option<MemberId>,
}

/// Where a member is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Owner {
    Library(LibraryId),
    Class(ClassId),
    Extension(ExtensionId),
}

/// Which kind of member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MemberKind {
    /// A method, operator or top-level function.
    Method,
    Getter,
    Setter,
    /// A variable: top-level, static or instance. Reads and writes go to it directly or through implicit accessors.
    Field,
    /// A generative constructor.
    Constructor,
    /// A factory constructor with a body.
    Factory,
    /// `factory C() = D;`: [`Member::redirect`] has the target.
    RedirectingFactory,
}

/// A member.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name; constructors: `new` or the name behind the dot; operators as written, unary minus `unary-`, setters without `=`.
    pub name: Symbol,
    /// Where.
    pub owner: Owner,
    /// Which kind.
    pub kind: MemberKind,
    /// Library (for privacy).
    pub library: LibraryId,
    /// File of the declaration.
    pub file: FileId,
    /// Place of the name.
    pub span: Span,
    /// Marks.
    pub flags: MemberFlags,
    /// Type parameters (of a method; a factory's are its class's).
    pub type_params: Vec<TypeParamId>,
    /// Parameters in source order.
    pub params: Vec<Param>,
    /// Result type, or the variable's type; a constructor's is its class's `this` type. Read it with [`World::ty`]: a
    /// variable's type that must be inferred from its initialiser is inferred on first use.
    pub ty: OnceLock<Ty>,
    /// async, async*, sync*.
    pub marker: AsyncMarker,
    /// Target of a redirecting factory: constructor and the class type arguments it gets.
    pub redirect: Option<(MemberId, Vec<Ty>)>,
    /// Value of a const variable or enum constant, evaluated on first use; none where evaluation failed (and was
    /// reported). Read it with [`World::constant`].
    pub constant: OnceLock<Option<ConstId>>,
    /// Where the declaration is in its file's tree; none for what the language adds.
    pub node: Option<NodeRef>,
}

bitflags::bitflags! {
    /// Marks of a member.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct MemberFlags: u32 {
        /// `static`, or at top level, or a constructor.
        const STATIC = 1;
        /// No body where one could be.
        const ABSTRACT = 2;
        /// `external`.
        const EXTERNAL = 4;
        /// `const`.
        const CONST = 8;
        /// `final` variable.
        const FINAL = 16;
        /// `late` variable.
        const LATE = 32;
        /// `covariant` variable.
        const COVARIANT = 64;
        /// Made by the language (default constructor, enum `values`, forwarding constructor, …).
        const SYNTHETIC = 128;
        /// Has an initialiser (variable).
        const HAS_INITIALIZER = 256;
        /// A forwarding constructor of a mixin application: calls the same-named superclass constructor.
        const FORWARDING = 512;
        /// Its type was not written but inferred.
        const INFERRED = 1024;
        /// An enum constant.
        const ENUM_VALUE = 2048;
        /// A variable that a caller may know by a supertype as one of a greater type: writes are checked.
        const CHECKED = 4096;
        /// A caller may know the bounds of the type parameters by a supertype as greater ones: they are checked.
        const CHECKS_BOUNDS = 8192;
        /// A static variable marked `vm:shared`.
        const SHARED = 16384;
    }
}

/// How a body runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum AsyncMarker {
    #[default]
    Sync,
    Async,
    AsyncStar,
    SyncStar,
}

/// A formal parameter of a member.
#[derive(Clone, Debug)]
pub struct Param {
    /// The name a caller gives it (`_`-named ones included).
    pub name: Symbol,
    /// Its name inside: of the variable, or of the field or super parameter it stands for. Another one than `name` only for a
    /// named `this._x`, which callers know as `x`.
    pub variable: Symbol,
    /// Place of the name.
    pub span: Span,
    /// Its type, inferred where left out.
    pub ty: Ty,
    /// Which kind.
    pub kind: ParamKind,
    /// `covariant`, here or in an overridden member.
    pub covariant: bool,
    /// Covariant by class, here or in a member that some class has it for: a caller may pass what does not fit.
    pub by_class: bool,
    /// `this.x` / `super.x`.
    pub formal: FormalKind,
    /// Whether a default value is written (its constant is in the outline's constants).
    pub has_default: bool,
    /// The default's value, evaluated on first use; none inside where evaluation failed. Without a default it is null.
    pub default: OnceLock<Option<ConstId>>,
}

impl Param {
    /// A positional parameter that nobody wrote.
    pub(crate) fn required(name: Symbol, ty: Ty, span: Span) -> Param {
        Param {
            name,
            variable: name,
            span,
            ty,
            kind: ParamKind::Required,
            covariant: false,
            by_class: false,
            formal: FormalKind::Plain,
            has_default: false,
            default: OnceLock::from(None),
        }
    }
}

/// Positional or named, required or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ParamKind {
    Required,
    OptionalPositional,
    Named,
    RequiredNamed,
}

/// Ordinary, initialising or super parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FormalKind {
    Plain,
    Field,
    Super,
}

/// A place in a file's tree; the outline phase makes them, the body phase reads them.
///
/// What stands in a class header or is no member of the tree has `member == u32::MAX`: an enum constant (`var` is its
/// index), the primary constructor (a constructor, `var` 0), a field that parameter number `var` of it declares (a field).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeRef {
    /// Index of the top-level declaration.
    pub decl: u32,
    /// Index of the member in it, or `u32::MAX`.
    pub member: u32,
    /// Index of the variable in a list of them, or the enum constant.
    pub var: u32,
}

/// A type parameter.
#[derive(Debug)]
pub struct TypeParam {
    /// Its name.
    pub name: Symbol,
    /// Bound (`Object?` if none is written); set once all are known.
    pub bound: OnceLock<Ty>,
    /// Declared variance is not in the language yet; this is what it is declared in.
    pub owner: TypeParamOwner,
    /// Position in its list.
    pub index: u32,
}

/// What declares a type parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TypeParamOwner {
    Class(ClassId),
    Member(MemberId),
    Extension(ExtensionId),
    Typedef(TypedefId),
    /// A local function, closure or generic function type.
    Local,
}

/// An extension.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Extension {
    pub name: Option<Symbol>,
    pub library: LibraryId,
    pub file: FileId,
    pub span: Span,
    pub decl: Option<u32>,
    pub type_params: Vec<TypeParamId>,
    pub on: Ty,
    pub members: Vec<MemberId>,
    pub instance: FxHashMap<Symbol, Access>,
    pub statics: FxHashMap<Symbol, Access>,
}

/// A type alias.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Typedef {
    pub name: Symbol,
    pub library: LibraryId,
    pub file: FileId,
    pub span: Span,
    pub decl: Option<u32>,
    pub type_params: Vec<TypeParamId>,
    /// Resolved on first use: read it with [`World::aliased`].
    pub ty: OnceLock<Ty>,
}

macro_rules! arena {
    ($($method:ident: $id:ident => $field:ident: $out:ty),* $(,)?) => {
        impl World { $(
            /// The declaration with this id.
            pub fn $method(&self, id: $id) -> &$out { &self.$field[id.index()] }
        )* }
    };
}
arena! {
    library: LibraryId => libraries: Library,
    file: FileId => files: File,
    class: ClassId => classes: Class,
    member: MemberId => members: Member,
    extension: ExtensionId => extensions: Extension,
    typedef: TypedefId => typedefs: Typedef,
}

impl World {
    /// A world with no library, in which the classes that the runtime knows have their places.
    pub fn new() -> World {
        let placeholder = |&(_, name): &(&str, &str)| Class {
            name: Symbol::intern(name),
            library: LibraryId(0),
            file: FileId(0),
            span: Span::default(),
            decl: None,
            kind: ClassKind::Class,
            is_abstract: false,
            modifiers: Modifiers::default(),
            type_params: Vec::new(),
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
            pragmas: Vec::new(),
            supers: OnceLock::new(),
            vector_len: OnceLock::new(),
        };
        World {
            types: Types::new(),
            classes: known::NAMES.iter().map(placeholder).collect(),
            ..World::default()
        }
    }

    /// The bound of a type parameter (`Object?` while unknown).
    pub fn bound(&self, param: TypeParamId) -> Ty {
        self.type_param(param)
            .bound
            .get()
            .copied()
            .unwrap_or(Ty::OBJECT_N)
    }

    /// The type parameter with this id.
    pub fn type_param(&self, id: TypeParamId) -> &TypeParam {
        &self.types.params[id.index()]
    }

    /// A fresh type parameter.
    pub fn new_type_param(&self, name: Symbol, owner: TypeParamOwner, index: u32) -> TypeParamId {
        self.types.new_param(name, owner, index)
    }

    /// Records a problem.
    pub fn report(&self, file: FileId, diagnostic: eyot_syntax::Diagnostic) {
        let mut problems = self
            .problems
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        problems.push(Problem { file, diagnostic });
    }

    /// The type of `this` in a class: the class applied to its own parameters.
    pub fn this_type(&self, class: ClassId) -> Ty {
        let args: Vec<Ty> = self
            .class(class)
            .type_params
            .iter()
            .map(|&p| self.types.param(p))
            .collect();
        self.types.interface(class, &args)
    }
}
