//! Tests from Dart source: everything compiled is verified; a few functions are looked at as text.

use std::path::Path;
use std::sync::OnceLock;

use eyot_bytecode::text::disassemble_function;
use eyot_bytecode::verify::{self, Modules};
use eyot_semantics::analysis::{Analysis, ProgramOptions, analyze_core, analyze_program};
use eyot_semantics::load::SourceProvider;
use eyot_semantics::model::World;
use rustc_hash::FxHashMap;

use crate::{Compiled, CoreLinks, Options, compile};

const LIBRARIES: &[&str] = &[
    "dart:core",
    "dart:async",
    "dart:collection",
    "dart:convert",
    "dart:developer",
    "dart:io",
    "dart:isolate",
    "dart:math",
    "dart:typed_data",
];

/// The core's sources, and a program.
struct Sources {
    program: String,
}

impl SourceProvider for Sources {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let Some(name) = uri.strip_prefix("dart:") else {
            return match uri.strip_prefix("file:///") {
                Some("main.dart") => Ok(self.program.clone().into_bytes()),
                Some(path) => std::fs::read(format!("/{path}")).map_err(|error| error.to_string()),
                None => Err("no such file".to_string()),
            };
        };
        let file = match name.contains('/') {
            true => name.to_owned(),
            false => format!("{name}/{name}.dart"),
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../eyot-corelib/lib");
        std::fs::read(path.join(file)).map_err(|error| error.to_string())
    }

    fn display(&self, uri: &str) -> String {
        uri.to_owned()
    }
}

fn compiled(analysis: &mut Analysis, core: Option<&CoreLinks>) -> Compiled {
    let mut bodies: FxHashMap<_, _> = std::mem::take(&mut analysis.bodies).into_iter().collect();
    let mut give = |member| bodies.remove(&member);
    let options = Options {
        enable_asserts: true,
    };
    compile(&analysis.world, core, &mut give, analysis.main, options)
}

fn problems(analysis: &Analysis) -> Vec<String> {
    analysis
        .problems
        .iter()
        .filter(|problem| problem.diagnostic.is_error())
        .map(|problem| {
            let file = analysis.world.file(problem.file);
            let start = problem.diagnostic.span.start;
            let place = file.source.as_ref().map(|source| source.line_column(start));
            let place = place.map_or_else(String::new, |place| place.to_string());
            format!("{}:{place}: {}", file.uri, problem.diagnostic.message)
        })
        .collect()
}

struct Core {
    world: Vec<u8>,
    compiled: Compiled,
}

fn core() -> &'static Core {
    static CORE: OnceLock<Core> = OnceLock::new();
    CORE.get_or_init(|| {
        let sources = Sources {
            program: String::new(),
        };
        let mut analysis = analyze_core(&sources, LIBRARIES);
        assert_eq!(problems(&analysis), Vec::<String>::new());
        let compiled = compiled(&mut analysis, None);
        Core {
            world: analysis.world.to_bytes(),
            compiled,
        }
    })
}

/// Compiles and verifies a program; the text of one of its functions.
fn check(program: &str, function: &str) -> String {
    let compiled = check_file("file:///main.dart", program);
    let module = &compiled.module;
    let index = module
        .functions
        .iter()
        .position(|candidate| {
            let name = module.base.strings;
            let id = candidate.name.0;
            let text = match id.checked_sub(name) {
                Some(index) => &module.strings[index as usize],
                None => &core().compiled.module.strings[id as usize],
            };
            &**text == function
        })
        .expect("the function");
    let id = eyot_bytecode::FunctionId(module.base.functions + index as u32);
    disassemble_function(module, Some(&core().compiled.module), id)
}

fn check_file(uri: &str, program: &str) -> Compiled {
    let world = World::core(&core().world).expect("the core's outline");
    let sources = Sources {
        program: program.to_string(),
    };
    let mut analysis = analyze_program(world, uri, &sources, ProgramOptions::default());
    assert_eq!(problems(&analysis), Vec::<String>::new());
    let compiled = compiled(&mut analysis, Some(&core().compiled.links));
    let modules = Modules {
        core: Some(&core().compiled.module),
        module: &compiled.module,
    };
    verified(&modules);
    assert_eq!(compiled.unsupported, Vec::new());
    compiled
}

/// Fails with the first few mistakes and the code they are in.
fn verified(modules: &Modules<'_>) {
    let mut errors = Vec::new();
    let module = modules.module;
    for index in 0..module.functions.len() as u32 {
        let id = eyot_bytecode::FunctionId(module.base.functions + index);
        if let Err(error) = verify::function(modules, id, &module.functions[index as usize]) {
            let text = disassemble_function(module, modules.core, id);
            errors.push(format!("{error}\n{}", text));
        }
    }
    if let Err(error) = verify::module(modules.core, module) {
        errors.push(error.to_string());
    }
    errors.truncate(6);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn the_core_compiles_and_verifies() {
    let core = core();
    let modules = Modules {
        core: None,
        module: &core.compiled.module,
    };
    assert_eq!(core.compiled.unsupported, Vec::new());
    verified(&modules);
}

#[test]
fn a_loop_over_numbers_boxes_nothing() {
    let source = "double work(List<double> v, int n) {
        var sum = 0.0;
        for (var i = 0; i < n; i++) {
          sum += v[i] * i;
        }
        return sum;
      }
      void main() => work([1.5], 1);";
    let text = check(source, "work");
    assert!(text.contains("idx.get.d"), "{text}");
    assert!(text.contains("mul.d"), "{text}");
    assert!(!text.contains("box."), "{text}");
}

/// The runtime makes instances of these with their own arguments as the vector.
#[test]
fn collections_of_the_runtime_have_short_vectors() {
    use eyot_bytecode::well_known::class;
    let module = &core().compiled.module;
    for id in [
        class::FIXED_LIST,
        class::IMMUTABLE_LIST,
        class::GROWABLE_LIST,
        class::CONST_MAP,
        class::CONST_SET,
        class::WEAK_REFERENCE,
    ] {
        let class = &module.classes[id.index()];
        assert_eq!(class.targs_len, class.type_params, "{id:?}");
    }
}

/// Prints the functions of the core whose name is in the environment: for looking at them by hand.
#[test]
#[ignore = "for looking at code"]
fn show() {
    let name = std::env::var("SHOW").unwrap_or_default();
    let module = &core().compiled.module;
    for (index, function) in module.functions.iter().enumerate() {
        if *module.strings[function.name.index()] == *name {
            let id = eyot_bytecode::FunctionId(index as u32);
            println!("{}", disassemble_function(module, None, id));
        }
    }
}
