//! The instruction set: one table, from which encoder, decoder, text form, verifier and interpreter are derived.
//!
//! # Words
//!
//! Code is a sequence of 64-bit words. The first word of an instruction is `op | a << 16 | b << 32 | c << 48`
//! (each field 16 bits); some instructions continue in extension words.
//!
//! # Registers
//!
//! A frame has `refs` tagged slots followed by `raws` untagged ones; every register operand is the slot's index from
//! the frame's base. A raw slot has one [`RawKind`](crate::RawKind) for the whole function. The text form writes `r3` for
//! a tagged register and `i0`, `d0`, `b0`, `t0` for raw ones, where the number is the slot index less `refs`.
//! [`NO_REG`] stands for "no register" where an operand allows it.
//!
//! # Calls
//!
//! `nref` tagged arguments are copied to the callee's slots `0..nref`, `nraw` untagged ones to the callee's slots
//! `refs..refs+nraw`; the callee's other tagged slots start as null. Order of parameters: receiver or closure first,
//! then type arguments (a raw `T`), then positional parameters, then named ones in the order of their names; tagged and raw
//! ones are counted apart. A call encodes as
//!
//! ```text
//! word 0   op | dst | nref + (nraw << 8) | 0
//! word 1   target: u32 (function, or shape) | cache: u32 (inline cache, for call.v and call.c)
//! word 2…  four argument registers a word, tagged ones first
//! ```
//!
//! `dst` is [`NO_REG`] when the result is not wanted. Its register class must be that of the shape's or function's result.

/// "No register" in an operand that may be absent.
pub const NO_REG: u16 = 0xffff;

/// What an operand field of an instruction means; the verifier, encoder and text form follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Nothing is encoded in this field; it is zero.
    None,
    /// Defines a tagged register.
    DefR,
    /// Uses a tagged register.
    UseR,
    /// Defines a raw integer register.
    DefI,
    /// Uses a raw integer register.
    UseI,
    /// Defines a raw double register.
    DefD,
    /// Uses a raw double register.
    UseD,
    /// Defines a raw bool register (0 or 1).
    DefB,
    /// Uses a raw bool register.
    UseB,
    /// Defines a type register (a type or a vector of type arguments of the group).
    DefT,
    /// Uses a type register.
    UseT,
    /// Uses a type register, or is [`NO_REG`].
    UseTOpt,
    /// Defines a raw register of any kind.
    DefW,
    /// Uses a raw register of the same kind as the field before it.
    UseW,
    /// A signed 16-bit number.
    Imm16,
    /// A signed 32-bit number in fields b and c.
    Imm32,
    /// A jump of -32768..=32767 words, relative to the first word of this instruction.
    Jump16,
    /// A jump relative to the first word of this instruction, 32 bits in fields b and c.
    Jump32,
    /// A word index into the object (header is word 0), naming a tagged field.
    SlotR,
    /// A word index into the object, naming an untagged field.
    SlotW,
    /// A class id, 32 bits in b and c.
    Class32,
    /// A constant id, 32 bits in b and c.
    Const32,
    /// A static field id, 32 bits in b and c.
    Static32,
    /// A type id of the image, 32 bits in b and c.
    Type32,
    /// A type-argument-vector id of the image, 32 bits in b and c.
    Targs32,
    /// A function id, 32 bits in b and c.
    Func32,
    /// A [`MathFn`], in this field.
    MathFn,
}

/// What follows the first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ext {
    /// Nothing: the instruction is one word.
    None,
    /// One word: a 64-bit constant.
    Word,
    /// One word: low half a type id (image), high half zero.
    Type,
    /// One word: low half a type-argument-vector id (image), high half zero.
    Targs,
    /// One word: low half a class id, high half zero.
    Class,
    /// One word: low half a type id or class id, high half a signed jump relative to the first word.
    ClassJump,
    /// One word: low half a shape, high half an inline cache: the virtual call made when the fast path does not apply.
    /// Its arguments are the used operands in order (receiver first) in the representations of the operand kinds, its
    /// result goes to the defined operand.
    Slow,
    /// `call.s`: function id, then arguments.
    CallStatic,
    /// `call.v`: shape id and inline cache, then arguments.
    CallVirtual,
    /// `call.c`: shape id and inline cache, then arguments.
    CallClosure,
    /// `call.super`: shape id and inline cache, then arguments; the mixin whose superclass is meant is the function's owner.
    CallSuper,
    /// `closure`: low half a function id, high half `nref + (nraw << 16)`; then the captured registers, four a word, tagged ones first.
    Closure,
    /// `record`: low half a record shape id; then the field registers (tagged), four a word; b holds their number.
    Record,
    /// `array`: tagged registers, four a word; b holds their number.
    Regs,
    /// `switch.i`: b and c hold the number of entries n (Const32-like), then a word with the signed minimum, then
    /// n / 2 (rounded up) words, two signed 32-bit jumps each, relative to the first word.
    Switch,
}

/// A function of one double for `math.d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
#[allow(missing_docs)]
pub enum MathFn {
    Sqrt,
    Abs,
    Floor,
    Ceil,
    Round,
    Truncate,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Exp,
    Log,
}

impl MathFn {
    /// All of them, in encoding order.
    pub const ALL: [MathFn; 14] = [
        MathFn::Sqrt,
        MathFn::Abs,
        MathFn::Floor,
        MathFn::Ceil,
        MathFn::Round,
        MathFn::Truncate,
        MathFn::Sin,
        MathFn::Cos,
        MathFn::Tan,
        MathFn::Asin,
        MathFn::Acos,
        MathFn::Atan,
        MathFn::Exp,
        MathFn::Log,
    ];
}

/// Calls `$m!` with one row per opcode: `(Name, "text", [a, b, c], Ext, "meaning")`.
///
/// Append new rows in their group: opcodes are numbered by position and an image names the table's hash.
#[macro_export]
macro_rules! for_each_op {
    ($m:ident) => { $m! {
        // ---- moves and constants
        (Nop, "nop", [None, None, None], None, "nothing")
        (MovR, "mov.r", [DefR, UseR, None], None, "a = b")
        (MovW, "mov.w", [DefW, UseW, None], None, "a = b, same kind")
        (LdNull, "ldnull", [DefR, None, None], None, "a = null")
        (LdTrue, "ldtrue", [DefR, None, None], None, "a = true (tagged)")
        (LdFalse, "ldfalse", [DefR, None, None], None, "a = false (tagged)")
        (LdSentinel, "ldsentinel", [DefR, None, None], None, "a = the mark of a late variable not yet initialised")
        (LdSmi, "ldsmi", [DefR, Imm32, None], None, "a = tagged small integer")
        (LdK, "ldk", [DefR, Const32, None], None, "a = constant (linked on first use)")
        (LdI, "ldi", [DefI, Imm32, None], None, "a = sign-extended immediate")
        (LdIW, "ldi.w", [DefI, None, None], Word, "a = 64-bit constant")
        (LdD, "ldd", [DefD, None, None], Word, "a = double whose bits are the constant")
        (LdB, "ldb", [DefB, Imm32, None], None, "a = 0 or 1")
        // ---- boxing
        (BoxI, "box.i", [DefR, UseI, None], None, "a = tagged b; allocates beyond 63 bits")
        (BoxD, "box.d", [DefR, UseD, None], None, "a = boxed b; allocates")
        (BoxB, "box.b", [DefR, UseB, None], None, "a = tagged bool b")
        (UnboxI, "unbox.i", [DefI, UseR, None], None, "a = b, which is an int")
        (UnboxD, "unbox.d", [DefD, UseR, None], None, "a = b, which is a double")
        (UnboxB, "unbox.b", [DefB, UseR, None], None, "a = b, which is a bool")
        (ArgI, "arg.i", [DefI, UseR, Imm16], None, "a = b, argument number imm (an implied cast if negative); throws TypeError unless it is an int")
        (ArgD, "arg.d", [DefD, UseR, Imm16], None, "the same for a double")
        (ArgB, "arg.b", [DefB, UseR, Imm16], None, "the same for a bool")
        // ---- 64-bit integers (wrapping)
        (AddI, "add.i", [DefI, UseI, UseI], None, "a = b + c")
        (SubI, "sub.i", [DefI, UseI, UseI], None, "a = b - c")
        (MulI, "mul.i", [DefI, UseI, UseI], None, "a = b * c")
        (DivI, "div.i", [DefI, UseI, UseI], None, "a = b ~/ c; throws IntegerDivisionByZeroException")
        (ModI, "mod.i", [DefI, UseI, UseI], None, "a = b % c (Euclidean); throws as div.i")
        (RemI, "rem.i", [DefI, UseI, UseI], None, "a = b.remainder(c); throws as div.i")
        (NegI, "neg.i", [DefI, UseI, None], None, "a = -b")
        (NotI, "not.i", [DefI, UseI, None], None, "a = ~b")
        (AndI, "and.i", [DefI, UseI, UseI], None, "a = b & c")
        (OrI, "or.i", [DefI, UseI, UseI], None, "a = b | c")
        (XorI, "xor.i", [DefI, UseI, UseI], None, "a = b ^ c")
        (ShlI, "shl.i", [DefI, UseI, UseI], None, "a = b << c; 0 from 64 on; throws ArgumentError if c < 0")
        (ShrI, "shr.i", [DefI, UseI, UseI], None, "a = b >> c; throws as shl.i")
        (UshrI, "ushr.i", [DefI, UseI, UseI], None, "a = b >>> c; throws as shl.i")
        (AddIK, "add.ik", [DefI, UseI, Imm16], None, "a = b + imm")
        (MulIK, "mul.ik", [DefI, UseI, Imm16], None, "a = b * imm")
        (DivIK, "div.ik", [DefI, UseI, Imm16], None, "a = b ~/ imm, imm != 0")
        (ModIK, "mod.ik", [DefI, UseI, Imm16], None, "a = b % imm, imm != 0")
        (AndIK, "and.ik", [DefI, UseI, Imm16], None, "a = b & imm")
        (OrIK, "or.ik", [DefI, UseI, Imm16], None, "a = b | imm")
        (XorIK, "xor.ik", [DefI, UseI, Imm16], None, "a = b ^ imm")
        (ShlIK, "shl.ik", [DefI, UseI, Imm16], None, "a = b << imm, 0 <= imm < 64")
        (ShrIK, "shr.ik", [DefI, UseI, Imm16], None, "a = b >> imm, 0 <= imm < 64")
        (UshrIK, "ushr.ik", [DefI, UseI, Imm16], None, "a = b >>> imm, 0 <= imm < 64")
        (EqI, "eq.i", [DefB, UseI, UseI], None, "a = b == c")
        (NeI, "ne.i", [DefB, UseI, UseI], None, "a = b != c")
        (LtI, "lt.i", [DefB, UseI, UseI], None, "a = b < c")
        (LeI, "le.i", [DefB, UseI, UseI], None, "a = b <= c")
        (CmpI, "cmp.i", [DefI, UseI, UseI], None, "a = b.compareTo(c): -1, 0 or 1")
        (I2D, "i2d", [DefD, UseI, None], None, "a = b.toDouble()")
        // ---- doubles
        (AddD, "add.d", [DefD, UseD, UseD], None, "a = b + c")
        (SubD, "sub.d", [DefD, UseD, UseD], None, "a = b - c")
        (MulD, "mul.d", [DefD, UseD, UseD], None, "a = b * c")
        (DivD, "div.d", [DefD, UseD, UseD], None, "a = b / c")
        (ModD, "mod.d", [DefD, UseD, UseD], None, "a = b % c, never negative")
        (RemD, "rem.d", [DefD, UseD, UseD], None, "a = b.remainder(c)")
        (NegD, "neg.d", [DefD, UseD, None], None, "a = -b")
        (MathD, "math.d", [DefD, UseD, MathFn], None, "a = c(b)")
        (EqD, "eq.d", [DefB, UseD, UseD], None, "a = b == c")
        (LtD, "lt.d", [DefB, UseD, UseD], None, "a = b < c")
        (LeD, "le.d", [DefB, UseD, UseD], None, "a = b <= c")
        (D2I, "d2i", [DefI, UseD, None], None, "a = b.toInt(), saturating; throws UnsupportedError for NaN and infinities")
        // ---- bools
        (NotB, "not.b", [DefB, UseB, None], None, "a = !b")
        (EqB, "eq.b", [DefB, UseB, UseB], None, "a = b == c")
        // ---- jumps; a jump that goes backwards is a safepoint
        (Jmp, "jmp", [None, Jump32, None], None, "goto")
        (Jt, "jt", [UseB, Jump32, None], None, "if a goto")
        (Jf, "jf", [UseB, Jump32, None], None, "if !a goto")
        (JtR, "jt.r", [UseR, Jump32, None], None, "if a is tagged true goto")
        (Jnull, "jnull", [UseR, Jump32, None], None, "if a == null goto")
        (Jnnull, "jnnull", [UseR, Jump32, None], None, "if a != null goto")
        (Jnsent, "jnsent", [UseR, Jump32, None], None, "if a is not the late mark goto")
        (JeqI, "jeq.i", [UseI, UseI, Jump16], None, "if a == b goto")
        (JneI, "jne.i", [UseI, UseI, Jump16], None, "if a != b goto")
        (JltI, "jlt.i", [UseI, UseI, Jump16], None, "if a < b goto")
        (JleI, "jle.i", [UseI, UseI, Jump16], None, "if a <= b goto")
        (JeqIK, "jeq.ik", [UseI, Imm16, Jump16], None, "if a == imm goto")
        (JneIK, "jne.ik", [UseI, Imm16, Jump16], None, "if a != imm goto")
        (JltIK, "jlt.ik", [UseI, Imm16, Jump16], None, "if a < imm goto")
        (JleIK, "jle.ik", [UseI, Imm16, Jump16], None, "if a <= imm goto")
        (JgtIK, "jgt.ik", [UseI, Imm16, Jump16], None, "if a > imm goto")
        (JgeIK, "jge.ik", [UseI, Imm16, Jump16], None, "if a >= imm goto")
        (JeqD, "jeq.d", [UseD, UseD, Jump16], None, "if a == b goto")
        (JneD, "jne.d", [UseD, UseD, Jump16], None, "if !(a == b) goto")
        (JltD, "jlt.d", [UseD, UseD, Jump16], None, "if a < b goto")
        (JleD, "jle.d", [UseD, UseD, Jump16], None, "if a <= b goto")
        (JnltD, "jnlt.d", [UseD, UseD, Jump16], None, "if !(a < b) goto")
        (JnleD, "jnle.d", [UseD, UseD, Jump16], None, "if !(a <= b) goto")
        (JeqR, "jeq.r", [UseR, UseR, Jump16], None, "if the same word goto (identity of objects, bools, null, small ints)")
        (JneR, "jne.r", [UseR, UseR, Jump16], None, "if not the same word goto")
        (Jis, "jis", [UseR, None, None], ClassJump, "if a is an instance of the class or a subclass or implementer goto")
        (Jnis, "jnis", [UseR, None, None], ClassJump, "if a is not such an instance goto")
        (SwitchI, "switch.i", [UseI, Imm32, None], Switch, "goto table[a - min] if in range, else fall through")
        // ---- objects and fields
        (New, "new", [DefR, Class32, None], None, "a = fresh instance; tagged fields null, raw ones 0")
        (NewT, "new.t", [DefR, UseT, None], Class, "the same of a generic class; b = its full type argument vector")
        (LdfR, "ldf.r", [DefR, UseR, SlotR], None, "a = b.slot")
        (LdfW, "ldf.w", [DefW, UseR, SlotW], None, "a = b.slot")
        (StfR, "stf.r", [UseR, SlotR, UseR], None, "a.slot = c, with write barrier")
        (StfW, "stf.w", [UseR, SlotW, UseW], None, "a.slot = c (raw)")
        (LdfThis, "ldf.n", [DefR, UseR, SlotR], None, "a = b.slot; throws the null-check error if b is null")
        (LdS, "lds", [DefR, Static32, None], None, "a = static field, the late mark if not yet initialised")
        (StS, "sts", [UseR, Static32, None], None, "static field = a")
        (CellNew, "cell.new", [DefR, UseR, None], None, "a = fresh cell of one tagged variable holding b")
        (CellNewW, "cell.new.w", [DefR, UseW, None], None, "a = fresh cell of one raw variable holding b")
        (LdCell, "ld.cell", [DefR, UseR, None], None, "a = cell b's variable")
        (StCell, "st.cell", [UseR, UseR, None], None, "cell a's variable = b, with write barrier")
        (LdCellW, "ld.cell.w", [DefW, UseR, None], None, "a = raw cell b's variable")
        (StCellW, "st.cell.w", [UseR, UseW, None], None, "raw cell a's variable = b")
        (Closure, "closure", [DefR, UseTOpt, UseTOpt], Closure, "a = closure over the captured registers; b class and c function type arguments in scope")
        (LdCap, "ldcap", [DefR, UseR, Imm16], None, "a = tagged capture number imm of closure b")
        (LdCapW, "ldcap.w", [DefW, UseR, Imm16], None, "a = raw capture number imm of closure b")
        (ClosureTargsClass, "closure.tc", [DefT, UseR, None], None, "a = class type arguments closure b was made with")
        (ClosureTargsFn, "closure.tf", [DefT, UseR, None], None, "a = function type arguments closure b was made with")
        (Instantiate, "closure.inst", [DefR, UseR, UseT], None, "a = generic closure b with its own type parameters fixed to vector c")
        (Record, "record", [DefR, Imm16, None], Record, "a = record of the shape with these fields")
        (LdRec, "ldrec", [DefR, UseR, Imm16], None, "a = field number imm of record b (positional first, then named by name)")
        // ---- types
        (LdTarg, "ldtype", [DefT, Type32, None], None, "a = closed type")
        (LdTargs, "ldtargs", [DefT, Targs32, None], None, "a = closed type argument vector")
        (InstType, "inst.type", [DefT, UseTOpt, UseTOpt], Type, "a = type with class parameters from b and function parameters from c")
        (InstTargs, "inst.targs", [DefT, UseTOpt, UseTOpt], Targs, "a = vector with class parameters from b and function parameters from c")
        (TargsOf, "targs.of", [DefT, UseR, None], None, "a = the full type argument vector of instance b of a generic class")
        (TargsAs, "targs.as", [DefT, UseR, None], Class, "a = instance b's own type arguments as that class (which it implements)")
        (TargsAppend, "targs.append", [DefT, UseTOpt, UseTOpt], None, "a = b followed by c")
        (TargAt, "targ.at", [DefT, UseT, Imm16], None, "a = element number imm of vector b; dynamic beyond its end")
        (CheckBound, "chk.bound", [UseT, UseT, Imm16], None, "throws TypeError unless type a is a subtype of type b, the bound of type parameter number imm")
        (TypeOf, "type.obj", [DefR, UseT, None], None, "a = the Type object of type b")
        (IsT, "is", [DefB, UseR, UseT], None, "a = b is c")
        (IsK, "is.k", [DefB, UseR, None], Type, "a = b is closed type")
        (IsClass, "is.class", [DefB, UseR, None], Class, "a = b is an instance of the class, a subclass or an implementer")
        (AsT, "as", [UseR, UseT, Imm16], None, "throws TypeError unless a is b; imm 0 for a written `as`, 1 for an implied one")
        (AsK, "as.k", [UseR, None, Imm16], Type, "throws TypeError unless a is the closed type; imm as in `as`")
        (CheckParamT, "chk.param", [UseR, UseT, Imm16], None, "as `as`, for covariant parameter number imm")
        (CheckParamThis, "chk.this", [UseR, UseR, Imm16], Type, "the same where class parameters in the type are those of instance b, whose class is no mixin's application")
        (NullCheck, "nullchk", [UseR, None, None], None, "throws the null-check error if a is null")
        // ---- identity, equality, strings, lists
        (Ident, "ident", [DefB, UseR, UseR], None, "a = identical(b, c)")
        (EqR, "eq.r", [DefB, UseR, UseR], None, "a = b == c for null, bools, numbers and strings; identity for all else that inherits Object's ==; the compiler uses call.v where a class may define ==")
        (LenR, "len", [DefI, UseR, None], None, "a = length of b, a VM list, string or typed data; the compiler guards with jis or knows")
        (StrCat, "strcat", [DefR, Imm16, None], Regs, "a = the strings joined")
        (CharAt, "char.at", [DefI, UseR, UseI], None, "a = b.codeUnitAt(c) of a string; throws RangeError")
        (IdxGet, "idx.get", [DefR, UseR, UseI], Slow, "a = b[c]; fast for VM lists, else the virtual call named behind")
        (IdxGetI, "idx.get.i", [DefI, UseR, UseI], Slow, "the same where the element is known to be an int: VM lists, integer typed data")
        (IdxGetD, "idx.get.d", [DefD, UseR, UseI], Slow, "the same where the element is known to be a double: VM lists, floating typed data")
        (IdxSet, "idx.set", [UseR, UseI, UseR], Slow, "a[b] = c; the element type of a is known to take c")
        (IdxSetC, "idx.set.c", [UseR, UseI, UseR], Slow, "a[b] = c; checks c against the element type (covariant parameter)")
        (IdxSetI, "idx.set.i", [UseR, UseI, UseI], Slow, "a[b] = c where the static element type is int")
        (IdxSetD, "idx.set.d", [UseR, UseI, UseD], Slow, "a[b] = c where the static element type is double")
        (ListAdd, "list.add", [UseR, UseR, None], Slow, "a.add(b); the element type of a is known to take b")
        (ListAddC, "list.add.c", [UseR, UseR, None], Slow, "a.add(b); checks b against the element type")
        (LenV, "len.v", [DefI, UseR, None], Slow, "a = b.length; fast for VM lists, strings, typed data, VM maps and sets")
        (IterNext, "iter.next", [DefB, UseR, None], Slow, "a = b.moveNext(); fast for the VM's list iterator")
        (IterCurrent, "iter.current", [DefR, UseR, None], Slow, "a = b.current; fast for the VM's list iterator")
        (ListNew, "list.new", [DefR, UseT, Imm16], None, "a = empty growable list; b = vector of the element type alone; room for imm")
        // ---- calls and returns; calls are safepoints
        (CallS, "call.s", [None, None, None], CallStatic, "static call")
        (CallV, "call.v", [None, None, None], CallVirtual, "call of an instance member on the first tagged argument, resolved by its class")
        (CallC, "call.c", [None, None, None], CallClosure, "call of the closure in the first tagged argument, or of another object's call method")
        (CallSuper, "call.super", [None, None, None], CallSuper, "super call from a mixin, resolved from the class the mixin is applied in")
        (RetR, "ret.r", [UseR, None, None], None, "return tagged a")
        (RetI, "ret.i", [UseI, None, None], None, "return raw a")
        (RetD, "ret.d", [UseD, None, None], None, "return raw a")
        (RetB, "ret.b", [UseB, None, None], None, "return raw a")
        (RetNull, "ret.null", [None, None, None], None, "return tagged null")
        (Throw, "throw", [UseR, None, None], None, "throw a; the stack trace is taken here")
        (Rethrow, "rethrow", [UseR, UseR, None], None, "throw a with stack trace b")
        // ---- suspension
        (Suspend, "suspend", [UseR, Jump32, None], Word, "copy this frame into suspension a, but for those of the first 64 registers whose bits are set in the constant: null there; when resumed it goes on at the target. Falls through now")
        (Resumed, "resumed", [DefR, None, None], None, "first instruction at the target: a = the value passed in, or throws the error passed in")
        (Safepoint, "safepoint", [None, None, None], None, "yield if the slice is over; used where no jump or call does it")
    } };
}
