//! What a value refers to, looked at without changing anything: the path to what cannot be sent.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use rustc_hash::FxHashSet;

use super::super::layout::Kind;
use super::super::walk::for_each_slot;
use super::{Rules, is_spent_transferable};
use crate::object::{Header, ObjRef, slot};
use crate::sched::after_steps;
use crate::value::Value;

/// Why a value cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsendable {
    /// The class of the object that cannot be sent.
    pub class: ClassId,
    /// It is a transferable whose buffer is gone.
    pub spent_transferable: bool,
    /// The references that lead to it, from the value on; empty if it is the value itself.
    pub path: Vec<Step>,
}

/// A reference from one object to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The class of the object that refers.
    pub class: ClassId,
    /// If that is a closure: its function.
    pub function: Option<u32>,
    /// The word of the object.
    pub word: u32,
}

struct Visit {
    object: ObjRef,
    /// Index of the visit that led here, and the word there.
    from: Option<(usize, u32)>,
}

/// The shortest path to an object that cannot be sent, from a value that has one.
pub(super) fn find(value: Value, rules: Rules<'_>) -> Unsendable {
    let mut visits: Vec<Visit> = ObjRef::of(value)
        .map(|object| Visit { object, from: None })
        .into_iter()
        .collect();
    let mut seen: FxHashSet<ObjRef> = visits.iter().map(|visit| visit.object).collect();
    let mut index = 0;
    while let Some(visit) = visits.get(index) {
        after_steps(index);
        let object = visit.object;
        // SAFETY: reachable from a value of the sender, so alive; and nothing moves meanwhile.
        unsafe {
            let header = object.header();
            if rules.refuse(object, header, rules.layouts.get(header.class())) {
                return Unsendable {
                    class: header.class(),
                    spent_transferable: is_spent_transferable(object, header),
                    path: path_to(&visits, index),
                };
            }
            for_each_reference(object, rules, |word, target| {
                if seen.insert(target) {
                    visits.push(Visit {
                        object: target,
                        from: Some((index, word as u32)),
                    });
                }
            });
        }
        index += 1;
    }
    // Not reached: the copier refused an object that this search finds as well.
    Unsendable {
        class: class::OBJECT,
        spent_transferable: false,
        path: Vec::new(),
    }
}

fn path_to(visits: &[Visit], mut index: usize) -> Vec<Step> {
    let mut path = Vec::new();
    while let Some((holder, word)) = visits[index].from {
        // SAFETY: reachable from a value of the sender.
        unsafe {
            let object = visits[holder].object;
            let of = object.class();
            path.push(Step {
                class: of,
                function: (of == class::CLOSURE)
                    .then(|| object.word(slot::CLOSURE_FUNCTION) as u32),
                word,
            });
        }
        index = holder;
    }
    path.reverse();
    path
}

/// Calls `visit` with the references that a message follows, and their words.
///
/// # Safety
/// A live object.
pub(super) unsafe fn for_each_reference(
    object: ObjRef,
    rules: Rules<'_>,
    mut visit: impl FnMut(usize, ObjRef),
) {
    // SAFETY: the caller's.
    unsafe {
        let header = object.header();
        if header.has(Header::FROZEN) && !rules.between_groups {
            return;
        }
        let layout = rules.layouts.get(header.class());
        for_each_slot(object, layout, |slot| {
            if let Some(target) = ObjRef::of(*slot) {
                visit((slot as usize - object.as_ptr() as usize) / 8, target);
            }
        });
        if layout.kind == Kind::Ephemeron
            && let Some(target) = ObjRef::of(object.field(slot::EPHEMERON_VALUE))
        {
            visit(slot::EPHEMERON_VALUE, target);
        }
    }
}
