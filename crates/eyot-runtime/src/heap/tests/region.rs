//! Tests of frozen regions: what is frozen, what stays the same, when the memory goes.

use eyot_bytecode::well_known::class;

use super::super::verify::verify;
use super::super::{Extent, Heap, HeapConfig, HeapLimit, Message};
use super::model::Random;
use super::{NODE, heap, is_old, layouts, limited, pointee, stressed};
use crate::object::{self, Header, ObjRef, slot};
use crate::value::Value;

/// An unmodifiable list, which the first root becomes.
fn frozen_list(heap: &mut Heap, roots: &mut Vec<Value>, elements: &[Value]) -> Value {
    let before = roots.len();
    roots.extend_from_slice(elements);
    let list = heap
        .new_list(class::IMMUTABLE_LIST, elements.len(), 0, roots)
        .unwrap();
    for (index, element) in roots.drain(before..).enumerate() {
        // SAFETY: the elements are alive; a large list is old at once.
        unsafe { heap.store(list, slot::LIST_ELEMENTS + index, element) };
    }
    list.value()
}

/// A list of `length` strings of a hundred units, in the first root.
fn texts(heap: &mut Heap, length: usize) -> Vec<Value> {
    let mut roots = vec![Value::NULL];
    for index in 0..length {
        let text = format!("{index:0100}");
        let text = heap.new_string(&text, &mut roots).unwrap();
        roots.push(text);
    }
    let elements = roots.split_off(1);
    roots[0] = frozen_list(heap, &mut roots, &elements);
    roots
}

fn check_texts(list: Value, length: usize) {
    let elements = elements(list);
    assert_eq!(elements.len(), length);
    for (index, &element) in elements.iter().enumerate() {
        // SAFETY: the list is alive.
        let text = unsafe { object::string_view(element) }.unwrap();
        assert_eq!(text.to_text(), format!("{index:0100}"));
    }
}

fn elements<'a>(list: Value) -> &'a [Value] {
    // SAFETY: tests keep lists alive.
    unsafe { object::list_elements(list) }.unwrap()
}

fn is_shared(value: Value) -> bool {
    // SAFETY: tests keep values alive.
    ObjRef::of(value).is_some_and(|object| unsafe { object.header() }.has(Header::IN_REGION))
}

fn send(from: &mut Heap, value: Value, to: &mut Heap) -> Value {
    let message = from.copy_message(value).unwrap();
    to.adopt(message, &mut ()).unwrap()
}

#[test]
fn an_immutable_graph_is_copied_once_and_shared_from_then_on() {
    for length in [20, 3000] {
        let (mut from, mut to, mut third) = (heap(), heap(), heap());
        let mut roots = texts(&mut from, length);
        let hash = from.identity_hash(pointee(roots[0]));
        let first = send(&mut from, roots[0], &mut to);
        check_texts(first, length);
        assert!(is_shared(first) && !is_shared(roots[0]));
        // Again, and a part of it: nothing is copied.
        assert!(
            matches!(from.copy_message(roots[0]), Ok(Message::Shared(value, _)) if value == first)
        );
        let part = elements(roots[0])[7];
        assert_eq!(send(&mut from, part, &mut to), elements(first)[7]);
        assert_eq!(send(&mut from, roots[0], &mut third), first);
        assert_eq!(send(&mut to, first, &mut third), first);
        // There is one object in the end.
        let own = from.identity_hash(pointee(elements(roots[0])[3]));
        from.collect_major(&mut roots);
        assert_eq!(roots[0], first);
        assert_eq!(from.identity_hash(pointee(first)), hash);
        assert_eq!(to.identity_hash(pointee(first)), hash);
        assert_eq!(to.identity_hash(pointee(elements(first)[3])), own);
        verify(&mut from, &mut roots).unwrap();
        verify(&mut to, &mut roots).unwrap();
        check_texts(first, length);
    }
}

#[test]
fn what_comes_home_is_what_was_sent() {
    for collections in 0..3 {
        let (mut from, mut to) = (heap(), heap());
        let mut roots = texts(&mut from, 100);
        for _ in 0..collections {
            from.collect_minor(&mut roots);
        }
        let first = send(&mut from, roots[0], &mut to);
        let message = to.copy_message(first).unwrap();
        assert_eq!(from.adopt(message, &mut roots), Ok(first));
        assert_eq!(roots[0], first);
        let done = from.counters();
        assert_eq!(
            done.minor_collections + done.major_collections,
            collections + 1
        );
        verify(&mut from, &mut roots).unwrap();
    }
}

#[test]
fn a_region_goes_with_its_last_holder() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = texts(&mut from, 1000);
    let mut received = vec![send(&mut from, roots[0], &mut to)];
    assert!(to.held_bytes() >= 100_000 && to.region_bytes() == from.region_bytes());
    from.collect_minor(&mut roots);
    assert_eq!(roots[0], received[0]);
    let bytes = to.region_bytes();
    roots[0] = Value::NULL;
    from.collect_major(&mut roots);
    assert_eq!((from.region_bytes(), to.region_bytes()), (0, bytes));
    to.collect_major(&mut received);
    assert_eq!(to.region_bytes(), bytes);
    check_texts(received[0], 1000);
    // In flight alone.
    let message = to.copy_message(received[0]).unwrap();
    received[0] = Value::NULL;
    to.collect_major(&mut received);
    assert_eq!(to.region_bytes(), 0);
    let received = from.adopt(message, &mut ()).unwrap();
    check_texts(received, 1000);
    assert_eq!(from.region_bytes(), bytes);
}

#[test]
fn what_can_change_is_copied_each_time_and_its_immutable_parts_are_shared() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = texts(&mut from, 50);
    let node = from.new_instance(NODE, &mut roots).unwrap();
    // SAFETY: fresh.
    unsafe { node.init_field(2, roots[0]) };
    roots.push(node.value());
    let (list, node) = (roots[0], roots[1]);
    // An unmodifiable list of something that is not immutable, in which the list of texts is.
    roots[0] = frozen_list(&mut from, &mut roots, &[list, node, list]);
    let one = send(&mut from, roots[0], &mut to);
    let two = send(&mut from, roots[0], &mut to);
    assert_ne!(one, two);
    assert!(!is_shared(one) && !is_shared(elements(one)[1]));
    assert!(is_shared(elements(one)[0]));
    assert_eq!(elements(one)[0], elements(two)[0]);
    assert_eq!(elements(one)[0], elements(one)[2]);
    // SAFETY: the node is alive.
    let texts = unsafe { pointee(elements(one)[1]).field(2) };
    assert_eq!(texts, elements(one)[0]);
    check_texts(elements(one)[0], 50);
    let mut received = vec![one, two];
    to.collect_major(&mut received);
    verify(&mut to, &mut received).unwrap();
    verify(&mut from, &mut roots).unwrap();
    // What an unmodifiable list refers to may, by a detour through something mutable, be the list itself.
    let cell = from.new_object(class::CELL, 2, &mut roots).unwrap();
    roots.push(cell.value());
    let cell = roots[2];
    let list = frozen_list(&mut from, &mut roots, &[cell; 200]);
    // SAFETY: the cell is alive.
    unsafe { from.store(pointee(cell), 1, list) };
    let received = send(&mut from, list, &mut to);
    // SAFETY: the list is alive.
    assert_eq!(unsafe { pointee(elements(received)[0]).field(1) }, received);
}

#[test]
fn a_little_is_copied_like_anything_else() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = texts(&mut from, 3);
    for _ in 0..2 {
        let received = send(&mut from, roots[0], &mut to);
        assert!(!is_shared(received));
        check_texts(received, 3);
    }
    assert_eq!((from.region_bytes(), to.region_bytes()), (0, 0));
    verify(&mut from, &mut roots).unwrap();
}

#[test]
fn originals_are_replaced_wherever_they_are() {
    // Young, aged, old; large and not; long strings in blobs.
    for collections in 0..3 {
        for length in [30, 2000] {
            let (mut from, mut to) = (heap(), heap());
            let mut roots = texts(&mut from, length);
            let long = from.new_string(&"long ".repeat(1000), &mut roots).unwrap();
            roots.push(long);
            let (list, long) = (roots[0], roots[1]);
            roots[0] = frozen_list(&mut from, &mut roots, &[list, long]);
            let holder = from.new_instance(NODE, &mut roots).unwrap();
            // SAFETY: fresh.
            unsafe { holder.init_field(2, elements(roots[0])[0]) };
            roots[1] = holder.value();
            for _ in 0..collections {
                from.collect_minor(&mut roots);
            }
            let was_young = !is_old(roots[0]);
            let first = send(&mut from, roots[0], &mut to);
            verify(&mut from, &mut roots).unwrap();
            from.collect_minor(&mut roots);
            verify(&mut from, &mut roots).unwrap();
            assert_eq!(is_shared(roots[0]), was_young);
            assert_eq!(send(&mut from, roots[0], &mut to), first);
            from.collect_major(&mut roots);
            verify(&mut from, &mut roots).unwrap();
            assert_eq!(roots[0], first);
            // SAFETY: the holder is alive.
            assert_eq!(unsafe { pointee(roots[1]).field(2) }, elements(first)[0]);
            roots.clear();
            from.collect_major(&mut roots);
            from.collect_major(&mut roots);
            from.release_spare();
            assert_eq!(from.held_bytes(), 0);
            let text = elements(first)[1];
            // SAFETY: alive.
            let text = unsafe { object::string_view(text) }.unwrap().to_text();
            assert_eq!(text.len(), 5000);
        }
    }
}

#[test]
fn a_long_chain_of_regions_is_held_by_its_end_and_freed_without_recursion() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = vec![Value::NULL];
    for index in 0..20_000 {
        let mut parts = vec![Value::smi(index).unwrap(); 150];
        parts[0] = roots[0];
        roots[0] = frozen_list(&mut from, &mut roots, &parts);
        let received = send(&mut from, roots[0], &mut to);
        roots[0] = received;
    }
    let mut received = vec![roots[0]];
    drop(from);
    to.collect_major(&mut received);
    assert!(to.region_bytes() > 20_000 * 150 * 8);
    let message = to.copy_message(received[0]).unwrap();
    drop(to);
    let mut last = heap();
    let mut at = last.adopt(message, &mut ()).unwrap();
    let mut count = 0;
    while !at.is_null() {
        at = elements(at)[0];
        count += 1;
    }
    assert_eq!(count, 20_000);
    assert!(last.region_bytes() > 20_000 * 150 * 8);
}

#[test]
fn a_receiver_is_charged_once_and_may_refuse() {
    let mut from = heap();
    let mut roots = texts(&mut from, 2000);
    let mut small = limited(128 << 10);
    let message = from.copy_message(roots[0]).unwrap();
    assert_eq!(small.adopt(message, &mut ()), Err(HeapLimit));
    assert_eq!(small.region_bytes(), 0);
    let mut enough = limited(600 << 10);
    let mut received = Vec::new();
    for _ in 0..10 {
        received.push(send(&mut from, roots[0], &mut enough));
    }
    assert_eq!(enough.region_bytes(), from.region_bytes());
    roots.clear();
    from.collect_major(&mut roots);
}

#[test]
fn the_end_of_an_isolate_passes_regions_on() {
    let (mut from, mut to, mut other) = (heap(), heap(), heap());
    let mut roots = texts(&mut from, 500);
    send(&mut from, roots[0], &mut other);
    let list = roots[0];
    let big = from
        .new_list(class::FIXED_LIST, 50_000, 0, &mut roots)
        .unwrap();
    // SAFETY: the list is alive.
    unsafe { from.store(big, slot::LIST_ELEMENTS, list) };
    let mut received = vec![Value::NULL];
    let message = from.hand_over(big.value()).unwrap();
    received[0] = to.adopt(message, &mut received).unwrap();
    drop((from, other));
    verify(&mut to, &mut received).unwrap();
    to.collect_major(&mut received);
    verify(&mut to, &mut received).unwrap();
    assert!(is_shared(elements(received[0])[0]));
    check_texts(elements(received[0])[0], 500);
}

#[test]
fn weak_references_do_not_hold_a_region() {
    let (mut from, mut to) = (heap(), heap());
    let roots = texts(&mut from, 500);
    let first = send(&mut from, roots[0], &mut to);
    let mut received = vec![first];
    let weak = to
        .new_object(class::WEAK_REFERENCE, 3, &mut received)
        .unwrap();
    // SAFETY: fresh.
    unsafe { weak.init_field(slot::WEAK_TARGET, received[0]) };
    received.push(weak.value());
    to.collect_major(&mut received);
    // SAFETY: the weak reference is alive.
    let target = |weak: Value| unsafe { pointee(weak).field(slot::WEAK_TARGET) };
    assert_eq!(target(received[1]), first);
    received[0] = Value::NULL;
    to.collect_major(&mut received);
    assert_eq!(target(received[1]), Value::NULL);
    assert_eq!(to.region_bytes(), 0);
}

/// Lists of all kinds, sent around among heaps that collect all the time: contents stay, everything goes in the end.
#[test]
fn random_graphs_survive_any_order_of_sends_and_collections() {
    for seed in 1..4 {
        let mut random = Random::new(seed);
        let mut worlds: Vec<(Heap, Vec<Value>)> = (0..3)
            .map(|index| match index {
                0 => (stressed(64), vec![Value::NULL; 12]),
                _ => (
                    Heap::new(
                        layouts(),
                        HeapConfig {
                            verifies: true,
                            nursery_bytes: 64 << 10,
                            ..HeapConfig::default()
                        },
                    ),
                    vec![Value::NULL; 12],
                ),
            })
            .collect();
        for _ in 0..300 {
            let from = random.below(worlds.len());
            let root = random.below(12);
            let (heap, roots) = &mut worlds[from];
            match random.below(12) {
                0..6 => {
                    let length = [3, 10, 60, 1200][random.below(12) / 3];
                    let first = random.below(12);
                    let kind = if random.below(4) == 0 {
                        class::FIXED_LIST
                    } else {
                        class::IMMUTABLE_LIST
                    };
                    let list = heap.new_list(kind, length, 0, roots).unwrap();
                    let kept = std::mem::replace(&mut roots[root], list.value());
                    for index in 0..length {
                        let element = match index {
                            0 => kept,
                            1 => roots[first],
                            2 => heap.new_string(&"t".repeat(length), roots).unwrap(),
                            _ => heap.box_double(index as f64, roots).unwrap(),
                        };
                        let list = pointee(roots[root]);
                        // An element that the list is reachable from would make a cycle: those are for other tests.
                        let element = if element == list.value() {
                            Value::NULL
                        } else {
                            element
                        };
                        // SAFETY: the list is alive.
                        unsafe { heap.store(list, slot::LIST_ELEMENTS + index, element) };
                    }
                }
                6..9 => {
                    let message = heap.copy_message(roots[root]).unwrap();
                    let to = random.below(worlds.len());
                    let (heap, roots) = &mut worlds[to];
                    let value = heap.adopt(message, roots).unwrap();
                    check(value, 4);
                    roots[random.below(12)] = value;
                }
                9 => heap.collect_minor(roots),
                10 => heap.collect_major(roots),
                _ => roots[root] = Value::NULL,
            }
            check(worlds[from].1[root], 4);
        }
        for (heap, roots) in &mut worlds {
            verify(heap, roots).unwrap();
            roots.clear();
            heap.collect_major(roots);
            heap.collect_major(roots);
            assert_eq!(heap.region_bytes(), 0);
            heap.release_spare();
            assert_eq!(heap.held_bytes(), 0);
        }
    }
}

/// A list as the test above makes them.
fn check(value: Value, depth: u32) {
    // SAFETY: alive.
    let Some(elements) = (unsafe { object::list_elements(value) }) else {
        assert!(value.is_null());
        return;
    };
    if depth == 0 {
        return;
    }
    for (index, &element) in elements.iter().enumerate() {
        match index {
            0 | 1 => check(element, depth - 1),
            2 => {
                // SAFETY: alive.
                let text = unsafe { object::string_view(element) }.unwrap();
                assert_eq!(text.to_text().len(), elements.len());
            }
            _ => assert_eq!(object::as_double(element), Some(index as f64)),
        }
    }
}

#[test]
fn a_copy_that_an_old_object_gets_while_a_collection_is_prepared_is_held() {
    for collects_again in [false, true] {
        let (mut from, mut to) = (heap(), heap());
        let holder = from.new_instance(NODE, &mut ()).unwrap();
        let mut roots = vec![holder.value()];
        from.collect_major(&mut roots);
        from.prepare_soon();
        from.collect_minor(&mut roots);
        from.premark_steps(usize::MAX);
        assert!(from.is_premarked() && is_old(roots[0]));
        let mut list = texts(&mut from, 100);
        // SAFETY: both are alive.
        unsafe { from.store(pointee(roots[0]), 2, list[0]) };
        send(&mut from, list[0], &mut to);
        list.clear();
        drop(to);
        // The original is young, so this makes the reference one to the copy, of which nobody else is told.
        from.collect_minor(&mut roots);
        // SAFETY: alive.
        let copy = unsafe { pointee(roots[0]).field(2) };
        assert!(is_shared(copy) && from.is_premarking());
        verify(&mut from, &mut roots).unwrap();
        if collects_again {
            from.collect_minor(&mut roots);
        }
        from.collect(Extent::Full, &mut roots);
        verify(&mut from, &mut roots).unwrap();
        check_texts(copy, 100);
        from.collect_major(&mut roots);
        check_texts(copy, 100);
    }
}

#[test]
fn an_old_original_stays_until_a_collection_that_was_not_prepared() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = texts(&mut from, 100);
    from.collect_major(&mut roots);
    let original = roots[0];
    let first = send(&mut from, original, &mut to);
    from.prepare_soon();
    from.collect_minor(&mut roots);
    from.premark_steps(usize::MAX);
    from.collect(Extent::Full, &mut roots);
    assert_eq!(roots[0], original);
    verify(&mut from, &mut roots).unwrap();
    // It is still known, and what comes home is the same object.
    from.prepare_soon();
    from.collect_minor(&mut roots);
    let message = to.copy_message(first).unwrap();
    assert_eq!(from.adopt(message, &mut roots), Ok(first));
    assert_eq!(roots[0], first);
    verify(&mut from, &mut roots).unwrap();
}

#[test]
fn an_old_original_does_not_keep_what_is_made_after_it() {
    let mut heap = heap();
    let mut roots = texts(&mut heap, 20);
    heap.collect_major(&mut roots);
    let old = elements(roots[0]).to_vec();
    assert!(old.iter().all(|&text| is_old(text)));
    roots.push(Value::NULL);
    let mut most = 0;
    for index in 0..200_000 {
        // There always is one that only a full collection replaces.
        if index % 10_000 == 0 {
            drop(heap.share(old[index / 10_000]));
        }
        let text = heap.new_string(&format!("text {index}"), &mut roots);
        roots[1] = text.unwrap();
        drop(heap.share(roots[1]));
        most = most.max(heap.region_bytes());
    }
    // What one nursery's strings come to, and what full collections wait for.
    assert!(most < 24 << 20, "{most}");
}

#[test]
fn replacing_originals_and_giving_up_regions_is_done_in_slices() {
    let mut heap = heap();
    heap.allow_slices();
    let slices_of_full = |heap: &mut Heap, roots: &mut Vec<Value>| {
        heap.want(Extent::Full);
        let mut slices = 1;
        while !heap.collect_slice(roots) {
            slices += 1;
        }
        verify(heap, roots).unwrap();
        slices
    };
    let mut roots = texts(&mut heap, 30_000);
    heap.collect_major(&mut roots);
    // Each text has a copy in the region that references to it are to lead to.
    drop(heap.share(roots[0]));
    assert!(heap.region_bytes() > 30_000 * 100);
    let replacing = slices_of_full(&mut heap, &mut roots);
    assert!(replacing > 15, "{replacing}");
    check_texts(roots[0], 30_000);
    roots.clear();
    let giving_up = slices_of_full(&mut heap, &mut roots);
    assert_eq!(heap.region_bytes(), 0);
    assert!(giving_up > 2, "{giving_up}");
}
