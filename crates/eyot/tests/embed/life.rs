//! Callbacks: each once for whatever it is about, however that ends.

use std::sync::mpsc::Sender;
use std::time::Duration;

use eyot::embed::{
    Engine, Exit, Group, GroupOptions, IsolateError, IsolateOptions, Limits, Message,
};

use super::{PATIENCE, engine, isolate, journal, named, next, program};

const PROGRAM: &str = "
    import 'dart:isolate';
    import 'package:eyot/isolate.dart' as eyot;
    String name() => Isolate.current.debugName!;
    void spin() { while (true) {} }
    void grow() { final all = <Object>[]; while (true) all.add(List.filled(1000, 0)); }
    void main(List<String> arguments) {
      switch (arguments) {
        case ['throw']: throw StateError('thrown by main');
        case ['spawn']:
          Isolate.spawn((_) {}, null, debugName: 'child');
        case ['spin']: spin();
        case ['grow']: grow();
        case ['exit']: Isolate.exit();
        case ['uri']: Isolate.spawnUri(Uri.parse('data:,void%20main()%20%7B%7D'), [], null);
      }
    }
";

/// A group that writes down what happens in it.
fn watched(engine: &Engine, journal: &Sender<String>) -> Group {
    let [starts, shutdowns, cleanups, ends, errors] = std::array::from_fn(|_| journal.clone());
    let options = GroupOptions::default()
        .name("watched")
        .on_isolate_start(move |isolate| starts.send(format!("start {}", isolate.name())).unwrap())
        .on_isolate_shutdown(move |isolate, exit| {
            shutdowns
                .send(format!("shutdown {}: {exit}", isolate.name()))
                .unwrap();
        })
        .on_isolate_cleanup(move |isolate, exit| {
            cleanups
                .send(format!("cleanup {}: {exit}", isolate.name()))
                .unwrap();
        })
        .on_group_cleanup(move |name| ends.send(format!("group {name}")).unwrap())
        .on_uncaught_error(move |error| {
            errors
                .send(format!("{} did not catch {}", error.isolate, error.error))
                .unwrap();
        });
    engine.create_group(&program(PROGRAM), options).unwrap()
}

/// The shutdown callback comes at the end of an isolate, before whoever waits for it goes on; while it runs the isolate has its name.
#[test]
fn shutdown_is_told() {
    let (notes, told) = journal();
    let engine = engine();
    let names = notes.clone();
    let options = GroupOptions::default().on_isolate_shutdown(move |isolate, exit| {
        assert_eq!(isolate.exit(), None);
        assert!(matches!(isolate.enter(), Err(IsolateError::OnWorker)));
        let alive = isolate.group().unwrap().isolates().contains(isolate);
        names
            .send(format!("{}: {exit}, alive: {alive}", isolate.name()))
            .unwrap();
    });
    let group = engine.create_group(&program(PROGRAM), options).unwrap();
    let isolate = group.create_isolate(named("short-lived")).unwrap();
    assert_eq!(isolate.enter().unwrap().shut_down(), Exit::Finished);
    // It has been called: nothing needs to be waited for.
    assert_eq!(
        told.try_recv().as_deref(),
        Ok("short-lived: it finished, alive: true")
    );
    drop(engine);
    assert!(told.try_recv().is_err());
}

/// The cleanup callbacks: an isolate's after its end, the group's after the last isolate and the last handle.
#[test]
fn cleanup_is_told() {
    let (notes, told) = journal();
    let engine = engine();
    let group = watched(&engine, &notes);
    let isolate = group.create_isolate(named("one")).unwrap();
    let again = isolate.group().unwrap();
    isolate.enter().unwrap().shut_down();
    for expected in [
        "start one",
        "shutdown one: it finished",
        "cleanup one: it finished",
    ] {
        assert_eq!(next(&told), expected);
    }
    drop(group);
    let last = again.create_isolate(named("last")).unwrap();
    drop(again);
    assert_eq!(next(&told), "start last");
    assert!(told.try_recv().is_err());
    last.kill();
    for expected in [
        "shutdown last: it was killed",
        "cleanup last: it was killed",
        "group watched",
    ] {
        assert_eq!(next(&told), expected);
    }
    assert!(last.group().is_none());
    drop(engine);
    assert!(told.try_recv().is_err());
}

/// However an isolate ends, the same is told, once.
#[test]
fn every_end_is_told_once() {
    let engine = engine();
    let limits = |limits| IsolateOptions {
        limits,
        ..named("it")
    };
    let cpu = Some(Duration::from_millis(20));
    let ends = [
        ("none", named("it"), "it finished"),
        ("exit", named("it"), "it finished"),
        (
            "throw",
            named("it"),
            "by an uncaught error: Bad state: thrown by main",
        ),
        (
            "spin",
            limits(Limits {
                cpu,
                ..Limits::default()
            }),
            "it had used its time on a core",
        ),
        (
            "spin",
            limits(Limits {
                wall: cpu,
                ..Limits::default()
            }),
            "its time was up",
        ),
        (
            "grow",
            limits(Limits {
                heap_bytes: Some(4 << 20),
                ..Limits::default()
            }),
            "it was out of memory",
        ),
    ];
    for (argument, options, end) in ends {
        let (notes, told) = journal();
        let group = watched(&engine, &notes);
        drop(notes);
        let isolate = group.run_main(options, &[argument.to_owned()]).unwrap();
        assert_eq!(isolate.wait().unwrap().to_string(), end);
        drop((group, isolate));
        let mut all: Vec<String> = Vec::new();
        while !all.last().is_some_and(|last| last.starts_with("group")) {
            all.push(next(&told));
        }
        let errors = |text: &String| text.contains("did not catch");
        let caught = usize::from(matches!(argument, "throw" | "grow"));
        assert_eq!(all.iter().filter(|text| errors(text)).count(), caught);
        all.retain(|text| !errors(text));
        let expected = [
            "start it".to_owned(),
            format!("shutdown it: {end}"),
            format!("cleanup it: {end}"),
            "group watched".to_owned(),
        ];
        assert_eq!(all, expected, "{argument}");
    }
}

/// Isolates that the program makes are told of as well: those of the group, and the groups of other programs.
#[test]
fn isolates_of_the_program_are_told() {
    let engine = engine();
    let (notes, told) = journal();
    let group = watched(&engine, &notes);
    let run = |argument: &str| {
        group
            .run_main(named("main"), &[argument.to_owned()])
            .unwrap()
    };
    let isolate = run("spawn");
    assert_eq!(isolate.wait(), Ok(Exit::Finished));
    let mut all: Vec<String> = (0..6).map(|_| next(&told)).collect();
    all.sort();
    let of = |name| {
        [
            format!("cleanup {name}: it finished"),
            format!("shutdown {name}: it finished"),
            format!("start {name}"),
        ]
    };
    let mut expected = [of("child"), of("main")].concat();
    expected.sort();
    assert_eq!(all, expected);
    // The other program's group has the same callbacks.
    let isolate = run("uri");
    let mut all: Vec<String> = (0..7).map(|_| next(&told)).collect();
    assert_eq!(isolate.wait(), Ok(Exit::Finished));
    all.sort();
    let uri = "data:,void%20main()%20%7B%7D";
    let mut expected = [of(uri), of("main")].concat();
    expected.push(format!("group {uri}"));
    expected.sort();
    assert_eq!(all, expected);
    drop(group);
    assert_eq!(next(&told), "group watched");
}

/// An engine that is dropped ends what is left, and everything is told before it is gone.
#[test]
fn nothing_is_left_of_an_engine() {
    let (notes, told) = journal();
    let engine = engine();
    let group = watched(&engine, &notes);
    for index in 0..20 {
        group
            .run_main(named("spinning"), &["spin".to_owned()])
            .unwrap();
        group.create_isolate(named(&format!("{index}"))).unwrap();
    }
    drop(group);
    drop(engine);
    drop(notes);
    let all: Vec<String> = told.iter().collect();
    for what in ["start", "shutdown", "cleanup"] {
        let count = all.iter().filter(|text| text.starts_with(what)).count();
        assert_eq!(count, 40, "{what}");
    }
    assert_eq!(all.last().map(String::as_str), Some("group watched"));
}

/// A callback that panics harms nobody: the isolate ends as it would have, and the workers go on.
#[test]
fn callbacks_may_panic() {
    let (notes, told) = journal();
    let engine = engine();
    let options = GroupOptions::default()
        .on_isolate_start(|_| panic!("start"))
        .on_isolate_shutdown(|_, _| panic!("shutdown"))
        .on_isolate_cleanup(|_, _| panic!("cleanup"))
        .on_group_cleanup(|_| panic!("group"))
        .on_uncaught_error(|_| panic!("error"))
        .on_callback_panic(move |message| {
            // Message and place; perhaps a stack trace as well.
            let (place, what) = message.rsplit_once(": ").unwrap();
            assert!(place.contains("life.rs:"));
            notes.send(what.to_owned()).unwrap();
        });
    let group = engine.create_group(&program(PROGRAM), options).unwrap();
    for _ in 0..4 {
        let isolate = group
            .run_main(named("panicking"), &["throw".to_owned()])
            .unwrap();
        assert!(matches!(isolate.wait(), Ok(Exit::Error { .. })));
        for expected in ["start", "error", "shutdown", "cleanup"] {
            assert_eq!(next(&told), expected);
        }
    }
    let isolate = isolate(&group);
    isolate
        .set_message_notify(Some(|_: &eyot::embed::Isolate| panic!("message")))
        .unwrap();
    isolate.control_port().post(1).unwrap();
    assert_eq!(next(&told), "start");
    assert_eq!(next(&told), "message");
    let port = group.native_port("panicking", |_| panic!("port")).unwrap();
    port.send_port().post(1).unwrap();
    assert_eq!(next(&told), "port");
    let entered = isolate.enter().unwrap();
    assert_eq!(entered.invoke("name", []), Ok(Message::from("isolate")));
    entered.shut_down();
    drop((group, port, engine, isolate));
    let rest: Vec<String> = told.iter().collect();
    assert_eq!(rest, ["shutdown", "cleanup", "group"]);
}

/// Callbacks may make isolates: a group that replaces what has failed.
#[test]
fn callbacks_may_make_isolates() {
    let (notes, told) = journal();
    let engine = engine();
    let options = GroupOptions::default()
        .on_uncaught_error(|_| {})
        .on_isolate_cleanup(move |isolate, exit| {
            notes.send(isolate.name().to_owned()).unwrap();
            let next = match isolate.name() {
                "first" => "second",
                "second" => "third",
                _ => return,
            };
            assert!(matches!(exit, Exit::Error { .. }));
            let group = isolate.group().unwrap();
            group.run_main(named(next), &["throw".to_owned()]).unwrap();
        });
    let group = engine.create_group(&program(PROGRAM), options).unwrap();
    group
        .run_main(named("first"), &["throw".to_owned()])
        .unwrap();
    for expected in ["first", "second", "third"] {
        assert_eq!(next(&told), expected);
    }
}

/// An engine dropped on one of its own workers does not wait for itself.
#[test]
fn engines_may_go_on_workers() {
    let (notes, told) = journal();
    let engine = engine();
    let kept = std::sync::Mutex::new(None::<Engine>);
    let kept = std::sync::Arc::new(kept);
    let last = kept.clone();
    let options = GroupOptions::default().on_isolate_shutdown(move |_, _| {
        drop(last.lock().unwrap().take());
        notes.send("dropped".to_owned()).unwrap();
    });
    let group = engine.create_group(&program(PROGRAM), options).unwrap();
    let isolate = isolate(&group);
    let other = group.create_isolate(named("other")).unwrap();
    *kept.lock().unwrap() = Some(engine);
    isolate.kill();
    assert_eq!(told.recv_timeout(PATIENCE).as_deref(), Ok("dropped"));
    // Whoever waits is not left waiting.
    assert_eq!(other.wait(), Ok(Exit::Killed));
    assert!(group.create_isolate(named("late")).is_err());
}
