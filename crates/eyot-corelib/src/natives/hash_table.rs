//! The hash tables of dart:collection: lookup, insertion and removal for keys whose equality the runtime knows.
//!
//! A table has its entries in a `_List` in order of insertion and an index in raw storage (an `_IndexTable`):
//!
//! ```text
//! word 0            number of slots less 1 (a power of two less 1)
//! word 1            capacity: entries that fit, at most two thirds of the number of slots
//! word 2            elements of an entry: 2 in a map, 1 in a set
//! word 3            unused
//! slots             two words each: 0 free, FREED, or the number of an entry plus 1; its hash. Linear probing from the hash
//! hashes            of each entry, 32 bits
//! ```
//!
//! Each entry has at most one slot and there are more slots than entries, so a search always ends at a free one. A
//! removed entry's key is the entries' list itself. The hash in the slot tells most entries apart where memory was touched
//! already; the hashes by entry are for growing, which has no slots. Constant tables have no index; they are searched from end to end.
//! Unmodifiable ones are of the same classes, and have one.
//!
//! Keys are *fast* (null, bools, numbers, strings, objects that have Object's own `==` and `hashCode`) or *slow*; what Dart
//! does with slow ones stands in `lib/collection/hash_table.dart`.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::roots::Roots;
use eyot_runtime::heap::{Allocated, Handle, Heap};
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised, Root};
use eyot_runtime::object::{ObjRef, slot};
use eyot_runtime::program::types::{TypeArguments, TypeRef};
use eyot_runtime::value::Value;

use super::list::make_immutable;
use super::support::{
    Number, double_hash, index_words, int_hash, new_index, new_words, same_number, string_hash,
    words, words_mut,
};
use crate::text::search;

/// Words of the table's fields, after header and type arguments.
const DATA: usize = 2;
const INDEX: usize = 3;
const USED: usize = 4;
const DELETED: usize = 5;
const MODIFICATIONS: usize = 6;

/// Words of an index in front of the slots.
const HEAD: usize = 4;
/// Words of a slot.
const SLOT: usize = 2;
/// A slot whose entry was removed.
const FREED: u32 = u32::MAX;
/// Entries of a fresh table.
const CAPACITY_MIN: usize = 4;
/// Most entries of a table.
const CAPACITY_MAX: usize = 1 << 28;

/// What the natives answer for a slow key.
const SLOW: i64 = -2;
/// What they answer for an absent one.
const ABSENT: i64 = -1;

/// `null.hashCode`.
pub const NULL_HASH: i64 = 2011;

/// The 32 bits kept of a hash code.
fn spread(hash: i64) -> u32 {
    let hash = hash as u64;
    let mixed = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}

/// The kept hash of a key that is null, a bool, a number or a string.
#[inline]
fn plain_hash(key: Value) -> Option<u32> {
    if key.is_smi() {
        return Some(spread(int_hash(key.as_smi())));
    }
    if let Some(hash) = string_hash(key) {
        return Some(spread(hash.into()));
    }
    if ObjRef::of(key).is_none() {
        return Some(spread(match key {
            Value::NULL => NULL_HASH,
            Value::TRUE => 1231,
            _ => 1237,
        }));
    }
    Some(match Number::of(key)? {
        Number::Int(value) => spread(int_hash(value)),
        Number::Double(value) => spread(double_hash(value)),
    })
}

/// The kept hash of a fast key, or `None` for a slow one.
fn fast_hash(cx: &mut NativeCall<'_>, key: Value) -> Option<u32> {
    if let Some(hash) = plain_hash(key) {
        return Some(hash);
    }
    let object = ObjRef::of(key)?;
    if cx.has_custom_equality(key) {
        return None;
    }
    let hash = cx.heap().identity_hash(object);
    Some(spread(hash.into()))
}

/// Whether a stored key is `==` to a fast one.
fn same_key(cx: &NativeCall<'_>, stored: Value, key: Value) -> bool {
    if stored.bits() == key.bits() {
        // NaN is the one value that does not equal itself.
        return !matches!(Number::of(key), Some(Number::Double(value)) if value.is_nan());
    }
    if ObjRef::of(key).is_none() && ObjRef::of(stored).is_none() {
        return false;
    }
    if let (Some(stored), Some(key)) = (cx.text(stored), cx.text(key)) {
        return search::same(stored, key);
    }
    match (Number::of(stored), Number::of(key)) {
        (Some(stored), Some(key)) => same_number(stored, key),
        _ => false,
    }
}

/// The number of slots, less 1, and where the hashes begin.
#[derive(Clone, Copy)]
struct Shape {
    mask: usize,
    capacity: usize,
    stride: usize,
}

impl Shape {
    fn of(index: &[u32]) -> Option<Shape> {
        let &[mask, capacity, stride, ..] = index else {
            return None;
        };
        Some(Shape {
            mask: mask as usize,
            capacity: capacity as usize,
            stride: (stride as usize).max(1),
        })
    }

    fn hash_at(self, entry: usize) -> usize {
        HEAD + (self.mask + 1) * SLOT + entry
    }
}

fn slot_words(slot: usize) -> std::ops::Range<usize> {
    HEAD + slot * SLOT..HEAD + (slot + 1) * SLOT
}

/// The next entry with this hash and the slot it was found in, from `slot` on.
fn probe(index: &[u32], shape: Shape, hash: u32, mut slot: usize) -> Option<(usize, usize)> {
    loop {
        slot &= shape.mask;
        let &[entry, kept] = index.get(slot_words(slot))? else {
            return None;
        };
        if entry == 0 {
            return None;
        }
        if kept == hash && entry != FREED {
            return Some((slot, entry as usize - 1));
        }
        slot += 1;
    }
}

/// Elements of an entry in a table that may have no index.
fn stride_of(cx: &NativeCall<'_>, table: Value) -> usize {
    if cx.class_of(table) == class::CONST_SET {
        1
    } else {
        2
    }
}

/// The position of a fast key in the table.
fn find_hashed(cx: &NativeCall<'_>, table: Value, key: Value, hash: u32) -> Option<usize> {
    let entries = cx.elements(cx.field(table, DATA))?;
    let index = words(cx, cx.field(table, INDEX));
    let Some(shape) = Shape::of(index) else {
        let stride = stride_of(cx, table);
        let keys = entries.iter().step_by(stride);
        return keys
            .into_iter()
            .position(|&stored| same_key(cx, stored, key))
            .map(|entry| entry * stride);
    };
    let mut slot = hash as usize;
    loop {
        let (found, entry) = probe(index, shape, hash, slot)?;
        let position = entry * shape.stride;
        if same_key(cx, *entries.get(position)?, key) {
            return Some(position);
        }
        slot = found + 1;
    }
}

fn find(cx: &mut NativeCall<'_>) -> NativeResult {
    let (table, key) = (cx.arg(0), cx.arg(1));
    let Some(hash) = fast_hash(cx, key) else {
        return cx.ret_int(SLOW);
    };
    let position = find_hashed(cx, table, key, hash);
    cx.ret_int(position.map_or(ABSENT, |position| position as i64))
}

fn get_fast(cx: &mut NativeCall<'_>) -> NativeResult {
    let (table, key) = (cx.arg(0), cx.arg(1));
    let Some(hash) = fast_hash(cx, key) else {
        return cx.ret(table);
    };
    let value = find_hashed(cx, table, key, hash).and_then(|position| {
        let entries = cx.elements(cx.field(table, DATA))?;
        entries.get(position + 1).copied()
    });
    cx.ret(value.unwrap_or(Value::NULL))
}

fn probe_native(cx: &mut NativeCall<'_>) -> NativeResult {
    let table = cx.arg(0);
    let (hash, cursor) = (spread(cx.int(0)), cx.int(1));
    let index = words(cx, cx.field(table, INDEX));
    let Some(shape) = Shape::of(index) else {
        return probe_in_order(cx, table, cursor);
    };
    let from = if cursor < 0 {
        hash as usize
    } else {
        (cursor >> 32) as usize + 1
    };
    let found = probe(index, shape, hash, from);
    cx.ret_int(found.map_or(ABSENT, |(slot, entry)| {
        ((slot << 32) | (entry * shape.stride)) as i64
    }))
}

/// The next position whatever its hash, in a table without an index.
fn probe_in_order(cx: &mut NativeCall<'_>, table: Value, cursor: i64) -> NativeResult {
    let used = cx.field_raw(table, USED) as i64;
    let next = if cursor < 0 {
        0
    } else {
        cursor + stride_of(cx, table) as i64
    };
    cx.ret_int(if next < used { next } else { ABSENT })
}

/// Makes room for one more entry in the table in argument 0.
fn reserve(cx: &mut NativeCall<'_>, stride: usize) -> Result<(), Raised> {
    let table = cx.arg(0);
    let used = cx.field_raw(table, USED) as usize / stride;
    let capacity = Shape::of(words(cx, cx.field(table, INDEX))).map_or(0, |shape| shape.capacity);
    if used < capacity {
        return Ok(());
    }
    let live = used - (cx.field_raw(table, DELETED) as usize).min(used);
    // With half of the entries removed it is enough to close the gaps.
    let wanted = if live * 2 <= capacity {
        capacity
    } else {
        capacity * 2
    };
    let wanted = wanted.max(CAPACITY_MIN);
    if wanted > CAPACITY_MAX {
        return cx.throw_out_of_memory().map(|_| ());
    }
    rebuild(cx, stride, wanted)
}

/// Replaces entries and index of the table in argument 0 by ones of this capacity, without the removed entries.
fn rebuild(cx: &mut NativeCall<'_>, stride: usize, capacity: usize) -> Result<(), Raised> {
    let data = cx.new_list(TypeArguments::EMPTY, capacity * stride)?;
    let data = cx.root(data);
    let slots = (capacity * 2).next_power_of_two();
    let index = new_words(cx, HEAD + slots * SLOT + capacity)?;
    let table = cx.arg(0);
    let data = cx.get(data);
    let old_data = cx.field(table, DATA);
    let old_index = cx.field(table, INDEX);
    let old_shape = Shape::of(words(cx, old_index));
    let used = cx.field_raw(table, USED) as usize;
    set_words(
        cx,
        index,
        0,
        &[slots as u32 - 1, capacity as u32, stride as u32],
    );
    let mut entry = 0;
    for position in (0..used).step_by(stride) {
        let old = |cx: &NativeCall<'_>, at: usize| {
            let entries = cx.elements(old_data);
            entries
                .and_then(|entries| entries.get(at).copied())
                .unwrap_or(Value::NULL)
        };
        let key = old(cx, position);
        if key.bits() == old_data.bits() {
            continue;
        }
        let hash = old_shape
            .and_then(|shape| {
                words(cx, old_index)
                    .get(shape.hash_at(position / stride))
                    .copied()
            })
            .unwrap_or(0);
        cx.list_set(data, entry * stride, key);
        if stride == 2 {
            let value = old(cx, position + 1);
            cx.list_set(data, entry * 2 + 1, value);
        }
        enter(words_mut(cx, index), hash, entry);
        entry += 1;
    }
    cx.set_field(table, DATA, data);
    cx.set_field(table, INDEX, index);
    cx.set_field_raw(table, USED, (entry * stride) as u64);
    cx.set_field_raw(table, DELETED, 0);
    Ok(())
}

fn set_words(cx: &mut NativeCall<'_>, table: Value, at: usize, values: &[u32]) {
    if let Some(target) = words_mut(cx, table).get_mut(at..at + values.len()) {
        target.copy_from_slice(values);
    }
}

/// Leads from a hash to an entry.
fn enter(index: &mut [u32], hash: u32, entry: usize) {
    let Some(shape) = Shape::of(index) else {
        return;
    };
    let mut slot = hash as usize & shape.mask;
    while index
        .get(HEAD + slot * SLOT)
        .is_some_and(|&entry| entry != 0 && entry != FREED)
    {
        slot = (slot + 1) & shape.mask;
    }
    if let Some(place) = index.get_mut(slot_words(slot)) {
        place.copy_from_slice(&[entry as u32 + 1, hash]);
    }
    if let Some(kept) = index.get_mut(shape.hash_at(entry)) {
        *kept = hash;
    }
}

/// Appends an entry to the table in argument 0: argument 1, and in a map argument 2.
fn append(cx: &mut NativeCall<'_>, hash: u32, stride: usize) -> Result<(), Raised> {
    reserve(cx, stride)?;
    let table = cx.arg(0);
    let position = cx.field_raw(table, USED) as usize;
    let data = cx.field(table, DATA);
    let (key, value) = (cx.arg(1), cx.arg(2));
    cx.list_set(data, position, key);
    if stride == 2 {
        cx.list_set(data, position + 1, value);
    }
    let index = cx.field(table, INDEX);
    enter(words_mut(cx, index), hash, position / stride);
    cx.set_field_raw(table, USED, (position + stride) as u64);
    count_modification(cx, table);
    Ok(())
}

fn count_modification(cx: &mut NativeCall<'_>, table: Value) {
    let count = cx.field_raw(table, MODIFICATIONS);
    cx.set_field_raw(table, MODIFICATIONS, count.wrapping_add(1));
}

fn set_fast(cx: &mut NativeCall<'_>) -> NativeResult {
    let is_done = put(cx)?;
    cx.ret_bool(is_done)
}

/// Enters argument 2 under argument 1 in the map in argument 0; false, and nothing done, where the key is slow.
pub fn put(cx: &mut NativeCall<'_>) -> Result<bool, Raised> {
    let (table, key) = (cx.arg(0), cx.arg(1));
    let Some(hash) = fast_hash(cx, key) else {
        return Ok(false);
    };
    match find_hashed(cx, table, key, hash) {
        Some(position) => {
            let (data, value) = (cx.field(table, DATA), cx.arg(2));
            cx.list_set(data, position + 1, value);
        }
        None => append(cx, hash, 2)?,
    }
    Ok(true)
}

/// A map of these keys, all of them strings, each followed by its value; of equal keys the first has its place and the last its value.
/// The scratch roots are the caller's, to be reused.
pub fn new_map(
    cx: &mut NativeCall<'_>,
    targs: TypeArguments,
    pairs: &[Root],
    scratch: [Root; 2],
) -> Result<Value, Raised> {
    let map = cx.new_instance(class::MAP, targs)?;
    let capacity = pairs.len() / 2;
    if capacity == 0 {
        return Ok(map);
    }
    cx.set(scratch[0], map);
    let slots = slots_for(capacity);
    let index = new_words(cx, HEAD + slots * SLOT + capacity)?;
    cx.set(scratch[1], index);
    let data = cx.new_list(TypeArguments::EMPTY, capacity * 2)?;
    // Nothing is allocated from here on.
    let (map, index) = (cx.get(scratch[0]), cx.get(scratch[1]));
    set_words(cx, index, 0, &[slots as u32 - 1, capacity as u32, 2]);
    let mut used = 0;
    for pair in pairs.chunks_exact(2) {
        let (key, value) = (cx.get(pair[0]), cx.get(pair[1]));
        let hash = spread(string_hash(key).unwrap_or(0).into());
        let mut slot = hash as usize;
        let known = loop {
            let words = words(cx, index);
            let found = Shape::of(words).and_then(|shape| probe(words, shape, hash, slot));
            let Some((at, entry)) = found else {
                break None;
            };
            let stored = cx
                .elements(data)
                .and_then(|data| data.get(entry * 2).copied());
            if stored.is_some_and(|stored| same_key(cx, stored, key)) {
                break Some(entry);
            }
            slot = at + 1;
        };
        let entry = known.unwrap_or(used);
        if known.is_none() {
            cx.list_set(data, entry * 2, key);
            enter(words_mut(cx, index), hash, entry);
            used += 1;
        }
        cx.list_set(data, entry * 2 + 1, value);
    }
    cx.set_field(map, DATA, data);
    cx.set_field(map, INDEX, index);
    cx.set_field_raw(map, USED, used as u64 * 2);
    cx.set_field_raw(map, MODIFICATIONS, used as u64);
    Ok(map)
}

/// A map made outside any program. Its keys are null, bools, numbers and strings, and differ. A safepoint.
pub fn build_map(
    heap: &mut Heap,
    pairs: &[(Handle, Handle)],
    roots: &mut dyn Roots,
) -> Allocated<Value> {
    let map = heap.new_instance(class::MAP, roots)?.value();
    let capacity = pairs.len();
    if capacity == 0 {
        return Ok(map);
    }
    let map = heap.handle(map);
    let slots = slots_for(capacity);
    let index = new_index(heap, HEAD + slots * SLOT + capacity, roots)?;
    let index = heap.handle(index);
    let data = heap.new_list(class::FIXED_LIST, capacity * 2, 0, roots)?;
    // Nothing is allocated from here on.
    let table = heap.get(index);
    let words = index_words(heap, table);
    words[..3].copy_from_slice(&[slots as u32 - 1, capacity as u32, 2]);
    for (entry, &(key, value)) in pairs.iter().enumerate() {
        let (key, value) = (heap.get(key), heap.get(value));
        // SAFETY: a list of that length.
        unsafe {
            heap.store(data, slot::LIST_ELEMENTS + entry * 2, key);
            heap.store(data, slot::LIST_ELEMENTS + entry * 2 + 1, value);
        }
        enter(
            index_words(heap, table),
            plain_hash(key).unwrap_or(0),
            entry,
        );
    }
    let made = heap.get(map);
    if let Some(map) = ObjRef::of(made) {
        // SAFETY: the words of a map.
        unsafe {
            heap.store(map, DATA, data.value());
            heap.store(map, INDEX, table);
            map.set_word(USED, capacity as u64 * 2);
            map.set_word(MODIFICATIONS, capacity as u64);
        }
    }
    Ok(made)
}

/// How many slots there are for so many entries.
fn slots_for(capacity: usize) -> usize {
    (capacity + capacity / 2 + 1).next_power_of_two()
}

/// Where the entries of a map lie, and how many keys and values there are. A removed entry's key is the list itself.
pub fn entries(cx: &NativeCall<'_>, map: Value) -> (Value, usize) {
    (cx.field(map, DATA), cx.field_raw(map, USED) as usize)
}

fn add_fast(cx: &mut NativeCall<'_>) -> NativeResult {
    let (table, key) = (cx.arg(0), cx.arg(1));
    let Some(hash) = fast_hash(cx, key) else {
        return cx.ret_int(SLOW);
    };
    if find_hashed(cx, table, key, hash).is_some() {
        return cx.ret_int(0);
    }
    append(cx, hash, 1)?;
    cx.ret_int(1)
}

fn append_to_map(cx: &mut NativeCall<'_>) -> NativeResult {
    let hash = spread(cx.int(0));
    append(cx, hash, 2)?;
    cx.ret_null()
}

fn append_to_set(cx: &mut NativeCall<'_>) -> NativeResult {
    let hash = spread(cx.int(0));
    append(cx, hash, 1)?;
    cx.ret_null()
}

fn remove_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let table = cx.arg(0);
    let position = usize::try_from(cx.int(0)).unwrap_or(0);
    let index = cx.field(table, INDEX);
    let Some(shape) = Shape::of(words(cx, index)) else {
        return cx.ret_null();
    };
    free_slot(words_mut(cx, index), shape, position / shape.stride);
    let data = cx.field(table, DATA);
    cx.list_set(data, position, data);
    if shape.stride == 2 {
        cx.list_set(data, position + 1, Value::NULL);
    }
    let deleted = cx.field_raw(table, DELETED);
    cx.set_field_raw(table, DELETED, deleted + 1);
    count_modification(cx, table);
    cx.ret_null()
}

/// Marks the slot that leads to an entry.
fn free_slot(index: &mut [u32], shape: Shape, entry: usize) {
    let Some(&hash) = index.get(shape.hash_at(entry)) else {
        return;
    };
    let mut slot = hash as usize;
    while let Some((found, candidate)) = probe(index, shape, hash, slot) {
        if candidate == entry {
            if let Some(place) = index.get_mut(HEAD + found * SLOT) {
                *place = FREED;
            }
            return;
        }
        slot = found + 1;
    }
}

/// `Map<K, V> _unmodifiableMap<K, V>(Map<K, V> map)`
fn unmodifiable_map(cx: &mut NativeCall<'_>) -> NativeResult {
    unmodifiable(cx, class::CONST_MAP, 2)
}

/// `Set<E> _unmodifiableSet<E>(Set<E> set)`
fn unmodifiable_set(cx: &mut NativeCall<'_>) -> NativeResult {
    unmodifiable(cx, class::CONST_SET, 1)
}

/// An unmodifiable table with the entries of the one in argument 0, which is fresh: it has no removed entries, and nobody else will
/// see it. Deeply immutable, if keys and values are: so the entries' list is immutable as well.
fn unmodifiable(cx: &mut NativeCall<'_>, of: ClassId, parameters: usize) -> NativeResult {
    let own: Vec<TypeRef> = (0..parameters)
        .map(|index| cx.type_element(cx.targs(0), index))
        .collect();
    let Ok(vector) = cx.program().full_vector(of, &own) else {
        return cx.throw_out_of_memory();
    };
    let used = cx.field_raw(cx.arg(0), USED) as usize;
    let data = cx.new_list(TypeArguments::EMPTY, used)?;
    let data = cx.root(data);
    let made = cx.new_instance(of, vector)?;
    let (table, data) = (cx.arg(0), cx.get(data));
    for position in 0..used {
        let entries = cx.elements(cx.field(table, DATA));
        let part = entries.and_then(|entries| entries.get(position)).copied();
        cx.list_set(data, position, part.unwrap_or(Value::NULL));
    }
    // SAFETY: a list made above, which no program has seen.
    unsafe { make_immutable(data) };
    if used > 0 {
        let index = cx.field(table, INDEX);
        cx.set_field(made, DATA, data);
        cx.set_field(made, INDEX, index);
        cx.set_field_raw(made, USED, used as u64);
    }
    cx.ret(made)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/_unmodifiableMap", unmodifiable_map),
    ("core/_unmodifiableSet", unmodifiable_set),
    ("collection/_HashTable._find", find),
    ("collection/_HashTable._probe", probe_native),
    ("collection/_HashTable._removeAt", remove_at),
    ("collection/_HashTableMap._getFast", get_fast),
    ("collection/_HashTableMap._setFast", set_fast),
    ("collection/_HashTableMap._append", append_to_map),
    ("collection/_HashTableSet._addFast", add_fast),
    ("collection/_HashTableSet._append", append_to_set),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(capacity: usize) -> Vec<u32> {
        let mut index = vec![0; HEAD + capacity * (2 * SLOT + 1)];
        index[..3].copy_from_slice(&[capacity as u32 * 2 - 1, capacity as u32, 2]);
        index
    }

    #[test]
    fn entries_with_one_hash_are_all_found() {
        let mut index = fresh(4);
        let shape = Shape::of(&index).expect("a fresh index has a shape");
        for (entry, hash) in [7, 15, 7, 7].into_iter().enumerate() {
            enter(&mut index, hash, entry);
        }
        let mut found = Vec::new();
        let mut slot = 7;
        while let Some((at, entry)) = probe(&index, shape, 7, slot) {
            found.push(entry);
            slot = at + 1;
        }
        assert_eq!(found, [0, 2, 3]);
        free_slot(&mut index, shape, 2);
        assert_eq!(probe(&index, shape, 7, 7).map(|(_, entry)| entry), Some(0));
        let (at, _) = probe(&index, shape, 7, 7).expect("entry 0 is there");
        assert_eq!(
            probe(&index, shape, 7, at + 1).map(|(_, entry)| entry),
            Some(3)
        );
        assert_eq!(probe(&index, shape, 8, 8), None);
    }
}
