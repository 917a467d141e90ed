use std::sync::Arc;

use eyot_bytecode::module::FunctionId;
use eyot_bytecode::text;

use crate::native::NativeTable;
use crate::program::Program;
use crate::program::profile::{Profile, UsedFunction, UsedSite};

impl Program {
    /// All of it, here and now.
    pub(crate) fn make_all_ready(&self, profile: &Profile) {
        for used in &profile.functions {
            self.make_ready(used);
        }
    }
}

const SOURCE: &str = "
class Point {
  field x: i
  get x = load Point.x
  method twice = @Point.twice
}
func Point.twice() -> int of Point instance {
  ldf.w i0, r0, Point.x
  add.i i0, i0, i0
  ret.i i0
}
func main() -> int {
  new r0, Point
  call.v i0 = .twice(r0)
  ret.i i0
}
entry @main
";

fn program() -> Arc<Program> {
    let module = text::parse(SOURCE).unwrap();
    Program::of_module(module, Arc::new(NativeTable::new(&[]))).unwrap()
}

fn main_of(program: &Program) -> FunctionId {
    program.modules().entry("main").unwrap()
}

/// Every function, and any subject at any site.
fn nonsense(subjects: &[u32]) -> Profile {
    let sites = |subject: u32| (0..3).map(move |index| UsedSite { index, subject });
    let used = |(id, &subject): (u32, &u32)| UsedFunction {
        id: FunctionId(id),
        sites: sites(subject).collect(),
    };
    let ids = (0..4).chain([1 << 20, u32::MAX]);
    let all = ids.flat_map(|id| subjects.iter().map(move |subject| used((id, subject))));
    Profile {
        functions: all.collect(),
    }
}

#[test]
fn whatever_a_profile_says_is_looked_up() {
    let program = program();
    program.make_all_ready(&nonsense(&[0, 1, 9999, 1 << 24, u32::MAX]));
    // What there is was made ready, and nothing else.
    assert_eq!(program.ready_count() as u32, 2);
    assert!(program.entry(main_of(&program)).unwrap().is_ready());
}

#[test]
fn idle_workers_take_offers() {
    let program = program();
    let used = UsedFunction {
        id: main_of(&program),
        sites: Vec::new(),
    };
    let functions = vec![used];
    super::offer(&program, Profile { functions });
    // Another test's thread may be doing it.
    while program.ready_count() == 0 {
        super::work();
        std::thread::yield_now();
    }
    assert!(program.entry(main_of(&program)).unwrap().is_ready());
}
