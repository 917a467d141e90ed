//! Making isolates, entering them, and having them do something.

use std::sync::mpsc;

use eyot::embed::{
    Engine, EngineOptions, Exit, GroupOptions, IsolateError, IsolateOptions, Limits, Message,
};
use eyot::{Options, Script};

use super::{PATIENCE, compiled, group, isolate, journal, named, next, program};

const COUNTER: &str = "
    import 'dart:isolate';
    int count = 0;
    int next() => ++count;
    String name() => Isolate.current.debugName!;
    int spin() { while (true) {} }
    Never fail(String why) => throw StateError(why);
    void main() {}
";

/// `Dart_CreateIsolateGroup`: groups share nothing, not even the program's static variables.
#[test]
fn groups_are_created() {
    let engine = Engine::new(&EngineOptions::default()).unwrap();
    let program = program(COUNTER);
    let one = engine
        .create_group(&program, GroupOptions::default().name("one"))
        .unwrap();
    let other = engine
        .create_group(&program, GroupOptions::default())
        .unwrap();
    assert_eq!(one.name(), "one");
    assert!(other.name().starts_with("data:"));
    let (one, other) = (isolate(&one), isolate(&other));
    let entered = one.enter().unwrap();
    assert_eq!(entered.invoke("next", []), Ok(Message::Int(1)));
    assert_eq!(entered.invoke("next", []), Ok(Message::Int(2)));
    assert_eq!(
        other.enter().unwrap().invoke("next", []),
        Ok(Message::Int(1))
    );
}

/// `Dart_CreateIsolateInGroup`: isolates of a group have states of their own, and send each other objects of the program's classes.
#[test]
fn isolates_are_created_in_groups() {
    let (_engine, group) = group(
        "import 'dart:isolate';
         class Point { final int x; Point(this.x); }
         final port = ReceivePort();
         Object? got;
         SendPort open() {
           port.listen((message) { got = message; port.close(); });
           return port.sendPort;
         }
         void send(SendPort to) => to.send(Point(7));
         int x() => (got as Point).x;
         void main() {}",
    );
    let (receiver, sender) = (isolate(&group), isolate(&group));
    assert_eq!(group.isolates().len(), 2);
    let entered = receiver.enter().unwrap();
    let port = entered.invoke("open", []).unwrap();
    let from = sender.group().unwrap().isolates();
    assert!(from.contains(&sender) && from.contains(&receiver));
    sender.enter().unwrap().invoke("send", [port]).unwrap();
    entered.run_loop().unwrap();
    assert_eq!(entered.invoke("x", []), Ok(Message::Int(7)));
}

/// `Dart_EnterIsolate`: one thread at a time has an isolate, and which one makes no difference to it.
#[test]
fn isolates_are_entered_by_one_thread_at_a_time() {
    let (_engine, group) = group(COUNTER);
    let isolate = isolate(&group);
    let entered = isolate.enter().unwrap();
    assert!(matches!(isolate.enter(), Err(IsolateError::Entered)));
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| isolate.try_enter().map(drop)).join();
        assert_eq!(busy.unwrap(), Err(IsolateError::Busy));
        let waiting = scope.spawn(|| isolate.enter().unwrap().invoke("next", []));
        assert_eq!(entered.invoke("next", []), Ok(Message::Int(1)));
        drop(entered);
        assert_eq!(waiting.join().unwrap(), Ok(Message::Int(2)));
    });
    assert_eq!(
        isolate.enter().unwrap().invoke("next", []),
        Ok(Message::Int(3))
    );
}

/// `Dart_ExitIsolate`: whoever has left may come back, also if it left by a panic; other threads come in between.
#[test]
fn isolates_are_left() {
    let (_engine, group) = group(COUNTER);
    let isolate = isolate(&group);
    for count in 0..100 {
        let expected = Ok(Message::Int(2 * count + 1));
        let entered = isolate.enter().unwrap();
        assert_eq!(entered.invoke("next", []), expected);
        entered.exit();
        let other = isolate.clone();
        let thread = std::thread::spawn(move || {
            let entered = other.enter().unwrap();
            assert_eq!(entered.invoke("next", []), Ok(Message::Int(2 * count + 2)));
            if count == 50 {
                // Nothing is printed: nobody but this test is to know.
                std::panic::resume_unwind(Box::new("left in a hurry"));
            }
        });
        assert_eq!(thread.join().is_err(), count == 50);
    }
    assert!(isolate.try_enter().is_ok());
}

/// Nothing happens in an isolate that nobody has entered; and while a thread has one that goes on by itself, that rests.
#[test]
fn isolates_rest_while_nobody_asks_for_anything() {
    let (_engine, group) = group(
        "import 'dart:async';
         int ticks = 0;
         int start() { Timer.periodic(Duration.zero, (_) => ticks++); return ticks; }
         int read() => ticks;
         void main() {}",
    );
    let isolate = isolate(&group);
    let entered = isolate.enter().unwrap();
    entered.invoke("start", []).unwrap();
    assert_eq!(entered.invoke("read", []), Ok(Message::Int(0)));
    entered.exit();
    isolate.run_on_workers().unwrap();
    let mut seen = 0;
    while seen < 10 {
        let entered = isolate.enter().unwrap();
        let ticks = entered.invoke("read", []).unwrap().as_int().unwrap();
        assert_eq!(entered.invoke("read", []), Ok(Message::Int(ticks)));
        assert!(ticks >= seen);
        seen = ticks;
    }
    isolate.kill();
    assert_eq!(isolate.wait(), Ok(Exit::Killed));
}

/// `Dart_RunLoop`: until nothing keeps the isolate alive. It has not ended then.
#[test]
fn loops_run() {
    let (_engine, group) = group(
        "import 'dart:async';
         import 'dart:isolate';
         final done = <String>[];
         void main(List<String> arguments) {
           Timer(const Duration(milliseconds: 20), () => done.add('timer'));
           final port = ReceivePort();
           port.listen((message) { done.add('$message'); port.close(); });
           Isolate.spawn((to) => to.send('child'), port.sendPort);
           scheduleMicrotask(() => done.add(arguments.join('+')));
         }
         List<String> order() => done..sort();",
    );
    let isolate = isolate(&group);
    let entered = isolate.enter().unwrap();
    entered.run_main(&["a".to_owned(), "b".to_owned()]).unwrap();
    assert_eq!(entered.has_live_ports(), Ok(true));
    entered.run_loop().unwrap();
    assert_eq!(entered.has_live_ports(), Ok(false));
    let order = entered.invoke("order", []).unwrap();
    let expected = ["a+b", "child", "timer"].map(Message::from);
    assert_eq!(order, Message::List(expected.to_vec()));
    // Again: there is nothing to do.
    entered.run_loop().unwrap();
    assert_eq!(isolate.exit(), None);
    assert_eq!(entered.shut_down(), Exit::Finished);
    assert_eq!(isolate.wait(), Ok(Exit::Finished));
}

/// `Dart_HandleMessage`: one event for each call, whatever waits.
#[test]
fn messages_are_handled_one_by_one() {
    let (_engine, group) = group(
        "import 'dart:isolate';
         final port = RawReceivePort();
         var sum = 0;
         SendPort open() {
           port.handler = (int n) { sum += n; if (sum == 6) port.close(); };
           return port.sendPort;
         }
         int read() => sum;
         void main() {}",
    );
    let isolate = isolate(&group);
    let entered = isolate.enter().unwrap();
    let port = entered.invoke("open", []).unwrap().as_send_port().unwrap();
    assert_eq!(entered.handle_message(), Ok(false));
    for number in 1..=3 {
        port.post(number).unwrap();
    }
    assert_eq!(entered.waiting(), Ok(3));
    for (left, sum) in [(2, 1), (1, 3), (0, 6)] {
        assert_eq!(entered.handle_message(), Ok(true));
        assert_eq!(entered.waiting(), Ok(left));
        assert_eq!(entered.invoke("read", []), Ok(Message::Int(sum)));
    }
    assert_eq!(entered.handle_message(), Ok(false));
    assert_eq!(entered.has_live_ports(), Ok(false));
}

/// `Dart_SetMessageNotifyCallback`: a host with a loop of its own learns of each message, and handles it when it likes.
#[test]
fn hosts_are_notified_of_messages() {
    let (_engine, group) = group(
        "import 'dart:isolate';
         final port = RawReceivePort();
         final got = <int>[];
         SendPort open() {
           port.handler = (int n) => got.add(n);
           return port.sendPort;
         }
         List<int> read() => got;
         void main() {}",
    );
    let isolate = isolate(&group);
    let entered = isolate.enter().unwrap();
    let port = entered.invoke("open", []).unwrap().as_send_port().unwrap();
    entered.exit();
    // What waits already is told of as well.
    port.post(1).unwrap();
    let (notes, notified) = journal();
    isolate
        .set_message_notify(Some(move |isolate: &eyot::embed::Isolate| {
            // A worker is no place to do it.
            assert!(matches!(isolate.enter(), Err(IsolateError::OnWorker)));
            assert!(matches!(isolate.wait(), Err(IsolateError::OnWorker)));
            notes.send(isolate.name().to_owned()).unwrap();
        }))
        .unwrap();
    assert_eq!(next(&notified), "isolate");
    port.post(2).unwrap();
    port.post(3).unwrap();
    next(&notified);
    next(&notified);
    let entered = isolate.enter().unwrap();
    assert_eq!(entered.waiting(), Ok(3));
    while entered.handle_message().unwrap() {}
    let expected = (1..=3).map(Message::Int).collect();
    assert_eq!(entered.invoke("read", []), Ok(Message::List(expected)));
    entered.exit();
    isolate
        .set_message_notify(None::<fn(&eyot::embed::Isolate)>)
        .unwrap();
    assert!(isolate.enter().is_ok());
    port.post(4).unwrap();
    assert_eq!(isolate.enter().unwrap().waiting(), Ok(1));
    assert!(notified.try_recv().is_err());
}

/// Functions are called by their names, with any plain data; what they throw and what they cannot do is told.
#[test]
fn functions_are_invoked() {
    let (_engine, group) = group(
        "String greet(String name, [int times = 1]) => 'hello $name ' * times;
         Map<String, Object?> echo(Map<Object?, Object?> map) => {'got': map['it']};
         Object anything() => Object();
         Future<int> later() async => 1;
         int variable = 1;
         int get getter => 2;
         class C { static int method() => 3; }
         class Bad { String toString() => throw this; }
         void bad() => throw Bad();
         void main() {}",
    );
    let isolate = isolate(&group);
    let entered = isolate.enter().unwrap();
    let greeting = entered.invoke("greet", ["you".into(), 2.into()]);
    assert_eq!(greeting, Ok("hello you hello you ".into()));
    let map = Message::Map(vec![("it".into(), Message::Double(0.5))]);
    let echoed = Message::Map(vec![("got".into(), Message::Double(0.5))]);
    assert_eq!(entered.invoke("echo", [map]), Ok(echoed));
    for name in [
        "missing", "variable", "getter", "method", "C.method", "print",
    ] {
        let missing = IsolateError::NoFunction(name.to_owned());
        assert_eq!(entered.invoke(name, []), Err(missing));
    }
    let thrown = |name: &str, arguments: Vec<Message>| match entered.invoke(name, arguments) {
        Err(IsolateError::Threw { error, .. }) => error,
        other => panic!("{other:?}"),
    };
    assert!(thrown("greet", vec![1.into()]).contains("'int' is not a subtype of type 'String'"));
    assert!(thrown("greet", vec![]).contains("NoSuchMethodError"));
    assert_eq!(thrown("bad", vec![]), "an instance whose toString throws");
    let object = entered.invoke("anything", []);
    assert_eq!(
        object,
        Ok(Message::Unsupported("an instance of 'Object'".into()))
    );
    assert!(matches!(
        entered.invoke("later", []),
        Ok(Message::Unsupported(_))
    ));
    // None of that has hurt it.
    assert!(entered.invoke("greet", ["all".into()]).is_ok());
}

/// Names: given ones, those of functions for what Dart spawns; in Dart and here.
#[test]
fn isolates_have_names() {
    let engine = Engine::new(&EngineOptions::default()).unwrap();
    let (names, seen) = journal();
    let options = GroupOptions::default()
        .on_isolate_start(move |isolate| names.send(isolate.name().to_owned()).unwrap());
    let program = program(
        "import 'dart:isolate';
         String name() => Isolate.current.debugName!;
         void worker(SendPort to) => to.send(Isolate.current.debugName);
         void main() {
           final port = RawReceivePort();
           final names = <Object?>[];
           port.handler = (name) {
             names.add(name);
             if (names.length == 2) { print(names..sort()); port.close(); }
           };
           Isolate.spawn(worker, port.sendPort);
           Isolate.spawn(worker, port.sendPort, debugName: 'given');
         }",
    );
    let group = engine.create_group(&program, options).unwrap();
    let isolate = group.create_isolate(named("host's own")).unwrap();
    let other = group.create_isolate(IsolateOptions::default()).unwrap();
    assert_eq!(isolate.name(), "host's own");
    assert_ne!(isolate.service_id(), other.service_id());
    let entered = isolate.enter().unwrap();
    assert_eq!(entered.invoke("name", []), Ok("host's own".into()));
    entered.run_main(&[]).unwrap();
    entered.run_loop().unwrap();
    let mut names: Vec<String> = (0..4).map(|_| next(&seen)).collect();
    names.sort();
    assert_eq!(names, ["given", "host's own", "isolate", "worker"]);
}

/// Flags: what an isolate was made with can be read back, and holds.
#[test]
fn isolates_have_flags() {
    let options = Options {
        enable_asserts: true,
        forbid_ffi: true,
        verify_isolation: true,
        max_heap_bytes: Some(64 << 20),
        ..Options::default()
    };
    let program = compiled(
        "bool asserts() { var on = false; assert(on = true); return on; }
         List<int> fill() => List.filled(8 << 20, 0);
         void main() {}",
        &options,
    );
    let engine = Engine::new(&EngineOptions::default()).unwrap();
    let group = engine
        .create_group(&program, GroupOptions::default())
        .unwrap();
    assert!(group.options().verify_isolation);
    let isolate = group
        .create_isolate(IsolateOptions {
            errors_are_fatal: false,
            limits: Limits {
                heap_bytes: Some(1 << 20),
                ..Limits::default()
            },
            ..IsolateOptions::default()
        })
        .unwrap();
    let flags = isolate.flags();
    assert!(flags.enable_asserts && flags.verifies_isolation);
    assert!(!flags.allows_ffi && !flags.shares_data && !flags.errors_are_fatal);
    assert_eq!(flags.limits.heap_bytes, Some(1 << 20));
    let entered = isolate.enter().unwrap();
    assert_eq!(entered.invoke("asserts", []), Ok(Message::Bool(true)));
    let filled = entered.invoke("fill", []);
    let Err(IsolateError::Threw { error, .. }) = filled else {
        panic!("{filled:?}");
    };
    assert_eq!(error, "Out of Memory");
    assert_eq!(entered.invoke("asserts", []), Ok(Message::Bool(true)));
    let others = super::isolate(&group).flags();
    assert!(others.errors_are_fatal);
    assert_eq!(others.limits.heap_bytes, Some(64 << 20));
    // A program that needs what is forbidden does not even compile.
    let ffi = Script::from_source("import 'dart:ffi'; void main() => print(sizeOf<Int8>());");
    assert!(eyot::compile(&ffi, &options).is_err());
}

/// Whoever waits for an isolate that ends is told how, in the middle of whatever it asked for.
#[test]
fn ends_reach_those_who_wait() {
    let (_engine, group) = group(COUNTER);
    let spinning = isolate(&group);
    std::thread::scope(|scope| {
        let (inside, is_inside) = mpsc::channel();
        let victim = spinning.clone();
        let call = scope.spawn(move || {
            let entered = victim.enter().unwrap();
            inside.send(()).unwrap();
            entered.invoke("spin", [])
        });
        is_inside.recv_timeout(PATIENCE).unwrap();
        let waiting = scope.spawn(|| spinning.enter().map(drop));
        spinning.kill();
        let ended = IsolateError::Ended(Exit::Killed);
        assert_eq!(call.join().unwrap(), Err(ended.clone()));
        assert_eq!(waiting.join().unwrap(), Err(ended));
    });
    assert_eq!(spinning.wait(), Ok(Exit::Killed));
    assert!(matches!(spinning.enter(), Err(IsolateError::Ended(_))));
    assert!(matches!(
        spinning.run_on_workers(),
        Err(IsolateError::Ended(_))
    ));
    // What a function throws is its caller's to handle; what main throws is uncaught.
    let failing = isolate(&group);
    let entered = failing.enter().unwrap();
    let thrown = entered.invoke("fail", ["why".into()]);
    let error = "Bad state: why".to_owned();
    assert!(matches!(thrown, Err(IsolateError::Threw { error: text, .. }) if text == error));
    assert_eq!(entered.shut_down(), Exit::Finished);
}

/// An engine that goes takes all of its isolates with it: those that spin, those that rest, and those that somebody waits for.
#[test]
fn engines_shut_down() {
    let (engine, group) = group(COUNTER);
    let (spinning, resting) = (isolate(&group), isolate(&group));
    let (inside, is_inside) = mpsc::channel();
    let victim = spinning.clone();
    let call = std::thread::spawn(move || {
        let entered = victim.enter().unwrap();
        inside.send(()).unwrap();
        entered.invoke("spin", [])
    });
    is_inside.recv_timeout(PATIENCE).unwrap();
    drop(engine);
    assert_eq!(call.join().unwrap(), Err(IsolateError::Ended(Exit::Killed)));
    assert_eq!(resting.wait(), Ok(Exit::Killed));
    let refused = group.create_isolate(IsolateOptions::default());
    assert_eq!(refused.err(), Some(IsolateError::ShutDown));
    assert!(group.native_port("late", |_| {}).is_err());
    assert!(matches!(resting.enter(), Err(IsolateError::Ended(_))));
}
