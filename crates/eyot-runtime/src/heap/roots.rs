//! Roots: how a collection finds the values that live outside the heap.

use crate::value::Value;

/// Whoever holds values outside the heap (frames, statics, the isolate's record) shows them to a collection.
///
/// Each slot is shown exactly once per call, and every value that is used after a safepoint must lie in a slot shown: the
/// collection moves objects and rewrites the slots.
pub trait Roots {
    /// Calls `visitor` with every slot.
    fn visit_roots(&mut self, visitor: &mut dyn RootVisitor);

    /// The heap has work for whoever runs the isolate (see [`Heap::is_slice_due`](super::Heap::is_slice_due)): a program that is running
    /// stops soon.
    fn stop_soon(&mut self) {}
}

/// What a collection does with slots.
pub trait RootVisitor {
    /// One slot.
    fn visit(&mut self, slot: &mut Value);

    /// Many.
    fn visit_slice(&mut self, slots: &mut [Value]) {
        for slot in slots {
            self.visit(slot);
        }
    }
}

/// No roots, or a few in a vector: for tests and start-up.
impl Roots for Vec<Value> {
    fn visit_roots(&mut self, visitor: &mut dyn RootVisitor) {
        visitor.visit_slice(self);
    }
}

impl Roots for () {
    fn visit_roots(&mut self, _visitor: &mut dyn RootVisitor) {}
}
