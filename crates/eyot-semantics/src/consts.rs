//! The canonical table of constants: equal values have one id.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Mutex;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHasher};

use crate::interned::Interned;
use crate::program::{ConstId, ConstValue};

/// The values of all programs of the process.
static KEPT: Interned<ConstValue> = Interned::new();

/// The table; values are interned behind a shared reference.
#[derive(Debug, Default)]
pub struct Consts {
    values: boxcar::Vec<&'static ConstValue>,
    index: Mutex<FxHashMap<u64, Vec<ConstId>>>,
}

impl Consts {
    /// The value of a constant.
    pub fn value(&self, id: ConstId) -> &'static ConstValue {
        self.values[id.0 as usize]
    }

    /// How many there are; ids count from 0.
    pub fn len(&self) -> usize {
        self.values.count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a value (whose parts are canonical already).
    pub fn intern(&self, value: ConstValue) -> ConstId {
        let mut hasher = FxHasher::default();
        hash_value(&value, &mut hasher);
        let hash = FxBuildHasher.hash_one(hasher.finish());
        let mut index = self
            .index
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let bucket = index.entry(hash).or_default();
        if let Some(&id) = bucket
            .iter()
            .find(|id| *self.values[id.0 as usize] == value)
        {
            return id;
        }
        let number = self.values.push(KEPT.keep(hash, value));
        let id = ConstId(u32::try_from(number).expect("fewer than 2^32 constants"));
        bucket.push(id);
        id
    }
}

fn hash_value(value: &ConstValue, hasher: &mut FxHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        ConstValue::Null => {}
        ConstValue::Bool(v) => v.hash(hasher),
        ConstValue::Int(v) => v.hash(hasher),
        ConstValue::Double(v) => v.hash(hasher),
        ConstValue::String(v) => v.hash(hasher),
        ConstValue::Symbol(v) => v.hash(hasher),
        ConstValue::Type(v) => v.hash(hasher),
        ConstValue::List(ty, v) | ConstValue::Set(ty, v) => (ty, v).hash(hasher),
        ConstValue::Map(k, v, entries) => (k, v, entries).hash(hasher),
        ConstValue::Object(class, args, fields) => (class, args, fields).hash(hasher),
        ConstValue::Function(m, args) | ConstValue::Constructor(m, args) => (m, args).hash(hasher),
        ConstValue::Record(positional, named) => (positional, named).hash(hasher),
    }
}
