//! Exceptions: errors raised by the runtime, unwinding, stack traces.
//!
//! The runtime raises an error by calling a Dart function of the core library that throws it, in a frame on top of the
//! one that failed. So error objects are made in Dart, and an error unwinds in one way only.
//!
//! A stack trace is a string of bytes in a `_StackTrace`: function number and word index of each frame, innermost first. It is
//! made into text when somebody asks.

use std::sync::atomic::Ordering;

use eyot_bytecode::NO_REG;
use eyot_bytecode::module::{FunctionFlags, FunctionId, Handler, Rep, Source};
use eyot_bytecode::well_known::class;

use super::dispatch::Exit;
use super::frame::Frame;
use super::machine::{Machine, to_rep};
use crate::heap::RootVisitor;
use crate::native::{Raised, Root};
use crate::object::{ObjRef, StringView, string_view};
use crate::program::Program;
use crate::program::type_names::plain;
use crate::value::Value;

/// An error on its way.
pub(crate) enum Raise {
    /// A core function that throws.
    Entry {
        /// Its name.
        name: &'static str,
        /// Arguments in order.
        arguments: Box<[RaiseArgument]>,
    },
    /// A value.
    Value {
        /// What is thrown.
        error: Value,
        /// Its trace, or none to take it here.
        trace: Option<Value>,
    },
    /// None: the native that was called runs again.
    Again,
}

/// An argument for a core function that throws.
#[derive(Clone, Debug)]
pub enum RaiseArgument {
    /// A tagged value.
    Value(Value),
    /// An integer.
    Int(i64),
    /// A string.
    Text(Box<str>),
}

impl Raise {
    pub(crate) fn visit(&mut self, visitor: &mut dyn RootVisitor) {
        match self {
            Raise::Entry { arguments, .. } => {
                for argument in arguments {
                    if let RaiseArgument::Value(value) = argument {
                        visitor.visit(value);
                    }
                }
            }
            Raise::Again => {}
            Raise::Value { error, trace } => {
                visitor.visit(error);
                if let Some(trace) = trace {
                    visitor.visit(trace);
                }
            }
        }
    }
}

/// Frames a stack trace keeps.
const TRACE_FRAMES_MAX: usize = 256;

/// Where a stack trace keeps its frames.
const TRACE_FRAMES_WORD: usize = 1;

impl Machine {
    /// Raises an error at the saved instruction through a core function.
    pub(crate) fn raise_now<const N: usize>(
        &mut self,
        name: &'static str,
        arguments: [RaiseArgument; N],
    ) -> Result<(), Exit> {
        self.raise = Some(Raise::Entry {
            name,
            arguments: arguments.into(),
        });
        self.deliver()
    }

    /// Acts on the raised error: the machine goes on in a core function or a handler, or the run ends.
    pub(crate) fn deliver(&mut self) -> Result<(), Exit> {
        match self.raise.take() {
            None => Err(Exit::Fatal),
            Some(Raise::Value { error, trace }) => self.throw(error, trace),
            Some(Raise::Entry { name, arguments }) => self.call_thrower(name, arguments),
            Some(Raise::Again) => self.run_again(),
        }
    }

    fn call_thrower(
        &mut self,
        name: &'static str,
        arguments: Box<[RaiseArgument]>,
    ) -> Result<(), Exit> {
        let program = self.program_ref();
        let entry = program
            .modules
            .core_entry(name)
            .and_then(|id| program.entry(id));
        let Some(entry) = entry else {
            return self.throw_text(name, &arguments);
        };
        let roots = self.root_count();
        let given = match self.root_arguments(&arguments) {
            Ok(given) => given,
            Err(Raised(())) => {
                // Out of memory on the way: that error needs no arguments.
                self.truncate_roots(roots);
                self.raise = None;
                if name == "_throwOutOfMemory" {
                    return Err(Exit::Fatal);
                }
                return self.raise_now("_throwOutOfMemory", []);
            }
        };
        if matches!(name, "_throwStackOverflow" | "_throwOutOfMemory") {
            self.stack_end = self.stack.hard_limit();
            self.has_overflowed |= name == "_throwStackOverflow";
        }
        // A trace attributes a frame to the instruction in front of its return address.
        let return_pc = self.pc.wrapping_add(1);
        // SAFETY: the saved frame; its spare slot takes no result, since the function never returns.
        let frame = unsafe {
            let spare = self.frame().entry().frame_words as usize - 1;
            self.push_frame(entry, return_pc, spare)
        };
        let Some(frame) = frame else {
            self.truncate_roots(roots);
            return match name {
                "_throwStackOverflow" => Err(Exit::Fatal),
                _ => self.raise_now("_throwStackOverflow", []),
            };
        };
        self.fill_arguments(frame, entry.function(), usize::from(entry.refs), &given);
        self.truncate_roots(roots);
        Ok(())
    }

    /// The arguments as roots, strings made.
    fn root_arguments(&mut self, arguments: &[RaiseArgument]) -> Result<Vec<Root>, Raised> {
        for argument in arguments {
            if let &RaiseArgument::Value(value) = argument {
                self.push_root(value);
            }
        }
        // Values are all roots before the first string is made.
        let mut next = self.root_count() - arguments.iter().filter(|a| a.is_value()).count();
        let mut roots = Vec::with_capacity(arguments.len());
        for argument in arguments {
            roots.push(match argument {
                RaiseArgument::Value(_) => {
                    next += 1;
                    Root(next - 1)
                }
                &RaiseArgument::Int(int) => {
                    let value = self.new_int(int)?;
                    self.push_root(value)
                }
                RaiseArgument::Text(text) => {
                    let value = self.new_string(text)?;
                    self.push_root(value)
                }
            });
        }
        Ok(roots)
    }

    fn fill_arguments(
        &mut self,
        frame: Frame,
        function: &eyot_bytecode::module::Function,
        refs: usize,
        given: &[Root],
    ) {
        let (mut tagged, mut raw) = (0, refs);
        for (param, &root) in function.params.iter().zip(given) {
            let place = if param.rep == Rep::Tagged {
                &mut tagged
            } else {
                &mut raw
            };
            // SAFETY: parameters have slots in the frame.
            unsafe { *frame.0.add(*place) = to_rep(self.root(root), param.rep) };
            *place += 1;
        }
    }

    /// Without the core function the message itself is thrown: for programs without a core library.
    fn throw_text(&mut self, name: &str, arguments: &[RaiseArgument]) -> Result<(), Exit> {
        let mut text = name.to_owned();
        for (index, argument) in arguments.iter().enumerate() {
            text.push_str(if index == 0 { ": " } else { ", " });
            match argument {
                RaiseArgument::Value(value) => text.push_str(&format!("{value:?}")),
                RaiseArgument::Int(int) => text.push_str(&int.to_string()),
                RaiseArgument::Text(part) => text.push_str(part),
            }
        }
        let error = self.program_ref().frozen_string(&text);
        self.throw(error, None)
    }

    /// Throws a value: the machine goes on in the innermost handler, or the run ends.
    pub(crate) fn throw(&mut self, error: Value, trace: Option<Value>) -> Result<(), Exit> {
        self.error = error;
        self.trace = trace.unwrap_or(Value::NULL);
        let found = self.find_handler();
        let wants_trace = found.is_none_or(|(_, handler)| handler.trace != NO_REG);
        if trace.is_none() && (wants_trace || self.keeps_trace(error)) {
            self.trace = match self.capture_trace() {
                Some(trace) => trace,
                None => self.program_ref().empty_trace(),
            };
            self.attach_trace();
        }
        let Some((frame, handler)) = found else {
            return Err(Exit::Uncaught);
        };
        // SAFETY: a live frame; the registers and the target are those of verified code.
        unsafe {
            let code = frame.entry().code.load(Ordering::Acquire);
            *frame.0.add(usize::from(handler.error)) = self.error.bits();
            if handler.trace != NO_REG {
                *frame.0.add(usize::from(handler.trace)) = self.trace.bits();
            }
            self.base = frame.0;
            self.pc = code.add(handler.target as usize);
        }
        self.error = Value::NULL;
        self.trace = Value::NULL;
        if self.base < self.stack.limit() {
            self.stack_end = self.stack.limit();
        }
        Ok(())
    }

    fn find_handler(&self) -> Option<(Frame, Handler)> {
        let mut frame = self.frame();
        let mut pc = self.pc;
        loop {
            // SAFETY: a chain of live frames; the bottom one has no function.
            unsafe {
                let caller = frame.caller()?;
                let entry = frame.entry();
                if entry.is_bottom() {
                    // Whoever called from native code gets the error.
                    return None;
                }
                if let Some(at) = entry.word_index(pc) {
                    let handlers = entry.function().handlers.iter();
                    let found = handlers.copied().find(|h| (h.start..h.end).contains(&at));
                    if let Some(handler) = found {
                        return Some((frame, handler));
                    }
                }
                pc = frame.return_pc().wrapping_sub(1);
                frame = caller;
            }
        }
    }

    /// Whether the error is an object that keeps the trace of its first throw.
    fn keeps_trace(&self, error: Value) -> bool {
        self.trace_word(error).is_some()
    }

    fn trace_word(&self, error: Value) -> Option<usize> {
        let object = ObjRef::of(error)?;
        // SAFETY: the invariant of Value.
        let of = unsafe { object.class() };
        self.program_ref().error_trace_word(of)
    }

    /// Gives an `Error` its trace, unless it has one.
    fn attach_trace(&mut self) {
        if let Some(word) = self.trace_word(self.error)
            && let Some(object) = ObjRef::of(self.error)
        {
            // SAFETY: the word is a tagged field of the object's class.
            unsafe {
                let frozen = object.header().has(crate::object::Header::FROZEN);
                if !frozen && object.field(word).is_null() {
                    let trace = self.trace;
                    self.heap().store(object, word, trace);
                }
            }
        }
    }

    /// The frames from the saved instruction down, as a `_StackTrace`.
    pub(crate) fn capture_trace(&mut self) -> Option<Value> {
        let bytes = self.trace_bytes();
        let trace = self.new_string_latin1(&bytes).and_then(|frames| {
            let frames = self.push_root(frames);
            let trace = self.new_instance(
                class::STACK_TRACE,
                crate::program::types::TypeArguments::EMPTY,
            );
            let frames = self.root(frames);
            self.truncate_roots(self.root_count() - 1);
            trace.map(|trace| (trace, frames))
        });
        match trace {
            Ok((trace, frames)) => {
                let instances = &self.program_ref().instances;
                let words = instances.get(class::STACK_TRACE.index());
                if words.is_some_and(|&words| words as u16 as usize > TRACE_FRAMES_WORD) {
                    self.set_field(trace, TRACE_FRAMES_WORD, frames);
                }
                Some(trace)
            }
            Err(Raised(())) => {
                // No memory for a trace: the error is more important.
                self.raise = None;
                None
            }
        }
    }

    fn trace_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut frame = self.frame();
        let mut pc = self.pc;
        // SAFETY: a chain of live frames.
        unsafe {
            while let Some(caller) = frame.caller() {
                let entry = frame.entry();
                let at = entry.word_index(pc).unwrap_or(0);
                let hidden =
                    entry.is_bottom() || entry.function().flags.contains(FunctionFlags::HIDDEN);
                if !hidden {
                    bytes.extend_from_slice(&entry.id().0.to_le_bytes());
                    bytes.extend_from_slice(&at.to_le_bytes());
                }
                if bytes.len() >= TRACE_FRAMES_MAX * 8 {
                    break;
                }
                pc = frame.return_pc().wrapping_sub(1);
                frame = caller;
            }
        }
        bytes
    }
}

impl RaiseArgument {
    fn is_value(&self) -> bool {
        matches!(self, RaiseArgument::Value(_))
    }
}

impl Program {
    /// The field in which an `Error` keeps its trace.
    fn error_trace_word(&self, of: eyot_bytecode::module::ClassId) -> Option<usize> {
        let mut at = Some(of);
        while let Some(id) = at {
            let class = self.modules.class(id)?;
            if self.modules.string(class.name) == "Error"
                && self.modules.string(class.library) == "dart:core"
            {
                return self.field_word(id, "_stackTrace");
            }
            at = class.superclass;
        }
        None
    }

    /// A trace without frames, for where there is no memory to take one: it takes none of the isolate's.
    fn empty_trace(&self) -> Value {
        let words = self.instances.get(class::STACK_TRACE.index());
        let fields = words.map_or(0, |&words| usize::from(words as u16).saturating_sub(1));
        self.frozen(class::STACK_TRACE, vec![Value::NULL.bits(); fields])
    }

    /// A stack trace as Dart prints it.
    pub fn trace_text(&self, trace: Value) -> String {
        let words = self.instances.get(class::STACK_TRACE.index());
        let keeps_frames = words.is_some_and(|&words| words as u16 as usize > TRACE_FRAMES_WORD);
        let frames = ObjRef::of(trace)
            // SAFETY: a `_StackTrace` that has this word keeps its frames in it.
            .filter(|object| keeps_frames && unsafe { object.class() } == class::STACK_TRACE)
            // SAFETY: as above.
            .map(|object| unsafe { object.field(TRACE_FRAMES_WORD) })
            // SAFETY: nothing is allocated while the view lives.
            .and_then(|frames| unsafe { string_view(frames) });
        let Some(StringView::OneByte(bytes)) = frames else {
            return String::new();
        };
        let number = |part: &[u8]| part.try_into().map_or(0, u32::from_le_bytes);
        let mut text = String::new();
        let mut index = 0;
        for pair in bytes.chunks_exact(8) {
            let id = FunctionId(number(&pair[..4]));
            let Some(line) = self.trace_line(id, number(&pair[4..])) else {
                continue;
            };
            text.push_str(&format!("#{index:<6} {line}\n"));
            index += 1;
        }
        text
    }

    /// `name (uri:line:column)`; none for core functions that only throw for the runtime.
    fn trace_line(&self, id: FunctionId, at: u32) -> Option<String> {
        let function = self.function(id)?;
        let name = self.modules.string(function.name);
        if name.starts_with("_throw") {
            return None;
        }
        let name = plain(name);
        let source = function.source.and_then(|id| self.modules.source(id));
        let Some(source) = source else {
            return Some(name.to_owned());
        };
        let position = function
            .positions
            .partition_point(|&(word, _)| word <= at)
            .checked_sub(1)
            .and_then(|index| function.positions.get(index));
        let Some(&(_, offset)) = position else {
            let uri = self.modules.string(source.uri);
            return Some(format!("{name} ({uri})"));
        };
        Some(format!("{name} ({})", self.place(source, offset)))
    }

    /// `uri:line:column` of a byte of a source.
    pub(crate) fn place(&self, source: &Source, offset: u32) -> String {
        let uri = self.modules.string(source.uri);
        let line = source.line_starts.partition_point(|&start| start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|line| source.line_starts.get(line))
            .copied()
            .unwrap_or(0);
        format!("{uri}:{}:{}", line.max(1), offset - start + 1)
    }
}
