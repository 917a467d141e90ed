//! Values that live outside of all heaps, and that isolates of the group read as often as they like.

use super::super::region::Region;
use super::super::{Heap, verify};
use super::Message;
use super::copy::Copier;
use crate::object::ObjRef;
use crate::value::Value;

use eyot_bytecode::well_known::class;

/// A deeply immutable value: all that its objects need lives as long as it does.
pub struct SharedValue(Frozen);

enum Frozen {
    /// Null, a bool, a small integer, a constant.
    Value(Value),
    Int(i64),
    Double(f64),
    /// An object of a region, of which this is a count.
    Object(Value, Region),
}

// SAFETY: what it refers to never changes, and is held.
unsafe impl Send for SharedValue {}

impl SharedValue {
    /// For an isolate's heap to adopt: the same object each time.
    pub fn message(&self) -> Message {
        match &self.0 {
            Frozen::Value(value) if value.is_pointer() => Message::Frozen(*value),
            Frozen::Value(value) => Message::Immediate(*value),
            Frozen::Int(value) => Message::Int(*value),
            Frozen::Double(value) => Message::Double(*value),
            Frozen::Object(value, region) => Message::Shared(*value, region.clone()),
        }
    }
}

impl Heap {
    /// A value of this heap for all of the group; none if it, or what it refers to, can change. Numbers are copied, other objects
    /// are frozen, however small they are.
    pub fn share(&mut self, value: Value) -> Option<SharedValue> {
        let Some(object) = ObjRef::of(value) else {
            return Some(SharedValue(Frozen::Value(value)));
        };
        // SAFETY: the value refers to a live object with the words of its class.
        let number = unsafe {
            match object.class() {
                class::INT => Some(Frozen::Int(object.word(1) as i64)),
                class::DOUBLE => Some(Frozen::Double(f64::from_bits(object.word(1)))),
                _ => None,
            }
        };
        let frozen = match number {
            Some(number) => number,
            None => match self.shared(value).or_else(|| self.freeze(object))? {
                Message::Shared(value, region) => Frozen::Object(value, region),
                Message::Frozen(value) => Frozen::Value(value),
                _ => return None,
            },
        };
        Some(SharedValue(frozen))
    }

    fn freeze(&mut self, object: ObjRef) -> Option<Message> {
        let mut copier = Copier::new(&self.layouts, None, &mut self.regions);
        copier.freezes_small = true;
        let frozen = copier.freeze(object);
        copier.restore(frozen.is_none());
        let Some(frozen) = frozen else {
            copier.give_up();
            return None;
        };
        if self.verifies
            && let Some(region) = copier.held.as_ref().and_then(|held| held.newest())
        {
            verify::verify_region_or_stop(region, &self.layouts);
        }
        Some(copier.finish(frozen))
    }
}
