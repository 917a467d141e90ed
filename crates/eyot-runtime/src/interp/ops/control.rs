//! What is rare: fuel, first calls, natives, errors, the end of a run.

use std::sync::atomic::Ordering;

use eyot_bytecode::module::Rep;

use crate::interp::dispatch::{Exit, Regs, handlers};
use crate::interp::machine::{Machine, to_rep};
use crate::interp::raise::RaiseArgument;
use crate::object;
use crate::program::prepare::PrepareError;
use crate::value::Value;

/// Goes on where the machine says, or ends the run.
#[inline(always)]
pub(super) unsafe fn proceed(mut s: Regs, result: Result<(), Exit>) -> Exit {
    unsafe {
        match result {
            Ok(()) => {
                s.reload();
                s.dispatch()
            }
            Err(exit) => exit,
        }
    }
}

/// Raises an error through a core function.
#[inline(always)]
pub(super) unsafe fn raise<const N: usize>(
    s: Regs,
    name: &'static str,
    arguments: [RaiseArgument; N],
) -> Exit {
    unsafe {
        s.save();
        let result = (*s.m).raise_now(name, arguments);
        proceed(s, result)
    }
}

handlers! {
    /// The fuel is used up: the clock gives more, or the slice is over. The instruction runs again.
    #[cold]
    fn out_of_fuel(s) {
        s.fuel = 0;
        s.save();
        let fuel = (*s.m).refuel();
        if fuel <= 0 {
            return Exit::Yielded;
        }
        s.fuel = fuel;
        if (*s.m).native_stack_grew() {
            s.save();
            return Exit::Continue;
        }
        s.dispatch()
    }

    fn Safepoint(s) {
        s.jump_over_safepoint()
    }

    /// An error lies in the machine, which is saved.
    #[cold]
    fn deliver(s) {
        let result = (*s.m).deliver();
        proceed(s, result)
    }

    #[cold]
    fn raise_types(s) {
        raise(s, "_throwUnsupported", ["types nest too deeply".into()])
    }

    #[cold]
    fn too_many_functions(s) {
        raise(s, "_throwUnsupported", ["no room for more functions made at run time".into()])
    }

    #[cold]
    fn stack_overflow(s) {
        raise(s, "_throwStackOverflow", [])
    }

    #[cold]
    fn division_by_zero(s) {
        raise(s, "_throwIntegerDivisionByZero", [])
    }

    #[cold]
    fn negative_shift(s) {
        let value = s.int(s.c());
        raise(s, "_throwArgumentMessage", [format!("{value}").as_str().into()])
    }

    #[cold]
    fn not_an_integer(s) {
        let text = match s.double(s.b()) {
            x if x.is_nan() => "Infinity or NaN toInt",
            _ => "Infinity or NaN toInt",
        };
        raise(s, "_throwUnsupported", [text.into()])
    }

    #[cold]
    fn null_check(s) {
        raise(s, "_throwNullCheck", [])
    }

    fn Throw(s) {
        s.save();
        let result = (*s.m).throw(s.value(s.a()), None);
        proceed(s, result)
    }

    fn Rethrow(s) {
        s.save();
        let trace = s.value(s.b());
        let result = (*s.m).throw(s.value(s.a()), Some(trace).filter(|trace| !trace.is_null()));
        proceed(s, result)
    }

    /// Code of a function that was not called yet.
    #[cold]
    fn Prepare(s) {
        s.save();
        let result = (*s.m).prepare_function();
        proceed(s, result)
    }

    #[cold]
    fn NoCode(s) {
        s.save();
        let function = (*s.m).frame().entry().function();
        let name = (*s.m).program_ref().modules.string(function.name);
        let text = format!("abstract function called: {name}");
        raise(s, "_throwUnsupported", [text.as_str().into()])
    }

    fn NativeR(s) {
        s.save();
        let result = (*s.m).run_native();
        proceed(s, result)
    }

    fn NativeW(s) {
        s.save();
        let result = (*s.m).run_native();
        proceed(s, result)
    }

    /// The result of a native's tail call is in slot 0.
    fn NativeRetR(s) {
        s.save();
        (*s.m).pop_frame(s.get(0));
        proceed(s, Ok(()))
    }

    fn NativeRetW(s) {
        s.save();
        let rep = (*s.m).frame().entry().result;
        (*s.m).pop_frame(to_rep(s.value(0), rep));
        proceed(s, Ok(()))
    }

    /// The bottom frame has the result: in slot 0 a tagged one, in slot 1 a raw one, whose kind the function named.
    fn Halt(s) {
        s.save();
        finish(&mut *s.m)
    }
}

impl Machine {
    /// Makes the code of the top frame's function ready and goes to its start.
    fn prepare_function(&mut self) -> Result<(), Exit> {
        // SAFETY: the frame that the call has just made.
        let entry = unsafe { self.frame().entry() };
        match self.program_ref().prepare(entry) {
            Ok(code) => {
                self.pc = code;
                Ok(())
            }
            Err(PrepareError::Types) => {
                self.raise_now("_throwUnsupported", ["types nest too deeply".into()])
            }
            Err(PrepareError::BadCode(what)) => {
                let text = format!("damaged code in an image: {what}");
                self.raise_now("_throwUnsupported", [text.as_str().into()])
            }
        }
    }
}

/// Boxes a raw result.
fn finish(m: &mut Machine) -> Exit {
    let frame = m.frame();
    // SAFETY: the bottom frame has these slots.
    let (tagged, raw, rep) = unsafe { (*frame.0, *frame.0.add(1), m.result_rep()) };
    let value = match rep {
        Rep::Tagged => Ok(Value::from_bits(tagged)),
        Rep::Int => m.new_int(raw as i64),
        Rep::Double => m.new_double(f64::from_bits(raw)),
        Rep::Bool => Ok(Value::bool(raw != 0)),
    };
    match value {
        Ok(value) => {
            m.result = value.bits();
            Exit::Finished
        }
        Err(_) => {
            m.raise = None;
            Exit::Fatal
        }
    }
}

impl Regs {
    /// Looks at the fuel without jumping.
    #[inline(always)]
    unsafe fn jump_over_safepoint(mut self) -> Exit {
        unsafe {
            self.fuel -= 1;
            if self.fuel < 0 {
                return self.go(out_of_fuel);
            }
            self.next(1)
        }
    }
}

/// The text in which errors show a value's type.
pub(super) fn type_text(m: &Machine, value: Value) -> String {
    let program = m.program_ref();
    match program.type_of(value) {
        Ok(ty) => program.type_name(program.shown_type(ty)),
        Err(_) => program.class_name(object::class_of(value)).to_owned(),
    }
}

/// The entry's code as it is now.
#[inline(always)]
pub(super) fn code(entry: &crate::program::entry::FunctionEntry) -> *const u64 {
    entry.code.load(Ordering::Acquire)
}
