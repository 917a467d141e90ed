//! The modules of a program as one id space: an id below the user module's base names something of the core.
//!
//! A module is either whole in memory or an image whose items are decoded when first asked for and then kept, so that
//! a program pays for what it uses of a large core. Strings that both modules have are one [`Name`]: the core's id.

use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use eyot_bytecode::image::{ImageError, ImageReader};
use eyot_bytecode::module::*;
use eyot_bytecode::verify::{self, ClassFacts, Signature};
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::slots::Slots;
use super::types::Name;

/// The bytes of an image.
#[derive(Clone, Debug)]
pub enum ImageBytes {
    /// Part of the executable.
    Static(&'static [u8]),
    /// Read from somewhere.
    Shared(Arc<[u8]>),
}

impl AsRef<[u8]> for ImageBytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            ImageBytes::Static(bytes) => bytes,
            ImageBytes::Shared(bytes) => bytes,
        }
    }
}

/// Where a module's items come from.
pub enum ModuleSource {
    /// A module in memory.
    Whole(Arc<Module>),
    /// An image, decoded item by item.
    Image(Box<ImageModule>),
}

/// An image with the items decoded so far.
pub struct ImageModule {
    reader: ImageReader<ImageBytes>,
    base: Base,
    entries: Vec<(StrId, FunctionId)>,
    /// Made by the build of this executable: not verified again.
    trusted: bool,
    types: Slots<Type>,
    targs: Slots<Vec<TypeId>>,
    classes: Slots<Class>,
    functions: Slots<Function>,
    consts: Slots<Const>,
    statics: Slots<Static>,
    shapes: Slots<Shape>,
    record_shapes: Slots<RecordShape>,
    sources: Slots<Source>,
}

fn slots<T>(count: u32) -> Slots<T> {
    Slots::new(count as usize)
}

impl ModuleSource {
    /// A module in memory.
    pub fn whole(module: Module) -> ModuleSource {
        ModuleSource::Whole(Arc::new(module))
    }

    /// An image.
    pub fn image(bytes: ImageBytes) -> Result<ModuleSource, ImageError> {
        let trusted = matches!(bytes, ImageBytes::Static(_));
        let reader = ImageReader::open(bytes)?;
        Ok(ModuleSource::Image(Box::new(ImageModule {
            base: reader.base(),
            entries: reader.entries()?,
            trusted,
            types: slots(reader.type_count()),
            targs: slots(reader.targs_count()),
            classes: slots(reader.class_count()),
            functions: slots(reader.function_count()),
            consts: slots(reader.const_count()),
            statics: slots(reader.static_count()),
            shapes: slots(reader.shape_count()),
            record_shapes: slots(reader.record_shape_count()),
            sources: slots(reader.source_count()),
            reader,
        })))
    }

    /// First ids of the tables.
    pub fn base(&self) -> Base {
        match self {
            ModuleSource::Whole(module) => module.base,
            ModuleSource::Image(image) => image.base,
        }
    }

    /// Identity, by which a user module names its core; 0 for a module in memory.
    pub fn hash(&self) -> u64 {
        match self {
            ModuleSource::Whole(_) => 0,
            ModuleSource::Image(image) => image.reader.hash(),
        }
    }

    /// Identity of the core this was compiled against.
    pub fn core_hash(&self) -> u64 {
        match self {
            ModuleSource::Whole(module) => module.core_hash,
            ModuleSource::Image(image) => image.reader.core_hash(),
        }
    }

    /// Whether this was compiled against that core.
    pub(crate) fn fits(&self, core: &ModuleSource) -> bool {
        let base = self.base();
        self.core_hash() == core.hash()
            && base.classes as usize == core.class_count()
            && base.functions as usize == core.function_count()
            && base.strings as usize == core.string_count()
    }

    fn class_layout(&self, id: u32) -> Option<ClassLayout> {
        match self {
            ModuleSource::Whole(_) => self.class(id).map(ClassLayout::from),
            ModuleSource::Image(image) => image.reader.class_layout(id).ok(),
        }
    }

    fn is_trusted(&self) -> bool {
        matches!(self, ModuleSource::Image(image) if image.trusted)
    }

    fn caches(&self) -> u32 {
        match self {
            ModuleSource::Whole(module) => module.caches,
            ModuleSource::Image(image) => image.reader.caches(),
        }
    }

    fn entries(&self) -> &[(StrId, FunctionId)] {
        match self {
            ModuleSource::Whole(module) => &module.entries,
            ModuleSource::Image(image) => &image.entries,
        }
    }

    fn string_count(&self) -> usize {
        match self {
            ModuleSource::Whole(module) => module.strings.len(),
            ModuleSource::Image(image) => image.reader.string_count() as usize,
        }
    }

    /// A string by its id; empty if there is none.
    fn string(&self, id: u32) -> &str {
        match self {
            ModuleSource::Whole(module) => id
                .checked_sub(module.base.strings)
                .and_then(|index| module.strings.get(index as usize))
                .map_or("", |text| text),
            ModuleSource::Image(image) => image.reader.string(id).unwrap_or(""),
        }
    }
}

macro_rules! items {
    ($($get:ident, $table:ident, $read:ident, $item:ty, $count:ident;)*) => {
        impl ModuleSource { $(
            #[inline]
            fn $get(&self, id: u32) -> Option<&$item> {
                match self {
                    ModuleSource::Whole(module) => {
                        module.$table.get(id.checked_sub(module.base.$table)? as usize)
                    }
                    ModuleSource::Image(image) => {
                        let index = id.checked_sub(image.base.$table)? as usize;
                        image.$table.get_or_make(index, || image.reader.$read(id).ok())
                    }
                }
            }

            fn $count(&self) -> usize {
                match self {
                    ModuleSource::Whole(module) => module.$table.len(),
                    ModuleSource::Image(image) => image.$table.len(),
                }
            }
        )* }
    };
}

items! {
    ty, types, type_, Type, type_count;
    targs, targs, targs, Vec<TypeId>, targs_count;
    class, classes, class, Class, class_count;
    function, functions, function, Function, function_count;
    constant, consts, constant, Const, const_count;
    statik, statics, static_, Static, static_count;
    shape, shapes, shape, Shape, shape_count;
    record_shape, record_shapes, record_shape, RecordShape, record_shape_count;
    source, sources, source, Source, source_count;
}

/// A core module with what is computed of it once for all programs.
pub struct CoreModule {
    source: ModuleSource,
    /// Hash and id of each string, ascending; an image has an index of its own.
    names: OnceLock<Box<[(u64, u32)]>>,
}

impl CoreModule {
    /// A core module; its ids start at 0.
    pub fn new(source: ModuleSource) -> CoreModule {
        CoreModule {
            source,
            names: OnceLock::new(),
        }
    }

    /// The module.
    pub fn source(&self) -> &ModuleSource {
        &self.source
    }

    /// The id of a string; the first of equal ones.
    fn find(&self, text: &str) -> Option<u32> {
        if let ModuleSource::Image(image) = &self.source {
            return image.reader.find_string(text);
        }
        let names = self.names.get_or_init(|| {
            let ids = 0..self.source.string_count() as u32;
            let mut names: Box<[(u64, u32)]> =
                ids.map(|id| (hash(self.source.string(id)), id)).collect();
            names.sort_unstable();
            names
        });
        let wanted = hash(text);
        let first = names.partition_point(|&(hash, _)| hash < wanted);
        names[first..]
            .iter()
            .take_while(|&&(hash, _)| hash == wanted)
            .map(|&(_, id)| id)
            .find(|&id| self.source.string(id) == text)
    }
}

fn hash(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

/// Core and user module together.
pub struct Modules {
    core: Arc<CoreModule>,
    user: ModuleSource,
    base: Base,
    /// Canonical id of each string of the user module.
    user_names: Box<[u32]>,
}

macro_rules! tables {
    ($($(#[$doc:meta])* $get:ident, $table:ident, $id:ty, $item:ty, $count:ident;)*) => { $(
        $(#[$doc])*
        #[inline]
        pub fn $get(&self, id: $id) -> Option<&$item> {
            if id.0 < self.base.$table {
                self.core.source.$get(id.0)
            } else {
                self.user.$get(id.0)
            }
        }

        /// Length of that table, both modules together.
        pub fn $count(&self) -> usize {
            self.base.$table as usize + self.user.$count()
        }
    )* };
}

impl Modules {
    /// A program of core and user module.
    pub fn new(core: Arc<CoreModule>, user: ModuleSource) -> Modules {
        let base = user.base();
        let mut own: FxHashMap<&str, u32> = FxHashMap::default();
        let ids = (0..user.string_count() as u32).map(|index| base.strings + index);
        let user_names = ids
            .map(|id| {
                let text = user.string(id);
                let known = (base.strings > 0).then(|| core.find(text)).flatten();
                known.unwrap_or_else(|| *own.entry(text).or_insert(id))
            })
            .collect();
        Modules {
            core,
            user,
            base,
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

    /// How instances of a class lie in memory.
    pub(crate) fn class_layout(&self, id: ClassId) -> Option<ClassLayout> {
        if id.0 < self.base.classes {
            self.core.source.class_layout(id.0)
        } else {
            self.user.class_layout(id.0)
        }
    }

    /// Whether a static variable is the user module's.
    pub fn is_own_static(&self, id: StaticId) -> bool {
        id.0 >= self.base.statics
    }

    /// Inline caches of both modules together.
    pub fn cache_count(&self) -> usize {
        self.base.caches as usize + self.user.caches() as usize
    }

    /// Whether a function need not be verified: it belongs to an image that was built with this executable.
    pub(crate) fn is_trusted(&self, id: FunctionId) -> bool {
        if id.0 < self.base.functions {
            self.core.source.is_trusted()
        } else {
            self.user.is_trusted()
        }
    }

    /// The text of a string.
    pub fn string(&self, id: StrId) -> &str {
        if id.0 < self.base.strings {
            self.core.source.string(id.0)
        } else {
            self.user.string(id.0)
        }
    }

    /// The text of a name.
    pub fn name_text(&self, name: Name) -> &str {
        self.string(StrId(name.0))
    }

    /// The name that a string is.
    pub fn name(&self, id: StrId) -> Name {
        let index = id.0.checked_sub(self.base.strings);
        let canonical = index.and_then(|index| self.user_names.get(index as usize));
        Name(canonical.copied().unwrap_or(id.0))
    }

    /// The name with that text, if a module has it.
    pub fn find_name(&self, text: &str) -> Option<Name> {
        if self.base.strings > 0
            && let Some(id) = self.core.find(text)
        {
            return Some(Name(id));
        }
        let mut ids = (0..self.user.string_count() as u32).map(|index| self.base.strings + index);
        let id = ids.find(|&id| self.user.string(id) == text)?;
        Some(self.name(StrId(id)))
    }

    /// The function of that name at top level of the program's library with that URI, or of the one that `main` is in.
    pub fn top_level(&self, library: &str, name: &str) -> Option<FunctionId> {
        let others = FunctionFlags::INSTANCE
            | FunctionFlags::CLOSURE
            | FunctionFlags::GETTER
            | FunctionFlags::SETTER;
        let main = self.entry_in(&self.user, "main");
        let main = main.and_then(|main| self.function(main)?.source);
        let is_of_library = |id| {
            let uri = self.source(id).map(|source| self.string(source.uri));
            Some(id) == main || uri == Some(library)
        };
        let ids = self.base.functions..self.function_count() as u32;
        ids.map(FunctionId).find(|&id| {
            self.function(id).is_some_and(|function| {
                function.owner.is_none()
                    && !function.flags.intersects(others)
                    && self.string(function.name) == name
                    && function.source.is_some_and(is_of_library)
            })
        })
    }

    /// A named entry point, the user module's first.
    pub fn entry(&self, name: &str) -> Option<FunctionId> {
        self.entry_in(&self.user, name)
            .or_else(|| self.entry_in(&self.core.source, name))
    }

    /// The core module's entry point of that name.
    pub fn core_entry(&self, name: &str) -> Option<FunctionId> {
        // A module that stands alone is its own core.
        let module = match self.base.strings {
            0 => &self.user,
            _ => &self.core.source,
        };
        self.entry_in(module, name)
    }

    fn entry_in(&self, module: &ModuleSource, name: &str) -> Option<FunctionId> {
        module
            .entries()
            .iter()
            .find(|&&(id, _)| self.string(id) == name)
            .map(|&(_, function)| function)
    }
}

/// What the verifier asks of a program.
impl verify::Program for Modules {
    fn ends(&self) -> Base {
        let end = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Base {
            strings: end(self.base.strings as usize + self.user.string_count()),
            types: end(self.type_count()),
            targs: end(self.targs_count()),
            classes: end(self.class_count()),
            functions: end(self.function_count()),
            consts: end(self.const_count()),
            statics: end(self.static_count()),
            shapes: end(self.shape_count()),
            record_shapes: end(self.record_shape_count()),
            sources: end(self.source_count()),
            caches: end(self.cache_count()),
        }
    }

    fn signature(&self, function: u32) -> Option<Signature> {
        self.function(FunctionId(function)).map(Signature::from)
    }

    fn shape(&self, shape: u32) -> Option<Shape> {
        self.shape(ShapeId(shape)).cloned()
    }

    fn record_shape(&self, shape: u32) -> Option<RecordShape> {
        self.record_shape(RecordShapeId(shape)).cloned()
    }

    fn class(&self, class: u32) -> Option<ClassFacts> {
        self.class(ClassId(class)).map(ClassFacts::from)
    }
}
