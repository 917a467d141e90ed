//! What every run begins with: workers, a program joined with the core, a group for it.

use std::sync::Arc;

use eyot_runtime::heap::{GcStress, HeapConfig};
use eyot_runtime::isolate::embed::Hooks;
use eyot_runtime::isolate::{EntryPoints, Group, Host, Isolate};
use eyot_runtime::program::Program as Linked;
use eyot_runtime::program::modules::{ImageBytes, ModuleSource};
use eyot_runtime::sched::{Scheduler, SchedulerConfig, Threads};

use crate::options::Options;
use crate::panics;
use crate::program::{Code, Error, Program};

/// Starts so many workers; one for each core if it is not said.
pub(crate) fn scheduler(workers: Option<usize>) -> Result<(Scheduler<Isolate>, Threads), Error> {
    panics::watch();
    let mut config = SchedulerConfig::default();
    if let Some(workers) = workers {
        config.workers = workers;
    }
    Scheduler::start(&config).map_err(Error::System)
}

/// Makes the group of a program.
pub(crate) fn group(
    program: &Program,
    linked: Arc<Linked>,
    scheduler: &Scheduler<Isolate>,
    host: Arc<dyn Host>,
    hooks: Option<Arc<dyn Hooks>>,
) -> Arc<Group> {
    Arc::new(Group {
        number: Group::next_number(),
        entries: EntryPoints::of(&linked),
        program: linked,
        scheduler: scheduler.clone(),
        host,
        heap: heap_config(&program.options),
        script: program.script.uri().to_owned(),
        package_config: program.package_config_uri(),
        shared: program.options.experimental_shared_data.then(Arc::default),
        hooks,
    })
}

fn heap_config(options: &Options) -> HeapConfig {
    let mut config = HeapConfig::default();
    if let Some(limit_bytes) = options.max_heap_bytes {
        config.limit_bytes = limit_bytes;
    }
    config.verifies = options.verify_isolation;
    config.traced_as = options.trace_gc.then(|| "main".into());
    config.stress = options.gc_stress.map(|every| GcStress { every });
    config
}

/// Joins a program and the core.
pub(crate) fn link(program: &Program) -> Result<Arc<Linked>, Error> {
    let core = eyot_corelib::core_module()?;
    let natives = eyot_corelib::native_table(!program.options.forbid_ffi);
    let user = match &program.code {
        Code::Module(module) => ModuleSource::Whole(module.clone()),
        Code::Image(image) => ModuleSource::image(ImageBytes::Shared(image.clone()))?,
    };
    Linked::new(core, user, natives).map_err(|error| Error::Bug(error.to_string()))
}
