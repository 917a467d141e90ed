//! Tagged words and object headers: how a value looks in a tagged register, a tagged field and a list.
//!
//! ```text
//! ...............................1   small integer, value << 1 | 1 (63 bits)
//! 0                                  null (so zeroed memory is valid)
//! ...address (8-aligned)......000    pointer to an object's header word
//! ..............................10   immediate: false, true, the late mark
//! ```
//!
//! An object starts with its header word:
//!
//! ```text
//! bit  0       forwarded: the other bits are the new address (only inside a collection or a copy for a message)
//! bits 1..8    flags, owned by the heap
//! bits 8..32   class id
//! bits 32..62  identity hash, 0 until asked for
//! bits 62..64  flags of sending, see `Header`
//! ```
//!
//! Instances follow `Class::ref_map` of the module. Objects with a layout of their own, words after the header:
//!
//! | class | words |
//! | --- | --- |
//! | boxed int, double | the raw value |
//! | `_OneByteString`, `_TwoByteString` | length in code units, with the hash in the upper half (0 until computed), then the code units; with the flag `EXTERNAL` a data pointer and a blob pointer instead of them |
//! | `_List`, `_ImmutableList` | type argument vector, length, then the elements |
//! | `_GrowableList` | type argument vector, length (raw), backing `_List` |
//! | `_Cell`, `_RawCell` | the variable |
//! | `_Closure` | function id and capture counts (u32, u16 refs, u16 raws), class vector and function vector (u32 each), instantiation vector, then tagged captures, then raw ones |
//! | `_Record` | shape id with the number of fields in the upper half, then tagged fields |
//! | `_Type` | type id |
//! | `_IndexTable` | number of entries, then the entries, 32 bits each |
//! | `_Suspension` | number of tagged words, with that of raw words in the upper half, then the tagged ones, then the raw ones |
//! | typed data, `_ByteBuffer`, `_ByteData`, `_TransferableTypedData` | length in elements (raw), address of the first element, blob pointer |
//! | `_SendPort` | isolate id, port number (raw) |
//! | `_Capability`, `_NativeObject` | one raw word |
//! | `_WeakReference` | type argument vector, target (weak) |
//! | `_Ephemeron` | key (weak), value (lives while the key does) |
//!
//! Invariant: a `Value` that is a pointer refers to a live object of the isolate that holds it, or to frozen data.

/// A tagged word.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(u64);

/// Largest small integer.
pub const SMI_MAX: i64 = i64::MAX >> 1;
/// Smallest small integer.
pub const SMI_MIN: i64 = i64::MIN >> 1;

impl Value {
    /// `null`.
    pub const NULL: Value = Value(0);
    /// `false`.
    pub const FALSE: Value = Value(0b0010);
    /// `true`.
    pub const TRUE: Value = Value(0b0110);
    /// The mark of a late variable that is not yet initialised; never seen by a program.
    pub const SENTINEL: Value = Value(0b1010);

    /// The word.
    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// A value from its word. The word must be one that [`Value::bits`] gave, in the same isolate.
    #[inline(always)]
    pub const fn from_bits(bits: u64) -> Value {
        Value(bits)
    }

    /// A small integer, if `value` fits in 63 bits.
    #[inline(always)]
    pub const fn smi(value: i64) -> Option<Value> {
        let shifted = (value as u64) << 1;
        if (shifted as i64) >> 1 == value {
            Some(Value(shifted | 1))
        } else {
            None
        }
    }

    /// `true` or `false`.
    #[inline(always)]
    pub const fn bool(value: bool) -> Value {
        Value(0b0010 | (value as u64) << 2)
    }

    /// Whether this is a small integer.
    #[inline(always)]
    pub const fn is_smi(self) -> bool {
        self.0 & 1 == 1
    }

    /// The small integer; meaningful only if [`Value::is_smi`].
    #[inline(always)]
    pub const fn as_smi(self) -> i64 {
        (self.0 as i64) >> 1
    }

    /// Whether this is null.
    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// Whether this points to an object.
    #[inline(always)]
    pub const fn is_pointer(self) -> bool {
        self.0 & 0b111 == 0 && self.0 != 0
    }

    /// Whether this is `true` or `false`.
    #[inline(always)]
    pub const fn is_bool(self) -> bool {
        self.0 & !0b0100 == 0b0010
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Value::NULL => f.write_str("null"),
            Value::TRUE => f.write_str("true"),
            Value::FALSE => f.write_str("false"),
            Value::SENTINEL => f.write_str("<late>"),
            v if v.is_smi() => write!(f, "{}", v.as_smi()),
            v => write!(f, "<{:#x}>", v.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_integers_round_trip_and_large_ones_do_not_fit() {
        for v in [0, 1, -1, SMI_MAX, SMI_MIN] {
            let tagged = Value::smi(v).unwrap();
            assert!(tagged.is_smi());
            assert_eq!(tagged.as_smi(), v);
        }
        assert_eq!(Value::smi(SMI_MAX + 1), None);
        assert_eq!(Value::smi(SMI_MIN - 1), None);
    }

    #[test]
    fn immediates_are_neither_integers_nor_pointers() {
        for v in [Value::NULL, Value::TRUE, Value::FALSE, Value::SENTINEL] {
            assert!(!v.is_smi());
            assert!(!v.is_pointer());
        }
        assert!(Value::TRUE.is_bool() && Value::FALSE.is_bool());
        assert!(!Value::NULL.is_bool() && !Value::SENTINEL.is_bool());
    }
}
