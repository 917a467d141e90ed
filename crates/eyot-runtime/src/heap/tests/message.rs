//! Tests of messages, an invariant each.

use std::sync::Arc;

use eyot_bytecode::well_known::class;

use super::super::blob::{Blob, READ_ONLY};
use super::super::message::{Left, Step, Unsendable};
use super::super::verify::verify;
use super::super::{FrozenHeap, Heap, HeapConfig, HeapLimit, Message};
use super::{NODE, heap, is_old, layouts, limited, pointee};
use crate::object::{self, slot};
use crate::value::Value;

/// Copies a value to another heap's first root.
fn send(from: &mut Heap, value: Value, to: &mut Heap) -> Value {
    let message = from.copy_message(value).unwrap();
    to.adopt(message, &mut ()).unwrap()
}

/// A list of `length` nodes, each referring to the next and to the list.
fn ring(heap: &mut Heap, length: usize) -> Vec<Value> {
    let list = heap
        .new_list(class::FIXED_LIST, length, 0, &mut ())
        .unwrap();
    let mut roots = vec![list.value()];
    for index in 0..length {
        let node = heap.new_instance(NODE, &mut roots).unwrap();
        // SAFETY: the list is alive, the node fresh.
        unsafe {
            node.set_word(1, index as u64);
            node.init_field(2, roots[0]);
            if index > 0 {
                let last = pointee(roots[0]).field(slot::LIST_ELEMENTS + index - 1);
                node.init_field(3, last);
            }
            heap.store(pointee(roots[0]), slot::LIST_ELEMENTS + index, node.value());
        }
    }
    roots
}

fn check_ring(list: Value, length: usize) {
    // SAFETY: the list is alive.
    let elements = unsafe { object::list_elements(list) }.unwrap();
    assert_eq!(elements.len(), length);
    for (index, &element) in elements.iter().enumerate() {
        // SAFETY: the node is alive.
        unsafe {
            let node = pointee(element);
            assert_eq!(node.word(1), index as u64);
            assert_eq!(node.field(2), list);
            if index > 0 {
                assert_eq!(node.field(3), elements[index - 1]);
            }
        }
    }
}

#[test]
fn small_values_ride_in_the_envelope() {
    let (mut from, mut to) = (heap(), heap());
    let port = from.new_object(class::SEND_PORT, 3, &mut ()).unwrap();
    // SAFETY: fresh.
    unsafe {
        port.set_word(1, 11);
        port.set_word(2, 22);
    }
    let values = [
        Value::NULL,
        Value::TRUE,
        Value::smi(-5).unwrap(),
        from.box_int(i64::MIN, &mut ()).unwrap(),
        from.box_double(0.5, &mut ()).unwrap(),
        port.value(),
        from.new_string("twenty-two characters!", &mut ()).unwrap(),
    ];
    for value in values {
        assert!(!matches!(from.copy_message(value), Ok(Message::Graph(_))));
    }
    let received = values.map(|value| send(&mut from, value, &mut to));
    assert_eq!(received[..3], values[..3]);
    assert_eq!(object::as_int(received[3]), Some(i64::MIN));
    assert_eq!(object::as_double(received[4]), Some(0.5));
    // SAFETY: the objects are alive.
    unsafe {
        let port = pointee(received[5]);
        assert_eq!((port.word(1), port.word(2)), (11, 22));
        let text = object::string_view(received[6]).unwrap();
        assert_eq!(text.to_text(), "twenty-two characters!");
    }
}

#[test]
fn a_small_message_is_an_object_with_its_leaves() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = vec![from.box_double(1.5, &mut ()).unwrap()];
    let node = from.new_instance(NODE, &mut roots).unwrap();
    // SAFETY: the node is fresh.
    unsafe {
        node.set_word(1, 7);
        node.init_field(2, roots[0]);
        node.init_field(3, roots[0]);
    }
    let hash = from.identity_hash(node);
    roots.push(node.value());
    let copy = send(&mut from, node.value(), &mut to);
    // SAFETY: both nodes and the numbers are alive.
    unsafe {
        assert_eq!(node.field(2), roots[0]);
        let copy = pointee(copy);
        assert_ne!(copy, node);
        assert_eq!(copy.word(1), 7);
        assert_eq!(copy.field(2), copy.field(3));
        assert_ne!(copy.field(2), roots[0]);
        let bits = pointee(copy.field(2)).word(1);
        assert_eq!(f64::from_bits(bits), 1.5);
        assert_eq!(copy.header().identity_hash(), hash);
    }
    verify(&mut from, &mut roots).unwrap();
    verify(&mut to, &mut vec![copy]).unwrap();
}

#[test]
fn graphs_keep_cycles_identity_and_hashes() {
    for length in [1, 10, 3000] {
        let (mut from, mut to) = (heap(), heap());
        let mut roots = ring(&mut from, length);
        let hash = from.identity_hash(pointee(roots[0]));
        let list = send(&mut from, roots[0], &mut to);
        check_ring(list, length);
        check_ring(roots[0], length);
        assert_eq!(to.identity_hash(pointee(list)), hash);
        verify(&mut from, &mut roots).unwrap();
        drop(from);
        let mut roots = vec![list];
        verify(&mut to, &mut roots).unwrap();
        for _ in 0..3 {
            to.collect_minor(&mut roots);
            verify(&mut to, &mut roots).unwrap();
            check_ring(roots[0], length);
        }
        assert!(is_old(roots[0]));
    }
}

#[test]
fn a_message_that_nobody_takes_gives_everything_back() {
    let mut from = heap();
    let text = from.new_string(&"y".repeat(5000), &mut ()).unwrap();
    let list = from
        .new_list(class::FIXED_LIST, 1, 0, &mut vec![text])
        .unwrap();
    // SAFETY: fresh, and nothing was collected.
    unsafe { list.init_field(slot::LIST_ELEMENTS, text) };
    for _ in 0..100 {
        drop(from.copy_message(list.value()).unwrap());
    }
    let mut roots = vec![list.value()];
    verify(&mut from, &mut roots).unwrap();
}

#[test]
fn long_strings_are_shared_and_typed_data_is_not() {
    let (mut from, mut to) = (heap(), heap());
    let text = from.new_string(&"z".repeat(300), &mut ()).unwrap();
    let data = from
        .new_typed_data(class::UINT8_LIST, 8, 8, &mut ())
        .unwrap();
    let view = from
        .new_view(class::UINT8_LIST, data.value(), 4, 4, &mut ())
        .unwrap();
    let list = from.new_list(class::FIXED_LIST, 3, 0, &mut ()).unwrap();
    // SAFETY: nothing was collected since.
    unsafe {
        for (index, value) in [text, view.value(), data.value()].into_iter().enumerate() {
            list.init_field(slot::LIST_ELEMENTS + index, value);
        }
    }
    let received = send(&mut from, list.value(), &mut to);
    // SAFETY: the objects are alive, the data has 8 bytes.
    unsafe {
        let elements = object::list_elements(received).unwrap();
        let [text_copy, view_copy, data_copy] = [0, 1, 2].map(|i| pointee(elements[i]));
        assert_eq!(
            text_copy.word(slot::BLOB),
            pointee(text).word(slot::BLOB),
            "the string's bytes are shared"
        );
        assert_ne!(data_copy.word(slot::BLOB), data.word(slot::BLOB));
        assert_eq!(data_copy.word(slot::BLOB), view_copy.word(slot::BLOB));
        *(data_copy.word(slot::DATA_POINTER) as *mut u8).add(4) = 9;
        assert_eq!(*(view_copy.word(slot::DATA_POINTER) as *const u8), 9);
        assert_eq!(*(view.word(slot::DATA_POINTER) as *const u8), 0);
    }
    assert_eq!(to.external_bytes, 308);
    drop(from);
    let mut roots = vec![received];
    to.collect_major(&mut roots);
    verify(&mut to, &mut roots).unwrap();
    to.collect_major(&mut ());
    assert_eq!(to.external_bytes, 0);
}

#[test]
fn transferables_move_once() {
    let (mut from, mut to) = (heap(), heap());
    let data = from
        .new_typed_data(class::TRANSFERABLE, 1 << 20, 1 << 20, &mut ())
        .unwrap();
    // SAFETY: the object is alive.
    let place = unsafe { data.word(slot::DATA_POINTER) };
    let received = send(&mut from, data.value(), &mut to);
    // SAFETY: the objects are alive.
    unsafe {
        assert_eq!(pointee(received).word(slot::DATA_POINTER), place);
        assert_eq!(data.word(slot::BLOB), 0);
    }
    assert_eq!((from.external_bytes, to.external_bytes), (0, 1 << 20));
    let again = from.copy_message(data.value()).err().unwrap();
    assert!(again.spent_transferable);
    let mut roots = vec![received];
    to.collect_major(&mut roots);
    let blob = to.take_blob(pointee(roots[0])).unwrap();
    let list = to
        .adopt_blob(class::UINT8_LIST, blob, 1 << 20, &mut roots)
        .unwrap();
    roots[0] = list.value();
    verify(&mut to, &mut roots).unwrap();
}

#[test]
fn what_cannot_be_sent_is_named_with_its_path() {
    let mut from = heap();
    let suspension = from.new_suspension(1, 0, &mut ()).unwrap();
    let closure = from.new_closure(77, 2, 0, (0, 0), &mut ()).unwrap();
    let transferable = from
        .new_typed_data(class::TRANSFERABLE, 8, 8, &mut ())
        .unwrap();
    let list = from.new_list(class::FIXED_LIST, 3, 0, &mut ()).unwrap();
    // SAFETY: nothing was collected since.
    unsafe {
        closure.init_field(slot::CLOSURE_CAPTURES + 1, suspension.value());
        list.init_field(slot::LIST_ELEMENTS, transferable.value());
        list.init_field(slot::LIST_ELEMENTS + 1, closure.value());
        list.init_field(slot::LIST_ELEMENTS + 2, list.value());
    }
    let refused = from.copy_message(list.value()).err().unwrap();
    let expected = Unsendable {
        class: class::SUSPENSION,
        spent_transferable: false,
        path: vec![
            Step {
                class: class::FIXED_LIST,
                function: None,
                word: slot::LIST_ELEMENTS as u32 + 1,
            },
            Step {
                class: class::CLOSURE,
                function: Some(77),
                word: slot::CLOSURE_CAPTURES as u32 + 1,
            },
        ],
    };
    assert_eq!(*refused, expected);
    // SAFETY: the object is alive.
    let blob = unsafe { transferable.word(slot::BLOB) };
    assert_ne!(blob, 0, "nothing was transferred");
    verify(&mut from, &mut vec![list.value()]).unwrap();
    let itself = from.copy_message(suspension.value()).err().unwrap();
    assert!(itself.path.is_empty());
}

#[test]
fn adoption_respects_the_limit() {
    let (mut from, mut to) = (heap(), limited(1 << 20));
    let roots = ring(&mut from, 50_000);
    let message = from.copy_message(roots[0]).unwrap();
    assert!(message.bytes() > 1 << 20);
    assert_eq!(to.adopt(message, &mut ()), Err(HeapLimit));
    to.new_string("still alive", &mut ()).unwrap();
}

#[test]
fn an_exit_hands_the_blocks_over() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = ring(&mut from, 50_000);
    from.collect_major(&mut roots);
    let before = roots[0];
    let message = from.hand_over(roots[0]).unwrap();
    assert_eq!(from.held_bytes(), 0);
    drop(from);
    let list = to.adopt(message, &mut ()).unwrap();
    assert_eq!(list, before, "nothing was copied");
    check_ring(list, 50_000);
    let mut roots = vec![list];
    verify(&mut to, &mut roots).unwrap();
    to.collect_minor(&mut roots);
    to.collect_major(&mut roots);
    check_ring(roots[0], 50_000);
}

#[test]
fn an_exit_that_fails_changes_nothing() {
    let mut from = heap();
    let mut roots = ring(&mut from, 50_000);
    let suspension = from.new_suspension(0, 0, &mut roots).unwrap();
    // SAFETY: the objects are alive.
    unsafe {
        let first = pointee(pointee(roots[0]).field(slot::LIST_ELEMENTS));
        from.store(first, 4, suspension.value());
    }
    let refused = from.hand_over(roots[0]).err().unwrap();
    assert_eq!(refused.class, class::SUSPENSION);
    check_ring(roots[0], 50_000);
    verify(&mut from, &mut roots).unwrap();
}

#[test]
fn a_graph_handed_over_is_not_collected_at_once_by_its_receiver() {
    let (mut from, mut to) = (heap(), heap());
    let roots = ring(&mut from, 200_000);
    let message = from.hand_over(roots[0]).unwrap();
    let mut roots = vec![to.adopt(message, &mut ()).unwrap()];
    let majors = to.counters().major_collections;
    while to.counters().minor_collections < 4 {
        to.new_instance(NODE, &mut roots).unwrap();
    }
    assert_eq!(to.counters().major_collections, majors);
    check_ring(roots[0], 200_000);
}

#[test]
fn messages_cross_threads() {
    let table = layouts();
    let mut from = Heap::new(Arc::clone(&table), HeapConfig::default());
    let roots = ring(&mut from, 2000);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let message = from.copy_message(roots[0]).unwrap();
            let table = Arc::clone(&table);
            std::thread::spawn(move || {
                let mut to = Heap::new(table, HeapConfig::default());
                let mut roots = vec![to.adopt(message, &mut ()).unwrap()];
                for _ in 0..20 {
                    for _ in 0..2000 {
                        to.new_instance(NODE, &mut roots).unwrap();
                    }
                    to.collect_minor(&mut roots);
                    check_ring(roots[0], 2000);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn between_groups_only_plain_data_passes_and_nothing_is_shared() {
    let table = layouts();
    let frozen = FrozenHeap::new(Arc::clone(&table));
    let mut from = Heap::new(table, HeapConfig::default());
    let mut to = heap();
    let constant = frozen.double(2.5).unwrap();
    let constants = frozen
        .list(class::IMMUTABLE_LIST, 4, &[constant, constant])
        .unwrap();
    let list = from.new_list(class::FIXED_LIST, 3, 5, &mut ()).unwrap();
    // SAFETY: fresh.
    unsafe {
        list.init_field(slot::LIST_ELEMENTS, constants);
        list.init_field(slot::LIST_ELEMENTS + 1, constants);
        list.init_field(slot::LIST_ELEMENTS + 2, list.value());
    }
    let message = from
        .copy_message_between_groups(list.value(), &mut |targs| targs + 100)
        .unwrap();
    let received = to.adopt(message, &mut ()).unwrap();
    drop((from, frozen));
    let mut roots = vec![received];
    verify(&mut to, &mut roots).unwrap();
    // SAFETY: the lists are alive.
    unsafe {
        assert_eq!(pointee(received).word(slot::LIST_TARGS), 105);
        let elements = object::list_elements(received).unwrap();
        assert_eq!(elements[0], elements[1]);
        assert_eq!(elements[2], received);
        assert_eq!(pointee(elements[0]).word(slot::LIST_TARGS), 104);
        let inner = object::list_elements(elements[0]).unwrap();
        assert_eq!(inner[0], inner[1]);
        assert_eq!(object::as_double(inner[0]), Some(2.5));
    }
    let mut from = heap();
    let node = from.new_instance(NODE, &mut ()).unwrap();
    let list = from.new_list(class::FIXED_LIST, 1, 0, &mut ()).unwrap();
    // SAFETY: fresh.
    unsafe { list.init_field(slot::LIST_ELEMENTS, node.value()) };
    let refused = from.copy_message_between_groups(list.value(), &mut |targs| targs);
    let refused = refused.unwrap_err();
    assert_eq!((refused.class, refused.path.len()), (NODE, 1));
    from.copy_message(list.value()).unwrap();
}

#[test]
fn a_large_value_leaves_in_slices() {
    let (mut from, mut to) = (heap(), heap());
    let mut roots = ring(&mut from, 50_000);
    let mut leaving = from.leave(roots[0]).unwrap();
    let mut slices = 0;
    let message = loop {
        slices += 1;
        match from.leave_slice(&mut leaving) {
            Left::Going => {}
            Left::Stays => panic!("it may be sent"),
            Left::Gone(message) => break message,
        }
    };
    assert!(slices > 20, "{slices}");
    assert_eq!(from.held_bytes(), 0);
    roots[0] = to.adopt(message, &mut ()).unwrap();
    check_ring(roots[0], 50_000);
    verify(&mut to, &mut roots).unwrap();
    // What is dropped in the middle is freed; what must stay is as it was.
    let mut leaving = to.leave(roots[0]).unwrap();
    for _ in 0..slices - 2 {
        assert!(matches!(to.leave_slice(&mut leaving), Left::Going));
    }
    drop(to);
    let mut roots = ring(&mut from, 50_000);
    let little = from.new_list(class::FIXED_LIST, 1, 0, &mut roots).unwrap();
    roots.push(little.value());
    from.collect_major(&mut roots);
    let mut leaving = from.leave(roots[1]).unwrap();
    assert!(matches!(from.leave_slice(&mut leaving), Left::Stays));
    check_ring(roots[0], 50_000);
    verify(&mut from, &mut roots).unwrap();
}

#[test]
fn bytes_that_nobody_can_write_to_are_shared() {
    let (mut from, mut to) = (heap(), heap());
    let bytes = from
        .new_typed_data(class::UINT8_LIST, 5000, 5000, &mut ())
        .unwrap();
    let mut roots = vec![bytes.value()];
    let view = from.new_read_only(roots[0], &mut roots).unwrap();
    roots.push(view.value());
    // SAFETY: the handles are alive.
    let (word, data) = unsafe { (view.word(slot::BLOB), view.word(slot::DATA_POINTER)) };
    assert_eq!(Blob::unchanging(word), None, "the list can be written to");
    roots.remove(0);
    from.collect_major(&mut roots);
    let blob = Blob::unchanging(word).unwrap();
    assert!(Blob::unchanging(word & !READ_ONLY).is_none());
    assert!(Blob::unchanging(word).is_some());
    // A list of it is frozen, and shares the bytes.
    let list = from
        .new_list(class::IMMUTABLE_LIST, 1, 0, &mut roots)
        .unwrap();
    // SAFETY: the list is fresh, the view alive.
    unsafe { list.init_field(slot::LIST_ELEMENTS, roots[0]) };
    roots.push(list.value());
    let received = send(&mut from, roots[1], &mut to);
    // SAFETY: the list and the handle in it are alive.
    unsafe {
        let shared = pointee(pointee(received).field(slot::LIST_ELEMENTS));
        assert_eq!(shared.word(slot::DATA_POINTER), data);
        assert!(blob.to_own().is_none());
    }
    from.collect_major(&mut roots);
    to.collect_major(&mut vec![received]);
    verify(&mut from, &mut roots).unwrap();
    drop(to);
    roots.clear();
    from.collect_major(&mut roots);
    assert_eq!((from.region_bytes(), from.held_bytes() / 5000), (0, 0));
}
