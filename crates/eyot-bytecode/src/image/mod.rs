//! Modules as bytes.
//!
//! ```text
//! header     magic, version, hash of the opcode table, hash of the core, checksum, number of sections
//! sections   one row each: kind, number of items, offset, length
//! payload    a table: the end of every item (u32 each), then the items; the outline and the index of the strings: bytes
//! ```
//!
//! Every table has the ends of its items in front, so [`ImageReader`] finds any string, type, class, constant or function at
//! once and decodes it alone; opening an image reads the header and a dozen section rows, however large it is. Nothing is
//! trusted: reading answers an [`ImageError`] for whatever bytes are there. The checksum is the image's identity (a program
//! names its core by it); whether it fits the bytes is checked on request only ([`ImageReader::check`]), since that means reading all.
//!
//! What the items say is for the verifier.

mod codec;
mod strings;

use std::fmt;
use std::sync::Arc;

use codec::{Codec, In, Out};

use crate::{
    Base, Class, ClassLayout, Const, Function, FunctionId, Module, Op, RecordShape, Shape, Source,
    Static, StrId, Type, TypeId,
};

const MAGIC: [u8; 4] = *b"EYOT";
/// Version of the format.
pub const VERSION: u32 = 4;
/// Magic, version, opcode table, core hash, checksum, sections.
const HEADER_LEN: usize = 4 + 4 + 8 + 8 + 8 + 4;
const SECTION_LEN: usize = 16;
/// Where the bytes covered by the checksum begin.
const CHECKED_FROM: usize = HEADER_LEN - 4;

pub(crate) const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// One step of the FNV-1a hash.
pub(crate) const fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x100_0000_01b3)
}

/// Hash of the payload, a word at a time; never 0, which stands for "no core".
fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = FNV_START;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        hash = (hash.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    for &byte in chunks.remainder() {
        hash = fnv(hash, byte);
    }
    (hash ^ hash >> 31).max(1)
}

/// Why bytes are no image, or an item of one cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// These are other bytes.
    NotAnImage,
    /// Written in another version of the format.
    Version(u32),
    /// Written for another instruction set.
    Instructions,
    /// The checksum is not that of the bytes.
    Checksum,
    /// The bytes end early.
    Truncated,
    /// A section is missing.
    NoSection(Section),
    /// There is no item with this id in the section.
    NoItem(Section, u32),
    /// The bytes of an item say nothing, or more than the item.
    Malformed,
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImageError::NotAnImage => f.write_str("this is no Eyot image"),
            ImageError::Version(version) => {
                write!(f, "the image has version {version}, not {VERSION}")
            }
            ImageError::Instructions => {
                f.write_str("the image was written for another instruction set")
            }
            ImageError::Checksum => f.write_str("the image is damaged: its checksum is wrong"),
            ImageError::Truncated => f.write_str("the image is damaged: it ends early"),
            ImageError::NoSection(section) => {
                write!(f, "the image is damaged: it has no section {section:?}")
            }
            ImageError::NoItem(section, id) => {
                write!(f, "the image has no item {id} in section {section:?}")
            }
            ImageError::Malformed => f.write_str("the image is damaged: an item makes no sense"),
        }
    }
}

impl std::error::Error for ImageError {}

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum Section {
    Strings,
    Types,
    Targs,
    Classes,
    Functions,
    Consts,
    Statics,
    Shapes,
    RecordShapes,
    Sources,
    Entries,
    Outline,
    /// Base ids and the number of caches.
    Layout,
    /// Numbers of strings by hash.
    StringIndex,
}

impl Section {
    const ALL: [Section; 14] = [
        Section::Strings,
        Section::Types,
        Section::Targs,
        Section::Classes,
        Section::Functions,
        Section::Consts,
        Section::Statics,
        Section::Shapes,
        Section::RecordShapes,
        Section::Sources,
        Section::Entries,
        Section::Outline,
        Section::Layout,
        Section::StringIndex,
    ];
}

/// The bytes of `module`. The image's identity is [`ImageReader::hash`].
pub fn write(module: &Module) -> Vec<u8> {
    let mut sections: Vec<(u32, Vec<u8>)> = Vec::new();
    for section in Section::ALL {
        sections.push(match section {
            Section::Strings => table(&module.strings),
            Section::Types => table(&module.types),
            Section::Targs => table(&module.targs),
            Section::Classes => table(&module.classes),
            Section::Functions => table(&module.functions),
            Section::Consts => table(&module.consts),
            Section::Statics => table(&module.statics),
            Section::Shapes => table(&module.shapes),
            Section::RecordShapes => table(&module.record_shapes),
            Section::Sources => table(&module.sources),
            Section::Entries => table(&module.entries),
            Section::Outline => (0, module.outline.clone()),
            Section::Layout => table(&[(module.base, module.caches)]),
            Section::StringIndex => (0, strings::index(module.strings.iter().map(|s| &**s))),
        });
    }
    let mut payload = Vec::new();
    payload.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    let mut offset = HEADER_LEN + sections.len() * SECTION_LEN;
    for (section, (count, bytes)) in Section::ALL.iter().zip(&sections) {
        for number in [*section as u32, *count, offset as u32, bytes.len() as u32] {
            payload.extend_from_slice(&number.to_le_bytes());
        }
        offset += bytes.len();
    }
    for (_, bytes) in &sections {
        payload.extend_from_slice(bytes);
    }
    let mut image = Vec::with_capacity(CHECKED_FROM + payload.len());
    image.extend_from_slice(&MAGIC);
    image.extend_from_slice(&VERSION.to_le_bytes());
    image.extend_from_slice(&Op::TABLE_HASH.to_le_bytes());
    image.extend_from_slice(&module.core_hash.to_le_bytes());
    image.extend_from_slice(&checksum(&payload).to_le_bytes());
    image.extend_from_slice(&payload);
    image
}

fn table<T: Codec>(items: &[T]) -> (u32, Vec<u8>) {
    let mut out = Out::default();
    let mut ends = Vec::with_capacity(items.len() * 4);
    for item in items {
        item.write(&mut out);
        ends.extend_from_slice(&(out.bytes.len() as u32).to_le_bytes());
    }
    ends.extend_from_slice(&out.bytes);
    (items.len() as u32, ends)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    present: bool,
    count: u32,
    offset: u32,
    len: u32,
}

/// An image whose items are decoded when asked for. `B` is `&[u8]`, `Arc<[u8]>` or the like.
#[derive(Clone, Debug)]
pub struct ImageReader<B> {
    bytes: B,
    rows: [Row; Section::ALL.len()],
    core_hash: u64,
    hash: u64,
    base: Base,
    caches: u32,
}

macro_rules! items {
    ($($(#[$doc:meta])* $name:ident, $count:ident: $section:ident, $base:ident, $type:ty;)*) => { $(
        $(#[$doc])*
        ///
        /// The id counts from the core's first, as all ids do.
        pub fn $name(&self, id: u32) -> Result<$type, ImageError> {
            self.item(Section::$section, self.base.$base, id)
        }

        /// Number of items in that table.
        pub fn $count(&self) -> u32 {
            self.count(Section::$section)
        }
    )* };
}

impl<B: AsRef<[u8]>> ImageReader<B> {
    /// Reads the header of an image.
    pub fn open(bytes: B) -> Result<ImageReader<B>, ImageError> {
        let all = bytes.as_ref();
        if all.get(..4) != Some(MAGIC.as_slice()) {
            return Err(ImageError::NotAnImage);
        }
        let number = |at: usize| u32_at(all, at).ok_or(ImageError::Truncated);
        let wide = |at: usize| u64_at(all, at).ok_or(ImageError::Truncated);
        match number(4)? {
            VERSION => {}
            version => return Err(ImageError::Version(version)),
        }
        if wide(8)? != Op::TABLE_HASH {
            return Err(ImageError::Instructions);
        }
        let (core_hash, hash) = (wide(16)?, wide(24)?);
        let count = number(CHECKED_FROM)?;
        let mut rows = [Row::default(); Section::ALL.len()];
        for i in 0..count.min(64) as usize {
            let at = HEADER_LEN + i * SECTION_LEN;
            let row = Row {
                present: true,
                count: number(at + 4)?,
                offset: number(at + 8)?,
                len: number(at + 12)?,
            };
            if let Some(slot) = rows.get_mut(number(at)? as usize) {
                *slot = row;
            }
        }
        let mut reader = ImageReader {
            bytes,
            rows,
            core_hash,
            hash,
            base: Base::default(),
            caches: 0,
        };
        let (base, caches) = reader.item::<(Base, u32)>(Section::Layout, 0, 0)?;
        reader.base = base;
        reader.caches = caches;
        Ok(reader)
    }

    /// Whether the bytes are those that were written; reads all of them.
    pub fn check(&self) -> Result<(), ImageError> {
        let payload = self.bytes.as_ref().get(CHECKED_FROM..);
        if checksum(payload.ok_or(ImageError::Truncated)?) == self.hash {
            Ok(())
        } else {
            Err(ImageError::Checksum)
        }
    }

    /// The image's identity, by which a program names its core.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Identity of the core this was compiled against; 0 for a core.
    pub fn core_hash(&self) -> u64 {
        self.core_hash
    }

    /// First ids of the tables.
    pub fn base(&self) -> Base {
        self.base
    }

    /// Number of inline caches.
    pub fn caches(&self) -> u32 {
        self.caches
    }

    items! {
        /// Reads a type.
        type_, type_count: Types, types, Type;
        /// Reads a type argument vector.
        targs, targs_count: Targs, targs, Vec<TypeId>;
        /// Reads a class.
        class, class_count: Classes, classes, Class;
        /// Reads a function.
        function, function_count: Functions, functions, Function;
        /// Reads a constant.
        constant, const_count: Consts, consts, Const;
        /// Reads a static variable.
        static_, static_count: Statics, statics, Static;
        /// Reads a shape.
        shape, shape_count: Shapes, shapes, Shape;
        /// Reads a record shape.
        record_shape, record_shape_count: RecordShapes, record_shapes, RecordShape;
        /// Reads a source file's entry.
        source, source_count: Sources, sources, Source;
    }

    /// Reads how instances of a class lie in memory, and nothing else of the class.
    pub fn class_layout(&self, id: u32) -> Result<ClassLayout, ImageError> {
        let bytes = self.item_bytes(Section::Classes, self.base.classes, id)?;
        ClassLayout::read(&mut In::start(bytes))
    }

    /// Reads a string, without copying it.
    pub fn string(&self, id: u32) -> Result<&str, ImageError> {
        let bytes = self.item_bytes(Section::Strings, self.base.strings, id)?;
        std::str::from_utf8(bytes).map_err(|_| ImageError::Malformed)
    }

    /// The id of the string with this text; the first of equal ones.
    pub fn find_string(&self, text: &str) -> Option<u32> {
        let index = self.section(Section::StringIndex).ok()?;
        let id = |number: u32| self.base.strings.checked_add(number);
        strings::find(index, text, |number| self.string(id(number)?).ok()).and_then(id)
    }

    /// Number of strings.
    pub fn string_count(&self) -> u32 {
        self.count(Section::Strings)
    }

    /// The entry points.
    pub fn entries(&self) -> Result<Vec<(StrId, FunctionId)>, ImageError> {
        self.table(Section::Entries, 0)
    }

    /// The outline, without copying it.
    pub fn outline(&self) -> Result<&[u8], ImageError> {
        self.section(Section::Outline)
    }

    /// Reads everything.
    pub fn module(&self) -> Result<Module, ImageError> {
        let base = self.base;
        let strings: Result<Vec<Arc<str>>, ImageError> = (0..self.string_count())
            .map(|i| Ok(self.string(base.strings.saturating_add(i))?.into()))
            .collect();
        Ok(Module {
            base,
            core_hash: self.core_hash,
            strings: strings?,
            types: self.table(Section::Types, base.types)?,
            targs: self.table(Section::Targs, base.targs)?,
            classes: self.table(Section::Classes, base.classes)?,
            functions: self.table(Section::Functions, base.functions)?,
            consts: self.table(Section::Consts, base.consts)?,
            statics: self.table(Section::Statics, base.statics)?,
            shapes: self.table(Section::Shapes, base.shapes)?,
            record_shapes: self.table(Section::RecordShapes, base.record_shapes)?,
            sources: self.table(Section::Sources, base.sources)?,
            caches: self.caches,
            entries: self.entries()?,
            outline: self.outline()?.to_vec(),
        })
    }

    fn row(&self, section: Section) -> Result<Row, ImageError> {
        match self.rows.get(section as usize) {
            Some(row) if row.present => Ok(*row),
            _ => Err(ImageError::NoSection(section)),
        }
    }

    /// Number of items a section has room for, whatever its row claims.
    fn count(&self, section: Section) -> u32 {
        self.row(section)
            .map_or(0, |row| row.count.min(row.len / 4))
    }

    fn section(&self, section: Section) -> Result<&[u8], ImageError> {
        let row = self.row(section)?;
        let start = row.offset as usize;
        let end = start
            .checked_add(row.len as usize)
            .ok_or(ImageError::Truncated)?;
        self.bytes
            .as_ref()
            .get(start..end)
            .ok_or(ImageError::Truncated)
    }

    fn item_bytes(&self, section: Section, base: u32, id: u32) -> Result<&[u8], ImageError> {
        let row = self.row(section)?;
        let index = id
            .checked_sub(base)
            .filter(|&index| index < row.count)
            .ok_or(ImageError::NoItem(section, id))? as usize;
        let bytes = self.section(section)?;
        let end = |index: usize| u32_at(bytes, index.checked_mul(4)?);
        let start = match index {
            0 => Some(0),
            index => end(index - 1),
        };
        let (Some(start), Some(end)) = (start, end(index)) else {
            return Err(ImageError::Truncated);
        };
        let items = bytes
            .get((row.count as usize).saturating_mul(4)..)
            .ok_or(ImageError::Truncated)?;
        items
            .get(start as usize..end as usize)
            .ok_or(ImageError::Truncated)
    }

    fn item<T: Codec>(&self, section: Section, base: u32, id: u32) -> Result<T, ImageError> {
        In::whole(self.item_bytes(section, base, id)?)
    }

    fn table<T: Codec>(&self, section: Section, base: u32) -> Result<Vec<T>, ImageError> {
        let row = self.row(section)?;
        let mut items = Vec::with_capacity(self.count(section) as usize);
        for i in 0..row.count {
            items.push(self.item(section, base, base.saturating_add(i))?);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests;
