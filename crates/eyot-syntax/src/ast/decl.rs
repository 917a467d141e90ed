//! Directives, declarations, members, parameters and annotations.

use super::{
    Arguments, Assertion, BodyId, ConstructorDesignation, ExprId, Identifier, StmtId, TypeNodeId,
    VariableDeclaration,
};
use crate::span::Span;

/// `@name`, `@prefix.Class<T>.constructor(arguments)`.
#[derive(Clone, PartialEq, Debug)]
pub struct Annotation {
    /// From the `@` on.
    pub span: Span,
    /// The constant or constructor named.
    pub name: ConstructorDesignation,
    /// The arguments; none for a constant.
    pub arguments: Option<Arguments>,
}

/// A directive.
#[derive(Clone, PartialEq, Debug)]
pub struct Directive {
    /// The whole directive.
    pub span: Span,
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// What it is.
    pub kind: DirectiveKind,
}

/// The forms of directives.
#[derive(Clone, PartialEq, Debug)]
pub enum DirectiveKind {
    /// `library a.b;`, `library;`.
    Library {
        /// The dotted name; empty where none is written.
        name: Vec<Identifier>,
    },
    /// `import 'uri' if (…) 'other' deferred as prefix show a hide b;`.
    Import(Box<Import>),
    /// `export 'uri' show a;`.
    Export(Box<Export>),
    /// `part 'uri';`.
    Part {
        /// The file.
        uri: UriLiteral,
        /// Other files under conditions.
        configurations: Vec<Configuration>,
    },
    /// `part of 'uri';`, `part of a.b;`.
    PartOf(PartOf),
}

/// An import.
#[derive(Clone, PartialEq, Debug)]
pub struct Import {
    /// The library.
    pub uri: UriLiteral,
    /// Other libraries under conditions.
    pub configurations: Vec<Configuration>,
    /// Whether `deferred` is written.
    pub is_deferred: bool,
    /// The name after `as`.
    pub prefix: Option<Identifier>,
    /// `show` and `hide`.
    pub combinators: Vec<Combinator>,
}

/// An export.
#[derive(Clone, PartialEq, Debug)]
pub struct Export {
    /// The library.
    pub uri: UriLiteral,
    /// Other libraries under conditions.
    pub configurations: Vec<Configuration>,
    /// `show` and `hide`.
    pub combinators: Vec<Combinator>,
}

/// What a part belongs to.
#[derive(Clone, PartialEq, Debug)]
pub enum PartOf {
    /// `part of 'uri';`.
    Uri(UriLiteral),
    /// `part of a.b;`.
    Name(Vec<Identifier>),
}

/// A URI in a directive.
#[derive(Clone, PartialEq, Debug)]
pub struct UriLiteral {
    /// The literal with its quotes.
    pub span: Span,
    /// The text, escapes resolved.
    pub text: String,
}

/// `if (dart.library.io == 'value') 'uri'`.
#[derive(Clone, PartialEq, Debug)]
pub struct Configuration {
    /// The whole configuration.
    pub span: Span,
    /// The dotted name, joined.
    pub name: String,
    /// What it is compared with; none means `true`.
    pub value: Option<String>,
    /// The library or part used if it holds.
    pub uri: UriLiteral,
}

/// `show a, b`, `hide a, b`.
#[derive(Clone, PartialEq, Debug)]
pub struct Combinator {
    /// `show` rather than `hide`.
    pub is_show: bool,
    /// The names.
    pub names: Vec<Identifier>,
}

bitflags::bitflags! {
    /// Words before a declaration, a member or a class.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Modifiers: u16 {
        /// `abstract`.
        const ABSTRACT = 1 << 0;
        /// `static`.
        const STATIC = 1 << 1;
        /// `external`.
        const EXTERNAL = 1 << 2;
        /// `covariant`.
        const COVARIANT = 1 << 3;
        /// `const`, of a constructor.
        const CONST = 1 << 4;
        /// `factory`.
        const FACTORY = 1 << 5;
        /// `sealed`, of a class.
        const SEALED = 1 << 6;
        /// `base`, of a class or mixin.
        const BASE = 1 << 7;
        /// `interface`, of a class.
        const INTERFACE = 1 << 8;
        /// `final`, of a class. (For variables see [`super::VariableKeyword`].)
        const FINAL = 1 << 9;
        /// `mixin class`.
        const MIXIN = 1 << 10;
        /// `augment`.
        const AUGMENT = 1 << 11;
    }
}

/// A top-level declaration.
#[derive(Clone, PartialEq, Debug)]
pub struct Declaration {
    /// From the first token after the annotations.
    pub span: Span,
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// `external`, `augment`, and for classes the class modifiers.
    pub modifiers: Modifiers,
    /// What it is.
    pub kind: DeclarationKind,
}

/// The forms of top-level declarations.
#[derive(Clone, PartialEq, Debug)]
pub enum DeclarationKind {
    /// `class C … { … }`, `class C = S with M;`.
    Class(Box<ClassDeclaration>),
    /// `mixin M on S { … }`.
    Mixin(Box<MixinDeclaration>),
    /// `enum E { … }`.
    Enum(Box<EnumDeclaration>),
    /// `extension E on T { … }`.
    Extension(Box<ExtensionDeclaration>),
    /// `extension type E(T v) { … }`.
    ExtensionType(Box<ExtensionTypeDeclaration>),
    /// `typedef F<X> = T;`, `typedef T F(int x);`.
    Typedef(Box<TypedefDeclaration>),
    /// A function, getter or setter.
    Function(Box<FunctionDeclaration>),
    /// Variables.
    Variables(Box<VariableDeclaration>),
}

/// A class.
#[derive(Clone, PartialEq, Debug)]
pub struct ClassDeclaration {
    /// The name.
    pub name: Identifier,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// The constructor in the header.
    pub primary_constructor: Option<PrimaryConstructor>,
    /// The class after `extends`, or after `=` of a mixin application.
    pub superclass: Option<TypeNodeId>,
    /// The mixins after `with`.
    pub mixins: Vec<TypeNodeId>,
    /// The types after `implements`.
    pub interfaces: Vec<TypeNodeId>,
    /// `class C = S with M;` rather than a class with a body.
    pub is_mixin_application: bool,
    /// The members.
    pub members: Vec<Member>,
}

/// A mixin.
#[derive(Clone, PartialEq, Debug)]
pub struct MixinDeclaration {
    /// The name.
    pub name: Identifier,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// The types after `on`.
    pub on: Vec<TypeNodeId>,
    /// The types after `implements`.
    pub interfaces: Vec<TypeNodeId>,
    /// The members.
    pub members: Vec<Member>,
}

/// An enum.
#[derive(Clone, PartialEq, Debug)]
pub struct EnumDeclaration {
    /// The name.
    pub name: Identifier,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// The constructor in the header.
    pub primary_constructor: Option<PrimaryConstructor>,
    /// The mixins after `with`.
    pub mixins: Vec<TypeNodeId>,
    /// The types after `implements`.
    pub interfaces: Vec<TypeNodeId>,
    /// The values.
    pub values: Vec<EnumValue>,
    /// The members after the `;`.
    pub members: Vec<Member>,
}

/// `name<T>.constructor(arguments)` in an enum.
#[derive(Clone, PartialEq, Debug)]
pub struct EnumValue {
    /// From the name on.
    pub span: Span,
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// The name.
    pub name: Identifier,
    /// Type arguments; empty where none are written.
    pub type_args: Vec<TypeNodeId>,
    /// The name after the point.
    pub constructor: Option<Identifier>,
    /// The arguments; their type arguments are always empty.
    pub arguments: Option<Arguments>,
}

/// An extension.
#[derive(Clone, PartialEq, Debug)]
pub struct ExtensionDeclaration {
    /// The name, if it has one.
    pub name: Option<Identifier>,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// The type after `on`.
    pub on: TypeNodeId,
    /// The members.
    pub members: Vec<Member>,
}

/// An extension type. Its representation is the one parameter of the primary constructor.
#[derive(Clone, PartialEq, Debug)]
pub struct ExtensionTypeDeclaration {
    /// The name.
    pub name: Identifier,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// The constructor in the header.
    pub primary_constructor: PrimaryConstructor,
    /// The types after `implements`.
    pub interfaces: Vec<TypeNodeId>,
    /// The members.
    pub members: Vec<Member>,
}

/// The constructor in a header: `class const C<T>.name(final int x)`.
#[derive(Clone, PartialEq, Debug)]
pub struct PrimaryConstructor {
    /// The point and name, if written, and the parameters.
    pub span: Span,
    /// Whether `const` stands before the name of the class.
    pub is_const: bool,
    /// The name after the point; `new` for the unnamed constructor.
    pub name: Option<Identifier>,
    /// The parameters. Those with `var` or `final` declare a field, and so does the one of an extension type.
    pub params: Vec<FormalParameter>,
}

/// A typedef. The old form `typedef T F<X>(int x);` is stored as `typedef F<X> = T Function(int x);`.
#[derive(Clone, PartialEq, Debug)]
pub struct TypedefDeclaration {
    /// The name.
    pub name: Identifier,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// The type.
    pub ty: TypeNodeId,
    /// Whether it was written in the old form.
    pub is_old_style: bool,
}

/// A function, method, getter, setter or operator.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionDeclaration {
    /// The name. For operators the symbol is the name of the member: `+`, `unary-`, `[]=`; for
    /// setters it is the name without `=`.
    pub name: Identifier,
    /// What it is.
    pub kind: FunctionKind,
    /// The result, if written.
    pub return_type: Option<TypeNodeId>,
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// Parameters; empty for a getter.
    pub params: Vec<FormalParameter>,
    /// The body.
    pub body: BodyId,
}

/// The kinds of functions with a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FunctionKind {
    /// A function or method.
    Function,
    /// `get name`.
    Getter,
    /// `set name(value)`.
    Setter,
    /// `operator +(other)`.
    Operator,
}

/// A body.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionBody {
    /// From `async`, `=>`, `{` or `;` on.
    pub span: Span,
    /// `async`, `async*`, `sync*` or none of them.
    pub modifier: BodyModifier,
    /// What it is.
    pub kind: BodyKind,
}

/// The word between parameters and body.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BodyModifier {
    /// No word: an ordinary function.
    Sync,
    /// `async`.
    Async,
    /// `async*`.
    AsyncStar,
    /// `sync*`.
    SyncStar,
}

/// The forms of bodies.
#[derive(Clone, PartialEq, Debug)]
pub enum BodyKind {
    /// `;`: abstract, external, or a constructor without a body.
    Empty,
    /// `=> e`.
    Arrow(ExprId),
    /// `{ … }`; the statement is a block.
    Block(StmtId),
    /// `native 'name';`, in core libraries only.
    Native(Option<String>),
}

/// A member of a class, mixin, enum, extension or extension type.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// From the first token after the annotations.
    pub span: Span,
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// `static`, `external`, `abstract`, `covariant`, `const`, `factory`, `augment`.
    pub modifiers: Modifiers,
    /// What it is.
    pub kind: MemberKind,
}

/// The forms of members.
#[derive(Clone, PartialEq, Debug)]
pub enum MemberKind {
    /// Fields.
    Fields(Box<VariableDeclaration>),
    /// A method, getter, setter or operator.
    Method(Box<FunctionDeclaration>),
    /// A constructor.
    Constructor(Box<ConstructorDeclaration>),
    /// `this : initializers { … }`, the rest of the constructor in the header.
    PrimaryConstructorBody(Box<PrimaryConstructorBody>),
}

/// A constructor. `const` and `factory` are among the modifiers of the member.
#[derive(Clone, PartialEq, Debug)]
pub struct ConstructorDeclaration {
    /// The name of the class as written; none in the forms `new name(…)`, `factory name(…)`.
    pub class_name: Option<Identifier>,
    /// The name of the constructor; `new` for `C.new`.
    pub name: Option<Identifier>,
    /// What errors about the constructor point at: its name as written.
    pub name_span: Span,
    /// Parameters.
    pub params: Vec<FormalParameter>,
    /// What stands between `:` and the body.
    pub initializers: Vec<Initializer>,
    /// The constructor a factory redirects to: `= C.name`.
    pub redirection: Option<ConstructorDesignation>,
    /// The body.
    pub body: BodyId,
}

/// The part of a primary constructor inside the class.
#[derive(Clone, PartialEq, Debug)]
pub struct PrimaryConstructorBody {
    /// What stands between `:` and the body.
    pub initializers: Vec<Initializer>,
    /// The body.
    pub body: BodyId,
}

/// An entry of an initializer list.
#[derive(Clone, PartialEq, Debug)]
pub struct Initializer {
    /// The whole entry.
    pub span: Span,
    /// What it is.
    pub kind: InitializerKind,
}

/// The forms of initializers.
#[derive(Clone, PartialEq, Debug)]
pub enum InitializerKind {
    /// `super(…)`, `super.name(…)`.
    Super {
        /// The name; `new` for `super.new`.
        name: Option<Identifier>,
        /// The arguments.
        arguments: Arguments,
    },
    /// `this(…)`, `this.name(…)`.
    Redirection {
        /// The name; `new` for `this.new`.
        name: Option<Identifier>,
        /// The arguments.
        arguments: Arguments,
    },
    /// `name = e`, `this.name = e`.
    Field {
        /// The field.
        name: Identifier,
        /// The value.
        value: ExprId,
    },
    /// `assert(…)`.
    Assert(Assertion),
}

/// A type parameter: `T extends Bound`.
#[derive(Clone, PartialEq, Debug)]
pub struct TypeParameter {
    /// From the name on.
    pub span: Span,
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// The name.
    pub name: Identifier,
    /// The type after `extends`.
    pub bound: Option<TypeNodeId>,
}

/// A parameter.
#[derive(Clone, PartialEq, Debug)]
pub struct FormalParameter {
    /// From the first token after the annotations.
    pub span: Span,
    /// Annotations.
    pub metadata: Vec<Annotation>,
    /// By position, optional by position, or by name.
    pub kind: ParameterKind,
    /// Whether it is `x`, `this.x` or `super.x`.
    pub form: ParameterForm,
    /// Whether `required` is written.
    pub is_required: bool,
    /// Whether `covariant` is written.
    pub is_covariant: bool,
    /// `var`, `final`, or neither. `const` is an error.
    pub keyword: ParameterKeyword,
    /// The type, if written; with `function`, the result of the function.
    pub ty: Option<TypeNodeId>,
    /// The name; may be missing in function types.
    pub name: Option<Identifier>,
    /// Present in the form `T name(int x)`: a parameter that is a function.
    pub function: Option<Box<ParameterFunction>>,
    /// The expression after `=`.
    pub default: Option<ExprId>,
}

/// The word before a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterKeyword {
    /// Neither `var` nor `final`.
    None,
    /// `var`.
    Var,
    /// `final`.
    Final,
}

/// How an argument reaches a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ParameterKind {
    /// By position, must be given.
    Positional,
    /// By position, in `[…]`.
    OptionalPositional,
    /// By name, in `{…}`.
    Named,
}

/// What a parameter sets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ParameterForm {
    /// A variable.
    Normal,
    /// `this.x`: a field.
    Field,
    /// `super.x`: a parameter of the constructor of the superclass.
    Super,
}

/// The rest of a parameter `T name<X>(int x)?`.
#[derive(Clone, PartialEq, Debug)]
pub struct ParameterFunction {
    /// Type parameters.
    pub type_params: Vec<TypeParameter>,
    /// Parameters.
    pub params: Vec<FormalParameter>,
    /// Whether a `?` follows.
    pub is_nullable: bool,
}
