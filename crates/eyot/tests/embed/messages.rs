//! Messages both ways, and ports.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use eyot::Options;
use eyot::embed::{
    Exit, Group, GroupOptions, Isolate, IsolateError, Message, NativePort, PostError, SendPort,
    TypedData,
};

use super::{PATIENCE, compiled, engine, group, isolate, named, program};

/// Keeps what it gets, sends what it is asked for.
const ECHO: &str = "
    import 'dart:isolate';
    import 'dart:typed_data';
    final port = RawReceivePort();
    Object? got;
    SendPort open() {
      port.handler = (Object? message) { got = message; };
      return port.sendPort;
    }
    void close() => port.close();
    Object? read() => got;
    String describe() => '${got.runtimeType} $got';
    int sum() => (got as List<int>).fold(0, (sum, n) => sum + n);
    void write() { (got as Uint8List)[0] = 99; }
    void forget() { got = null; }
    bool same(Object? other) => got == other;
    int look(Map<Object?, Object?> map) => map[3] as int;
    void answer(SendPort to) => to.send(['pong', got, to]);
    void sendAll(SendPort to, int count) {
      for (var i = 0; i < count; i++) { to.send(i); }
    }
    Object odd(String which) {
      switch (which) {
        case 'cyclic': final list = <Object?>[1]; list.add(list); return list;
        case 'deep': Object? list = []; for (var i = 0; i < 100000; i++) { list = [list]; } return list!;
        case 'shared':
          Object? list = 'leaf';
          for (var i = 0; i < 60; i++) { list = [list, list]; }
          return list!;
        case 'set': return {1, 2};
        case 'record': return (1, 2);
        case 'removed': return {'a': 1, 'b': 2, 'c': 3}..remove('b');
        case 'const': return const {'a': [1, null]};
        case 'capability': return Capability();
        case 'surrogates': return 'a\\u{1F600}';
        default: return Float64List.fromList([0.5, -1]);
      }
    }
    void main() {}
";

fn open(isolate: &Isolate) -> SendPort {
    let entered = isolate.enter().unwrap();
    entered.invoke("open", []).unwrap().as_send_port().unwrap()
}

/// A native port and what it gets.
fn native_port(group: &Group) -> (NativePort, mpsc::Receiver<Message>) {
    let (sender, receiver) = mpsc::channel();
    let port = group
        .native_port("test", move |message| sender.send(message).unwrap())
        .unwrap();
    (port, receiver)
}

/// `Dart_PostCObject`: what is posted arrives as the Dart value of that kind, and comes back as it was.
#[test]
fn objects_are_posted() {
    post_objects(&Options::default());
}

/// The same with a collection at every allocation.
#[test]
fn objects_are_posted_into_a_busy_heap() {
    post_objects(&Options {
        gc_stress: Some(1),
        verify_isolation: true,
        ..Options::default()
    });
}

fn post_objects(options: &Options) {
    let engine = engine();
    let group = engine
        .create_group(&compiled(ECHO, options), GroupOptions::default())
        .unwrap();
    let isolate = isolate(&group);
    let port = open(&isolate);
    let entered = isolate.enter().unwrap();
    let capability = entered.invoke("odd", ["capability".into()]).unwrap();
    let large = TypedData::Int32((0..100_000).collect());
    let messages: Vec<(Message, Option<&str>)> = vec![
        (Message::Null, Some("Null null")),
        (true.into(), Some("bool true")),
        (Message::Int(i64::MIN), Some("int -9223372036854775808")),
        (0.5.into(), Some("double 0.5")),
        ("Grüße 😀".into(), Some("String Grüße 😀")),
        (Message::from(String::new()), Some("String ")),
        (Message::List(Vec::new()), Some("[]")),
        (
            vec![Message::Int(1), vec!["a".into(), Message::Null].into()].into(),
            Some("[1, [a, null]]"),
        ),
        (
            Message::Map(vec![
                ("k".into(), vec![Message::Map(Vec::new())].into()),
                (3.into(), Message::Map(vec![(Message::Null, 4.into())])),
                (0.5.into(), true.into()),
                (false.into(), 1.into()),
            ]),
            Some("{k: [{}], 3: {null: 4}, 0.5: true, false: 1}"),
        ),
        (vec![1u8, 255].into(), Some("Uint8List [1, 255]")),
        (vec![-1i8].into(), Some("Int8List [-1]")),
        (vec![-1i16].into(), Some("Int16List [-1]")),
        (vec![u16::MAX].into(), Some("Uint16List [65535]")),
        (vec![u32::MAX].into(), Some("Uint32List [4294967295]")),
        (
            vec![i64::MAX].into(),
            Some("Int64List [9223372036854775807]"),
        ),
        (vec![7u64].into(), Some("Uint64List [7]")),
        (vec![0.5f32].into(), Some("Float32List [0.5]")),
        (vec![-0.25f64].into(), Some("Float64List [-0.25]")),
        (
            TypedData::Uint8Clamped(vec![3]).into(),
            Some("Uint8ClampedList [3]"),
        ),
        (TypedData::ByteData(vec![3, 4]).into(), None),
        (large.into(), None),
        (port.into(), None),
        (capability, None),
    ];
    for (message, described) in messages {
        port.post(message.clone()).unwrap();
        assert_eq!(entered.handle_message(), Ok(true));
        if let Some(described) = described {
            let text = entered.invoke("describe", []).unwrap();
            let text = text.as_str().unwrap();
            assert!(text.ends_with(described), "{text}");
        }
        assert_eq!(entered.invoke("read", []), Ok(message.clone()));
        let is_identity = matches!(message, Message::SendPort(_) | Message::Capability(_));
        if is_identity {
            assert_eq!(entered.invoke("same", [message]), Ok(Message::Bool(true)));
        }
    }
    // Of equal keys the last value counts; an int and a double may be equal. The map finds what is in it.
    let map = (0..1000).map(|n| (Message::Int(n), Message::Int(n * n)));
    let map: Vec<_> = map.chain([(Message::Double(3.0), 77.into())]).collect();
    let found = entered.invoke("look", [Message::Map(map)]);
    assert_eq!(found, Ok(Message::Int(77)));
}

/// External typed data: Dart reads and writes memory of the host, which is told when it is not needed any more.
#[test]
fn memory_is_lent() {
    struct Lent(Vec<u8>, Arc<AtomicBool>);
    impl AsMut<[u8]> for Lent {
        fn as_mut(&mut self) -> &mut [u8] {
            &mut self.0
        }
    }
    impl Drop for Lent {
        fn drop(&mut self) {
            self.1.store(self.0.first() == Some(&99), Ordering::SeqCst);
        }
    }
    let (_engine, group) = group(ECHO);
    let isolate = isolate(&group);
    let port = open(&isolate);
    let was_written = Arc::new(AtomicBool::new(false));
    let lent = Lent(vec![1; 1 << 20], was_written.clone());
    port.post_external(lent).unwrap();
    let entered = isolate.enter().unwrap();
    entered.handle_message().unwrap();
    assert_eq!(entered.invoke("sum", []), Ok(Message::Int(1 << 20)));
    entered.invoke("write", []).unwrap();
    assert!(!was_written.load(Ordering::SeqCst));
    entered.shut_down();
    drop(group);
    // An isolate's memory is given back before the next one of its worker runs; an engine that is gone has given back all.
    drop(_engine);
    assert!(was_written.load(Ordering::SeqCst));
    // Nobody is there: it comes back at once.
    let is_back = Arc::new(AtomicBool::new(false));
    let lent = Lent(vec![99], is_back.clone());
    assert_eq!(port.post_external(lent), Err(PostError::Closed));
    assert!(is_back.load(Ordering::SeqCst));
}

/// An owner that panics when it is dropped harms nobody.
#[test]
fn owners_may_panic() {
    struct Mine([u8; 64]);
    impl AsMut<[u8]> for Mine {
        fn as_mut(&mut self) -> &mut [u8] {
            &mut self.0
        }
    }
    impl Drop for Mine {
        fn drop(&mut self) {
            // Without a word on standard error.
            std::panic::resume_unwind(Box::new("an owner's drop"));
        }
    }
    let (_engine, group) = group(ECHO);
    for _ in 0..4 {
        let isolate = isolate(&group);
        let port = open(&isolate);
        port.post_external(Mine([1; 64])).unwrap();
        let entered = isolate.enter().unwrap();
        entered.handle_message().unwrap();
        assert_eq!(entered.invoke("sum", []), Ok(Message::Int(64)));
        // One arrives, the other never does.
        port.post_external(Mine([2; 64])).unwrap();
        assert_eq!(entered.shut_down(), Exit::Finished);
    }
}

/// `Dart_NewSendPort`, `Dart_SendPortGetId`: ports by their numbers, made into Dart's and back.
#[test]
fn send_ports_are_made() {
    let (_engine, group) = group(ECHO);
    let isolate = isolate(&group);
    let port = open(&isolate);
    assert_eq!(SendPort::from_id(port.id()), Some(port));
    assert_eq!(SendPort::from_id(12345), None);
    let (home, answers) = native_port(&group);
    let other = super::isolate(&group);
    let other_port = open(&other);
    assert_ne!(port.id(), other_port.id());
    port.post(other_port).unwrap();
    let entered = isolate.enter().unwrap();
    entered.handle_message().unwrap();
    let to = home.send_port();
    entered.invoke("answer", [to.into()]).unwrap();
    let expected = vec!["pong".into(), other_port.into(), to.into()];
    assert_eq!(answers.recv_timeout(PATIENCE), Ok(Message::List(expected)));
    // A closed port has no number any more, and takes nothing.
    entered.invoke("close", []).unwrap();
    assert_eq!(port.post(1), Err(PostError::Closed));
    assert_eq!(SendPort::from_id(port.id()), None);
    other.kill();
    other.wait().unwrap();
    assert_eq!(other_port.post("nobody"), Err(PostError::Closed));
}

/// `Dart_NewNativePort`, `Dart_CloseNativePort`: messages in order, on a thread that may block and enter isolates.
#[test]
fn native_ports_are_served() {
    let (engine, group) = group(ECHO);
    let isolate = isolate(&group);
    let helper = super::isolate(&group);
    let (sender, receiver) = mpsc::channel();
    let mut count = 0;
    let port = group
        .native_port("counting", move |message| {
            count += 1;
            let entered = helper.enter().unwrap();
            let sum = entered.invoke("look", [Message::Map(vec![(3.into(), message)])]);
            sender.send((count, sum.unwrap())).unwrap();
        })
        .unwrap();
    let entered = isolate.enter().unwrap();
    let to = port.send_port();
    entered.invoke("sendAll", [to.into(), 100.into()]).unwrap();
    for number in 0..100 {
        let expected = Ok((number + 1, Message::Int(number)));
        assert_eq!(receiver.recv_timeout(PATIENCE), expected);
    }
    to.post(100).unwrap();
    assert!(receiver.recv_timeout(PATIENCE).is_ok());
    port.close();
    assert_eq!(to.post(1), Err(PostError::Closed));
    // From Dart that is silence; the handler is gone with what it had.
    entered.invoke("sendAll", [to.into(), 3.into()]).unwrap();
    assert!(receiver.recv_timeout(PATIENCE).is_err());
    // Another group sends plain data through the same kind of port.
    let other = engine
        .create_group(&program(ECHO), GroupOptions::default())
        .unwrap();
    let (home, messages) = native_port(&other);
    let to = home.send_port();
    entered.invoke("sendAll", [to.into(), 2.into()]).unwrap();
    assert_eq!(messages.recv_timeout(PATIENCE), Ok(Message::Int(0)));
    assert_eq!(messages.recv_timeout(PATIENCE), Ok(Message::Int(1)));
}

/// What has no counterpart says what it is; nothing that Dart makes is too deep or too much.
#[test]
fn odd_messages_are_told() {
    let (_engine, group) = group(ECHO);
    let isolate = group.create_isolate(named("odd")).unwrap();
    let entered = isolate.enter().unwrap();
    let odd = |which: &str| entered.invoke("odd", [which.into()]).unwrap();
    let unsupported = |what: &str| Message::Unsupported(what.to_owned());
    let cyclic = vec![1.into(), unsupported("a list or map that contains itself")];
    assert_eq!(odd("cyclic"), Message::List(cyclic));
    let mut deep = odd("deep");
    let mut depth = 0;
    while let Message::List(mut elements) = deep {
        depth += 1;
        deep = elements.remove(0);
    }
    assert_eq!(deep, unsupported("a list or map too deep inside others"));
    assert!((100..10_000).contains(&depth));
    assert!(format!("{:?}", odd("shared")).contains("mentioned too often"));
    assert_eq!(odd("record"), unsupported("an instance of '_Record'"));
    assert!(matches!(odd("set"), Message::Unsupported(_)));
    let pairs = vec![("a".into(), 1.into()), ("c".into(), 3.into())];
    assert_eq!(odd("removed"), Message::Map(pairs));
    let pairs = vec![("a".into(), vec![1.into(), Message::Null].into())];
    assert_eq!(odd("const"), Message::Map(pairs));
    assert_eq!(odd("surrogates"), Message::from("a😀"));
    assert_eq!(odd("data"), Message::from(vec![0.5, -1.0]));
    // The way in: deep is fine, keys that no map could find are not, and what came from Dart unsupported does not go back.
    let mut deep = Message::Null;
    for _ in 0..1000 {
        deep = vec![deep].into();
    }
    assert!(entered.invoke("same", [deep]).is_ok());
    let port = open_port(&entered);
    for key in [Message::List(Vec::new()), Message::Double(f64::NAN)] {
        let posted = port.post(Message::Map(vec![(key, 1.into())]));
        assert!(matches!(posted, Err(PostError::Unsendable(_))));
    }
    let sent = entered.invoke("same", [odd("record")]);
    assert!(matches!(sent, Err(IsolateError::Unsendable(_))));
}

fn open_port(entered: &eyot::embed::Entered<'_>) -> SendPort {
    entered.invoke("open", []).unwrap().as_send_port().unwrap()
}

/// Isolates of one engine are none of another's: a port leads where it came from, or nowhere.
#[test]
fn engines_are_apart() {
    let (_one, here) = group(ECHO);
    let _two = engine();
    let there = _two
        .create_group(&program(ECHO), GroupOptions::default())
        .unwrap();
    let (near, far) = (isolate(&here), isolate(&there));
    let (near_port, far_port) = (open(&near), open(&far));
    assert_ne!(near_port.id(), far_port.id());
    assert_ne!(near.service_id(), far.service_id());
    far_port.post("far").unwrap();
    near_port.post("near").unwrap();
    let entered = far.enter().unwrap();
    entered.handle_message().unwrap();
    assert_eq!(entered.invoke("read", []), Ok("far".into()));
    // Dart code cannot send from one to the other; it reaches nobody.
    let (home, messages) = native_port(&here);
    entered
        .invoke("sendAll", [home.send_port().into(), 1.into()])
        .unwrap();
    home.send_port().post("direct").unwrap();
    assert_eq!(messages.recv_timeout(PATIENCE), Ok("direct".into()));
}
