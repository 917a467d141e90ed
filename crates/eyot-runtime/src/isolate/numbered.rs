//! Ports as native code knows them: by a number.
//!
//! A port gets its number when a program first asks for it, and loses it when it is closed or its isolate ends, so that a table for the
//! process holds those of open ports only. No number is given twice. A program that never asks pays for a look at one flag.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rustc_hash::FxHashMap;

use super::event::Event;
use super::run::Isolate;
use crate::heap::message::Message;
use crate::port::{Closed, IsolateId, PortId};
use crate::sched::Scheduler;

/// The numbers given out.
struct Table {
    last: u64,
    ports: FxHashMap<i64, (Scheduler<Isolate>, PortId)>,
    /// In the order of isolates.
    numbers: BTreeMap<PortId, i64>,
}

static TABLE: RwLock<Option<Table>> = RwLock::new(None);

/// Whether there is a table.
static IN_USE: AtomicBool = AtomicBool::new(false);

fn read() -> RwLockReadGuard<'static, Option<Table>> {
    TABLE.read().unwrap_or_else(PoisonError::into_inner)
}

fn write() -> RwLockWriteGuard<'static, Option<Table>> {
    TABLE.write().unwrap_or_else(PoisonError::into_inner)
}

/// A number that says nothing of those before it, so that a wrong one is hardly another port's. Never 0 and never negative.
fn scattered(count: u64) -> i64 {
    (count.wrapping_mul(0x9e37_79b9_7f4a_7c15) & (i64::MAX as u64 >> 1)) as i64
}

/// The number of a port.
pub fn number(scheduler: &Scheduler<Isolate>, port: PortId) -> i64 {
    let mut table = write();
    IN_USE.store(true, Ordering::SeqCst);
    let table = table.get_or_insert_with(|| Table {
        last: 0,
        ports: FxHashMap::default(),
        numbers: BTreeMap::new(),
    });
    if let Some(&known) = table.numbers.get(&port) {
        return known;
    }
    table.last += 1;
    let number = scattered(table.last);
    // A port of an isolate that is gone is known to nobody: nothing would ever take it out again.
    if scheduler.registry().get(port.isolate).is_some() {
        table.numbers.insert(port, number);
        table.ports.insert(number, (scheduler.clone(), port));
    }
    number
}

/// The port of a number; none if it is closed, or there never was one.
pub fn port(number: i64) -> Option<PortId> {
    let table = read();
    let (_, port) = table.as_ref()?.ports.get(&number)?;
    Some(*port)
}

/// Sends to the port of a number, from whatever thread.
///
/// # Errors
///
/// The message, if nobody will get it.
pub fn send(number: i64, message: Message) -> Result<(), Message> {
    let table = read();
    let target = table.as_ref().and_then(|table| table.ports.get(&number));
    let Some((scheduler, port)) = target else {
        return Err(message);
    };
    let (scheduler, port) = (scheduler.clone(), *port);
    drop(table);
    let event = Event::Message {
        port: port.number,
        message,
    };
    match scheduler.send(port.isolate, event) {
        Err(Closed(Event::Message { message, .. })) => Err(message),
        _ => Ok(()),
    }
}

/// A port is closed.
pub fn closed(port: PortId) {
    if IN_USE.load(Ordering::SeqCst)
        && let Some(table) = &mut *write()
        && let Some(number) = table.numbers.remove(&port)
    {
        table.ports.remove(&number);
    }
}

/// An isolate ends, and with it its ports.
pub(super) fn ended(isolate: IsolateId) {
    if !IN_USE.load(Ordering::SeqCst) {
        return;
    }
    let port = |number| PortId { isolate, number };
    let ports = |table: &Table| -> Vec<PortId> {
        let ports = table.numbers.range(port(0)..=port(u64::MAX));
        ports.map(|(&port, _)| port).collect()
    };
    // Most isolates have none, and end side by side.
    let ports = read().as_ref().map(ports).unwrap_or_default();
    if ports.is_empty() {
        return;
    }
    if let Some(table) = &mut *write() {
        for port in ports {
            if let Some(number) = table.numbers.remove(&port) {
                table.ports.remove(&number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_positive_and_differ() {
        let numbers: std::collections::BTreeSet<i64> = (1..10_000).map(scattered).collect();
        assert_eq!(numbers.len(), 9_999);
        assert!(numbers.iter().all(|&number| number > 0));
    }
}
