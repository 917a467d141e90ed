//! What a host does with isolates: a test for each thing that Dart's C embedding interface offers, and for what may go wrong.

mod enter;
mod life;
mod messages;

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use eyot::embed::{Engine, EngineOptions, Group, GroupOptions, Isolate, IsolateOptions};
use eyot::{Options, Program, Script};

/// How long something may take that must happen: far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program of this text.
fn program(text: &str) -> Program {
    compiled(text, &Options::default())
}

fn compiled(text: &str, options: &Options) -> Program {
    match eyot::compile(&Script::from_source(text), options) {
        Ok(program) => program,
        Err(error) => panic!("{error}"),
    }
}

fn engine() -> Engine {
    Engine::new(&EngineOptions { workers: Some(2) }).unwrap()
}

/// An engine and a group of this program.
fn group(text: &str) -> (Engine, Group) {
    let engine = engine();
    let group = engine
        .create_group(&program(text), GroupOptions::default())
        .unwrap();
    (engine, group)
}

fn isolate(group: &Group) -> Isolate {
    group.create_isolate(IsolateOptions::default()).unwrap()
}

fn named(name: &str) -> IsolateOptions {
    IsolateOptions {
        name: Some(name.to_owned()),
        ..IsolateOptions::default()
    }
}

/// What is told in callbacks, in order.
fn journal() -> (Sender<String>, Receiver<String>) {
    mpsc::channel()
}

fn next(journal: &Receiver<String>) -> String {
    journal
        .recv_timeout(PATIENCE)
        .expect("something that must happen does not")
}
