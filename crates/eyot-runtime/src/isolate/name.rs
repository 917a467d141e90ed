//! Names of isolates. Most are called after the function they started with: then no text is kept, only the function's number, in
//! the task's tag, where other isolates of the group can read it. Given names are in a table of the process.

use std::sync::{Arc, Mutex, PoisonError};

use eyot_bytecode::module::FunctionId;
use rustc_hash::FxHashMap;

use crate::port::IsolateId;
use crate::program::Program;

/// The name of an isolate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// That of the function it started with.
    Function(FunctionId),
    /// One that was given.
    Given(Arc<str>),
}

/// In the tag of an isolate whose name is in the table. The lower half is the function otherwise; between them is the group.
const GIVEN: u64 = 1 << 63;

static TABLE: Mutex<Option<FxHashMap<IsolateId, Arc<str>>>> = Mutex::new(None);

impl Name {
    /// Of an isolate that has not begun.
    pub(super) const UNKNOWN: Name = Name::Function(FunctionId(0));

    /// The text.
    pub(super) fn text(&self, program: &Program) -> String {
        match self {
            Name::Function(id) => function_name(program, *id).unwrap_or_default(),
            Name::Given(text) => text.to_string(),
        }
    }

    /// Makes the name known; gives the task's tag.
    pub(super) fn register(&self, id: IsolateId, group: u32) -> u64 {
        let group = u64::from(group) << 32;
        match self {
            Name::Function(function) => group | u64::from(function.0),
            Name::Given(text) => {
                with_table(|table| table.insert(id, text.clone()));
                group | GIVEN
            }
        }
    }

    /// Forgets it.
    pub(super) fn unregister(&self, id: IsolateId) {
        if let Name::Given(_) = self {
            with_table(|table| table.remove(&id));
        }
    }
}

/// The group in a task's tag.
pub(super) fn group_of_tag(tag: u64) -> u32 {
    (tag >> 32) as u32 & 0x7fff_ffff
}

/// The name behind the tag of an isolate in a group with this program.
pub(super) fn of_tag(id: IsolateId, tag: u64, program: &Program) -> Option<String> {
    if tag & GIVEN != 0 {
        return with_table(|table| table.get(&id).map(|text| text.to_string()));
    }
    function_name(program, FunctionId(tag as u32))
}

fn function_name(program: &Program, id: FunctionId) -> Option<String> {
    let function = program.function(id)?;
    Some(program.modules().string(function.name).to_owned())
}

fn with_table<R>(use_it: impl FnOnce(&mut FxHashMap<IsolateId, Arc<str>>) -> R) -> R {
    let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    use_it(table.get_or_insert_default())
}
