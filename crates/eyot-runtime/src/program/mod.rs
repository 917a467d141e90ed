//! The program of an isolate group: core and user module linked, shared by all isolates of the group.
//!
//! Linking is lazy: a function is verified and prepared when it is called first, a class's member table is made at the
//! first lookup in it, a constant at its first use. What is made is published once and never changes; the exceptions
//! are inline caches, single atomic words that are right or miss.
//!
//! - [`modules`]: the two modules as one id space
//! - [`entry`], [`prepare`]: functions as calls see them, and their code made ready to run
//! - [`types`], [`instantiate`], [`subtype`], [`type_names`]: run-time types
//! - [`shape`], [`lookup`], [`adapter`]: which function answers a call, and functions made to fit a call
//! - [`constants`]: constants of the image as frozen objects
//! - [`inline_cache`]: what call sites remember; [`profile`], [`ahead`]: what a run has used, made ready before the next one asks for it

pub mod adapter;
pub mod ahead;
pub mod append;
pub mod constants;
pub mod entry;
pub(crate) mod inline_cache;
pub mod instantiate;
pub mod lookup;
pub mod modules;
pub mod prepare;
pub mod profile;
pub mod shape;
mod slots;
pub mod subtype;
pub mod type_names;
pub mod types;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, RwLock};

use eyot_bytecode::module::{ClassId, Function, FunctionId, Module, Selector, ShapeId};
use eyot_bytecode::well_known::class;
use rustc_hash::FxHashMap;

use crate::heap::LayoutTable;
use crate::heap::frozen::FrozenHeap;
use crate::native::NativeTable;
use adapter::AdapterKey;
use append::AppendVec;
use constants::FrozenIndex;
use entry::EntryTable;
use modules::{CoreModule, ModuleSource, Modules};
use shape::{Member, ShapeInfo, Signature};
use types::{TypeRef, Types};

/// Adapters and tear-offs a program may have made at run time.
const MADE_FUNCTIONS_MAX: usize = 1 << 17;

/// The program of a group.
///
/// Aligned so that its count of owners, which changes with each isolate, lies in another line of memory than what all workers read.
#[repr(align(128))]
pub struct Program {
    pub(crate) modules: Modules,
    /// Tells programs of this process apart, also those that took one another's memory; from 1.
    pub(crate) number: u64,
    pub(crate) types: Types,
    pub(crate) layouts: Arc<LayoutTable>,
    pub(crate) natives: Arc<NativeTable>,
    pub(crate) entries: EntryTable,
    /// Functions made at run time; their ids go on where the modules' end.
    made: AppendVec<Box<Function>>,
    /// The modules' shapes, then those made at run time.
    shapes: Box<[OnceLock<ShapeInfo>]>,
    made_shapes: AppendVec<ShapeInfo>,
    members: Box<[OnceLock<lookup::MemberTable>]>,
    pub(crate) caches: Box<[AtomicU64]>,
    pub(crate) consts: Box<[AtomicU64]>,
    /// Signature number of each shape that closure calls use, 0 for dynamic ones.
    pub(crate) shape_signatures: Box<[AtomicU32]>,
    /// Words of an instance of each class in the lower half, the word of its type arguments (or 0) in the upper.
    pub(crate) instances: Box<[u32]>,
    /// Constants of the group.
    pub(crate) frozen: FrozenHeap,
    pub(crate) iterator_words: OnceLock<crate::interp::machine::IteratorWords>,
    subtypes: RwLock<FxHashMap<(TypeRef, TypeRef), bool>>,
    link: Mutex<Link>,
}

/// What linking changes, under one lock.
#[derive(Default)]
pub(crate) struct Link {
    signatures: FxHashMap<Signature, u32>,
    adapters: FxHashMap<AdapterKey, FunctionId>,
    made_shapes: FxHashMap<(Option<Member>, Signature, bool), ShapeId>,
    /// Inline caches given to adapters.
    made_caches: usize,
    /// Prepared code, by function in the order of first calls; boxes never move.
    code: Vec<(FunctionId, Box<[u64]>)>,
    pub(crate) frozen: FrozenIndex,
}

/// Modules that do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The user module was compiled against another core.
    OtherCore,
    /// More classes than a group can hold.
    TooManyClasses,
}

impl std::fmt::Display for LinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LinkError::OtherCore => "the program was compiled against another core library",
            LinkError::TooManyClasses => "the program has too many classes",
        })
    }
}

impl std::error::Error for LinkError {}

impl Program {
    /// Links a user module to a core module.
    pub fn new(
        core: Arc<CoreModule>,
        user: ModuleSource,
        natives: Arc<NativeTable>,
    ) -> Result<Arc<Program>, LinkError> {
        if !user.fits(core.source()) {
            return Err(LinkError::OtherCore);
        }
        let modules = Modules::new(core, user);
        let layouts = Arc::new(LayoutTable::new());
        let mut instances = Vec::with_capacity(modules.class_count());
        for id in 0..modules.class_count() as u32 {
            let class = modules.class_layout(ClassId(id));
            // The class of free memory has no instances, and its layout is the heap's own.
            if let Some(class) = class.as_ref().filter(|_| ClassId(id) != class::FREE) {
                layouts
                    .define_class(ClassId(id), class)
                    .map_err(|_| LinkError::TooManyClasses)?;
            }
            instances.push(class.map_or(1, |class| {
                u32::from(class.words.max(1)) | u32::from(class.targs_word) << 16
            }));
        }
        static PROGRAMS: AtomicU64 = AtomicU64::new(0);
        Ok(Arc::new(Program {
            number: PROGRAMS.fetch_add(1, Ordering::Relaxed) + 1,
            types: Types::new(),
            frozen: FrozenHeap::new(layouts.clone()),
            layouts,
            natives,
            entries: EntryTable::new(modules.function_count() + MADE_FUNCTIONS_MAX),
            made: AppendVec::new(),
            shapes: (0..modules.shape_count())
                .map(|_| OnceLock::new())
                .collect(),
            made_shapes: AppendVec::new(),
            members: (0..modules.class_count())
                .map(|_| OnceLock::new())
                .collect(),
            caches: zeros(modules.cache_count() + MADE_FUNCTIONS_MAX),
            consts: zeros(modules.const_count()),
            // SAFETY: zero bytes are an atomic zero.
            shape_signatures: unsafe {
                Box::new_zeroed_slice(modules.shape_count() + MADE_FUNCTIONS_MAX).assume_init()
            },
            instances: instances.into(),
            iterator_words: OnceLock::new(),
            subtypes: RwLock::default(),
            link: Mutex::default(),
            modules,
        }))
    }

    /// A program of one module that is core and user at once: for tests and tools.
    pub fn of_module(module: Module, natives: Arc<NativeTable>) -> Result<Arc<Program>, LinkError> {
        let none = Arc::new(CoreModule::new(ModuleSource::whole(Module::default())));
        Program::new(none, ModuleSource::whole(module), natives)
    }

    /// The modules.
    pub fn modules(&self) -> &Modules {
        &self.modules
    }

    /// The types.
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// Layouts of the group's classes, for its heaps.
    pub fn layouts(&self) -> &Arc<LayoutTable> {
        &self.layouts
    }

    /// A function, also one made at run time.
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        match id.index().checked_sub(self.modules.function_count()) {
            Some(made) => self.made.get(made).map(|function| &**function),
            None => self.modules.function(id),
        }
    }

    /// Adds a function made at run time.
    pub(crate) fn add_function(&self, function: Function) -> Option<FunctionId> {
        if self.made.len() >= MADE_FUNCTIONS_MAX - 64 {
            return None;
        }
        let index = self.made.push(Box::new(function))?;
        u32::try_from(self.modules.function_count() + index)
            .ok()
            .map(FunctionId)
    }

    /// What a shape says.
    pub fn shape(&self, id: ShapeId) -> Option<&ShapeInfo> {
        if let Some(made) = id.index().checked_sub(self.shapes.len()) {
            return self.made_shapes.get(made);
        }
        let slot = self.shapes.get(id.index())?;
        if let Some(known) = slot.get() {
            return Some(known);
        }
        let shape = self.modules.shape(id)?;
        let signature = Signature::of_shape(&self.modules, shape);
        let info = ShapeInfo {
            member: shape.selector.map(|selector| self.member(selector)),
            signature_id: self.signature_id(&signature),
            signature,
            dynamic: shape.dynamic,
        };
        Some(slot.get_or_init(|| info))
    }

    /// A shape for calls made by the runtime.
    pub(crate) fn made_shape(
        &self,
        member: Option<Member>,
        signature: Signature,
        dynamic: bool,
    ) -> Option<ShapeId> {
        let signature_id = self.signature_id(&signature);
        let mut link = self.link();
        let key = (member, signature, dynamic);
        if let Some(&known) = link.made_shapes.get(&key) {
            return Some(known);
        }
        let index = self.made_shapes.push(ShapeInfo {
            member,
            signature: key.1.clone(),
            signature_id,
            dynamic,
        })?;
        let id = ShapeId(u32::try_from(self.shapes.len() + index).ok()?);
        link.made_shapes.insert(key, id);
        Some(id)
    }

    /// An inline cache for a call in an adapter.
    pub(crate) fn new_cache(&self) -> Option<u32> {
        let mut link = self.link();
        let index = self.modules.cache_count() + link.made_caches;
        if index >= self.caches.len() {
            return None;
        }
        link.made_caches += 1;
        u32::try_from(index).ok()
    }

    /// A selector with its name canonical.
    pub(crate) fn member(&self, selector: Selector) -> Member {
        Member {
            name: self.modules.name(selector.name),
            kind: selector.kind,
        }
    }

    /// The number of a signature.
    pub(crate) fn signature_id(&self, signature: &Signature) -> u32 {
        let mut link = self.link();
        if let Some(&known) = link.signatures.get(signature) {
            return known;
        }
        // 0 is no signature, so that a zeroed entry matches nothing.
        let id = link.signatures.len() as u32 + 1;
        link.signatures.insert(signature.clone(), id);
        id
    }

    pub(crate) fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(|e| e.into_inner())
    }

    pub(crate) fn known_subtype(&self, sub: TypeRef, sup: TypeRef) -> Option<bool> {
        let known = self.subtypes.read().unwrap_or_else(|e| e.into_inner());
        known.get(&(sub, sup)).copied()
    }

    pub(crate) fn remember_subtype(&self, sub: TypeRef, sup: TypeRef, answer: bool) {
        let mut known = self.subtypes.write().unwrap_or_else(|e| e.into_inner());
        known.insert((sub, sup), answer);
    }
}

/// Zeroed words, whose memory is taken only when they are written.
fn zeros(count: usize) -> Box<[AtomicU64]> {
    // SAFETY: zero bytes are an atomic zero.
    unsafe { Box::new_zeroed_slice(count).assume_init() }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program")
            .field("classes", &self.modules.class_count())
            .field("functions", &self.modules.function_count())
            .finish_non_exhaustive()
    }
}
