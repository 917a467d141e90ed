//! Tests of the heap: an invariant each here, and a random mutator against a plain model in `model`; messages in `message`, frozen
//! regions in `region`, collections that are done piece by piece in `slices`.

mod lend;
mod message;
mod model;
mod premark;
mod region;
mod slices;

use std::sync::Arc;

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;

use super::layout::Layout;
use super::verify::verify;
use super::{FrozenHeap, GcStress, Heap, HeapConfig, HeapLimit, Kind, LayoutTable};
use crate::object::{self, Header, ObjRef, slot};
use crate::value::Value;

/// A class with a raw word, three tagged ones and a raw one again.
const NODE: ClassId = ClassId(1000);
/// A class of 70 words, the last ten of them tagged.
const WIDE: ClassId = ClassId(1001);

fn layouts() -> Arc<LayoutTable> {
    let table = LayoutTable::new();
    let node = Layout {
        kind: Kind::Fixed,
        unsendable: false,
        immutable: false,
        freezes: false,
        words: 6,
        targs_word: 0,
        refs: 0b01_1100,
        more_refs: &[],
    };
    let wide = Layout {
        words: 70,
        refs: 0b1111 << 60,
        more_refs: &[0b11_1111],
        ..node
    };
    table.define(NODE, node).unwrap();
    table.define(WIDE, wide).unwrap();
    Arc::new(table)
}

fn heap() -> Heap {
    Heap::new(layouts(), HeapConfig::default())
}

fn limited(limit_bytes: usize) -> Heap {
    let config = HeapConfig {
        limit_bytes,
        ..HeapConfig::default()
    };
    Heap::new(layouts(), config)
}

fn stressed(every: u32) -> Heap {
    let config = HeapConfig {
        stress: Some(GcStress { every }),
        ..HeapConfig::default()
    };
    Heap::new(layouts(), config)
}

fn pointee(value: Value) -> ObjRef {
    ObjRef::of(value).expect("a pointer")
}

fn is_old(value: Value) -> bool {
    // SAFETY: tests keep values rooted.
    unsafe { pointee(value).header() }.has(Header::OLD)
}

/// A list in the first root, promoted to old space.
fn old_list(heap: &mut Heap, roots: &mut Vec<Value>, length: usize) {
    let list = heap.new_list(class::FIXED_LIST, length, 0, roots).unwrap();
    roots.push(list.value());
    heap.collect_major(roots);
    assert!(is_old(roots[0]));
}

#[test]
fn fresh_objects_are_zeroed_and_counted() {
    let mut heap = heap();
    let mut roots = vec![];
    for _ in 0..10_000 {
        let node = heap.new_instance(NODE, &mut roots).unwrap();
        // SAFETY: fresh.
        unsafe {
            assert!((1..6).all(|word| node.word(word) == 0));
            node.set_word(1, u64::MAX);
            node.set_word(5, u64::MAX);
        }
    }
    assert_eq!(heap.counters().objects, 10_000);
    assert_eq!(heap.counters().bytes, 10_000 * 48);
}

#[test]
fn garbage_does_not_grow_the_heap() {
    let mut heap = heap();
    let mut roots = vec![];
    for _ in 0..1_000_000 {
        heap.new_instance(NODE, &mut roots).unwrap();
    }
    assert!(heap.held_bytes() < 2 << 20, "{}", heap.held_bytes());
    assert!(heap.counters().minor_collections > 20);
}

#[test]
fn survivors_age_once_and_are_then_promoted() {
    let mut heap = heap();
    let mut roots = vec![heap.new_instance(NODE, &mut ()).unwrap().value()];
    heap.collect_minor(&mut roots);
    assert!(!is_old(roots[0]));
    heap.collect_minor(&mut roots);
    assert!(is_old(roots[0]));
    verify(&mut heap, &mut roots).unwrap();
}

#[test]
fn a_store_into_an_old_object_keeps_the_young_one_alive() {
    let mut heap = heap();
    let mut roots = vec![];
    old_list(&mut heap, &mut roots, 3);
    let double = heap.box_double(2.5, &mut roots).unwrap();
    // SAFETY: the list is alive and has a word 4.
    unsafe { heap.store(pointee(roots[0]), slot::LIST_ELEMENTS + 1, double) };
    verify(&mut heap, &mut roots).unwrap();
    for _ in 0..3 {
        heap.collect_minor(&mut roots);
        verify(&mut heap, &mut roots).unwrap();
        // SAFETY: the list is alive.
        let elements = unsafe { object::list_elements(roots[0]) }.unwrap();
        assert_eq!(object::as_double(elements[1]), Some(2.5));
    }
    assert!(heap.remembered.is_empty());
}

#[test]
fn a_large_list_is_remembered_by_its_cards() {
    let mut heap = heap();
    let mut roots = vec![];
    old_list(&mut heap, &mut roots, 100_000);
    for index in [0, 77_777, 99_999] {
        let double = heap.box_double(index as f64, &mut roots).unwrap();
        // SAFETY: the list is alive and has this element.
        unsafe { heap.store(pointee(roots[0]), slot::LIST_ELEMENTS + index, double) };
    }
    for _ in 0..3 {
        verify(&mut heap, &mut roots).unwrap();
        heap.collect_minor(&mut roots);
        // SAFETY: the list is alive.
        let elements = unsafe { object::list_elements(roots[0]) }.unwrap();
        for index in [0, 77_777, 99_999] {
            assert_eq!(object::as_double(elements[index]), Some(index as f64));
        }
    }
    assert!(heap.remembered.is_empty());
    roots.clear();
    heap.collect_major(&mut roots);
    assert!(heap.old.large.is_empty());
}

#[test]
fn a_large_object_never_moves() {
    let mut heap = heap();
    let list = heap
        .new_list(class::FIXED_LIST, 200_000, 0, &mut ())
        .unwrap();
    let mut roots = vec![list.value()];
    heap.collect_minor(&mut roots);
    heap.collect_major(&mut roots);
    heap.compact(&mut roots);
    assert_eq!(roots[0], list.value());
    verify(&mut heap, &mut roots).unwrap();
}

#[test]
fn a_parked_heap_is_small() {
    let mut heap = heap();
    let mut roots = vec![];
    for _ in 0..3 {
        roots.push(heap.new_closure(7, 2, 1, (0, 0), &mut ()).unwrap().value());
        heap.collect_minor(&mut roots);
    }
    for _ in 0..2000 {
        heap.new_instance(NODE, &mut roots).unwrap();
    }
    heap.compact(&mut roots);
    verify(&mut heap, &mut roots).unwrap();
    let total = heap.held_bytes() + size_of::<Heap>();
    assert!(total <= 1200, "{total}");
}

#[test]
fn large_integers_and_small_ones_keep_their_value() {
    let mut heap = heap();
    let mut roots: Vec<Value> = vec![];
    for value in [0, -1, i64::MAX, i64::MIN] {
        let boxed = heap.box_int(value, &mut roots).unwrap();
        roots.push(boxed);
    }
    heap.collect_minor(&mut roots);
    let values: Vec<_> = roots.iter().map(|&v| object::as_int(v).unwrap()).collect();
    assert_eq!(values, [0, -1, i64::MAX, i64::MIN]);
    assert_eq!(heap.counters().boxed_ints, 2);
}

#[test]
fn the_limit_stops_a_growing_list_and_leaves_room_for_the_error() {
    let mut heap = limited(4 << 20);
    let mut roots = vec![];
    let mut kept = 0;
    let limit = loop {
        match heap.new_instance(NODE, &mut roots) {
            Ok(node) => roots.push(node.value()),
            Err(limit) => break limit,
        }
        kept += 1;
        assert!(kept < 200_000);
    };
    assert_eq!(limit, HeapLimit);
    assert!(kept > 20_000, "{kept}");
    heap.new_string("the error's text", &mut roots).unwrap();
    roots.clear();
    for _ in 0..100_000 {
        heap.new_instance(NODE, &mut roots).unwrap();
    }
    let too_large = heap.new_list(class::FIXED_LIST, 1 << 30, 0, &mut roots);
    assert_eq!(too_large, Err(HeapLimit));
    let far_too_large = heap.new_list(class::FIXED_LIST, usize::MAX, 0, &mut roots);
    assert_eq!(far_too_large, Err(HeapLimit));
    let blob = heap.new_typed_data(class::UINT8_LIST, 1 << 40, 1 << 40, &mut roots);
    assert_eq!(blob, Err(HeapLimit));
}

#[test]
fn blobs_are_charged_and_released() {
    let mut heap = heap();
    let mut roots = vec![];
    let text = "x".repeat(100_000);
    for _ in 0..10 {
        let string = heap.new_string(&text, &mut roots).unwrap();
        roots.push(string);
    }
    assert!(heap.external_bytes >= 1_000_000);
    heap.collect_major(&mut roots);
    // SAFETY: the string is alive.
    let view = unsafe { object::string_view(roots[9]) }.unwrap();
    assert_eq!(view.to_text(), text);
    roots.truncate(1);
    heap.collect_major(&mut roots);
    assert_eq!(heap.external_bytes, 100_000);
    verify(&mut heap, &mut roots).unwrap();
}

#[test]
fn garbage_strings_outside_the_blocks_trigger_collections() {
    let mut heap = limited(64 << 20);
    for _ in 0..1000 {
        heap.new_typed_data(class::UINT8_LIST, 1 << 20, 1 << 20, &mut ())
            .unwrap();
    }
    assert!(heap.external_bytes < 64 << 20);
}

/// A program that passes large buffers around makes hardly any objects: the buffers alone must bring collections about.
#[test]
fn large_buffers_are_collected_though_only_views_of_them_lived() {
    let mut heap = heap();
    let mut roots = vec![Value::NULL];
    let mut most_bytes = 0;
    for _ in 0..200 {
        let base = heap
            .new_typed_data(class::UINT8_LIST, 4 << 20, 4 << 20, &mut roots)
            .unwrap();
        roots[0] = heap
            .new_view(class::UINT8_LIST, base.value(), 0, 4 << 20, &mut roots)
            .unwrap()
            .value();
        heap.collect_minor(&mut roots);
        most_bytes = most_bytes.max(heap.held_bytes());
    }
    assert!(most_bytes < 64 << 20, "{most_bytes}");
    heap.collect_major(&mut roots);
    assert_eq!(heap.external_bytes, 4 << 20);
}

#[test]
fn views_share_bytes_and_outlive_their_base() {
    let mut heap = heap();
    let base = heap
        .new_typed_data(class::UINT8_LIST, 16, 16, &mut ())
        .unwrap();
    // SAFETY: the data has 16 bytes.
    unsafe { *(base.word(slot::DATA_POINTER) as *mut u8).add(8) = 42 };
    let view = heap
        .new_view(class::INT64_LIST, base.value(), 8, 1, &mut ())
        .unwrap();
    let mut roots = vec![view.value()];
    heap.collect_major(&mut roots);
    // SAFETY: the view is alive and has one element.
    unsafe {
        let data = pointee(roots[0]).word(slot::DATA_POINTER) as *const i64;
        assert_eq!(*data, 42);
    }
    assert_eq!(heap.external_bytes, 16, "the view is charged now");
    roots.clear();
    heap.collect_major(&mut roots);
    assert_eq!(heap.external_bytes, 0);
    assert!(heap.old_handles.is_empty());
}

#[test]
fn weak_references_lose_dead_targets_only() {
    let mut heap = heap();
    let mut roots = vec![];
    for _ in 0..2 {
        let target = heap.new_instance(NODE, &mut roots).unwrap();
        roots.push(target.value());
        let reference = heap
            .new_object(class::WEAK_REFERENCE, 3, &mut roots)
            .unwrap();
        let target = roots[roots.len() - 1];
        // SAFETY: fresh.
        unsafe { reference.init_field(slot::WEAK_TARGET, target) };
        roots.push(reference.value());
    }
    roots.remove(0);
    for round in 0..3 {
        heap.collect_minor(&mut roots);
        verify(&mut heap, &mut roots).unwrap();
        // SAFETY: the references are alive.
        unsafe {
            assert_eq!(pointee(roots[0]).field(slot::WEAK_TARGET), Value::NULL);
            let kept = pointee(roots[2]).field(slot::WEAK_TARGET);
            assert_eq!(kept, roots[1], "round {round}");
        }
    }
    roots.remove(1);
    heap.collect_major(&mut roots);
    // SAFETY: the reference is alive.
    let lost = unsafe { pointee(roots[1]).field(slot::WEAK_TARGET) };
    assert_eq!(lost, Value::NULL);
}

#[test]
fn an_ephemeron_chain_lives_by_its_first_key() {
    let mut heap = heap();
    let mut roots = vec![];
    // Ephemerons whose value is the next one's key, listed against the order of discovery.
    let first_key = heap.new_instance(NODE, &mut roots).unwrap();
    roots.push(first_key.value());
    roots.push(first_key.value());
    for _ in 0..5 {
        let value = heap.new_instance(NODE, &mut roots).unwrap();
        roots.push(value.value());
        let pair = heap.new_object(class::EPHEMERON, 3, &mut roots).unwrap();
        let (key, value) = (roots[1], roots.pop().unwrap());
        // SAFETY: fresh.
        unsafe {
            pair.init_field(slot::EPHEMERON_KEY, key);
            pair.init_field(slot::EPHEMERON_VALUE, value);
        }
        roots[1] = value;
        roots.push(pair.value());
    }
    roots[1] = Value::NULL;
    for _ in 0..3 {
        heap.collect_minor(&mut roots);
        verify(&mut heap, &mut roots).unwrap();
    }
    heap.collect_major(&mut roots);
    let values: Vec<Value> = (2..7)
        // SAFETY: the ephemerons are alive.
        .map(|i| unsafe { pointee(roots[i]).field(slot::EPHEMERON_VALUE) })
        .collect();
    assert!(values.iter().all(|value| value.is_pointer()));
    roots[0] = Value::NULL;
    heap.collect_major(&mut roots);
    for &pair in &roots[2..7] {
        // SAFETY: the ephemerons are alive.
        unsafe {
            assert_eq!(pointee(pair).field(slot::EPHEMERON_KEY), Value::NULL);
            assert_eq!(pointee(pair).field(slot::EPHEMERON_VALUE), Value::NULL);
        }
    }
}

#[test]
fn finalizers_come_due_once() {
    let mut heap = heap();
    let node = heap.new_instance(NODE, &mut ()).unwrap();
    heap.attach_finalizer(node, 7);
    let mut roots = vec![node.value()];
    heap.collect_minor(&mut roots);
    heap.collect_major(&mut roots);
    assert_eq!(heap.next_finalized(), None);
    roots.clear();
    heap.collect_major(&mut roots);
    assert!(heap.has_finalized());
    assert_eq!(heap.next_finalized(), Some(7));
    assert!(!heap.has_finalized());
    assert!(heap.close_finalizers().is_empty());
}

#[test]
fn identity_hashes_stay() {
    let mut heap = heap();
    let mut roots = vec![heap.new_instance(NODE, &mut ()).unwrap().value()];
    let hash = heap.identity_hash(pointee(roots[0]));
    assert!(hash != 0 && hash < 1 << 30);
    for _ in 0..3 {
        heap.collect_minor(&mut roots);
        assert_eq!(heap.identity_hash(pointee(roots[0])), hash);
    }
    heap.compact(&mut roots);
    assert_eq!(heap.identity_hash(pointee(roots[0])), hash);
}

#[test]
fn words_beyond_the_first_sixty_four_are_traced() {
    let mut heap = heap();
    let mut roots = vec![heap.new_instance(WIDE, &mut ()).unwrap().value()];
    for word in 60..70 {
        let double = heap.box_double(word as f64, &mut roots).unwrap();
        // SAFETY: the object is alive and has this tagged word.
        unsafe { heap.store(pointee(roots[0]), word, double) };
        heap.collect_minor(&mut roots);
        verify(&mut heap, &mut roots).unwrap();
    }
    for word in 60..70 {
        // SAFETY: the object is alive.
        let value = unsafe { pointee(roots[0]).field(word) };
        assert_eq!(object::as_double(value), Some(word as f64));
    }
}

#[test]
fn reserved_words_need_no_safepoint() {
    for mut heap in [heap(), stressed(1)] {
        let mut roots = vec![];
        for _ in 0..500 {
            heap.reserve(12, &mut roots).unwrap();
            for _ in 0..2 {
                let node = heap.allocate(6).expect("reserved");
                // SAFETY: fresh.
                unsafe { node.set_header(Header::new(NODE)) };
                roots.push(node.value());
            }
        }
        verify(&mut heap, &mut roots).unwrap();
    }
}

#[test]
fn handles_follow_their_objects() {
    let mut heap = stressed(1);
    let scope = heap.open_scope();
    let double = heap.box_double(1.5, &mut ()).unwrap();
    let handle = heap.handle(double);
    for _ in 0..50 {
        heap.new_instance(NODE, &mut ()).unwrap();
    }
    assert_eq!(object::as_double(heap.get(handle)), Some(1.5));
    heap.close_scope(scope);
    assert_eq!(heap.get(handle), Value::NULL);
}

#[test]
fn sparse_blocks_are_emptied() {
    let mut heap = heap();
    let mut roots = vec![];
    for _ in 0..50_000 {
        let node = heap.new_instance(NODE, &mut roots).unwrap();
        roots.push(node.value());
    }
    heap.collect_major(&mut roots);
    let full = heap.old.bytes();
    roots = roots.into_iter().step_by(50).collect();
    heap.collect_major(&mut roots);
    heap.collect_major(&mut roots);
    verify(&mut heap, &mut roots).unwrap();
    assert!(heap.old.bytes() < full / 20, "{}", heap.old.bytes());
}

#[test]
fn gaps_are_filled_again() {
    let mut heap = heap();
    let mut roots = vec![];
    for _ in 0..50_000 {
        let text = "twenty bytes of text, and some more to make a gap worth while";
        let string = heap.new_string(&text.repeat(2), &mut roots).unwrap();
        roots.push(string);
    }
    heap.collect_major(&mut roots);
    let full = heap.old.bytes();
    for (index, root) in roots.iter_mut().enumerate() {
        if index % 2 == 0 {
            *root = Value::NULL;
        }
    }
    heap.collect_major(&mut roots);
    for index in 0..roots.len() {
        if roots[index].is_null() {
            roots[index] = heap.new_instance(NODE, &mut roots).unwrap().value();
        }
    }
    heap.collect_minor(&mut roots);
    heap.collect_minor(&mut roots);
    verify(&mut heap, &mut roots).unwrap();
    assert!(heap.old.bytes() <= full + (1 << 20));
}

#[test]
fn a_dropped_heap_gives_everything_back() {
    let before = super::pool::mapped_bytes();
    for _ in 0..3 {
        let mut heap = heap();
        let mut roots = vec![];
        for _ in 0..100 {
            let list = heap
                .new_list(class::FIXED_LIST, 100_000, 0, &mut roots)
                .unwrap();
            roots.push(list.value());
        }
    }
    // Other tests run at the same time, and some chunks are kept.
    assert!(super::pool::mapped_bytes() < before + (64 << 20));
}

#[test]
fn frozen_objects_are_shared_and_left_alone() {
    let layouts = layouts();
    let frozen = Arc::new(FrozenHeap::new(Arc::clone(&layouts)));
    let text = frozen.text("an island").unwrap();
    let long = frozen.text(&"λ".repeat(20_000)).unwrap();
    let list = frozen
        .list(class::IMMUTABLE_LIST, 0, &[text, long, Value::TRUE])
        .unwrap();
    frozen.verify().unwrap();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let layouts = Arc::clone(&layouts);
            let frozen = Arc::clone(&frozen);
            let list = list.bits();
            std::thread::spawn(move || {
                let list = Value::from_bits(list);
                let mut heap = Heap::new(layouts, HeapConfig::default());
                let mut roots = vec![list];
                let own = heap.new_instance(NODE, &mut roots).unwrap();
                // SAFETY: fresh.
                unsafe { own.init_field(2, roots[0]) };
                roots.push(own.value());
                let hash = heap.identity_hash(pointee(list));
                heap.collect_major(&mut roots);
                heap.compact(&mut roots);
                verify(&mut heap, &mut roots).unwrap();
                assert_eq!(roots[0], list);
                // SAFETY: the object is alive.
                assert_eq!(unsafe { pointee(roots[1]).field(2) }, list);
                assert_eq!(heap.identity_hash(pointee(list)), hash);
                frozen.verify().unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    // SAFETY: the string is frozen.
    let view = unsafe { object::string_view(text) }.unwrap();
    assert_eq!(view.to_text(), "an island");
}

#[test]
fn a_heap_parks_by_what_it_holds() {
    for count in [10, 50_000] {
        let mut heap = heap();
        let mut roots = vec![];
        for _ in 0..count {
            let node = heap.new_instance(NODE, &mut roots).unwrap();
            roots.push(node.value());
        }
        heap.collect_major(&mut roots);
        for _ in 0..10_000 {
            heap.new_instance(NODE, &mut roots).unwrap();
        }
        let majors = heap.counters().major_collections;
        heap.park(&mut roots);
        verify(&mut heap, &mut roots).unwrap();
        assert!(heap.held_bytes() <= count * 48 * 11 / 10 + 32_768);
        assert_eq!(heap.counters().major_collections > majors, count == 10);
        heap.new_instance(NODE, &mut roots).unwrap();
    }
}

#[test]
fn layouts_grow_while_others_read() {
    let table = LayoutTable::new();
    let layout = *layouts().get(NODE);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for id in 1000..20_000 {
                table.define(ClassId(id), layout).unwrap();
            }
        });
        for id in (1000..20_000).rev() {
            let kind = table.get(ClassId(id % 60)).kind;
            assert_eq!(kind, layouts_kind_of(id % 60));
        }
    });
    assert_eq!(table.get(ClassId(19_999)).words, 6);
    assert!(table.define(ClassId(1 << 23), layout).is_err());
}

fn layouts_kind_of(id: u32) -> Kind {
    LayoutTable::new().get(ClassId(id)).kind
}
