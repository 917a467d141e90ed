//! What belongs to one isolate as far as the interpreter is concerned: program, heap, statics, frames while it does not run.

use std::sync::Arc;

use eyot_bytecode::module::StaticId;

use super::frame::Frame;
use crate::heap::{Heap, HeapConfig, RootVisitor, Roots};
use crate::native::Kept;
use crate::program::Program;
use crate::program::types::TypeLimit;
use crate::value::Value;

/// An isolate's part of the interpreter's state.
pub struct IsolateState {
    /// The group's program.
    pub program: Arc<Program>,
    /// The isolate's heap.
    pub heap: Heap,
    pub(crate) statics: Statics,
    pub(crate) parked: Option<Parked>,
    /// Values that whoever runs the isolate keeps for it, and which of their places are free.
    pub(crate) kept: Vec<Value>,
    free_kept: Vec<u32>,
}

impl IsolateState {
    /// A fresh isolate.
    #[inline(always)]
    pub fn new(program: Arc<Program>, config: HeapConfig) -> IsolateState {
        IsolateState {
            heap: Heap::new(program.layouts().clone(), config),
            program,
            statics: Statics::default(),
            parked: None,
            kept: Vec::new(),
            free_kept: Vec::new(),
        }
    }

    /// Whether frames are waiting to go on.
    pub fn is_suspended(&self) -> bool {
        self.parked.is_some()
    }

    /// Keeps a value until it is released.
    pub fn keep(&mut self, value: Value) -> Kept {
        if let Some(index) = self.free_kept.pop() {
            self.kept[index as usize] = value;
            return Kept(index);
        }
        self.kept.push(value);
        Kept(self.kept.len() as u32 - 1)
    }

    /// The value kept.
    pub fn kept(&self, kept: Kept) -> Value {
        self.kept
            .get(kept.0 as usize)
            .copied()
            .unwrap_or(Value::NULL)
    }

    /// Keeps the value no longer, and gives it.
    pub fn release(&mut self, kept: Kept) -> Value {
        let Some(place) = self.kept.get_mut(kept.0 as usize) else {
            return Value::NULL;
        };
        let value = std::mem::replace(place, Value::NULL);
        self.free_kept.push(kept.0);
        value
    }

    /// The isolate's values outside the heap, for a collection while it does not run.
    pub fn with_roots<R>(&mut self, f: impl FnOnce(&mut Heap, &mut dyn Roots) -> R) -> R {
        let mut roots = StateRoots {
            statics: &mut self.statics,
            parked: &mut self.parked,
            kept: &mut self.kept,
        };
        f(&mut self.heap, &mut roots)
    }
}

struct StateRoots<'a> {
    statics: &'a mut Statics,
    parked: &'a mut Option<Parked>,
    kept: &'a mut Vec<Value>,
}

impl Roots for StateRoots<'_> {
    fn visit_roots(&mut self, visitor: &mut dyn RootVisitor) {
        self.statics.visit(visitor);
        visitor.visit_slice(self.kept);
        if let Some(parked) = self.parked {
            visitor.visit_slice(&mut parked.values);
            // SAFETY: the words are a copy of a whole stack, with this frame on top.
            unsafe { Frame(parked.words.as_mut_ptr().add(parked.base)).visit_chain(visitor) }
        }
    }
}

/// The live part of a stack, copied out while the isolate does not run.
pub(crate) struct Parked {
    /// From the start of the stack to the end of the top frame.
    pub(crate) words: Box<[u64]>,
    /// Index of the top frame's base.
    pub(crate) base: usize,
    pub(crate) pc: *const u64,
    /// Values the machine held beside the frames.
    pub(crate) values: Vec<Value>,
}

// SAFETY: the words are owned; the addresses in them are of the group's code.
unsafe impl Send for Parked {}

pub(crate) const CHUNK: usize = 64;

/// Static variables in chunks made when one of them is touched.
#[derive(Default)]
pub(crate) struct Statics {
    chunks: Vec<Option<Box<[Value; CHUNK]>>>,
}

/// A static that has not been touched; its initial value is looked up then. Never seen outside the chunks.
pub(crate) const UNTOUCHED: Value = Value::from_bits(0b1110);

impl Statics {
    /// The place of a variable, if its chunk is there.
    #[inline(always)]
    pub(crate) fn get(&mut self, id: usize) -> Option<&mut Value> {
        match self.chunks.get_mut(id / CHUNK) {
            Some(Some(chunk)) => Some(&mut chunk[id % CHUNK]),
            _ => None,
        }
    }

    /// The place of a variable, with its chunk made.
    #[cold]
    pub(crate) fn touch(&mut self, program: &Program, id: usize) -> Option<&mut Value> {
        if id >= program.modules.static_count() {
            return None;
        }
        if self.chunks.is_empty() {
            let chunks = program.modules.static_count().div_ceil(CHUNK);
            self.chunks.resize_with(chunks, || None);
        }
        let chunk = self.chunks.get_mut(id / CHUNK)?;
        let chunk = chunk.get_or_insert_with(|| Box::new([UNTOUCHED; CHUNK]));
        Some(&mut chunk[id % CHUNK])
    }

    /// The value of a variable, its initial one if it was not touched before.
    #[cold]
    pub(crate) fn read(&mut self, program: &Program, id: usize) -> Result<Value, TypeLimit> {
        let Some(place) = self.touch(program, id) else {
            return Ok(Value::NULL);
        };
        if *place == UNTOUCHED {
            *place = program.static_initial(StaticId(id as u32))?;
        }
        Ok(*place)
    }

    pub(crate) fn visit(&mut self, visitor: &mut dyn RootVisitor) {
        for chunk in self.chunks.iter_mut().flatten() {
            visitor.visit_slice(&mut chunk[..]);
        }
    }
}
