//! Whether a value is deeply immutable: what `Isolate.runSync` asks of functions and results.

use rustc_hash::FxHashSet;

use super::freeze::Nature;
use crate::heap::Heap;
use crate::heap::walk::for_each_slot;
use crate::object::{Header, ObjRef};
use crate::value::Value;

impl Heap {
    /// Whether nothing that can be reached from a value can change: it would be frozen if it was sent.
    pub fn is_deeply_immutable(&self, value: Value) -> bool {
        let mut seen = FxHashSet::default();
        let mut work: Vec<ObjRef> = ObjRef::of(value).into_iter().collect();
        while let Some(object) = work.pop() {
            // SAFETY: the value is alive, and so is what it refers to; nothing is allocated meanwhile.
            let header = unsafe { object.header() };
            if header.0 & (Header::FROZEN | Header::IN_REGION) != 0
                || !seen.insert(object.value().bits())
            {
                continue;
            }
            let layout = self.layouts.get(header.class());
            // SAFETY: as above.
            match unsafe { Nature::of(object, header, layout) } {
                Nature::Leaf => {}
                Nature::Mutable => return false,
                // SAFETY: an object of that layout.
                Nature::Node => unsafe {
                    for_each_slot(object, layout, |slot| work.extend(ObjRef::of(*slot)));
                },
            }
        }
        true
    }
}
