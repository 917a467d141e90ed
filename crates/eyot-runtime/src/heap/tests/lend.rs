//! Tests of lending: what one writes is seen through all views of its buffer, and by nobody else.

use eyot_bytecode::well_known::class;

use super::super::blob::Blob;
use super::super::lend::{LENT_BYTES_MIN, STEP_BYTES, Step};
use super::super::verify::verify;
use super::super::{Heap, Message};
use super::{heap, limited, pointee};
use crate::object::{Header, slot};
use crate::value::Value;

const BYTES: usize = LENT_BYTES_MIN;

fn new_bytes(heap: &mut Heap) -> Value {
    let made = heap.new_typed_data(class::UINT8_LIST, BYTES, BYTES, &mut ());
    made.unwrap().value()
}

fn view(heap: &mut Heap, base: Value, offset: usize) -> Value {
    let made = heap.new_view(class::UINT8_LIST, base, offset, BYTES - offset, &mut ());
    made.unwrap().value()
}

fn send(from: &mut Heap, value: Value, to: &mut Heap) -> Value {
    let message = from.copy_message(value).unwrap();
    to.adopt(message, &mut ()).unwrap()
}

fn read(handle: Value, index: usize) -> u8 {
    // SAFETY: the handle is alive and the index inside.
    unsafe { *(pointee(handle).word(slot::DATA_POINTER) as *const u8).add(index) }
}

/// Writes; how many bytes were copied for it.
fn write(heap: &mut Heap, handle: Value, index: usize, byte: u8) -> usize {
    let mut copied = 0;
    loop {
        let step = heap.make_writable(pointee(handle)).unwrap();
        copied += step.copied;
        if step.is_done {
            break;
        }
    }
    // SAFETY: as above, and nobody else sees the bytes.
    unsafe { *(pointee(handle).word(slot::DATA_POINTER) as *mut u8).add(index) = byte };
    copied
}

fn place(handle: Value) -> u64 {
    // SAFETY: the handle is alive.
    unsafe { pointee(handle).word(slot::DATA_POINTER) }
}

fn is_lent(handle: Value) -> bool {
    // SAFETY: the handle is alive.
    unsafe { pointee(handle).header().has(Header::LENT) }
}

fn blob(handle: Value) -> Blob {
    // SAFETY: the handle is alive.
    unsafe { Blob::from_word(pointee(handle).word(slot::BLOB)) }.unwrap()
}

#[test]
fn the_first_writer_copies_and_its_views_follow() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_bytes(&mut from);
    let before = view(&mut from, bytes, 16);
    let received = send(&mut from, bytes, &mut to);
    assert_eq!(place(received), place(bytes), "nothing was copied yet");
    assert!(is_lent(bytes) && is_lent(before) && is_lent(received));
    let after = view(&mut from, bytes, 32);
    assert!(is_lent(after), "a view of what is lent is lent");
    assert_eq!(write(&mut from, before, 16, 5), BYTES);
    assert_eq!(
        [
            read(bytes, 32),
            read(before, 16),
            read(after, 0),
            read(received, 32)
        ],
        [5, 5, 5, 0]
    );
    assert!(!is_lent(bytes) && !is_lent(before) && !is_lent(after));
    // Now nobody else has the receiver's.
    let shared = place(received);
    assert_eq!(write(&mut to, received, 32, 6), 0);
    assert_eq!((place(received), read(bytes, 32)), (shared, 5));
    verify(&mut from, &mut vec![bytes, before, after]).unwrap();
    verify(&mut to, &mut vec![received]).unwrap();
}

#[test]
fn an_only_holder_writes_in_place() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_bytes(&mut from);
    let shared = place(bytes);
    let received = send(&mut from, bytes, &mut to);
    from.collect_minor(&mut ());
    assert_eq!(from.external_bytes, 0);
    assert_eq!(write(&mut to, received, 0, 1), 0);
    assert_eq!(place(received), shared);
    // And back, with nobody left behind from the start: not even a mark.
    let message = to.copy_message(received).unwrap();
    to.collect_minor(&mut ());
    let back = from.adopt(message, &mut ()).unwrap();
    assert!(!is_lent(back));
    assert_eq!((place(back), read(back, 0)), (shared, 1));
}

#[test]
fn a_look_shows_that_what_was_lent_is_garbage() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_bytes(&mut from);
    let _part = view(&mut from, bytes, 8);
    let kept = new_bytes(&mut from);
    let shared = place(bytes);
    let received = send(&mut from, bytes, &mut to);
    let also_kept = send(&mut from, kept, &mut to);
    assert!(from.has_lent());
    let mut roots = vec![kept];
    from.settle_lent(&mut roots);
    assert_eq!(from.counters().minor_collections, 0);
    assert_eq!((roots[0], from.external_bytes), (kept, BYTES));
    assert_eq!(from.external_young_bytes, BYTES);
    assert!(!from.has_lent());
    assert_eq!(
        (write(&mut to, received, 0, 1), place(received)),
        (0, shared)
    );
    assert_eq!(write(&mut to, also_kept, 0, 1), BYTES);
    verify(&mut from, &mut roots).unwrap();
    from.collect_minor(&mut roots);
    verify(&mut from, &mut roots).unwrap();
    from.collect_major(&mut ());
    assert_eq!(from.external_bytes, 0);
}

/// Whether a heap that has lent bytes keeps them and goes on without a collection, if `hold` gives a value that leads to them.
fn keeps(hold: impl FnOnce(&mut Heap, Value) -> Value) -> (bool, bool) {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_bytes(&mut from);
    let mut roots = vec![hold(&mut from, bytes)];
    let collections = |heap: &Heap| heap.counters().minor_collections;
    let before = collections(&from);
    let bytes = from.young_handles.first().copied().unwrap().value();
    let received = send(&mut from, bytes, &mut to);
    from.settle_lent(&mut roots);
    verify(&mut from, &mut roots).unwrap();
    let is_kept = write(&mut to, received, 0, 1) > 0;
    (is_kept, collections(&from) == before)
}

fn list_of(heap: &mut Heap, length: usize, last: Value) -> Value {
    let list = heap
        .new_list(class::FIXED_LIST, length, 0, &mut ())
        .unwrap();
    // SAFETY: fresh.
    unsafe { list.init_field(slot::LIST_ELEMENTS + length - 1, last) };
    list.value()
}

#[test]
fn a_look_follows_references_of_young_and_remembered_objects() {
    assert_eq!(keeps(|_, _| Value::NULL), (false, true));
    let nested = |heap: &mut Heap, bytes| {
        let inner = list_of(heap, 1, bytes);
        list_of(heap, 3, inner)
    };
    assert_eq!(keeps(nested), (true, true));
    let remembered = |heap: &mut Heap, bytes| {
        let mut roots = vec![list_of(heap, 1, Value::NULL), bytes];
        heap.collect_major(&mut roots);
        // Old by now, as the list is: another one is lent.
        let bytes = new_bytes(heap);
        let list = pointee(roots[0]);
        // SAFETY: a live list with room.
        unsafe { heap.store(list, slot::LIST_ELEMENTS, bytes) };
        list.value()
    };
    assert_eq!(keeps(remembered), (true, true));
}

#[test]
fn a_look_gives_up_where_it_would_be_long_or_wrong() {
    let long = |heap: &mut Heap, bytes| list_of(heap, 4000, bytes);
    assert_eq!(keeps(long), (true, false));
    let weak = |heap: &mut Heap, bytes: Value| {
        let weak = heap.new_object(class::WEAK_REFERENCE, 3, &mut ()).unwrap();
        // SAFETY: fresh.
        unsafe { weak.init_field(slot::WEAK_TARGET, bytes) };
        weak.value()
    };
    assert_eq!(keeps(weak), (false, false));
}

#[test]
fn a_long_copy_is_done_in_steps() {
    let bytes_of = 2 * STEP_BYTES + 5;
    let (mut from, mut to) = (heap(), heap());
    let made = from.new_typed_data(class::UINT8_LIST, bytes_of, bytes_of, &mut ());
    let bytes = made.unwrap().value();
    write(&mut from, bytes, bytes_of - 1, 7);
    let received = send(&mut from, bytes, &mut to);
    from.settle_lent(&mut vec![bytes]);
    let shared = place(bytes);
    let step = |heap: &mut Heap, handle| heap.make_writable(pointee(handle)).unwrap();
    let more = Step {
        copied: STEP_BYTES,
        is_done: false,
    };
    assert_eq!(step(&mut to, received), more);
    assert_eq!(place(received), shared, "nothing has changed yet");
    // The handle may move meanwhile.
    let mut roots = vec![received];
    to.collect_minor(&mut roots);
    assert_eq!(step(&mut to, roots[0]), more);
    let last = Step {
        copied: 5,
        is_done: true,
    };
    assert_eq!(step(&mut to, roots[0]), last);
    assert_ne!(place(roots[0]), shared);
    assert_eq!(read(roots[0], bytes_of - 1), 7);
    verify(&mut to, &mut roots).unwrap();

    // Who is alone with the bytes in the middle of the copy needs it no more.
    let again = send(&mut from, bytes, &mut to);
    from.settle_lent(&mut vec![bytes]);
    let shared = place(bytes);
    assert_eq!(step(&mut to, again), more);
    from.collect_major(&mut ());
    assert_eq!(step(&mut to, again).copied, 0);
    assert_eq!((place(again), is_lent(again)), (shared, false));
}

fn new_large_bytes(heap: &mut Heap) -> Value {
    let made = heap.new_typed_data(class::UINT8_LIST, LARGE, LARGE, &mut ());
    made.unwrap().value()
}

/// Enough for a wait of some hundred microseconds.
const LARGE: usize = 64 << 20;

#[test]
fn an_early_write_waits_until_the_lender_has_looked() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_large_bytes(&mut from);
    let shared = place(bytes);
    let received = send(&mut from, bytes, &mut to);
    let step = |heap: &mut Heap, handle| heap.make_writable(pointee(handle)).unwrap();
    assert!(
        step(&mut to, received).waits(),
        "the lender's event goes on"
    );
    from.settle_lent(&mut ());
    assert_eq!(from.external_bytes, 0);
    assert_eq!(write(&mut to, received, 0, 1), 0);
    assert_eq!(place(received), shared);

    // Whether a lender that has looked keeps the bytes or is gone: nobody waits for it.
    for is_gone in [false, true] {
        let bytes = new_large_bytes(&mut from);
        let received = send(&mut from, bytes, &mut to);
        assert!(step(&mut to, received).waits());
        match is_gone {
            true => drop(std::mem::replace(&mut from, heap())),
            false => from.settle_lent(&mut vec![bytes]),
        }
        let copied = if is_gone { 0 } else { LARGE };
        assert_eq!(write(&mut to, received, 0, 1), copied);
    }
}

#[test]
fn nobody_waits_long_or_for_itself() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_large_bytes(&mut from);
    let received = send(&mut from, bytes, &mut to);
    let first = from.make_writable(pointee(bytes)).unwrap();
    assert_eq!(first.copied, STEP_BYTES, "its own look comes later anyway");
    write(&mut from, bytes, 0, 1);
    assert_eq!(write(&mut to, received, 0, 1), 0);

    let received = send(&mut from, bytes, &mut to);
    assert!(to.make_writable(pointee(received)).unwrap().waits());
    // It ends, although the lender never looks.
    while to.make_writable(pointee(received)).unwrap().waits() {}
    assert_eq!(write(&mut to, received, 0, 1), LARGE - STEP_BYTES);
}

#[test]
fn bytes_are_lent_as_part_of_a_message() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_bytes(&mut from);
    let part = view(&mut from, bytes, 100);
    let list = from.new_list(class::FIXED_LIST, 2, 0, &mut ()).unwrap();
    // SAFETY: nothing was collected since.
    unsafe {
        list.init_field(slot::LIST_ELEMENTS, part);
        list.init_field(slot::LIST_ELEMENTS + 1, bytes);
    }
    let message = from.copy_message(list.value()).unwrap();
    write(&mut from, bytes, 100, 7);
    let received = to.adopt(message, &mut ()).unwrap();
    // SAFETY: the list is alive.
    let [part_there, bytes_there] =
        [0, 1].map(|index| unsafe { pointee(received).field(slot::LIST_ELEMENTS + index) });
    write(&mut to, part_there, 0, 8);
    assert_eq!(
        [
            read(part, 0),
            read(bytes, 100),
            read(part_there, 0),
            read(bytes_there, 100)
        ],
        [7, 7, 8, 8]
    );
    // A message that nobody takes gives its counts back.
    drop(from.copy_message(list.value()).unwrap());
    assert_eq!(write(&mut from, bytes, 0, 1), 0);
    assert_eq!(to.external_bytes, BYTES);
    let mut roots = vec![received];
    to.collect_major(&mut roots);
    verify(&mut to, &mut roots).unwrap();
    to.collect_major(&mut ());
    assert_eq!(to.external_bytes, 0);
}

#[test]
fn what_others_know_the_address_of_is_copied() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = new_bytes(&mut from);
    blob(bytes).pin();
    let received = send(&mut from, bytes, &mut to);
    assert_ne!(place(received), place(bytes));
    assert!(!is_lent(bytes) && !is_lent(received));
    assert!(from.lend(pointee(bytes)).is_none());
}

#[test]
fn a_buffer_keeps_its_identity() {
    let mut from = heap();
    let bytes = new_bytes(&mut from);
    let identity = blob(bytes).identity();
    let lent = from.lend(pointee(bytes)).unwrap();
    assert_eq!(blob(bytes).identity(), identity);
    assert_eq!(write(&mut from, bytes, 0, 1), BYTES);
    assert_eq!(blob(bytes).identity(), identity);
    let other = from.adopt_lent(class::BYTE_BUFFER, lent, BYTES as u64, &mut ());
    assert_ne!(blob(bytes), blob(other.unwrap().value()));
}

#[test]
fn few_bytes_and_too_many_handles_are_copied() {
    let (mut from, mut to) = (heap(), heap());
    let few = from.new_typed_data(class::UINT8_LIST, 100, 100, &mut ());
    let few = few.unwrap().value();
    assert_ne!(place(send(&mut from, few, &mut to)), place(few));
    let bytes = new_bytes(&mut from);
    let _view = view(&mut from, bytes, 0);
    for _ in 0..BYTES / 32 {
        view(&mut from, few, 0);
    }
    assert_ne!(place(send(&mut from, bytes, &mut to)), place(bytes));
    assert!(!is_lent(bytes));
}

#[test]
fn a_write_needs_no_room_in_a_limited_heap() {
    let mut from = limited(3 * BYTES + (1 << 20));
    let bytes = new_bytes(&mut from);
    let lent = from.lend(pointee(bytes)).unwrap();
    let held = from.held_bytes();
    write(&mut from, bytes, 0, 1);
    assert_eq!(from.held_bytes(), held);
    drop(lent);
}

/// A handle, and what must be read through it: the index of a model of its buffer, and the offset in it.
#[derive(Clone, Copy)]
struct Known {
    model: usize,
    offset: usize,
}

struct Party {
    heap: Heap,
    roots: Vec<Value>,
    known: Vec<Known>,
}

/// Three heaps do what programs do, at random; a model copies at once.
#[test]
fn lending_cannot_be_told_from_copying() {
    for seed in 1..=40_u64 {
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 33) as usize % below
        };
        let mut models: Vec<[u8; 8]> = Vec::new();
        let mut in_flight: Vec<(Message, Known)> = Vec::new();
        let mut parties: Vec<Party> = (0..3)
            .map(|_| Party {
                heap: heap(),
                roots: Vec::new(),
                known: Vec::new(),
            })
            .collect();
        for _ in 0..400 {
            let Party { heap, roots, known } = &mut parties[next(3)];
            if roots.is_empty() || next(12) == 0 {
                let made = heap.new_typed_data(class::UINT8_LIST, BYTES, BYTES, roots);
                roots.push(made.unwrap().value());
                known.push(Known {
                    model: models.len(),
                    offset: 0,
                });
                models.push([0; 8]);
                continue;
            }
            let index = next(roots.len());
            let Known { model, offset } = known[index];
            let at = offset + next(8 - offset);
            match next(10) {
                0 | 1 => {
                    let byte = next(256) as u8;
                    write(heap, roots[index], (at - offset) * 100, byte);
                    models[model][at] = byte;
                }
                2 | 3 => {
                    let message = heap.copy_message(roots[index]).unwrap();
                    in_flight.push((
                        message,
                        Known {
                            model: models.len(),
                            offset,
                        },
                    ));
                    models.push(models[model]);
                }
                4 | 5 if !in_flight.is_empty() => {
                    let (message, sent) = in_flight.swap_remove(next(in_flight.len()));
                    let received = heap.adopt(message, roots).unwrap();
                    roots.push(received);
                    known.push(sent);
                }
                6 => {
                    let more = next(8 - offset);
                    let length = BYTES - (offset + more) * 100;
                    let base = roots[index];
                    let made = heap.new_view(class::UINT8_LIST, base, more * 100, length, roots);
                    roots.push(made.unwrap().value());
                    known.push(Known {
                        model,
                        offset: offset + more,
                    });
                }
                7 => {
                    roots.swap_remove(index);
                    known.swap_remove(index);
                }
                8 if next(2) == 0 => heap.settle_lent(roots),
                8 => heap.collect_minor(roots),
                _ if next(3) == 0 => heap.collect_major(roots),
                _ => drop((!in_flight.is_empty()).then(|| in_flight.pop())),
            }
            let Party { heap, roots, known } = &mut parties[next(3)];
            for (&handle, known) in roots.iter().zip(&known[..]) {
                let expected = models[known.model].iter().skip(known.offset);
                for (index, &expected) in expected.enumerate() {
                    assert_eq!(read(handle, index * 100), expected, "seed {seed}");
                }
            }
            if next(20) == 0 {
                verify(heap, roots).unwrap();
            }
        }
        in_flight.clear();
        for mut party in parties {
            party.heap.collect_major(&mut ());
            party.heap.collect_major(&mut ());
            assert_eq!(party.heap.external_bytes, 0, "seed {seed}");
        }
    }
}

/// Two isolates that both write find out who is alone with the bytes.
#[test]
fn writers_at_the_same_time_see_their_own() {
    for round in 0..200 {
        let (mut from, mut to) = (heap(), heap());
        let bytes = new_bytes(&mut from);
        write(&mut from, bytes, 9, 9);
        let received = send(&mut from, bytes, &mut to);
        let work = |mut heap: Heap, handle: u64, byte: u8| {
            let handle = Value::from_bits(handle);
            for index in 0..8 {
                write(&mut heap, handle, index, byte);
            }
            assert!((0..8).all(|index| read(handle, index) == byte));
            assert_eq!(read(handle, 9), 9);
            if round % 2 == 0 {
                heap.collect_major(&mut ());
            }
        };
        let (bytes, received) = (bytes.bits(), received.bits());
        std::thread::scope(|scope| {
            scope.spawn(move || work(to, received, 2));
            work(from, bytes, 1);
        });
    }
}
