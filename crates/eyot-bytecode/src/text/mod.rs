//! The readable form of modules, both ways: [`print()`] and [`parse`] are each other's inverse.
//!
//! What `eyot disasm` shows ([`disassemble`]) and what runtime tests are written in by hand. Declarations come in any order, may
//! carry their id (`#3`, `%t5`) or leave it to the parser, and refer to each other by name. A text without a `module` line
//! is a stand-alone module: it begins with stubs of the classes of [`well_known`](crate::well_known), which therefore have their
//! fixed ids.
//!
//! # Example
//!
//! ```
//! let text = r#"
//! // Raw parameters and results follow from the types; `int` is raw, `int?` is tagged.
//! func fib(n: int) -> int {
//!   jge.ik i0, 2, big
//!   ret.i i0
//! big:
//!   add.ik i1, i0, -1
//!   call.s i1 = @fib(i1)
//!   add.ik i2, i0, -2
//!   call.s i2 = @fib(i2)
//!   add.i i1, i1, i2
//!   ret.i i1
//! }
//!
//! class Shape abstract { }
//! class Square extends Shape {
//!   field side: i
//!   field name: r
//!   method area = @Square.area
//!   get side = load Square.side
//! }
//! func Square.area() -> int of Square instance {
//!   ldf.w i0, r0, Square.side
//!   mul.i i0, i0, i0
//!   ret.i i0
//! }
//!
//! func main() -> dynamic {
//!   ldi i0, 10
//!   ldi i1, 0
//! loop:
//!   add.i i1, i1, i0
//!   add.ik i0, i0, -1
//!   jgt.ik i0, 0, loop
//!   new r0, Square
//!   stf.w r0, Square.side, i1
//!   ldk r1, "a square"
//!   stf.r r0, Square.name, r1
//!   call.v i2 = .area(r0)
//!   box.i r1, i2
//!   throw r1
//! caught:
//!   ret.r r2
//!   try loop to caught catch caught (r2, _)
//! }
//! entry @main
//! "#;
//! let module = eyot_bytecode::text::parse(text).unwrap();
//! let printed = eyot_bytecode::text::print(&module);
//! assert_eq!(eyot_bytecode::text::parse(&printed).unwrap(), module);
//! ```
//!
//! # Declarations
//!
//! | text | meaning |
//! | --- | --- |
//! | `func NAME(PARAMS) -> TYPE WORDS { CODE }` | a function; words: `of CLASS`, `instance`, `closure`, `abstract`, `hidden`, `getter`, `setter`, `suspendable`, `generic <BOUNDS>`, `outer N`, `captures N [KINDS]`, `native NAME`, `from %z0`, `regs REFS [KINDS]` (found from the code if left out) |
//! | `class NAME extends CLASS WORDS { … }` | a class; words: `with <VECTOR OF THE SUPERCLASS>`, `mixin CLASS`, `of LIBRARY`, `abstract`, `enum`, `immutable` …, `params N`, `targs N`, `words N refs [0x…]` (the last two found from the fields if left out); inside: `implements TYPE`, `field NAME: REP`, `method`, `get` or `set` `NAME = @FUNCTION`, `load SLOT REP` or `store SLOT REP` |
//! | `static NAME = CONST` | a static variable; without a value it starts as the late mark |
//! | `entry NAME = @FUNCTION`, `entry @main` | an entry point |
//! | `type %t0 = …`, `targs %a0 = …`, `const %k0 = …`, `shape %h0 = …`, `record %q0 = …`, `string %s0 = …`, `source %z0 = …` | entries of tables, needed only to fix their ids |
//!
//! Parameters are `n: int`, `[n: int = 3]`, `{n: int?}`, `{required n: int}`; `as r` behind the type changes the representation.
//! Types are written as in Dart; `%c0` and `%f0` are elements of the class and function vector, `%b0_1` a parameter of a
//! generic function type, `()` records. Constants: `null`, `true`, `12`, `1.5`, `"text"`, `symbol(foo)`, `type(int)`,
//! `list <int> [1, 2]`, `set`, `map <int, int> [1: 2]`, `object Point (1, 2)`, `closure @f`, `record (2) (1, 2)`.
//!
//! # Instructions
//!
//! Opcode, operands in the order of the table (see [`ops`](crate::ops)), then what the extension words hold. `_` is no register. Labels end in
//! a colon. Behind an instruction `at 120` gives its position in the source. Calls:
//!
//! | text | meaning |
//! | --- | --- |
//! | `call.s i0 = @fib(i1)` | arguments are sorted, tagged ones first |
//! | `call.v d0 = .area(r0)` | receiver first, then arguments in the order of the shape; the shape follows from the registers |
//! | `call.v r1 = .get name(r0)`, `call.v .set x(r0, i1)`, `call.v r0 = ."+"(r0, r1)` | other selectors; `-> i` behind a call without result register says its representation |
//! | `call.v r1 = dynamic .map<1>(r0, t0, r1, orElse: r2)` | not checked statically; one type argument; a named argument |
//! | `call.c r0 = call(r1, i0)` | the closure first |
//! | `call.v r0 = %h3(r0, i1)` | by the shape's id, tagged arguments first |
//! | `closure r0, _, t0, @f(r1, i0)` | captured registers, tagged ones first |
//! | `record r0, (r1, x: r2)`, `strcat r0, (r1, r2)`, `switch.i i0, 3, [L1, L2]` | lists |
//! | `idx.get r0, r1, i0` | the virtual call behind a fast path follows from the opcode; another is named by its id (`%h3`) |
//! | `try L0 to L1 catch L2 (r1, r2)` | handler with the registers of error and trace, inner ones first |
//! | `word 0x12` | a word as it is |
//!
//! Inline caches are numbered by the parser unless `!7` behind the call says otherwise.

mod body;
mod declarations;
mod lexer;
mod names;
mod parse;
mod print;
mod values;

use std::fmt;

pub use parse::{parse, parse_with_core};
pub use print::{disassemble, disassemble_function, name_text, print, selector_text};

use crate::{
    Op, Operand, RawKind, Rep, Selector, SelectorKind, Shape, StrId, Type, well_known::class,
};

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What was expected.
    pub message: String,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for TextError {}

fn raw_letter(kind: RawKind) -> char {
    match kind {
        RawKind::Int => 'i',
        RawKind::Double => 'd',
        RawKind::Bool => 'b',
        RawKind::Type => 't',
    }
}

/// How a value of this type travels if nothing else is said.
fn implied_rep(ty: Option<&Type>) -> Rep {
    match ty {
        Some(Type::Interface { class, args }) if args.is_empty() => match *class {
            class::INT => Rep::Int,
            class::DOUBLE => Rep::Double,
            class::BOOL => Rep::Bool,
            _ => Rep::Tagged,
        },
        _ => Rep::Tagged,
    }
}

/// The member that an instruction with a fast path calls when that does not apply.
pub fn slow_member(op: Op) -> Option<(&'static str, SelectorKind)> {
    Some(match op {
        Op::IdxGet | Op::IdxGetI | Op::IdxGetD => ("[]", SelectorKind::Method),
        Op::IdxSet | Op::IdxSetC | Op::IdxSetI | Op::IdxSetD => ("[]=", SelectorKind::Method),
        Op::ListAdd | Op::ListAddC => ("add", SelectorKind::Method),
        Op::LenV => ("length", SelectorKind::Getter),
        Op::IterNext => ("moveNext", SelectorKind::Method),
        Op::IterCurrent => ("current", SelectorKind::Getter),
        _ => return None,
    })
}

/// The shape of that call: its parameters and result are the instruction's operands, no result is a tagged one.
pub fn slow_shape(op: Op, string: impl FnOnce(&str) -> Option<StrId>) -> Option<Shape> {
    let (name, kind) = slow_member(op)?;
    let mut result = Rep::Tagged;
    let mut positional = Vec::new();
    for operand in op.operands() {
        match operand {
            Operand::DefI => result = Rep::Int,
            Operand::DefD => result = Rep::Double,
            Operand::DefB => result = Rep::Bool,
            Operand::UseR => positional.push(Rep::Tagged),
            Operand::UseI => positional.push(Rep::Int),
            Operand::UseD => positional.push(Rep::Double),
            _ => {}
        }
    }
    positional.remove(0);
    let name = string(name)?;
    Some(Shape {
        selector: Some(Selector { name, kind }),
        type_args: 0,
        positional,
        named: Vec::new(),
        result,
        dynamic: false,
    })
}

#[cfg(test)]
mod tests;
