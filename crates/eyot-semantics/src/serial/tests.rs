//! A world that was written and read is the same world.

use crate::analysis::analyze_core;
use crate::load::SourceProvider;
use crate::model::World;
use crate::program::ConstValue;
use crate::types::Ty;

struct OneFile;

impl SourceProvider for OneFile {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let text = "
            class Object { const Object(); }
            abstract class num {} abstract class int extends num {} abstract class List<E> {}
            class Box<T extends num> extends Object { final T? value; const Box([this.value]); List<T> all(T x, {int? y}) => throw x; }
            typedef F<X> = Box<num> Function<Y extends X>(Y, {required (int, {X name}) z});
            extension on int { int get twice => this; }
            mixin M on Box<num> {} class C extends Box<num> with M {}
        ";
        match uri {
            "dart:core" => Ok(text.into()),
            _ => Err("there is no such file".to_string()),
        }
    }
}

#[test]
fn reading_gives_what_was_written() {
    let core = analyze_core(&OneFile, &["dart:core"]);
    assert!(!core.has_errors(), "{:?}", core.problems);
    let bytes: &'static [u8] = core.world.to_bytes().leak();
    let again = World::core(bytes).unwrap();
    assert_eq!(again.to_bytes(), bytes);
    let world = &core.world;
    assert_eq!(again.types.len(), world.types.len());
    for index in 0..world.types.len() {
        let ty = Ty(index as u32);
        assert_eq!(again.types.kind(ty), world.types.kind(ty));
    }
    for (one, other) in world.members.iter().zip(again.members.iter()) {
        assert_eq!((one.name, one.ty.get()), (other.name, other.ty.get()));
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let core = analyze_core(&OneFile, &["dart:core"]);
    let bytes: &'static [u8] = core.world.to_bytes().leak();
    assert!(World::core(b"something else").is_err());
    for end in 0..bytes.len() {
        assert!(World::core(&bytes[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn types_and_constants_of_the_core_keep_their_numbers() {
    let core = analyze_core(&OneFile, &["dart:core"]);
    let again = World::core(core.world.to_bytes().leak()).unwrap();
    for index in 0..core.world.types.len() {
        let ty = Ty(index as u32);
        let kind = core.world.types.kind(ty).clone();
        assert_eq!(again.types.intern(kind), ty);
    }
    let (first, count) = (again.types.len(), again.consts.len());
    let fresh = again.types.record(&[Ty::INT, Ty::INT, Ty::NULL], &[]);
    assert_eq!(fresh.0 as usize, first);
    let value = ConstValue::Int(123_456_789);
    let id = again.consts.intern(value.clone());
    assert_eq!((id.0 as usize, again.consts.intern(value)), (count, id));
}
