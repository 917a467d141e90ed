//! Programs in the text form of bytecode with the results they must have.
//!
//! [`check`] runs each program in several ways that must agree: plainly, with a collection at every allocation, and in
//! slices of a few instructions between which its frames are copied out and back.

mod calls;
mod dynamic;
mod errors;
mod natives;
mod numbers;
mod objects;
mod suspension;
mod types;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use eyot_bytecode::module::{ClassId, Field, Module, Rep, StrId};
use eyot_bytecode::well_known::class;
use eyot_bytecode::{image, text};

use super::machine::{Environment, Machine, SliceClock, Status, Unlimited};
use super::state::IsolateState;
use crate::heap::{GcStress, HeapConfig};
use crate::native::{NativeFn, NativeTable};
use crate::object::{self, StringView};
use crate::program::Program;
use crate::program::modules::{CoreModule, ImageBytes, ModuleSource};
use crate::value::Value;

/// How a run ended, as text: the result, or `threw …`.
pub(super) fn outcome(status: &Status) -> String {
    match status {
        Status::Finished(value) => show(*value),
        Status::Uncaught { error, .. } => format!("threw {}", show(*error)),
        other => format!("{other:?}"),
    }
}

fn show(value: Value) -> String {
    // SAFETY: nothing is allocated while the view lives.
    if let Some(view) = unsafe { object::string_view(value) } {
        return match view {
            StringView::OneByte(_) | StringView::TwoByte(_) => format!("{:?}", view.to_text()),
        };
    }
    if let Some(int) = object::as_int(value) {
        return int.to_string();
    }
    if let Some(double) = object::as_double(value) {
        return format!("{double:?}");
    }
    match value.is_pointer() {
        true => format!("<object of class {}>", object::class_of(value).0),
        false => format!("{value:?}"),
    }
}

struct Fuel {
    each: i64,
    used: u64,
}

/// Ends the slice each time.
impl SliceClock for Fuel {
    fn refuel(&mut self) -> i64 {
        self.used += 1;
        // The first call of a slice gives fuel, the next one ends it.
        if self.used % 2 == 1 { self.each } else { 0 }
    }
}

/// One way to run.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// From the bytes of an image instead of the module in memory.
    image: bool,
    stress: bool,
    slice: Option<i64>,
}

/// Native stack that a run may use: handlers jump to one another, so what one of them needs at a time.
const NATIVE_STACK_MAX: usize = 1 << 10;

/// The module of a text, with fields in the stubs of those core classes that the runtime knows by their fields.
fn parse(source: &str) -> Module {
    let mut module = text::parse(source).unwrap_or_else(|error| panic!("{error:?}\n{source}"));
    add_fields(&mut module, class::STACK_TRACE, &[("_frames", Rep::Tagged)]);
    let fields = [
        ("_list", Rep::Tagged),
        ("_length", Rep::Int),
        ("_index", Rep::Int),
        ("_current", Rep::Tagged),
    ];
    add_fields(&mut module, class::LIST_ITERATOR, &fields);
    module
}

fn add_fields(module: &mut Module, of: ClassId, fields: &[(&str, Rep)]) {
    for &(name, rep) in fields {
        let name_id = StrId(module.strings.len() as u32);
        module.strings.push(name.into());
        let class = &mut module.classes[of.index()];
        class.fields.push(Field { name: name_id, rep });
        if rep == Rep::Tagged {
            class.ref_map[0] |= 1 << class.words;
        }
        class.words += 1;
    }
}

pub(super) fn program(source: &str, natives: &[(&'static str, NativeFn)]) -> Arc<Program> {
    let module = parse(source);
    Program::of_module(module, native_table(natives)).unwrap()
}

fn program_of_image(source: &str, natives: &[(&'static str, NativeFn)]) -> Arc<Program> {
    let module = parse(source);
    let bytes = ImageBytes::Shared(image::write(&module).into());
    let none = Arc::new(CoreModule::new(ModuleSource::whole(Module::default())));
    let user = ModuleSource::image(bytes).unwrap();
    Program::new(none, user, native_table(natives)).unwrap()
}

fn native_table(natives: &[(&'static str, NativeFn)]) -> Arc<NativeTable> {
    Arc::new(NativeTable::new(&[natives]))
}

fn run_way(source: &str, natives: &[(&'static str, NativeFn)], args: &[i64], way: Way) -> String {
    let program = match way.image {
        true => program_of_image(source, natives),
        false => program(source, natives),
    };
    run_program(program, args, way)
}

fn run_program(program: Arc<Program>, args: &[i64], way: Way) -> String {
    let main = program.modules().entry("main").unwrap();
    let config = HeapConfig {
        stress: way.stress.then_some(GcStress { every: 1 }),
        ..HeapConfig::default()
    };
    let mut isolate = IsolateState::new(program, config);
    let mut machine = Machine::new(1 << 20);
    let mut fuel = Fuel {
        each: way.slice.unwrap_or(0),
        used: 0,
    };
    let mut unlimited = Unlimited(1);
    let interrupt = AtomicU32::new(0);
    let mut environment = Environment {
        host: &mut (),
        clock: match way.slice {
            Some(_) => &mut fuel,
            None => &mut unlimited,
        },
        interrupt: &interrupt,
    };
    let args: Vec<Value> = args.iter().map(|&arg| Value::smi(arg).unwrap()).collect();
    let mut status = machine.call(&mut isolate, &mut environment, main, &args);
    while matches!(status, Status::Yielded) {
        machine.park(&mut isolate);
        if way.stress {
            isolate.with_roots(|heap, roots| heap.collect_minor(roots));
        }
        status = machine.resume(&mut isolate, &mut environment);
    }
    let grown = machine.native_growth;
    assert!(
        grown < NATIVE_STACK_MAX,
        "handlers took {grown} bytes of native stack"
    );
    outcome(&status)
}

/// Runs `main` in all ways and compares.
#[track_caller]
pub(super) fn check_with(
    source: &str,
    natives: &[(&'static str, NativeFn)],
    args: &[i64],
    expected: &str,
) {
    for way in [
        Way {
            image: false,
            stress: false,
            slice: None,
        },
        Way {
            image: true,
            stress: true,
            slice: None,
        },
        Way {
            image: false,
            stress: false,
            slice: Some(3),
        },
        Way {
            image: true,
            stress: true,
            slice: Some(1),
        },
    ] {
        let result = run_way(source, natives, args, way);
        assert_eq!(result, expected, "{way:?}");
    }
    check_ahead(source, natives, args, expected);
}

/// The same in a program that was made ready from what another has used.
#[track_caller]
fn check_ahead(source: &str, natives: &[(&'static str, NativeFn)], args: &[i64], expected: &str) {
    let way = Way {
        image: false,
        stress: false,
        slice: None,
    };
    let before = program(source, natives);
    run_program(before.clone(), args, way);
    let profile = before.profile();
    let ahead = program(source, natives);
    ahead.make_all_ready(&profile);
    assert_eq!(ahead.profile(), profile);
    assert_eq!(run_program(ahead, args, way), expected, "ahead");
}

/// The same without natives.
#[track_caller]
pub(super) fn check(source: &str, args: &[i64], expected: &str) {
    check_with(source, &[], args, expected);
}
