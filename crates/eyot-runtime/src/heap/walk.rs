//! Reading objects by their layout: their size and their tagged words.

use super::block::{Block, free_words};
use super::layout::{BLOB_HANDLE_WORDS, Kind, Layout, LayoutTable};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

/// Size of an object in words, header included.
///
/// # Safety
/// A live object with this header and layout.
#[inline(always)]
pub unsafe fn object_words(object: ObjRef, header: Header, layout: &Layout) -> usize {
    // SAFETY: the words read exist in objects of these layouts.
    unsafe {
        match layout.kind {
            Kind::Fixed => usize::from(layout.words),
            Kind::Free => free_words(header),
            Kind::Array => slot::LIST_ELEMENTS + object.word(slot::LIST_LENGTH) as usize,
            Kind::OneByteString | Kind::TwoByteString => string_words(object, header, layout.kind),
            Kind::IndexTable => {
                slot::INDEX_ENTRIES + (object.word(slot::INDEX_LENGTH) as usize).div_ceil(2)
            }
            Kind::Closure => {
                let (refs, raws) = closure_captures(object);
                slot::CLOSURE_CAPTURES + refs + raws
            }
            Kind::Record => slot::RECORD_FIELDS + (object.word(slot::RECORD_SHAPE) >> 32) as usize,
            Kind::Suspension => {
                let counts = object.word(slot::SUSPENSION_COUNTS);
                slot::SUSPENSION_SLOTS + counts as u32 as usize + (counts >> 32) as usize
            }
            Kind::Blob => BLOB_HANDLE_WORDS,
            Kind::Weak | Kind::Ephemeron => 3,
        }
    }
}

/// Copies an object's words. Most objects are small, and a loop over words beats a call for them.
///
/// # Safety
/// Both places have so many words and do not overlap.
#[inline(always)]
pub unsafe fn copy_words(from: ObjRef, to: ObjRef, words: usize) {
    // SAFETY: the caller's.
    unsafe {
        if words > 16 {
            std::ptr::copy_nonoverlapping(from.as_ptr(), to.as_ptr(), words);
            return;
        }
        for index in 0..words {
            // Volatile keeps the compiler from turning the loop back into a call.
            let word = from.as_ptr().add(index).read();
            to.as_ptr().add(index).write_volatile(word);
        }
    }
}

unsafe fn string_words(string: ObjRef, header: Header, kind: Kind) -> usize {
    if header.has(Header::EXTERNAL) {
        return BLOB_HANDLE_WORDS;
    }
    // SAFETY: strings have a length word.
    let length = unsafe { string.word(slot::STRING_LENGTH) } as u32 as usize;
    let per_word = if kind == Kind::OneByteString { 8 } else { 4 };
    slot::STRING_DATA + length.div_ceil(per_word)
}

unsafe fn closure_captures(closure: ObjRef) -> (usize, usize) {
    // SAFETY: closures have this word.
    let word = unsafe { closure.word(slot::CLOSURE_FUNCTION) };
    ((word >> 32) as u16 as usize, (word >> 48) as usize)
}

/// Whether objects of this kind of layout have no tagged words at all.
#[inline(always)]
pub fn has_no_slots(layout: &Layout) -> bool {
    match layout.kind {
        Kind::Fixed => layout.refs == 0 && layout.more_refs.is_empty(),
        Kind::OneByteString | Kind::TwoByteString | Kind::IndexTable | Kind::Blob | Kind::Free => {
            true
        }
        _ => false,
    }
}

/// Calls `visit` with every strong tagged word. Weak ones (of `_WeakReference` and `_Ephemeron`) are left to the caller.
///
/// # Safety
/// A live object of this layout; `visit` does not change the object's size.
#[inline(always)]
pub unsafe fn for_each_slot(object: ObjRef, layout: &Layout, mut visit: impl FnMut(*mut Value)) {
    let start = object.as_ptr().cast::<Value>();
    // SAFETY: the words named by the layout exist in the object.
    unsafe {
        match layout.kind {
            Kind::Fixed => {
                let mut refs = layout.refs;
                while refs != 0 {
                    visit(start.add(refs.trailing_zeros() as usize));
                    refs &= refs - 1;
                }
                for (index, &more) in layout.more_refs.iter().enumerate() {
                    let mut refs = more;
                    while refs != 0 {
                        visit(start.add((index + 1) * 64 + refs.trailing_zeros() as usize));
                        refs &= refs - 1;
                    }
                }
            }
            Kind::Array => {
                let length = object.word(slot::LIST_LENGTH) as usize;
                for index in 0..length {
                    visit(start.add(slot::LIST_ELEMENTS + index));
                }
            }
            Kind::Closure => {
                let (refs, _) = closure_captures(object);
                for index in 0..refs {
                    visit(start.add(slot::CLOSURE_CAPTURES + index));
                }
            }
            Kind::Record => {
                let fields = (object.word(slot::RECORD_SHAPE) >> 32) as usize;
                for index in 0..fields {
                    visit(start.add(slot::RECORD_FIELDS + index));
                }
            }
            Kind::Suspension => {
                let refs = object.word(slot::SUSPENSION_COUNTS) as u32 as usize;
                for index in 0..refs {
                    visit(start.add(slot::SUSPENSION_SLOTS + index));
                }
            }
            Kind::Free
            | Kind::OneByteString
            | Kind::TwoByteString
            | Kind::IndexTable
            | Kind::Blob
            | Kind::Weak
            | Kind::Ephemeron => {}
        }
    }
}

/// Calls `visit` with every strong tagged word that may be a reference: [`for_each_slot`] without most of the words of a list of integers.
///
/// # Safety
/// As for [`for_each_slot`].
#[inline(always)]
pub unsafe fn for_each_reference(
    object: ObjRef,
    layout: &Layout,
    mut visit: impl FnMut(*mut Value),
) {
    // SAFETY: the caller's; a list has as many elements as it says.
    unsafe {
        if layout.kind != Kind::Array {
            return for_each_slot(object, layout, visit);
        }
        let length = object.word(slot::LIST_LENGTH) as usize;
        let first = object.as_ptr().cast::<Value>().add(slot::LIST_ELEMENTS);
        let mut index = 0;
        while index < length {
            let next = length.min(index + ELEMENTS_TOGETHER);
            if next - index < ELEMENTS_TOGETHER || !are_small_integers(first.add(index).cast()) {
                for element in index..next {
                    visit(first.add(element));
                }
            }
            index = next;
        }
    }
}

/// Elements of a list that are looked at together.
const ELEMENTS_TOGETHER: usize = 8;

/// # Safety
/// So many tagged words.
#[inline(always)]
unsafe fn are_small_integers(words: *const [Value; ELEMENTS_TOGETHER]) -> bool {
    // SAFETY: the caller's.
    let words = unsafe { words.read() };
    words.iter().fold(1, |all, word| all & word.bits()) == 1
}

/// The weak words of an object: (first, number).
#[inline]
pub fn weak_slots(kind: Kind) -> (usize, usize) {
    match kind {
        Kind::Weak => (slot::WEAK_TARGET, 1),
        Kind::Ephemeron => (slot::EPHEMERON_KEY, 2),
        _ => (0, 0),
    }
}

/// Calls `visit` with every object of a block, free runs included.
///
/// # Safety
/// The caller owns the block, and it is filled up to its `used_words`.
pub unsafe fn for_each_object(
    block: Block,
    layouts: &LayoutTable,
    mut visit: impl FnMut(ObjRef, Header, &Layout, usize),
) {
    // SAFETY: the caller's.
    let end = block
        .first_word()
        .wrapping_add(unsafe { block.header() }.used_words as usize);
    let mut at = block.first_word();
    while at < end {
        let Some(start) = std::ptr::NonNull::new(at) else {
            return;
        };
        let object = ObjRef::from_ptr(start);
        // SAFETY: the block is filled with objects, one behind the other.
        let (header, words, layout) = unsafe {
            let header = object.header();
            let layout = layouts.get(header.class());
            (header, object_words(object, header, layout), layout)
        };
        visit(object, header, layout, words);
        at = at.wrapping_add(words);
    }
}
