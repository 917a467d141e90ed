//! What a group's isolates get from here: reports of errors, and programs for `Isolate.spawnUri`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use eyot_runtime::isolate::{ErrorReport, Host, LoadedProgram, ProgramPackages, ProgramRequest};
use eyot_semantics::load::{Packages, uri};

use crate::embed::Surroundings;
use crate::files;
use crate::options::{Options, Script};
use crate::panics;
use crate::program::{Program, compile};
use crate::start::link;

/// The surroundings of one group.
pub(crate) struct ProgramHost {
    options: Options,
    packages: Arc<Packages>,
    package_config: Option<PathBuf>,
    /// URI of the program.
    script: Script,
    /// What the embedder wants to know of it.
    embedder: Option<Surroundings>,
}

impl ProgramHost {
    pub(crate) fn new(program: &Program) -> ProgramHost {
        ProgramHost {
            options: program.options.clone(),
            packages: program.packages.clone(),
            package_config: program.package_config.clone(),
            script: program.script.clone(),
            embedder: None,
        }
    }

    pub(crate) fn embedded(program: &Program, embedder: Surroundings) -> ProgramHost {
        ProgramHost {
            embedder: Some(embedder),
            ..ProgramHost::new(program)
        }
    }
}

impl Host for ProgramHost {
    fn uncaught(&self, report: &ErrorReport<'_>) {
        let embedder = self.embedder.as_ref();
        if embedder.is_some_and(|embedder| embedder.uncaught(report)) {
            return;
        }
        // Where memory is out there may be no frames.
        let trace = report.trace.trim_end();
        let between = if trace.is_empty() { "" } else { "\n" };
        write_error(&format!(
            "Unhandled exception:\n{}{between}{trace}\n",
            report.error
        ));
    }

    fn bug(&self, isolate: &str, message: &str) {
        let place = panics::place()
            .map(|place| format!("{place}: "))
            .unwrap_or_default();
        write_error(&format!(
            "eyot: a mistake in Eyot itself ended the isolate '{isolate}': {place}{message}; please report it\n"
        ));
    }

    fn load(&self, request: &ProgramRequest) -> Result<LoadedProgram, String> {
        let uri = uri::resolve(self.script.uri(), &request.uri)?;
        let mut options = self.options.clone();
        options.defines.extend(request.defines.iter().cloned());
        options.packages = match &request.packages {
            ProgramPackages::Inherited => self.package_config.clone(),
            ProgramPackages::Nearest => None,
            ProgramPackages::Given(config) => {
                let config = uri::resolve(self.script.uri(), config)?;
                Some(files::path_of(&config).unwrap_or_else(|| PathBuf::from(config)))
            }
        };
        let program = panics::catch(|| compile(&Script::from_uri(uri), &options))?;
        let program = program.map_err(|error| error.to_string())?;
        let linked = link(&program).map_err(|error| error.to_string())?;
        let embedder = self.embedder.as_ref();
        let hooks = embedder.map(|embedder| embedder.hooks_for(&program));
        Ok(LoadedProgram {
            program: linked,
            main: program.main,
            script: program.script.uri().to_owned(),
            package_config: program.package_config_uri(),
            shares_data: program.options.experimental_shared_data,
            hooks: hooks.transpose()?,
            host: Arc::new(ProgramHost {
                embedder: self.embedder.clone(),
                ..ProgramHost::new(&program)
            }),
        })
    }

    fn resolve_package(&self, uri: &str) -> Option<String> {
        self.packages.resolve(uri).ok()
    }
}

/// Nobody is left to tell when standard error is closed.
pub(crate) fn write_error(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
