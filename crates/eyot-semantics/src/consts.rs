//! The canonical table of constants: equal values have one id.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHashMap;

use crate::arena::CoreItems;
use crate::interned::Interned;
use crate::program::{ConstId, ConstValue};
use crate::serial::CoreSource;
use crate::sharded::Sharded;
use crate::stable_hash::StableHasher;

/// The values of all programs of the process.
static KEPT: Interned<ConstValue> = Interned::new();

/// The one copy of a value.
pub(crate) fn keep(value: ConstValue) -> &'static ConstValue {
    KEPT.keep(hash_of(&value), value)
}

/// The table; values are interned behind a shared reference.
#[derive(Debug, Default)]
pub struct Consts {
    core: Option<CoreItems<&'static ConstValue>>,
    /// The values behind those of the core.
    values: boxcar::Vec<&'static ConstValue>,
    /// Values that are not of the core.
    index: Sharded<FxHashMap<u64, Vec<ConstId>>>,
}

impl Consts {
    pub(crate) fn of_core(core: CoreItems<&'static ConstValue>) -> Consts {
        Consts {
            core: Some(core),
            ..Consts::default()
        }
    }

    /// The image that the core comes from, if it does.
    pub(crate) fn core_source(&self) -> Option<&CoreSource> {
        self.core.as_ref().map(CoreItems::source)
    }

    fn first_own(&self) -> usize {
        self.core.as_ref().map_or(0, CoreItems::len)
    }

    /// The value of a constant.
    pub fn value(&self, id: ConstId) -> &'static ConstValue {
        match &self.core {
            Some(core) => match (id.0 as usize).checked_sub(core.len()) {
                Some(own) => self.values[own],
                None => core.get(id.0 as usize),
            },
            None => self.values[id.0 as usize],
        }
    }

    /// How many there are; ids count from 0.
    pub fn len(&self) -> usize {
        self.first_own() + self.values.count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a value (whose parts are canonical already).
    pub fn intern(&self, value: ConstValue) -> ConstId {
        let hash = hash_of(&value);
        if let Some(id) = self.find_in_core(hash, &value) {
            return id;
        }
        let mut index = self.index.part(hash);
        let bucket = index.entry(hash).or_default();
        if let Some(&id) = bucket.iter().find(|&&id| *self.value(id) == value) {
            return id;
        }
        let number = self.first_own() + self.values.push(KEPT.keep(hash, value));
        let id = ConstId(u32::try_from(number).expect("fewer than 2^32 constants"));
        bucket.push(id);
        id
    }

    fn find_in_core(&self, hash: u64, value: &ConstValue) -> Option<ConstId> {
        let core = self.core.as_ref()?;
        let is_it = |number: u32| **core.get(number as usize) == *value;
        core.source().find_const(hash, is_it).map(ConstId)
    }
}

/// The hash of a value, the same in every process.
pub(crate) fn hash_of(value: &ConstValue) -> u64 {
    let mut hasher = StableHasher::default();
    hash_value(value, &mut hasher);
    hasher.finish()
}

fn hash_value(value: &ConstValue, hasher: &mut StableHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        ConstValue::Null => {}
        ConstValue::Bool(v) => v.hash(hasher),
        ConstValue::Int(v) => v.hash(hasher),
        ConstValue::Double(v) => v.hash(hasher),
        ConstValue::String(v) => v.hash(hasher),
        ConstValue::Symbol(_) => {}
        ConstValue::Type(v) => v.hash(hasher),
        ConstValue::List(ty, v) | ConstValue::Set(ty, v) => (ty, v).hash(hasher),
        ConstValue::Map(k, v, entries) => (k, v, entries).hash(hasher),
        ConstValue::Object(class, args, fields) => (class, args, fields).hash(hasher),
        ConstValue::Function(m, args) | ConstValue::Constructor(m, args) => (m, args).hash(hasher),
        ConstValue::Record(positional, named) => {
            positional.hash(hasher);
            named.iter().for_each(|(_, value)| value.hash(hasher));
        }
    }
}
