//! Heap snapshots in the format of the VM service ("dartheap").
//!
//! Numbers are unsigned LEB128, texts are UTF-8 behind their length. Objects and classes are numbered from 1 on; object 1 is the root, and 0
//! stands for what is no object: null, a bool, a small integer. Every tagged word of an object is a reference, so a field is found by
//! the number of tagged words before its own.

use eyot_bytecode::module::ClassId;
use eyot_runtime::heap::snapshot::{Content, Snapshot, SnapshotObject};
use eyot_runtime::isolate::{Context, HostJob};
use eyot_runtime::native::{NativeCall, NativeResult};
use eyot_runtime::program::Program;
use rustc_hash::FxHashMap;

use super::write_number;

/// `String? _writeHeapSnapshot(String path)`: why it could not be written, if so.
pub fn write(cx: &mut NativeCall<'_>) -> NativeResult {
    let path = cx.string(cx.arg(0)).unwrap_or_default();
    let name = cx.host::<Context>().map(|context| context.name());
    let snapshot = cx.allocate(|heap, roots| Ok(heap.snapshot(roots)))?;
    let capacity = cx.heap().held_bytes();
    let program = cx.program();
    let text = encode(&snapshot, &program, &name.unwrap_or_default(), capacity);
    cx.pending(Box::new(HostJob::Block(Box::new(move || {
        let error = std::fs::write(&path, text).err();
        Box::new(move |cx: &mut NativeCall<'_>| match error {
            None => cx.ret_null(),
            Some(error) => {
                let text = cx.new_string(&error.to_string())?;
                cx.ret(text)
            }
        })
    }))))
}

/// The kinds of data besides references.
mod tag {
    pub const NONE: u64 = 0;
    pub const INT: u64 = 3;
    pub const DOUBLE: u64 = 4;
    pub const LATIN1: u64 = 5;
    pub const UTF16: u64 = 6;
    pub const LENGTH: u64 = 7;
}

/// The number of the root's class, and of the root.
const ROOT: u64 = 1;

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, value: u64) {
        write_number(&mut self.0, value);
    }

    fn count(&mut self, value: usize) {
        self.number(value as u64);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }
}

fn encode(snapshot: &Snapshot, program: &Program, name: &str, capacity: usize) -> Vec<u8> {
    let objects = &snapshot.objects;
    let size: usize = objects.iter().map(|object| object.bytes).sum();
    let external: usize = objects.iter().map(|object| object.external_bytes).sum();
    let mut to = Writer(b"dartheap".to_vec());
    to.number(0);
    to.text(name);
    to.count(size);
    to.count(capacity.max(size));
    to.count(external);
    let numbers = classes(&mut to, snapshot, program);
    let references = objects.iter().map(|object| object.references.len());
    to.count(references.sum::<usize>() + snapshot.roots.len());
    to.count(objects.len() + 1);
    to.number(ROOT);
    to.number(0);
    to.number(tag::NONE);
    refer(&mut to, &snapshot.roots);
    for object in objects {
        write_object(&mut to, object, &numbers);
    }
    let held = |object: &&SnapshotObject| object.external_bytes > 0;
    to.count(objects.iter().filter(held).count());
    for (index, object) in objects.iter().enumerate() {
        if object.external_bytes > 0 {
            to.count(index + 2);
            to.count(object.external_bytes);
            to.text("bytes");
        }
    }
    // Identity hashes, which are not told.
    to.0.resize(to.0.len() + objects.len() + 1, 0);
    to.0
}

/// Writes the classes that objects are of, and gives their numbers.
fn classes(to: &mut Writer, snapshot: &Snapshot, program: &Program) -> FxHashMap<ClassId, u64> {
    let mut used = Vec::new();
    let mut numbers = FxHashMap::default();
    for object in &snapshot.objects {
        numbers.entry(object.class).or_insert_with(|| {
            used.push(object.class);
            used.len() as u64 + ROOT
        });
    }
    to.count(used.len() + 1);
    write_class(to, "Root", "", &[]);
    for &class in &used {
        let modules = program.modules();
        let declared = modules.class(class);
        let library = declared.map_or("", |declared| modules.string(declared.library));
        write_class(
            to,
            program.class_name(class),
            library,
            &fields(program, class),
        );
    }
    numbers
}

fn write_class(to: &mut Writer, name: &str, library: &str, fields: &[(usize, &str)]) {
    to.number(0);
    to.text(name);
    match library.strip_prefix("dart:") {
        Some(rest) => to.text(&format!("dart.{rest}")),
        None => to.text(""),
    }
    to.text(library);
    to.text("");
    to.count(fields.len());
    for &(index, name) in fields {
        to.number(0);
        to.count(index);
        to.text(name);
        to.text("");
    }
}

/// The fields of a class and its superclasses that can refer to objects: place among the references, and name.
fn fields(program: &Program, class: ClassId) -> Vec<(usize, &str)> {
    let modules = program.modules();
    let is_tagged = |map: &[u64], word: usize| {
        let bits = map.get(word / 64).copied().unwrap_or(0);
        bits >> (word % 64) & 1 == 1
    };
    let mut found = Vec::new();
    let Some(of) = modules.class(class) else {
        return found;
    };
    let mut at = Some(class);
    while let Some(declared) = at.and_then(|id| modules.class(id)) {
        let first = usize::from(declared.words).saturating_sub(declared.fields.len());
        for (index, field) in declared.fields.iter().enumerate() {
            let word = first + index;
            if is_tagged(&of.ref_map, word) {
                let before = (0..word).filter(|&word| is_tagged(&of.ref_map, word));
                found.push((before.count(), modules.string(field.name)));
            }
        }
        at = declared.superclass;
    }
    found
}

fn write_object(to: &mut Writer, object: &SnapshotObject, numbers: &FxHashMap<ClassId, u64>) {
    to.number(numbers.get(&object.class).copied().unwrap_or(0));
    to.count(object.bytes);
    match &object.content {
        Content::None => to.number(tag::NONE),
        Content::Int(value) => {
            to.number(tag::INT);
            to.number(*value as u64);
        }
        Content::Double(value) => {
            to.number(tag::DOUBLE);
            to.0.extend_from_slice(&value.to_le_bytes());
        }
        Content::Latin1(units, length) => {
            to.number(tag::LATIN1);
            to.count(*length);
            to.count(units.len());
            to.0.extend_from_slice(units);
        }
        Content::Utf16(units, length) => {
            to.number(tag::UTF16);
            to.count(*length);
            to.count(units.len());
            let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
            to.0.extend(bytes);
        }
        Content::Length(length) => {
            to.number(tag::LENGTH);
            to.count(*length);
        }
    }
    refer(to, &object.references);
}

fn refer(to: &mut Writer, references: &[Option<u32>]) {
    to.count(references.len());
    for reference in references {
        to.number(reference.map_or(0, |place| u64::from(place) + ROOT + 1));
    }
}
