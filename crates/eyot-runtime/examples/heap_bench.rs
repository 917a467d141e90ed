//! Measures the heap alone: `cargo run --release -p eyot-runtime --example heap_bench`.
//!
//! Each row is a name, a time per unit, and what the heap counted. The mutator is Rust code without an interpreter around it, so
//! the figures are the floor under what Dart programs pay.

use std::sync::Arc;
use std::time::Instant;

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::{Heap, HeapConfig, Kind, Layout, LayoutTable};
use eyot_runtime::object::{ObjRef, slot};
use eyot_runtime::value::Value;

const TREE: ClassId = ClassId(1000);

fn layouts() -> Arc<LayoutTable> {
    let table = LayoutTable::new();
    let tree = Layout {
        kind: Kind::Fixed,
        unsendable: false,
        immutable: false,
        freezes: false,
        words: 3,
        targs_word: 0,
        refs: 0b110,
        more_refs: &[],
    };
    table.define(TREE, tree).expect("a small class id");
    Arc::new(table)
}

fn heap() -> Heap {
    Heap::new(layouts(), HeapConfig::default())
}

fn report(name: &str, unit: &str, started: Instant, units: usize, heap: &Heap) {
    let ns = started.elapsed().as_nanos() as f64 / units as f64;
    let counters = heap.counters();
    println!(
        "{name:<28} {ns:>9.1} ns per {unit:<10} minor {:>5}  major {:>3}  longest pause {:>7.1} us  held {:>7} KB",
        counters.minor_collections,
        counters.major_collections,
        counters.pause_ns_max as f64 / 1e3,
        heap.held_bytes() >> 10,
    );
}

/// The roots are a stack of slots, as in an interpreter's frames.
fn tree(heap: &mut Heap, stack: &mut Vec<Value>, depth: u32) {
    if depth == 0 {
        let leaf = heap.new_object(TREE, 3, stack).expect("no limit");
        stack.push(leaf.value());
        return;
    }
    tree(heap, stack, depth - 1);
    tree(heap, stack, depth - 1);
    let node = heap.new_object(TREE, 3, stack).expect("no limit");
    let right = stack.pop().unwrap_or(Value::NULL);
    let left = stack.pop().unwrap_or(Value::NULL);
    // SAFETY: fresh.
    unsafe {
        node.init_field(1, left);
        node.init_field(2, right);
    }
    stack.push(node.value());
}

fn garbage() {
    let mut heap = heap();
    let mut roots = vec![];
    let started = Instant::now();
    let count = 100_000_000;
    for _ in 0..count {
        std::hint::black_box(heap.new_object(TREE, 3, &mut roots).expect("no limit"));
    }
    report("garbage, 3 words", "object", started, count, &heap);
}

fn doubles() {
    let mut heap = heap();
    let mut roots = vec![];
    let started = Instant::now();
    let count = 100_000_000;
    for i in 0..count {
        std::hint::black_box(heap.box_double(i as f64, &mut roots).expect("no limit"));
    }
    report("boxed doubles", "object", started, count, &heap);
}

fn binary_trees(depth: u32) {
    let mut heap = heap();
    let mut stack = vec![];
    let started = Instant::now();
    let mut objects = 0;
    tree(&mut heap, &mut stack, depth);
    let mut small = 4;
    while small <= depth {
        for _ in 0..1 << (depth - small + 4) {
            tree(&mut heap, &mut stack, small);
            stack.pop();
            objects += 2 << small;
        }
        small += 4;
    }
    report(
        &format!("binary trees, depth {depth}"),
        "object",
        started,
        objects,
        &heap,
    );
}

fn long_lived_list() {
    let mut heap = heap();
    let length = 1_000_000;
    let list = heap
        .new_list(class::FIXED_LIST, length, 0, &mut ())
        .expect("no limit");
    let mut roots = vec![list.value()];
    heap.collect_major(&mut roots);
    let started = Instant::now();
    let mut index = 7;
    let count = 20_000_000;
    for _ in 0..count {
        index = (index * 48_271) % 2_147_483_647;
        let tree = heap.new_object(TREE, 3, &mut roots).expect("no limit");
        if let Some(list) = ObjRef::of(roots[0]) {
            // SAFETY: the list is alive and has this element.
            unsafe { heap.store(list, slot::LIST_ELEMENTS + index % length, tree.value()) };
        }
    }
    report("stores into a large list", "store", started, count, &heap);
}

fn full_collections() {
    let mut heap = heap();
    let mut stack = vec![];
    tree(&mut heap, &mut stack, 20);
    let started = Instant::now();
    for _ in 0..10 {
        heap.collect_major(&mut stack);
    }
    report("full collection", "object", started, 10 << 21, &heap);
}

fn messages(depth: u32, count: usize) {
    let (mut from, mut to) = (heap(), heap());
    let mut stack = vec![];
    tree(&mut from, &mut stack, depth);
    let started = Instant::now();
    for _ in 0..count {
        let message = from.copy_message(stack[0]).expect("sendable");
        std::hint::black_box(to.adopt(message, &mut ()).expect("no limit"));
        // What an event loop allocates anyway makes the receiver collect now and then.
        to.new_object(TREE, 3, &mut ()).expect("no limit");
    }
    let objects = (2 << depth) - 1;
    report(
        &format!("message of {objects} objects"),
        "message",
        started,
        count,
        &to,
    );
}

fn park() {
    let table = layouts();
    let count = 100_000;
    let started = Instant::now();
    let mut parked = Vec::with_capacity(count);
    for _ in 0..count {
        let mut heap = Heap::new(Arc::clone(&table), HeapConfig::default());
        let mut roots = vec![];
        for _ in 0..20 {
            let closure = heap
                .new_closure(1, 2, 0, (0, 0), &mut roots)
                .expect("no limit");
            roots = vec![closure.value()];
        }
        heap.compact(&mut roots);
        parked.push((heap, roots));
    }
    let (last, _) = &parked[count - 1];
    report("start and park a heap", "heap", started, count, last);
    println!(
        "{:<28} {:>9} bytes per heap, blocks, and {} for the heap itself",
        "a parked heap",
        parked[0].0.held_bytes(),
        size_of::<Heap>()
    );
    let started = Instant::now();
    let last = heap();
    drop(parked);
    report("drop a parked heap", "heap", started, count, &last);
}

fn spawn_and_exit() {
    let table = layouts();
    let count = 1_000_000;
    let started = Instant::now();
    for _ in 0..count {
        let mut heap = Heap::new(Arc::clone(&table), HeapConfig::default());
        for _ in 0..20 {
            heap.new_object(TREE, 3, &mut ()).expect("no limit");
        }
    }
    report("start and drop a heap", "heap", started, count, &heap());
}

/// Runs all rows, or those named on the command line.
fn main() {
    let rows: [(&str, fn()); 10] = [
        ("garbage", garbage),
        ("doubles", doubles),
        ("trees16", || binary_trees(16)),
        ("trees20", || binary_trees(20)),
        ("list", long_lived_list),
        ("full", full_collections),
        ("message15", || messages(3, 1_000_000)),
        ("message8191", || messages(12, 10_000)),
        ("park", park),
        ("spawn", spawn_and_exit),
    ];
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for (name, row) in rows {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            row();
        }
    }
}
