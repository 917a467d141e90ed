//! A random mutator, compared with a model of the same graph in plain Rust.
//!
//! The heap's roots and the model's stand side by side. Each step does the same to both; every now and then both graphs are
//! walked together: they must have the same shape, identities and contents.

use std::collections::HashMap;

use eyot_bytecode::well_known::class;

use super::super::blob::EXTERNAL_STRING_BYTES;
use super::super::verify::verify;
use super::super::{Extent, Heap, Message};
use super::{NODE, heap, pointee, stressed};
use crate::object::{self, ObjRef, slot};
use crate::value::Value;

/// A reference in the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ref {
    Null,
    Small(i64),
    Node(usize),
}

/// A node of the model.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Instance { raw: u64, fields: [Ref; 3] },
    List(Vec<Ref>),
    Closure { raw: u64, captures: Vec<Ref> },
    Record(Vec<Ref>),
    Text(String),
    Double(f64),
    Bytes(Vec<u8>),
    Weak(Ref),
    Ephemeron(Ref, Ref),
}

pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 20) % limit.max(1) as u64) as usize
    }
}

pub(super) struct World {
    pub(super) heap: Heap,
    pub(super) roots: Vec<Value>,
    pub(super) nodes: Vec<Node>,
    pub(super) node_roots: Vec<Ref>,
    pub(super) random: Random,
    /// Collections are done in slices of a few steps.
    pub(super) in_slices: bool,
    /// Full collections are prepared, a few steps at a time.
    pub(super) premarks: bool,
}

const ROOTS: usize = 24;

impl World {
    pub(super) fn new(heap: Heap, seed: u64) -> World {
        World {
            heap,
            roots: vec![Value::NULL; ROOTS],
            nodes: Vec::new(),
            node_roots: vec![Ref::Null; ROOTS],
            random: Random::new(seed),
            in_slices: false,
            premarks: false,
        }
    }

    fn collect(&mut self, extent: Extent) {
        if !self.in_slices {
            return self.heap.collect(extent, &mut self.roots);
        }
        self.heap.want(extent);
        let steps = 1 + self.random.below(30);
        while !self.heap.collect_steps(steps, &mut self.roots) {}
    }

    pub(super) fn step(&mut self) {
        if self.premarks {
            self.premark();
        }
        match self.random.below(100) {
            0..45 => self.create(),
            45..85 => self.link(),
            85..97 => self.unlink_root(),
            97 => self.collect(Extent::Minor),
            98 if self.random.below(4) == 0 => self.collect(Extent::Compact),
            98 => self.collect(Extent::Full),
            _ => self.hash_something(),
        }
    }

    fn premark(&mut self) {
        match self.random.below(16) {
            0 => self.heap.prepare_soon(),
            // Slowly, so that much happens while some is marked and some is not.
            1..4 => {
                let steps = 1 + self.random.below(3);
                self.heap.premark_steps(steps);
            }
            _ => {}
        }
    }

    /// A random reference, the same in both worlds.
    fn pick(&mut self) -> (Value, Ref) {
        match self.random.below(6) {
            0 => (Value::NULL, Ref::Null),
            1 => {
                let small = self.random.below(1000) as i64;
                (Value::smi(small).unwrap(), Ref::Small(small))
            }
            _ => self.walk(),
        }
    }

    /// Walks a few steps from a random root.
    fn walk(&mut self) -> (Value, Ref) {
        let index = self.random.below(ROOTS);
        let mut at = (self.roots[index], self.node_roots[index]);
        for _ in 0..self.random.below(12) {
            let Ref::Node(node) = at.1 else { break };
            let children = strong_children(&self.nodes[node]);
            if children.is_empty() {
                break;
            }
            let pick = self.random.below(children.len());
            let (word, child) = children[pick];
            // SAFETY: the object is alive and has this tagged word.
            let value = unsafe { pointee(at.0).field(word) };
            if !matches!(child, Ref::Node(_)) {
                continue;
            }
            at = (value, child);
        }
        at
    }

    fn create(&mut self) {
        let root = self.random.below(ROOTS);
        let (value, node) = match self.random.below(22) {
            0..6 => self.create_instance(),
            6..10 => self.create_list(),
            10..12 => self.create_closure(),
            12..14 => self.create_record(),
            14..17 => self.create_text(),
            17..19 => self.create_double(),
            19 => self.create_bytes(),
            20 => self.create_weak(),
            _ => self.create_ephemeron(),
        };
        self.roots[root] = value;
        self.nodes.push(node);
        self.node_roots[root] = Ref::Node(self.nodes.len() - 1);
    }

    fn create_instance(&mut self) -> (Value, Node) {
        let raw = self.random.0;
        let made = self.heap.new_instance(NODE, &mut self.roots).unwrap();
        let mut fields = [Ref::Null; 3];
        // SAFETY: fresh; words 1 and 5 are raw, 2 to 4 tagged.
        unsafe {
            made.set_word(1, raw);
            made.set_word(5, !raw);
            for (index, field) in fields.iter_mut().enumerate() {
                let (value, child) = self.pick();
                made.init_field(2 + index, value);
                *field = child;
            }
        }
        (made.value(), Node::Instance { raw, fields })
    }

    fn create_list(&mut self) -> (Value, Node) {
        let length = match self.random.below(40) {
            0 => 1500 + self.random.below(3000),
            _ => self.random.below(20),
        };
        let made = self
            .heap
            .new_list(class::FIXED_LIST, length, 9, &mut self.roots)
            .unwrap();
        let mut elements = vec![Ref::Null; length];
        for (index, element) in elements.iter_mut().enumerate() {
            if index < 20 || self.random.below(50) == 0 {
                let (value, child) = self.pick();
                // SAFETY: fresh.
                unsafe { made.init_field(slot::LIST_ELEMENTS + index, value) };
                *element = child;
            }
        }
        (made.value(), Node::List(elements))
    }

    fn create_closure(&mut self) -> (Value, Node) {
        let raw = self.random.0;
        let refs = self.random.below(5);
        let made = self
            .heap
            .new_closure(3, refs as u16, 1, (0, 0), &mut self.roots)
            .unwrap();
        let mut captures = vec![];
        for index in 0..refs {
            let (value, child) = self.pick();
            // SAFETY: fresh.
            unsafe { made.init_field(slot::CLOSURE_CAPTURES + index, value) };
            captures.push(child);
        }
        // SAFETY: fresh.
        unsafe { made.set_word(slot::CLOSURE_CAPTURES + refs, raw) };
        (made.value(), Node::Closure { raw, captures })
    }

    fn create_record(&mut self) -> (Value, Node) {
        let count = 1 + self.random.below(3);
        let made = self
            .heap
            .new_record(5, count as u32, &mut self.roots)
            .unwrap();
        let mut fields = vec![];
        for index in 0..count {
            let (value, child) = self.pick();
            // SAFETY: fresh.
            unsafe { made.init_field(slot::RECORD_FIELDS + index, value) };
            fields.push(child);
        }
        (made.value(), Node::Record(fields))
    }

    fn create_text(&mut self) -> (Value, Node) {
        let length = self.random.below(2 * EXTERNAL_STRING_BYTES);
        let letter = ["a", "ü", "λ", "🏝"][self.random.below(4)];
        let text = letter.repeat(length / letter.len());
        let value = self.heap.new_string(&text, &mut self.roots).unwrap();
        (value, Node::Text(text))
    }

    fn create_double(&mut self) -> (Value, Node) {
        let double = self.random.below(1 << 30) as f64 / 7.0;
        let value = self.heap.box_double(double, &mut self.roots).unwrap();
        (value, Node::Double(double))
    }

    fn create_bytes(&mut self) -> (Value, Node) {
        let length = self.random.below(5000);
        let made = self
            .heap
            .new_typed_data(class::UINT8_LIST, length, length, &mut self.roots)
            .unwrap();
        let byte = self.random.below(256) as u8;
        // SAFETY: the data has `length` bytes.
        unsafe { std::ptr::write_bytes(made.word(slot::DATA_POINTER) as *mut u8, byte, length) };
        (made.value(), Node::Bytes(vec![byte; length]))
    }

    fn create_weak(&mut self) -> (Value, Node) {
        let made = self
            .heap
            .new_object(class::WEAK_REFERENCE, 3, &mut self.roots)
            .unwrap();
        let (value, target) = self.walk();
        // SAFETY: fresh.
        unsafe { made.init_field(slot::WEAK_TARGET, value) };
        (made.value(), Node::Weak(target))
    }

    fn create_ephemeron(&mut self) -> (Value, Node) {
        let made = self
            .heap
            .new_object(class::EPHEMERON, 3, &mut self.roots)
            .unwrap();
        let (key_value, key) = self.walk();
        let (value, content) = self.pick();
        // SAFETY: fresh.
        unsafe {
            made.init_field(slot::EPHEMERON_KEY, key_value);
            made.init_field(slot::EPHEMERON_VALUE, value);
        }
        (made.value(), Node::Ephemeron(key, content))
    }

    fn link(&mut self) {
        // A fresh object is the likeliest to be lost if a barrier is missing.
        let fresh = (self.random.below(3) == 0).then(|| {
            let (value, node) = self.create_double();
            self.nodes.push(node);
            (value, Ref::Node(self.nodes.len() - 1))
        });
        let (value, at) = self.walk();
        let Ref::Node(node) = at else { return };
        let children = strong_children(&self.nodes[node]);
        if children.is_empty() {
            return;
        }
        let pick = self.random.below(children.len());
        let (new_value, new) = match fresh {
            Some(fresh) => fresh,
            None => self.pick(),
        };
        // SAFETY: the object is alive and has this tagged word.
        unsafe { self.heap.store(pointee(value), children[pick].0, new_value) };
        match &mut self.nodes[node] {
            Node::Instance { fields, .. } => fields[pick] = new,
            Node::List(refs) | Node::Record(refs) => refs[pick] = new,
            Node::Closure { captures, .. } => captures[pick] = new,
            _ => unreachable!("no strong children"),
        }
    }

    fn unlink_root(&mut self) {
        let root = self.random.below(ROOTS);
        self.roots[root] = Value::NULL;
        self.node_roots[root] = Ref::Null;
    }

    fn hash_something(&mut self) {
        let (value, _) = self.walk();
        if let Some(object) = ObjRef::of(value) {
            let hash = self.heap.identity_hash(object);
            assert_eq!(self.heap.identity_hash(object), hash);
        }
    }

    /// Walks both graphs together.
    pub(super) fn compare(&mut self) {
        let mut comparison = Comparison::default();
        for (&value, &node) in self.roots.iter().zip(&self.node_roots) {
            comparison.same(value, node);
        }
        comparison.run(&mut self.nodes);
    }
}

/// The strong references of a node with their words in the object.
fn strong_children(node: &Node) -> Vec<(usize, Ref)> {
    let (first, refs): (usize, &[Ref]) = match node {
        Node::Instance { fields, .. } => (2, fields),
        Node::List(elements) => (slot::LIST_ELEMENTS, elements),
        Node::Closure { captures, .. } => (slot::CLOSURE_CAPTURES, captures),
        Node::Record(fields) => (slot::RECORD_FIELDS, fields),
        _ => (0, &[]),
    };
    refs.iter()
        .enumerate()
        .map(|(index, &child)| (first + index, child))
        .collect()
}

/// The correspondence of two graphs, as far as it is found.
#[derive(Default)]
struct Comparison {
    objects: HashMap<ObjRef, usize>,
    places: HashMap<usize, ObjRef>,
    queue: Vec<(ObjRef, usize)>,
    weak: Vec<(ObjRef, usize)>,
}

impl Comparison {
    fn same(&mut self, value: Value, node: Ref) {
        match node {
            Ref::Null => assert_eq!(value, Value::NULL),
            Ref::Small(small) => assert_eq!(Value::smi(small), Some(value)),
            Ref::Node(node) => {
                let place = pointee(value);
                let known = self.objects.insert(place, node);
                assert_eq!(self.places.insert(node, place).is_some(), known.is_some());
                match known {
                    Some(known) => assert_eq!(known, node, "two nodes in one object"),
                    None => self.queue.push((place, node)),
                }
            }
        }
    }

    fn run(&mut self, nodes: &mut [Node]) {
        loop {
            while let Some((place, node)) = self.queue.pop() {
                self.same_content(place, node, &nodes[node]);
            }
            // Values of ephemerons count once their keys were found.
            let waiting = std::mem::take(&mut self.weak);
            let before = waiting.len();
            for (place, node) in waiting {
                self.follow_ephemeron(place, node, nodes);
            }
            if self.queue.is_empty() && self.weak.len() == before {
                break;
            }
        }
        for (place, node) in std::mem::take(&mut self.weak) {
            self.forget_dead(place, &mut nodes[node]);
        }
    }

    fn follow_ephemeron(&mut self, place: ObjRef, node: usize, nodes: &[Node]) {
        let Node::Ephemeron(key, content) = nodes[node] else {
            return self.weak.push((place, node));
        };
        let live = match key {
            Ref::Node(key) => self.places.contains_key(&key),
            _ => true,
        };
        if !live {
            return self.weak.push((place, node));
        }
        // SAFETY: the ephemeron is alive.
        unsafe {
            self.same(place.field(slot::EPHEMERON_KEY), key);
            self.same(place.field(slot::EPHEMERON_VALUE), content);
        }
    }

    /// A weak word is as in the model, or null if the target is dead; the model follows.
    fn forget_dead(&mut self, place: ObjRef, node: &mut Node) {
        // SAFETY: the object is alive.
        unsafe {
            match node {
                Node::Weak(target) => {
                    let value = place.field(slot::WEAK_TARGET);
                    let live = match target {
                        Ref::Node(target) => self.places.contains_key(target),
                        _ => true,
                    };
                    if live {
                        self.same(value, *target);
                    } else if value.is_null() {
                        *target = Ref::Null;
                    }
                }
                Node::Ephemeron(key, content) => {
                    if place.field(slot::EPHEMERON_KEY).is_null() {
                        assert_eq!(place.field(slot::EPHEMERON_VALUE), Value::NULL);
                        (*key, *content) = (Ref::Null, Ref::Null);
                    }
                }
                _ => unreachable!("only weak ones wait"),
            }
        }
    }

    fn same_content(&mut self, place: ObjRef, id: usize, node: &Node) {
        for (word, child) in strong_children(node) {
            // SAFETY: the object is alive and has this tagged word.
            self.same(unsafe { place.field(word) }, child);
        }
        // SAFETY: the object is alive and has the words of its kind.
        unsafe {
            match node {
                Node::Instance { raw, .. } => {
                    assert_eq!(place.class(), NODE);
                    assert_eq!((place.word(1), place.word(5)), (*raw, !raw));
                }
                Node::List(elements) => {
                    assert_eq!(place.word(slot::LIST_TARGS), 9);
                    assert_eq!(place.word(slot::LIST_LENGTH), elements.len() as u64);
                }
                Node::Closure { raw, captures } => {
                    assert_eq!(place.word(slot::CLOSURE_CAPTURES + captures.len()), *raw);
                }
                Node::Record(_) => assert_eq!(place.word(slot::RECORD_SHAPE) as u32, 5),
                Node::Text(text) => {
                    let view = object::string_view(place.value()).unwrap();
                    assert_eq!(&view.to_text(), text);
                }
                Node::Double(double) => {
                    assert_eq!(object::as_double(place.value()), Some(*double));
                }
                Node::Bytes(bytes) => {
                    let data = place.word(slot::DATA_POINTER) as *const u8;
                    assert_eq!(std::slice::from_raw_parts(data, bytes.len()), bytes);
                }
                Node::Weak(_) | Node::Ephemeron(..) => self.weak.push((place, id)),
            }
        }
    }
}

fn run(heap: Heap, seed: u64, steps: usize) {
    run_world(World::new(heap, seed), seed, steps);
}

fn run_world(mut world: World, seed: u64, steps: usize) {
    for step in 0..steps {
        world.step();
        if step % 64 == 0 {
            world.compare();
        }
        if step % if world.premarks { 16 } else { 256 } == 0
            && let Err(fault) = verify(&mut world.heap, &mut world.roots)
        {
            panic!("seed {seed}, step {step}: {fault}");
        }
    }
    world.heap.collect_major(&mut world.roots);
    world.compare();
}

#[test]
fn random_programs_agree_with_the_model() {
    for seed in 0..60 {
        run(heap(), seed, 4000);
    }
}

#[test]
fn random_programs_agree_with_the_model_under_stress() {
    for seed in 100..110 {
        run(stressed(1), seed, 600);
    }
    for seed in 200..230 {
        run(stressed(7), seed, 1500);
    }
}

#[test]
fn random_programs_agree_with_the_model_in_slices() {
    for seed in 400..440 {
        let heap = if seed % 4 == 0 { stressed(50) } else { heap() };
        let mut world = World::new(heap, seed);
        world.in_slices = true;
        run_world(world, seed, 4000);
    }
}

#[test]
fn random_programs_agree_with_the_model_while_collections_are_prepared() {
    for seed in 500..600 {
        let heap = if seed % 4 == 0 { stressed(50) } else { heap() };
        let mut world = World::new(heap, seed);
        world.in_slices = seed % 2 == 0;
        world.premarks = true;
        run_world(world, seed, 4000);
    }
}

// ---- messages

impl World {
    /// Sends something to another world, and the same in the models.
    fn send(&mut self, other: &mut World) {
        let (value, node) = self.walk();
        let message = self.heap.copy_message(value).expect("sendable");
        other.receive(message, &self.nodes, node);
    }

    /// Ends this world with a hand-over.
    fn exit(mut self, other: &mut World) {
        let (value, node) = self.walk();
        let message = self.heap.hand_over(value).expect("sendable");
        drop(self.heap);
        other.receive(message, &self.nodes, node);
    }

    fn receive(&mut self, message: Message, from: &[Node], node: Ref) {
        let value = self.heap.adopt(message, &mut self.roots).unwrap();
        let root = self.random.below(ROOTS);
        self.roots[root] = value;
        self.node_roots[root] = copy_nodes(from, node, &mut self.nodes);
    }
}

/// Copies what a node refers to from one model to another.
fn copy_nodes(from: &[Node], root: Ref, to: &mut Vec<Node>) -> Ref {
    let mut places: HashMap<usize, usize> = HashMap::new();
    let mut queue = vec![root];
    let mut ephemerons = vec![];
    loop {
        while let Some(at) = queue.pop() {
            let Ref::Node(at) = at else { continue };
            if places.contains_key(&at) {
                continue;
            }
            places.insert(at, to.len());
            to.push(from[at].clone());
            queue.extend(strong_children(&from[at]).iter().map(|&(_, child)| child));
            if let Node::Ephemeron(key, value) = from[at] {
                ephemerons.push((key, value));
            }
        }
        let before = ephemerons.len();
        ephemerons.retain(|&(key, value)| {
            let live = is_placed(&places, key);
            if live {
                queue.push(value);
            }
            !live
        });
        if ephemerons.len() == before {
            break;
        }
    }
    let place = |at: Ref| match at {
        Ref::Node(at) => places.get(&at).map_or(Ref::Null, |&at| Ref::Node(at)),
        other => other,
    };
    for &copy in places.values() {
        match &mut to[copy] {
            Node::Instance { fields, .. } => *fields = fields.map(place),
            Node::List(refs) | Node::Record(refs) | Node::Closure { captures: refs, .. } => {
                refs.iter_mut().for_each(|at| *at = place(*at));
            }
            Node::Weak(target) => *target = place(*target),
            Node::Ephemeron(key, value) => {
                if !is_placed(&places, *key) {
                    (*key, *value) = (Ref::Null, Ref::Null);
                }
                (*key, *value) = (place(*key), place(*value));
            }
            Node::Text(_) | Node::Double(_) | Node::Bytes(_) => {}
        }
    }
    place(root)
}

fn is_placed(places: &HashMap<usize, usize>, at: Ref) -> bool {
    match at {
        Ref::Node(at) => places.contains_key(&at),
        _ => true,
    }
}

fn run_pair(make: impl Fn() -> Heap, seed: u64, steps: usize, premarks: bool) {
    let new = |seed| World {
        premarks,
        ..World::new(make(), seed)
    };
    let mut worlds = [new(seed), new(seed + 7777)];
    for step in 0..steps {
        let [first, second] = &mut worlds;
        let (active, other) = if step % 2 == 0 {
            (first, second)
        } else {
            (second, first)
        };
        active.step();
        if active.random.below(20) == 0 {
            active.send(other);
            active.compare();
            other.compare();
        }
        if step % 256 == 0 {
            for world in &mut worlds {
                if let Err(fault) = verify(&mut world.heap, &mut world.roots) {
                    panic!("seed {seed}, step {step}: {fault}");
                }
            }
        }
        if step % 700 == 699 {
            let leaving = std::mem::replace(&mut worlds[0], new(seed + step as u64));
            leaving.exit(&mut worlds[1]);
            worlds[1].compare();
        }
    }
    for mut world in worlds {
        world.heap.collect_major(&mut world.roots);
        world.compare();
    }
}

#[test]
fn random_messages_agree_with_the_model() {
    for seed in 0..40 {
        run_pair(heap, seed, 4000, seed % 2 == 0);
    }
}

#[test]
fn random_messages_agree_with_the_model_under_stress() {
    for seed in 300..310 {
        run_pair(|| stressed(3), seed, 1500, seed % 2 == 0);
    }
}
