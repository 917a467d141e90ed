//! Full collections that are prepared while the program runs: what it does meanwhile.

use super::*;
use crate::heap::Extent;
use crate::heap::message::{Left, Message};

/// Nodes in a row, the first in the first root, all old.
fn old_row(heap: &mut Heap, length: usize) -> (Vec<Value>, Vec<ObjRef>) {
    let mut roots = vec![Value::NULL];
    for index in 0..length {
        let node = heap.new_instance(NODE, &mut roots).unwrap();
        // SAFETY: fresh.
        unsafe {
            node.set_word(1, index as u64);
            node.init_field(2, roots[0]);
        }
        roots[0] = node.value();
    }
    heap.collect_major(&mut roots);
    let mut row = vec![];
    let mut at = roots[0];
    while let Some(node) = ObjRef::of(at) {
        row.push(node);
        // SAFETY: alive.
        at = unsafe { node.field(2) };
    }
    (roots, row)
}

/// Begins to prepare a collection, and marks so much.
fn prepare(heap: &mut Heap, roots: &mut Vec<Value>, steps: usize) {
    heap.prepare_soon();
    heap.collect_minor(roots);
    assert!(heap.is_premarking());
    heap.premark_steps(steps);
}

fn number(value: Value) -> u64 {
    // SAFETY: tests keep values alive; nodes have this word.
    unsafe { pointee(value).word(1) }
}

#[test]
fn what_is_marked_stays_where_it_is_and_the_rest_goes() {
    let mut heap = heap();
    let (mut roots, row) = old_row(&mut heap, 1000);
    prepare(&mut heap, &mut roots, 500);
    assert!(!heap.is_premarked());
    verify(&mut heap, &mut roots).unwrap();
    heap.premark_steps(usize::MAX);
    assert!(heap.is_premarked());
    let bytes = heap.held_bytes();
    // SAFETY: the row is alive.
    unsafe { heap.store(row[499], 2, Value::NULL) };
    // What died since it was marked is there until the next collection.
    heap.collect(Extent::Full, &mut roots);
    assert!(!heap.is_premarking());
    heap.release_spare();
    assert!(heap.held_bytes() + 40_000 > bytes);
    verify(&mut heap, &mut roots).unwrap();
    assert_eq!(roots[0], row[0].value());
    heap.collect(Extent::Full, &mut roots);
    verify(&mut heap, &mut roots).unwrap();
    roots.clear();
    heap.collect_major(&mut roots);
    heap.release_spare();
    assert_eq!(heap.held_bytes(), 0);
}

#[test]
fn what_moves_behind_the_marking_is_found() {
    let mut heap = heap();
    let (mut roots, row) = old_row(&mut heap, 1000);
    prepare(&mut heap, &mut roots, 10);
    // SAFETY: all of the row is alive.
    unsafe {
        heap.store(row[0], 3, row[900].value());
        heap.store(row[899], 2, Value::NULL);
        // By a bulk move, which tells the barrier no values.
        row[1].init_field(3, row[500].value());
        heap.write_barrier_all(row[1]);
        heap.store(row[499], 2, Value::NULL);
        // Into an object that is remembered already.
        let double = heap.box_double(2.5, &mut roots).unwrap();
        heap.store(row[2], 4, double);
        heap.store(row[2], 3, row[300].value());
        heap.store(row[299], 2, Value::NULL);
    }
    verify(&mut heap, &mut roots).unwrap();
    heap.premark_steps(usize::MAX);
    verify(&mut heap, &mut roots).unwrap();
    heap.collect(Extent::Full, &mut roots);
    verify(&mut heap, &mut roots).unwrap();
    // SAFETY: all of these are alive, and old objects have not moved.
    unsafe {
        assert_eq!(number(row[0].field(3)), 99);
        assert_eq!(number(row[1].field(3)), 499);
        assert_eq!(number(row[2].field(3)), 699);
        assert_eq!(object::as_double(row[2].field(4)), Some(2.5));
    }
}

#[test]
fn what_is_promoted_meanwhile_lives_and_keeps_what_it_refers_to() {
    let mut heap = heap();
    let (mut roots, row) = old_row(&mut heap, 1000);
    prepare(&mut heap, &mut roots, 10);
    for index in 0..200 {
        let node = heap.new_instance(NODE, &mut roots).unwrap();
        // SAFETY: fresh.
        unsafe { node.init_field(2, row[500 + index].value()) };
        roots.push(node.value());
    }
    // SAFETY: alive.
    unsafe { heap.store(row[499], 2, Value::NULL) };
    for _ in 0..2 {
        heap.collect_minor(&mut roots);
        verify(&mut heap, &mut roots).unwrap();
        heap.premark_steps(50);
    }
    assert!(roots.iter().all(|&root| is_old(root)));
    heap.collect(Extent::Full, &mut roots);
    verify(&mut heap, &mut roots).unwrap();
    for (index, &node) in roots[1..].iter().enumerate() {
        // SAFETY: alive.
        let behind = unsafe { pointee(node).field(2) };
        assert_eq!(number(behind), 499 - index as u64);
    }
}

#[test]
fn a_large_list_may_change_while_it_is_looked_at() {
    let mut heap = heap();
    let (mut roots, row) = old_row(&mut heap, 100);
    old_list(&mut heap, &mut roots, 100_000);
    let element = |index: usize| slot::LIST_ELEMENTS + index;
    // SAFETY: list and row are alive.
    unsafe { heap.store(pointee(roots[1]), element(90_000), row[50].value()) };
    roots[0] = Value::NULL;
    heap.collect_major(&mut roots);
    // SAFETY: alive.
    let last = unsafe { pointee(roots[1]).field(element(90_000)) };
    for steps in [300, 2_000, usize::MAX] {
        prepare(&mut heap, &mut roots, steps);
        let list = pointee(roots[1]);
        let double = heap.box_double(1.5, &mut roots).unwrap();
        // SAFETY: the list is alive and has these elements.
        unsafe {
            // From what is not yet looked at to what was, and young ones into both.
            heap.store(list, element(7), last);
            heap.store(list, element(90_000), Value::NULL);
            heap.store(list, element(8), double);
            heap.store(list, element(99_000), double);
        }
        verify(&mut heap, &mut roots).unwrap();
        heap.premark_steps(40);
        heap.collect(Extent::Full, &mut roots);
        verify(&mut heap, &mut roots).unwrap();
        // SAFETY: the list is alive and has these elements.
        unsafe {
            assert_eq!(list.field(element(7)), last);
            assert_eq!(number(last), 49);
            for index in [8, 99_000] {
                assert_eq!(object::as_double(list.field(element(index))), Some(1.5));
            }
            heap.store(list, element(90_000), last);
            heap.store(list, element(7), Value::NULL);
        }
    }
}

#[test]
fn weak_references_ephemerons_and_finalizers_are_cleared() {
    for steps in [0, 20, usize::MAX] {
        let mut heap = heap();
        let (mut roots, row) = old_row(&mut heap, 100);
        let weak = heap.new_object(class::WEAK_REFERENCE, 3, &mut roots);
        let weak = weak.unwrap();
        // SAFETY: fresh; the last node hangs on the one before it.
        unsafe { weak.init_field(slot::WEAK_TARGET, row[99].value()) };
        roots.push(weak.value());
        for key in [99, 10] {
            let ephemeron = heap.new_object(class::EPHEMERON, 3, &mut roots).unwrap();
            let value = row[key].value();
            // SAFETY: fresh.
            unsafe {
                ephemeron.init_field(slot::EPHEMERON_KEY, value);
                ephemeron.init_field(slot::EPHEMERON_VALUE, value);
            }
            roots.push(ephemeron.value());
        }
        heap.attach_finalizer(row[99], 99);
        heap.attach_finalizer(row[10], 10);
        heap.collect_minor(&mut roots);
        // SAFETY: alive.
        unsafe { heap.store(row[98], 2, Value::NULL) };
        prepare(&mut heap, &mut roots, steps);
        heap.collect(Extent::Full, &mut roots);
        verify(&mut heap, &mut roots).unwrap();
        // SAFETY: all roots are alive.
        unsafe {
            assert_eq!(pointee(roots[1]).field(slot::WEAK_TARGET), Value::NULL);
            assert_eq!(pointee(roots[2]).field(slot::EPHEMERON_VALUE), Value::NULL);
            assert_eq!(number(pointee(roots[3]).field(slot::EPHEMERON_KEY)), 89);
        }
        assert_eq!(heap.next_finalized(), Some(99));
        assert_eq!(heap.next_finalized(), None);
    }
}

#[test]
fn whatever_needs_the_marks_takes_them_back() {
    let mut heap = heap();
    let (mut roots, row) = old_row(&mut heap, 10_000);
    prepare(&mut heap, &mut roots, 500);
    heap.compact(&mut roots);
    assert!(!heap.is_premarking());
    verify(&mut heap, &mut roots).unwrap();
    prepare(&mut heap, &mut roots, 500);
    heap.collect_major(&mut roots);
    verify(&mut heap, &mut roots).unwrap();
    prepare(&mut heap, &mut roots, 500);
    let message = heap.hand_over(roots[0]).unwrap();
    let mut other = super::heap();
    roots[0] = other.adopt(message, &mut ()).unwrap();
    verify(&mut other, &mut roots).unwrap();
    assert_eq!(number(roots[0]), row.len() as u64 - 1);
    // A heap may be dropped at any time.
    prepare(&mut other, &mut roots, 500);
    drop(other);
}

#[test]
fn a_large_heap_is_prepared_before_its_collection_is_due() {
    let mut heap = heap();
    heap.allow_slices();
    let mut roots = vec![];
    let (mut beside, mut waited) = (0, 0);
    while heap.counters().major_collections < 4 {
        if heap.is_slice_due() {
            waited += 1;
            heap.collect_slice(&mut roots);
            continue;
        }
        for _ in 0..500 {
            let node = heap.new_instance(NODE, &mut roots).unwrap();
            roots.push(node.value());
        }
        beside += u32::from(heap.work_beside());
    }
    assert!(
        beside > 10,
        "{beside} slices beside the program, {waited} not"
    );
    verify(&mut heap, &mut roots).unwrap();
}

#[test]
fn marks_of_a_collection_that_is_given_up_are_taken_back_in_slices() {
    let mut heap = limited(64 << 20);
    heap.allow_slices();
    let (mut roots, row) = old_row(&mut heap, 300_000);
    let length = row.len() as u64;
    prepare(&mut heap, &mut roots, usize::MAX);
    assert!(heap.is_premarked());
    // Where memory is short nothing dead is to be kept.
    assert!(heap.check_limit(60 << 20, &mut roots).is_err());
    assert!(!heap.is_premarking());
    verify(&mut heap, &mut roots).unwrap();
    prepare(&mut heap, &mut roots, 1000);
    heap.abandon_premark();
    verify(&mut heap, &mut roots).unwrap();
    // A store goes unnoticed now, and minor collections mark nothing.
    let node = heap.new_instance(NODE, &mut roots).unwrap();
    // SAFETY: both are alive.
    unsafe { heap.store(pointee(roots[0]), 3, node.value()) };
    prepare_not(&mut heap, &mut roots);
    heap.want(Extent::Full);
    let mut slices = 0;
    while !heap.collect_steps(500, &mut roots) {
        slices += 1;
    }
    assert!(slices > 100);
    verify(&mut heap, &mut roots).unwrap();
    assert_eq!(number(roots[0]), length - 1);
    // And so for somebody who leaves, also before all is swept.
    assert!(heap.is_unswept());
    for is_marked in [false, true] {
        if is_marked {
            prepare(&mut heap, &mut roots, 1000);
        }
        let message = leave(&mut heap, roots[0]);
        assert_eq!(heap.held_bytes(), 0);
        let mut other = limited(64 << 20);
        let young = other.new_instance(NODE, &mut ()).unwrap();
        roots[0] = young.value();
        prepare(&mut other, &mut roots, 0);
        roots[0] = other.adopt(message, &mut roots).unwrap();
        verify(&mut other, &mut roots).unwrap();
        other.premark_steps(usize::MAX);
        other.collect(Extent::Full, &mut roots);
        verify(&mut other, &mut roots).unwrap();
        assert_eq!(number(roots[0]), length - 1);
        heap = other;
    }
}

fn leave(heap: &mut Heap, value: Value) -> Message {
    let mut leaving = heap.leave(value).unwrap();
    loop {
        match heap.leave_slice(&mut leaving) {
            Left::Going => {}
            Left::Gone(message) => return message,
            Left::Stays => panic!("it stays"),
        }
    }
}

/// Marks that are in the way keep collections from being prepared.
fn prepare_not(heap: &mut Heap, roots: &mut Vec<Value>) {
    heap.prepare_soon();
    heap.collect_minor(roots);
    assert!(!heap.is_premarking());
    verify(heap, roots).unwrap();
}
