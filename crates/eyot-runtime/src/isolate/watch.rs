//! Who is told how an isolate ends, and what it tells about itself.
//!
//! A *monitor* is a port that gets one message at the end of an isolate: `[reference, number of the outcome, error, trace]`, the last two
//! only after an uncaught error. *Linked* isolates end together, unless one of them ends normally. Whoever asks an isolate that is
//! gone already, or that ends before it has read the question, is told so: the number is then [`GONE`]. So each question gets
//! exactly one answer.

use std::collections::BTreeSet;

use eyot_bytecode::well_known::class;

use super::context::{Context, FatalError, Outcome, Side};
use super::event::{Control, Event, Watcher};
use super::run::Isolate;
use crate::heap::HeapCounters;
use crate::heap::message::{Message, Plain};
use crate::interp::state::IsolateState;
use crate::object::slot;
use crate::port::IsolateId;
use crate::sched::Scheduler;
use crate::value::Value;

/// The outcome of an isolate that had ended before it was asked.
const GONE: i64 = 9;

/// A control message that its isolate will never read: who waits for an answer gets one.
pub(super) fn undelivered(scheduler: &Scheduler<Isolate>, isolate: IsolateId, event: Event) {
    let Event::Control(control) = event else {
        return;
    };
    match *control {
        Control::Monitor(watcher) | Control::Stats(watcher) => {
            let gone = vec![Plain::Int(watcher.reference), Plain::Int(GONE)];
            let event = Event::Message {
                port: watcher.port.number,
                message: Message::of_plain(Plain::List(gone)),
            };
            // An asker that is gone itself needs no answer.
            let _ = scheduler.send(watcher.port.isolate, event);
        }
        Control::Link(asker) => {
            let ended = Control::LinkEnded {
                from: isolate,
                normally: false,
            };
            let _ = scheduler.send_urgent(asker, Event::Control(Box::new(ended)));
        }
        Control::Host(call) => call.undelivered(scheduler),
        _ => {}
    }
}

/// Tells monitors and linked isolates of the end.
pub(super) fn tell_end(
    state: &mut IsolateState,
    context: &Context,
    side: &mut Side,
    outcome: Outcome,
) {
    let fatal = side.fatal.take().filter(|_| outcome == Outcome::Error);
    for watcher in std::mem::take(&mut side.monitors) {
        let with_error = fatal.as_ref().and_then(|fatal| {
            let same_group = context.is_of_group(watcher.port.isolate);
            same_group.then(|| error_message(state, watcher, outcome, fatal))?
        });
        let message = with_error.unwrap_or_else(|| plain_message(watcher, outcome, fatal.as_ref()));
        context.send(watcher.port, message);
    }
    if side.links.is_empty() {
        return;
    }
    let told: BTreeSet<IsolateId> = std::mem::take(&mut side.links).into_iter().collect();
    for linked in told {
        let ended = Control::LinkEnded {
            from: context.id(),
            normally: outcome == Outcome::Finished,
        };
        context.send_control(linked, ended, true);
    }
}

/// With the error itself; none if it cannot be sent, or if there is no memory left for it.
fn error_message(
    state: &mut IsolateState,
    watcher: Watcher,
    outcome: Outcome,
    fatal: &FatalError,
) -> Option<Message> {
    let list = state.with_roots(|heap, roots| heap.new_list(class::FIXED_LIST, 4, 0, roots));
    let list = list.ok()?;
    let elements = [
        Value::smi(watcher.reference)?,
        Value::smi(outcome as i64)?,
        state.kept(fatal.error),
        state.kept(fatal.trace),
    ];
    for (index, element) in elements.into_iter().enumerate() {
        // SAFETY: a fresh list of that length; nothing was allocated since.
        unsafe { list.init_field(slot::LIST_ELEMENTS + index, element) };
    }
    state.heap.copy_message(list.value()).ok()
}

fn plain_message(watcher: Watcher, outcome: Outcome, fatal: Option<&FatalError>) -> Message {
    let mut parts = vec![Plain::Int(watcher.reference), Plain::Int(outcome as i64)];
    if let Some(fatal) = fatal {
        let texts = fatal.texts.iter();
        parts.extend(texts.map(|text| Plain::Text(text.as_str().into())));
    }
    Message::of_plain(Plain::List(parts))
}

/// How many figures there are.
const FIGURES: usize = 10;

/// What an isolate uses: bytes of the heap, microseconds on a core, messages that wait, were sent, were handled; minor and major
/// collections, the longest pause and all pauses in microseconds; the most bytes that the heap has held.
pub(super) fn figures(
    held_bytes: usize,
    counters: HeapCounters,
    context: &Context,
) -> [i64; FIGURES] {
    let record = context.group.scheduler.registry().get(context.id());
    // SAFETY: whoever has the context runs the isolate.
    let waiting = record.map_or(0, |record| unsafe { record.waiting(usize::MAX) });
    let waiting = waiting + context.side.as_ref().map_or(0, |side| side.pending.len());
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    [
        number(held_bytes as u64),
        number(context.cpu_time().as_micros() as u64),
        number(waiting as u64),
        number(context.sent.get()),
        number(context.received),
        number(counters.minor_collections),
        number(counters.major_collections),
        number(counters.pause_ns_max / 1000),
        number(counters.pause_ns_total / 1000),
        number(counters.peak_bytes as u64),
    ]
}

/// Answers a question for the figures.
pub(super) fn answer_stats(context: &Context, watcher: Watcher, figures: [i64; FIGURES]) {
    let mut parts = vec![Plain::Int(watcher.reference), Plain::Int(-1)];
    parts.extend(figures.map(Plain::Int));
    context.send(watcher.port, Message::of_plain(Plain::List(parts)));
}
