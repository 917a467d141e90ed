//! The modules of a program as one id space: an id below the user module's base names something of the core.
//!
//! Strings that both modules have are one [`Name`]: the core's id.

use std::sync::{Arc, OnceLock};

use eyot_bytecode::module::*;
use rustc_hash::FxHashMap;

use super::types::Name;

/// A core module with what is computed of it once for all programs.
pub struct CoreModule {
    module: Arc<Module>,
    names: OnceLock<FxHashMap<Arc<str>, u32>>,
}

impl CoreModule {
    /// A core module; its ids start at 0.
    pub fn new(module: Arc<Module>) -> CoreModule {
        CoreModule {
            module,
            names: OnceLock::new(),
        }
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    fn names(&self) -> &FxHashMap<Arc<str>, u32> {
        self.names.get_or_init(|| {
            let strings = self.module.strings.iter();
            // The first of equal strings names them all.
            strings
                .enumerate()
                .rev()
                .map(|(id, text)| (text.clone(), id as u32))
                .collect()
        })
    }
}

/// Core and user module together.
pub struct Modules {
    core: Arc<CoreModule>,
    user: Arc<Module>,
    /// Canonical id of each string of the user module.
    user_names: Box<[u32]>,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $get:ident, $table:ident, $id:ty, $item:ty, $count:ident;)*) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $get(&self, id: $id) -> Option<&$item> {
            match id.0.checked_sub(self.user.base.$table) {
                Some(index) => self.user.$table.get(index as usize),
                None => self.core.module.$table.get(id.0 as usize),
            }
        }

        /// Length of that table, both modules together.
        pub fn $count(&self) -> usize {
            self.user.base.$table as usize + self.user.$table.len()
        }
    )* };
}

impl Modules {
    /// A program of core and user module.
    pub fn new(core: Arc<CoreModule>, user: Arc<Module>) -> Modules {
        let base = user.base.strings;
        let mut own: FxHashMap<&str, u32> = FxHashMap::default();
        let user_names = user
            .strings
            .iter()
            .enumerate()
            .map(|(index, text)| match core.names().get(text) {
                Some(&id) if base > 0 => id,
                _ => *own.entry(text).or_insert(base + index as u32),
            })
            .collect();
        Modules {
            core,
            user,
            user_names,
        }
    }

    tables! {
        /// A type template.
        ty, types, TypeId, Type, type_count;
        /// A template of type arguments.
        targs, targs, TargsId, Vec<TypeId>, targs_count;
        /// A class.
        class, classes, ClassId, Class, class_count;
        /// A function.
        function, functions, FunctionId, Function, function_count;
        /// A constant.
        constant, consts, ConstId, Const, const_count;
        /// A static variable.
        statik, statics, StaticId, Static, static_count;
        /// A shape.
        shape, shapes, ShapeId, Shape, shape_count;
        /// A record shape.
        record_shape, record_shapes, RecordShapeId, RecordShape, record_shape_count;
        /// A source file.
        source, sources, SourceId, Source, source_count;
    }

    /// Inline caches of both modules together.
    pub fn cache_count(&self) -> usize {
        self.user.base.caches as usize + self.user.caches as usize
    }

    /// The text of a string.
    pub fn string(&self, id: StrId) -> &str {
        self.string_arc(id).map_or("", |text| text)
    }

    /// The text of a name.
    pub fn name_text(&self, name: Name) -> &str {
        self.string(StrId(name.0))
    }

    fn string_arc(&self, id: StrId) -> Option<&Arc<str>> {
        match id.0.checked_sub(self.user.base.strings) {
            Some(index) => self.user.strings.get(index as usize),
            None => self.core.module.strings.get(id.index()),
        }
    }

    /// The name that a string is.
    pub fn name(&self, id: StrId) -> Name {
        let index = id.0.checked_sub(self.user.base.strings);
        let canonical = index.and_then(|index| self.user_names.get(index as usize));
        Name(canonical.copied().unwrap_or(id.0))
    }

    /// The name with that text, if a module has it.
    pub fn find_name(&self, text: &str) -> Option<Name> {
        if self.user.base.strings > 0
            && let Some(&id) = self.core.names().get(text)
        {
            return Some(Name(id));
        }
        let index = self.user.strings.iter().position(|own| &**own == text)?;
        Some(self.name(StrId(self.user.base.strings + index as u32)))
    }

    /// A named entry point, the user module's first.
    pub fn entry(&self, name: &str) -> Option<FunctionId> {
        let find = |module: &Module| {
            module
                .entries
                .iter()
                .find(|&&(id, _)| self.string(id) == name)
                .map(|&(_, function)| function)
        };
        find(&self.user).or_else(|| find(&self.core.module))
    }

    /// The core module's entry point of that name.
    pub fn core_entry(&self, name: &str) -> Option<FunctionId> {
        let module = if self.user.base.strings > 0 {
            &*self.core.module
        } else {
            &*self.user
        };
        module
            .entries
            .iter()
            .find(|&&(id, _)| self.string(id) == name)
            .map(|&(_, function)| function)
    }
}
