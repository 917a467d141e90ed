//! What an image says: classes, functions, types, constants, shapes.
//!
//! A program is the core module followed by the user's: ids count on where the core module's end
//! ([`Module::base`]), so an id below the base names something of the core. An image of a program records the hash of the core
//! it was compiled against and is refused with any other ([`Module::core_hash`]).
//!
//! Types here are templates: they may mention the *class vector* (the full type arguments of the instance, superclass's
//! first) and the *function vector* (type arguments of the enclosing generic functions, outermost first).

use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(transparent)]
        pub struct $name(pub u32);
        impl $name {
            /// The id as a table index.
            pub fn index(self) -> usize { self.0 as usize }
        }
    )* };
}

ids! {
    /// A string of the image (UTF-8 text or, for Dart string constants, possibly with lone surrogates: see [`Const::String`]).
    StrId,
    /// A class.
    ClassId,
    /// A function: anything with code.
    FunctionId,
    /// A type template.
    TypeId,
    /// A type argument vector template.
    TargsId,
    /// A constant.
    ConstId,
    /// A static or top-level variable.
    StaticId,
    /// A selector together with the form of a call site.
    ShapeId,
    /// A record shape.
    RecordShapeId,
    /// A source file.
    SourceId,
}

/// How a value travels in registers, parameters, results and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rep {
    /// A tagged word.
    Tagged,
    /// A raw 64-bit integer.
    Int,
    /// A raw double.
    Double,
    /// A raw bool.
    Bool,
}

/// What an untagged register holds for the whole function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RawKind {
    /// A 64-bit integer.
    Int,
    /// A double.
    Double,
    /// 0 or 1.
    Bool,
    /// A type or type argument vector of the group.
    Type,
}

/// A type template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `dynamic`.
    Dynamic,
    /// `void`.
    Void,
    /// `Never`.
    Never,
    /// `Null`.
    Null,
    /// A class with its own type arguments (not the full vector).
    Interface {
        /// The class.
        class: ClassId,
        /// One argument for each of the class's own parameters.
        args: Vec<TypeId>,
    },
    /// `FutureOr<T>`.
    FutureOr(TypeId),
    /// `T?`.
    Nullable(TypeId),
    /// A function type.
    Function(FunctionType),
    /// A record type.
    Record {
        /// Positional field types.
        positional: Vec<TypeId>,
        /// Named fields in the order of their names.
        named: Vec<(StrId, TypeId)>,
    },
    /// The class vector's element.
    ClassParam(u16),
    /// The function vector's element.
    FunctionParam(u16),
    /// A parameter of an enclosing generic function *type*: `depth` types out (0 = innermost), number `index`.
    BoundParam {
        /// Function types between.
        depth: u16,
        /// Which parameter.
        index: u16,
    },
}

/// A function type; also the run-time type of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunctionType {
    /// Bounds of the type parameters.
    pub type_params: Vec<TypeId>,
    /// Positional parameters, required first.
    pub positional: Vec<TypeId>,
    /// How many of them are required.
    pub required: u16,
    /// Named parameters in the order of their names: name, type, required.
    pub named: Vec<(StrId, TypeId, bool)>,
    /// Result.
    pub result: TypeId,
}

/// What kind of member a selector asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SelectorKind {
    /// A method or operator.
    Method,
    /// A getter, field or tear-off.
    Getter,
    /// A setter or field.
    Setter,
}

/// The name of an instance member. A private name carries its library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Selector {
    /// The member's name, operators as in the source (`+`, `[]=`, `unary-`); private names are made unique per
    /// library by the compiler, which appends `@` and the library's index.
    pub name: StrId,
    /// Which kind.
    pub kind: SelectorKind,
}

/// The form of a call site: a target with exactly this form is entered directly, any other through an adapter
/// made by the runtime.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// The member, or `None` for a closure call.
    pub selector: Option<Selector>,
    /// Number of type arguments passed (0 or all); they travel as one vector in a type register.
    pub type_args: u16,
    /// Positional arguments after the receiver.
    pub positional: Vec<Rep>,
    /// Named arguments in the order of their names.
    pub named: Vec<(StrId, Rep)>,
    /// Result.
    pub result: Rep,
    /// Arguments were not checked statically: the adapter checks number, names and types, and a receiver without
    /// the member gets noSuchMethod.
    pub dynamic: bool,
}

/// A formal parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name (needed for named ones, and for messages).
    pub name: StrId,
    /// How it travels.
    pub rep: Rep,
    /// Its declared type, checked by the adapter of a dynamic call.
    pub ty: TypeId,
    /// Which kind.
    pub kind: ParamKind,
    /// Default value of an optional one; none means null.
    pub default: Option<ConstId>,
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

bitflags::bitflags! {
    /// Properties of a function.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct FunctionFlags: u16 {
        /// Slot 0 is `this`.
        const INSTANCE = 1;
        /// Slot 0 is the closure itself.
        const CLOSURE = 2;
        /// Bound to a native: no code; `native` names it.
        const NATIVE = 4;
        /// No body: calling it is noSuchMethod (abstract) or never happens.
        const ABSTRACT = 8;
        /// Left out of stack traces.
        const HIDDEN = 16;
        /// A getter.
        const GETTER = 32;
        /// A setter.
        const SETTER = 64;
        /// async, async* or sync*.
        const SUSPENDABLE = 128;
        /// A forwarder to noSuchMethod.
        const NSM_FORWARDER = 256;
    }
}

/// A function: a method, accessor, constructor, closure body, field initialiser, or top-level function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// As stack traces show it: `Class.member`, `member`, `member.<anonymous closure>`.
    pub name: StrId,
    /// The class it is declared in.
    pub owner: Option<ClassId>,
    /// Properties.
    pub flags: FunctionFlags,
    /// Bounds of its own type parameters (for types of tear-offs and checks of dynamic calls).
    pub type_params: Vec<TypeId>,
    /// Length of the function vector it inherits from enclosing generic functions (closures only).
    pub outer_type_params: u16,
    /// Formal parameters, without receiver or closure: positional, then named in the order of their names.
    pub params: Vec<Param>,
    /// How the result travels.
    pub result: Rep,
    /// Declared result type.
    pub result_type: TypeId,
    /// Tagged slots, parameters included.
    pub refs: u16,
    /// Kinds of the raw slots, parameters included; their number is the number of raw slots.
    pub raws: Vec<RawKind>,
    /// For closures: number of tagged captures, and kinds of the raw ones.
    pub captures: (u16, Vec<RawKind>),
    /// For messages: name and byte offset of the declaration of each variable that is a tagged capture, as far as they are known.
    pub captured: Vec<(StrId, u32)>,
    /// The native's name (`core/String.codeUnitAt`) for [`FunctionFlags::NATIVE`].
    pub native: Option<StrId>,
    /// Code words; empty for natives and abstract functions.
    pub code: Vec<u64>,
    /// Exception handlers, innermost first.
    pub handlers: Vec<Handler>,
    /// Where the code comes from.
    pub source: Option<SourceId>,
    /// (first word of an instruction, byte offset in the source), ascending.
    pub positions: Vec<(u32, u32)>,
}

/// Words `start..end` are protected; an exception goes on at `target` with the error and trace in these tagged registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// First protected word.
    pub start: u32,
    /// First word behind.
    pub end: u32,
    /// Where the handler starts.
    pub target: u32,
    /// Register of the error.
    pub error: u16,
    /// Register of the stack trace, or [`NO_REG`](crate::NO_REG) if nobody asks for it.
    pub trace: u16,
}

/// What answers to a selector in a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function.
    Function(FunctionId),
    /// Read of a field: the instance word and how it is stored.
    FieldGet(u16, Rep),
    /// Write of a field that needs no check.
    FieldSet(u16, Rep),
}

bitflags::bitflags! {
    /// Properties of a class.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ClassFlags: u16 {
        /// Has no direct instances.
        const ABSTRACT = 1;
        /// A mixin or mixin class: its members resolve `super` and type parameters through the instance.
        const MIXIN = 2;
        /// A mixin application made by the compiler.
        const APPLICATION = 4;
        /// An enum.
        const ENUM = 8;
        /// Marked with the pragma for deeply immutable classes.
        const DEEPLY_IMMUTABLE = 16;
        /// Instances may not be sent (native resources; `vm:isolate-unsendable`).
        const UNSENDABLE = 32;
        /// Overrides `==` or `hashCode` somewhere below Object.
        const CUSTOM_EQUALITY = 64;
        /// Has a user-defined noSuchMethod.
        const HAS_NSM = 128;
    }
}

/// An instance field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: StrId,
    /// How it is stored.
    pub rep: Rep,
}

/// A class. Instances are: header word, then for each class of the superclass chain from the root down its fields, one word
/// each; the first class of the chain that has `targs_len > 0` puts the word of the type argument vector before its own
/// fields. So a field has the same word in all subclasses.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: StrId,
    /// URI of its library.
    pub library: StrId,
    /// Properties.
    pub flags: ClassFlags,
    /// Superclass; none for Object only.
    pub superclass: Option<ClassId>,
    /// For a mixin application: the mixin.
    pub mixin: Option<ClassId>,
    /// Number of own type parameters.
    pub type_params: u16,
    /// Length of the full vector: the superclass's part, then the own parameters.
    pub targs_len: u16,
    /// The superclass's full vector as a template over this class's own parameters (indices of `ClassParam` count from
    /// the start of this class's full vector).
    pub super_targs: Option<TargsId>,
    /// Every class this one is a subtype of, transitively and with itself left out, its own arguments as templates over this
    /// class's full vector; ascending by class.
    pub supertypes: Vec<(ClassId, Vec<TypeId>)>,
    /// Fields declared here (for an application: those of the mixin), in slot order.
    pub fields: Vec<Field>,
    /// Word of the type argument vector in an instance, the same in all subclasses; 0 if `targs_len` is 0.
    pub targs_word: u16,
    /// Instance words, header included.
    pub words: u16,
    /// One bit a word: set where the word is tagged (bit 0 is the header).
    pub ref_map: Vec<u64>,
    /// Members declared here (concrete ones), ascending by selector.
    pub members: Vec<(Selector, Target)>,
}

/// How instances of a class lie in memory. A program needs that of every class before it starts, and of most classes nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassLayout {
    /// [`Class::flags`].
    pub flags: ClassFlags,
    /// [`Class::words`].
    pub words: u16,
    /// [`Class::targs_word`].
    pub targs_word: u16,
    /// The first word of [`Class::ref_map`].
    pub refs: u64,
    /// Its others.
    pub more_refs: Vec<u64>,
}

impl From<&Class> for ClassLayout {
    fn from(class: &Class) -> ClassLayout {
        let (refs, more_refs) = class.ref_map.split_first().unwrap_or((&0, &[]));
        ClassLayout {
            flags: class.flags,
            words: class.words,
            targs_word: class.targs_word,
            refs: *refs,
            more_refs: more_refs.to_vec(),
        }
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Const {
    /// null
    Null,
    /// true or false
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A double, by its bits (NaN payload and -0.0 are told apart).
    Double(u64),
    /// A string in UTF-16 code units if it has any above U+00FF or lone surrogates, else Latin-1.
    String(DartString),
    /// A symbol by name (`foo`, `foo=`, `+`; private ones with their library suffix).
    Symbol(StrId),
    /// A Type object.
    Type(TypeId),
    /// A `const` list.
    List {
        /// Vector with the element type.
        targs: TargsId,
        /// Elements.
        elements: Vec<ConstId>,
    },
    /// A `const` set.
    Set {
        /// Vector with the element type.
        targs: TargsId,
        /// Elements.
        elements: Vec<ConstId>,
    },
    /// A `const` map.
    Map {
        /// Vector with key and value type.
        targs: TargsId,
        /// Entries.
        entries: Vec<(ConstId, ConstId)>,
    },
    /// An instance; fields in slot order (all classes of the chain).
    Object {
        /// Class.
        class: ClassId,
        /// Full vector, if generic.
        targs: Option<TargsId>,
        /// Field values.
        fields: Vec<ConstId>,
    },
    /// A tear-off of a static function or constructor, perhaps instantiated.
    Closure {
        /// The closure's function (flag CLOSURE, no captures).
        function: FunctionId,
        /// Type arguments it is instantiated with.
        targs: Option<TargsId>,
    },
    /// A record.
    Record {
        /// Its shape.
        shape: RecordShapeId,
        /// Fields: positional, then named by name.
        fields: Vec<ConstId>,
    },
}

/// Text of a Dart string constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DartString {
    /// Code units up to U+00FF, a byte each.
    Latin1(Arc<[u8]>),
    /// UTF-16 code units.
    Utf16(Arc<[u16]>),
}

/// Shape of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordShape {
    /// Number of positional fields.
    pub positional: u16,
    /// Names of named fields, ascending.
    pub named: Vec<StrId>,
}

/// An isolate has its static variables in chunks of so many. A program's begin with a chunk: the core's are filled up.
pub const STATICS_IN_CHUNK: usize = 4;

/// A static or top-level variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Static {
    /// `Class.name` or `name`.
    pub name: StrId,
    /// Value it starts with; none means the late mark (initialised by code on first read).
    pub initial: Option<ConstId>,
}

/// A source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// URI as stack traces show it.
    pub uri: StrId,
    /// Byte offset at which each line starts.
    pub line_starts: Vec<u32>,
}

/// First id of each table in a module: 0 for the core, the core's lengths for a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Base {
    pub strings: u32,
    pub types: u32,
    pub targs: u32,
    pub classes: u32,
    pub functions: u32,
    pub consts: u32,
    pub statics: u32,
    pub shapes: u32,
    pub record_shapes: u32,
    pub sources: u32,
    pub caches: u32,
}

/// A module, in memory and whole. The binary image of it is read lazily (see `image`).
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Module {
    pub base: Base,
    /// Hash of the core image this was compiled against; 0 for the core itself.
    pub core_hash: u64,
    pub strings: Vec<Arc<str>>,
    pub types: Vec<Type>,
    pub targs: Vec<Vec<TypeId>>,
    pub classes: Vec<Class>,
    pub functions: Vec<Function>,
    pub consts: Vec<Const>,
    pub statics: Vec<Static>,
    pub shapes: Vec<Shape>,
    pub record_shapes: Vec<RecordShape>,
    pub sources: Vec<Source>,
    /// Number of inline caches used by `call.v`, `call.c` and `call.super`.
    pub caches: u32,
    /// Named entry points: `main`, and for the core those of [`well_known::ENTRY_POINTS`](crate::well_known).
    pub entries: Vec<(StrId, FunctionId)>,
    /// Outlines for the front end, opaque here.
    pub outline: Vec<u8>,
}

impl Rep {
    /// The kind of register it travels in, or `None` for a tagged one.
    pub fn raw_kind(self) -> Option<RawKind> {
        match self {
            Rep::Tagged => None,
            Rep::Int => Some(RawKind::Int),
            Rep::Double => Some(RawKind::Double),
            Rep::Bool => Some(RawKind::Bool),
        }
    }
}

impl Function {
    /// Kinds of the raw slots that arguments arrive in: the type arguments if it takes any, then raw parameters.
    pub fn raw_params(&self) -> Vec<RawKind> {
        let targs = (!self.type_params.is_empty()).then_some(RawKind::Type);
        let params = self.params.iter().filter_map(|param| param.rep.raw_kind());
        targs.into_iter().chain(params).collect()
    }

    /// Number of tagged slots that arguments arrive in: receiver or closure, then tagged parameters.
    pub fn tagged_params(&self) -> usize {
        let receiver = FunctionFlags::INSTANCE | FunctionFlags::CLOSURE;
        let params = self.params.iter().filter(|param| param.rep == Rep::Tagged);
        usize::from(self.flags.intersects(receiver)) + params.count()
    }
}

impl Shape {
    /// Number of tagged arguments, the receiver or closure included, and the kinds of the raw ones.
    pub fn arguments(&self) -> (usize, Vec<RawKind>) {
        let reps = || {
            self.positional
                .iter()
                .chain(self.named.iter().map(|(_, rep)| rep))
        };
        let tagged = reps().filter(|&&rep| rep == Rep::Tagged).count();
        let targs = (self.type_args > 0).then_some(RawKind::Type);
        (
            1 + tagged,
            targs
                .into_iter()
                .chain(reps().filter_map(|rep| rep.raw_kind()))
                .collect(),
        )
    }
}

impl DartString {
    /// A string of these UTF-16 code units, in its shorter form where it has one.
    pub fn from_units(units: &[u16]) -> DartString {
        let latin1: Option<Vec<u8>> = units.iter().map(|&unit| u8::try_from(unit).ok()).collect();
        match latin1 {
            Some(bytes) => DartString::Latin1(bytes.into()),
            None => DartString::Utf16(units.into()),
        }
    }

    /// Its UTF-16 code units.
    pub fn units(&self) -> Vec<u16> {
        match self {
            DartString::Latin1(bytes) => bytes.iter().map(|&byte| u16::from(byte)).collect(),
            DartString::Utf16(units) => units.to_vec(),
        }
    }
}

impl From<&str> for DartString {
    fn from(text: &str) -> DartString {
        DartString::from_units(&text.encode_utf16().collect::<Vec<u16>>())
    }
}
