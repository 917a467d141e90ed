//! What belongs to one isolate as far as the interpreter is concerned: program, heap, statics, frames while it does not run.

use std::sync::Arc;

use eyot_bytecode::module::{STATICS_IN_CHUNK, StaticId};
use smallvec::SmallVec;

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
    pub(crate) parked: Option<Box<Parked>>,
    /// Values that whoever runs the isolate keeps for it. A free place holds the number of the next one, as a small integer.
    pub(crate) kept: SmallVec<[Value; 2]>,
    /// The first free place, counted from 1; 0 if there is none.
    free_kept: u32,
    /// It has none of the program's static variables: whoever touches one gets an error.
    pub(crate) is_bound: bool,
    /// How often it has read static variables that it has no chunk for.
    cold_reads: u8,
}

/// So often an isolate reads variables that it has not written to, before it gets a chunk for one: many isolates read a few of the core's
/// once.
const COLD_READS: u8 = 8;

impl IsolateState {
    /// A fresh isolate.
    #[inline(always)]
    pub fn new(program: Arc<Program>, config: HeapConfig) -> IsolateState {
        IsolateState {
            heap: Heap::new(program.layouts().clone(), config),
            program,
            statics: Statics::default(),
            parked: None,
            kept: SmallVec::new(),
            free_kept: 0,
            is_bound: false,
            cold_reads: 0,
        }
    }

    /// Makes it as fresh, but for the memory of some small tables: for the next isolate with the same program and settings. See
    /// [`Heap::begin`].
    pub(crate) fn clear(&mut self) {
        let IsolateState {
            program: _,
            heap,
            statics,
            parked,
            kept,
            free_kept,
            is_bound,
            cold_reads,
        } = self;
        heap.clear();
        statics.clear();
        *parked = None;
        kept.clear();
        kept.shrink_to_fit();
        *free_kept = 0;
        *is_bound = false;
        *cold_reads = 0;
    }

    /// Whether a static variable is not for this isolate. Only asked where none of its chunk was touched: a chunk has the core's variables, or
    /// the program's.
    pub(crate) fn refuses(&self, id: StaticId) -> bool {
        self.is_bound && self.program.modules().is_own_static(id)
    }

    /// The value of a static variable, whose place has none yet or which has no place.
    #[cold]
    pub(crate) fn read_static(
        &mut self,
        program: &Program,
        id: StaticId,
    ) -> Result<Value, TypeLimit> {
        let index = id.0 as usize;
        if self.cold_reads < COLD_READS
            && index < program.modules.static_count()
            && self.statics.get(index).is_none()
        {
            self.cold_reads += 1;
            return program.static_initial(id);
        }
        self.statics.read(program, index)
    }

    /// Keeps a value until it is released.
    pub fn keep(&mut self, value: Value) -> Kept {
        if let Some(index) = self.free_kept.checked_sub(1)
            && let Some(place) = self.kept.get_mut(index as usize)
        {
            self.free_kept = u32::try_from(place.as_smi()).unwrap_or(0);
            *place = value;
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
        let next = Value::smi(i64::from(self.free_kept)).unwrap_or(Value::NULL);
        self.free_kept = kept.0 + 1;
        std::mem::replace(place, next)
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
    parked: &'a mut Option<Box<Parked>>,
    kept: &'a mut [Value],
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

/// Statics in a chunk. An isolate touches few, and those lie far apart.
const CHUNK: usize = STATICS_IN_CHUNK;
/// Up to so many values their memory grows by what is needed, beyond by doubling.
const EXACT_VALUES: usize = 16 * CHUNK;

/// Static variables in chunks made when one of them is touched. The chunks are one piece of memory.
#[derive(Default)]
pub(crate) struct Statics {
    /// Which chunk of the values each chunk of variables is, counted from 1; 0 if it was not made. Nothing beyond the last that was
    /// touched.
    places: Vec<u32>,
    values: Vec<Value>,
}

/// A static that has not been touched; its initial value is looked up then. Never seen outside the chunks.
pub(crate) const UNTOUCHED: Value = Value::from_bits(0b1110);

impl Statics {
    /// The place of a variable, if its chunk is there.
    #[inline(always)]
    pub(crate) fn get(&mut self, id: usize) -> Option<&mut Value> {
        let place = *self.places.get(id / CHUNK)? as usize;
        // Of a chunk that was not made the index is beyond all values.
        let index = place.wrapping_sub(1).wrapping_mul(CHUNK);
        self.values.get_mut(index.wrapping_add(id % CHUNK))
    }

    /// The place of a variable, with its chunk made.
    #[cold]
    pub(crate) fn touch(&mut self, program: &Program, id: usize) -> Option<&mut Value> {
        if id >= program.modules.static_count() {
            return None;
        }
        let chunk = id / CHUNK;
        if let Some(more) = (chunk + 1).checked_sub(self.places.len()) {
            self.places.reserve_exact(more);
            self.places.resize(chunk + 1, 0);
        }
        let place = self.places.get_mut(chunk)?;
        if *place == 0 {
            let count = self.values.len() + CHUNK;
            if count <= EXACT_VALUES {
                self.values.reserve_exact(CHUNK);
            }
            self.values.resize(count, UNTOUCHED);
            *place = (count / CHUNK) as u32;
        }
        self.get(id)
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

    /// As before the first touch.
    fn clear(&mut self) {
        if self.values.capacity() > EXACT_VALUES {
            *self = Statics::default();
        }
        self.values.clear();
        self.places.clear();
    }

    pub(crate) fn visit(&mut self, visitor: &mut dyn RootVisitor) {
        visitor.visit_slice(&mut self.values);
    }
}
