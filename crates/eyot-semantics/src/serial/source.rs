//! The tables of a written world in bytes.
//!
//! ```text
//! head      magic, then for each section: offset and number of items (u32 each); then the length of everything
//! sections  a table: the end of every item (u32 each), then the items; others: bytes
//! ```

use std::cmp::Ordering;
use std::sync::Arc;

use eyot_syntax::Symbol;

use super::wire::{Corrupt, Reader, Wire, Writer};
use crate::arena::Slots;

/// The first bytes; the digit changes with the format.
const MAGIC: &[u8] = b"eyot-world-2";
const SECTION_LEN: usize = 8;

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Names,
    Files,
    /// URIs of the libraries, apart from what else is to know about them.
    Uris,
    Libraries,
    Classes,
    Members,
    Extensions,
    Typedefs,
    /// Members that the bodies belong to, ascending (u32 each).
    ConstBodyOwners,
    ConstBodies,
    TypeParams,
    Consts,
    ConstIndex,
    Types,
    TypeIndex,
}

const KINDS: usize = Kind::TypeIndex as usize + 1;
const HEAD_LEN: usize = MAGIC.len() + KINDS * SECTION_LEN + 4;

/// The sections of a world being written.
#[derive(Default)]
pub(super) struct Sections([(u32, Vec<u8>); KINDS]);

impl Sections {
    pub(super) fn table<'t, T: Wire + 't>(
        &mut self,
        kind: Kind,
        writer: &mut Writer,
        items: impl Iterator<Item = &'t T>,
    ) {
        let mut ends = Vec::new();
        for item in items {
            item.put(writer);
            ends.push(writer.len() as u32);
        }
        let mut bytes: Vec<u8> = ends.iter().flat_map(|end| end.to_le_bytes()).collect();
        bytes.extend(writer.take());
        self.0[kind as usize] = (ends.len() as u32, bytes);
    }

    pub(super) fn bytes(&mut self, kind: Kind, bytes: Vec<u8>) {
        self.0[kind as usize] = (0, bytes);
    }

    /// Everything, with the names that the writer has met.
    pub(super) fn finish(mut self, mut writer: Writer) -> Vec<u8> {
        let names: Vec<Arc<str>> = writer.names().iter().map(|n| n.as_str().into()).collect();
        self.table(Kind::Names, &mut writer, names.iter());
        let mut all = MAGIC.to_vec();
        let mut offset = HEAD_LEN;
        for (count, bytes) in &self.0 {
            all.extend((offset as u32).to_le_bytes());
            all.extend(count.to_le_bytes());
            offset += bytes.len();
        }
        all.extend((offset as u32).to_le_bytes());
        for (_, bytes) in &self.0 {
            all.extend_from_slice(bytes);
        }
        all
    }
}

/// A written world, opened.
pub(crate) struct CoreSource {
    bytes: &'static [u8],
    sections: [Section; KINDS],
    names: Slots<Symbol>,
}

#[derive(Clone, Copy, Default)]
struct Section {
    count: usize,
    bytes: &'static [u8],
}

impl CoreSource {
    /// Reads the head.
    pub(super) fn open(bytes: &'static [u8]) -> Result<CoreSource, Corrupt> {
        if !bytes.starts_with(MAGIC) {
            return Err(Corrupt(0));
        }
        let number = |at: usize| u32_at(bytes, at).ok_or(Corrupt(at));
        if number(HEAD_LEN - 4)? != bytes.len() {
            return Err(Corrupt(bytes.len()));
        }
        let mut sections = [Section::default(); KINDS];
        for (index, section) in sections.iter_mut().enumerate() {
            let at = MAGIC.len() + index * SECTION_LEN;
            // Behind the last section's row stands the end of all.
            let (start, end) = (number(at)?, number(at + SECTION_LEN)?);
            let count = number(at + 4)?;
            let bytes = bytes.get(start..end).ok_or(Corrupt(start))?;
            if count > bytes.len() / 4 {
                return Err(Corrupt(start));
            }
            *section = Section { count, bytes };
        }
        Ok(CoreSource {
            bytes,
            names: Slots::new(sections[Kind::Names as usize].count),
            sections,
        })
    }

    /// Number of items of a table.
    pub(super) fn len(&self, kind: Kind) -> usize {
        self.sections[kind as usize].count
    }

    /// The bytes of a section.
    fn section(&self, kind: Kind) -> &'static [u8] {
        self.sections[kind as usize].bytes
    }

    /// An item of a table.
    pub(super) fn read<T: Wire>(&self, kind: Kind, index: usize) -> Result<T, Corrupt> {
        let section = &self.sections[kind as usize];
        let start = section.bytes.as_ptr() as usize - self.bytes.as_ptr() as usize;
        let damaged = Corrupt(start);
        let from = match index {
            0 => 0,
            index => u32_at(section.bytes, (index - 1) * 4).ok_or(damaged)?,
        };
        let to = u32_at(section.bytes, index * 4).ok_or(damaged)?;
        let items = section.bytes.get(section.count * 4..).ok_or(damaged)?;
        let mut reader = Reader::new(items.get(from..to).ok_or(damaged)?, self);
        let item = T::get(&mut reader)?;
        match reader.is_at_end() {
            true => Ok(item),
            false => Err(damaged),
        }
    }

    /// An item of a table of the image that was built with this executable.
    ///
    /// # Panics
    ///
    /// If the build went wrong.
    pub(super) fn decode<T: Wire>(&self, kind: Kind, index: usize) -> T {
        match self.read(kind, index) {
            Ok(item) => item,
            Err(Corrupt(offset)) => panic!(
                "the core image is damaged: {kind:?} {index}, byte {offset}; build Eyot again"
            ),
        }
    }

    /// The name with this number.
    pub(super) fn name(&self, number: usize) -> Option<Symbol> {
        if number >= self.names.len() {
            return None;
        }
        let read = || Symbol::intern(&self.decode::<Box<str>>(Kind::Names, number));
        Some(*self.names.get_or_init(number, read))
    }

    /// The number of the item that `is_it`, by its hash.
    pub(crate) fn find_const(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        super::index::find(self.section(Kind::ConstIndex), hash, is_it)
    }

    /// The number of the type that `is_it`, by its hash.
    pub(crate) fn find_type(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        super::index::find(self.section(Kind::TypeIndex), hash, is_it)
    }

    /// The number of the body of this constructor.
    pub(super) fn const_body_of(&self, member: u32) -> Option<usize> {
        let owners = self.section(Kind::ConstBodyOwners);
        let (mut low, mut high) = (0, owners.len() / 4);
        while low < high {
            let middle = low + (high - low) / 2;
            match u32_at(owners, middle * 4)?.cmp(&(member as usize)) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
}
