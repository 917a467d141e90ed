//! Collections in slices: what may happen between two of them.

use super::*;
use crate::heap::Extent;
use crate::heap::blob::Blob;

/// A heap with something of everything: small objects, large lists, strings outside the blocks, weak ones, finalizers; half of it is
/// garbage.
fn mixed(heap: &mut Heap, roots: &mut Vec<Value>) {
    for round in 0..4 {
        for index in 0..300 {
            let node = heap.new_instance(NODE, roots).unwrap();
            roots.push(node.value());
            heap.attach_finalizer(node, round * 300 + index);
            if index % 50 == 0 {
                let list = heap.new_list(class::FIXED_LIST, 5_000, 0, roots).unwrap();
                roots.push(list.value());
                let text = "x".repeat(10_000);
                let text = heap.new_string(&text, roots).unwrap();
                roots.push(text);
            }
        }
        if round % 2 == 0 {
            heap.collect_major(roots);
        }
        let kept = roots.len() / 2;
        roots.truncate(kept);
    }
}

#[test]
fn a_collection_is_wanted_and_then_done_in_slices() {
    let mut heap = heap();
    heap.allow_slices();
    let mut roots = vec![];
    let mut slices = 0;
    while heap.counters().major_collections < 2 {
        if heap.is_slice_due() {
            slices += 1;
            heap.collect_slice(&mut roots);
            continue;
        }
        let node = heap.new_instance(NODE, &mut roots).unwrap();
        roots.push(node.value());
    }
    let minors = heap.counters().minor_collections;
    assert!(slices > 20 * minors, "{slices} slices, {minors} minor");
    verify(&mut heap, &mut roots).unwrap();
}

#[test]
fn who_does_not_stop_is_collected_in_place() {
    let mut heap = heap();
    heap.allow_slices();
    let mut roots = vec![];
    for _ in 0..500_000 {
        heap.new_instance(NODE, &mut roots).unwrap();
        assert!(heap.young_bytes() < 4 << 20);
    }
    assert!(heap.counters().minor_collections > 5);
    assert!(heap.is_slice_due() || heap.young_bytes() < 2 << 20);
}

#[test]
fn a_heap_may_be_dropped_between_any_two_slices() {
    for extent in [Extent::Minor, Extent::Full, Extent::Compact] {
        let mut stops = 0;
        for steps in (1..).step_by(97) {
            let mut heap = heap();
            let mut other = super::heap();
            let mut roots = vec![];
            mixed(&mut heap, &mut roots);
            let text = heap.new_string(&"y".repeat(5_000), &mut roots).unwrap();
            let message = heap.copy_message(text).unwrap();
            let shared = other.adopt(message, &mut ()).unwrap();
            heap.want(extent);
            let done = heap.collect_steps(steps, &mut roots);
            let held = heap.held_bytes();
            assert!(held > 200_000, "{held} bytes");
            let mut tokens = heap.close_finalizers();
            tokens.sort_unstable();
            assert!(tokens.into_iter().eq(0..1200));
            drop(heap);
            // SAFETY: the other heap's string is alive, and a handle of a blob.
            let blob = unsafe { Blob::from_word(pointee(shared).word(slot::BLOB)) };
            assert!(blob.unwrap().is_unique());
            if done {
                break;
            }
            stops += 1;
        }
        assert!(stops > 10, "{extent:?}: {stops} stops");
    }
}

#[test]
fn messages_that_come_meanwhile_are_taken_in_afterwards() {
    for steps in [1, 10, 1000] {
        let mut sender = heap();
        let mut receiver = heap();
        let mut roots = vec![];
        mixed(&mut receiver, &mut roots);
        receiver.want(Extent::Full);
        let mut inbox = vec![];
        while !receiver.collect_steps(steps, &mut roots) {
            if inbox.len() < 100 {
                let number = inbox.len() as f64;
                let double = sender.box_double(number, &mut ()).unwrap();
                let list = sender.new_list(class::FIXED_LIST, 1, 0, &mut vec![double]);
                let list = list.unwrap();
                // SAFETY: a fresh list of one element.
                unsafe { list.init_field(slot::LIST_ELEMENTS, double) };
                inbox.push(sender.copy_message(list.value()).unwrap());
            }
        }
        for (index, message) in inbox.into_iter().enumerate() {
            let list = receiver.adopt(message, &mut roots).unwrap();
            // SAFETY: the list is alive.
            let elements = unsafe { object::list_elements(list) }.unwrap();
            assert_eq!(object::as_double(elements[0]), Some(index as f64));
        }
        verify(&mut receiver, &mut roots).unwrap();
    }
}

#[test]
fn a_large_list_is_looked_at_in_pieces() {
    let mut heap = heap();
    let mut roots = vec![];
    old_list(&mut heap, &mut roots, 200_000);
    for index in (0..200_000).step_by(1000) {
        let double = heap.box_double(index as f64, &mut roots).unwrap();
        // SAFETY: the list is alive and has this element.
        unsafe { heap.store(pointee(roots[0]), slot::LIST_ELEMENTS + index, double) };
    }
    for extent in [Extent::Minor, Extent::Minor, Extent::Minor, Extent::Full] {
        heap.want(extent);
        let mut slices = 1;
        while !heap.collect_steps(300, &mut roots) {
            slices += 1;
        }
        assert!(extent == Extent::Minor || slices > 50, "{slices} slices");
        verify(&mut heap, &mut roots).unwrap();
        // SAFETY: the list is alive.
        let elements = unsafe { object::list_elements(roots[0]) }.unwrap();
        for index in (0..200_000).step_by(1000) {
            assert_eq!(object::as_double(elements[index]), Some(index as f64));
        }
    }
    // A list that dies is given back bit by bit.
    roots.clear();
    heap.new_list(class::FIXED_LIST, 4 << 20, 0, &mut ())
        .unwrap();
    heap.want(Extent::Full);
    let mut slices = 1;
    while !heap.collect_steps(300, &mut roots) {
        slices += 1;
    }
    assert!(slices > 15, "{slices} slices");
    assert_eq!(heap.held_bytes(), 0);
}

#[test]
fn a_limit_that_is_met_meanwhile_ends_in_the_error() {
    let mut heap = limited(8 << 20);
    heap.allow_slices();
    let mut roots = vec![];
    let limit = loop {
        if heap.is_slice_due() {
            heap.collect_steps(20, &mut roots);
            continue;
        }
        match heap.new_instance(NODE, &mut roots) {
            Ok(node) => roots.push(node.value()),
            Err(limit) => break limit,
        }
    };
    assert_eq!(limit, HeapLimit);
    assert!(heap.held_bytes() <= 8 << 20);
    // Half of the heap is free once the roots are gone.
    roots.truncate(roots.len() / 2);
    for _ in 0..1000 {
        heap.new_instance(NODE, &mut roots).unwrap();
    }
    verify(&mut heap, &mut roots).unwrap();
}
