//! From syntax trees to the declarations of a [`World`].
//!
//! [`outline`] takes the libraries that were loaded and runs these passes over all of them together; each relies on the ones
//! before it:
//!
//! | pass | what stands after it |
//! | --- | --- |
//! | `declare` | every class, alias, extension and member has an id and a name |
//! | `namespace` | what each library exports and imports |
//! | `headers` | bounds, supertypes, mixin applications; no circles |
//! | `signatures` | the types that are written |
//! | `inherit` | types taken over from overridden members, covariant parameters |
//! | `by_class` | parameters that are covariant by class, here or above |
//! | `constructors` | default and forwarding constructors, types of formals, redirections |
//!
//! Problems that need all of that are found by `crate::checks`.
//!
//! Beside them: [`scope`] for names and written types, `lazy` for what is found out on first use (types of variables,
//! constants), which the body phase works out. Nothing is thrown away after a problem: what cannot be resolved has the type
//! [`Ty::ERROR`](crate::types::Ty::ERROR), about which nobody complains again.

mod by_class;
mod constructors;
mod declare;
mod extension_types;
mod headers;
mod inherit;
mod lazy;
mod namespace;
pub(crate) mod nodes;
mod primary;
pub mod scope;
mod signatures;
#[cfg(test)]
mod tests;

pub(crate) use constructors::super_param_source;
pub(crate) use lazy::{Question, ask};

use std::sync::Arc;

use eyot_syntax::{Diagnostic, Span, SyntaxTree};
use rustc_hash::FxHashMap;

use crate::checks::{Declared, check};
use crate::load::LoadedLibrary;
use crate::model::{ClassId, ExtensionId, FileId, MemberId, TypedefId, World};
use crate::types::Ty;

/// Puts the declarations of the libraries loaded into the world.
pub fn outline(world: &mut World, loaded: &[LoadedLibrary]) {
    world.signatures_known = false;
    let mut outline = Outline {
        world,
        classes: Vec::new(),
        extensions: Vec::new(),
        typedefs: Vec::new(),
        members: Vec::new(),
        missing_params: FxHashMap::default(),
        header_states: FxHashMap::default(),
        written_interfaces: FxHashMap::default(),
        late_formals: Vec::new(),
    };
    outline.declare(loaded);
    outline.namespaces(loaded);
    outline.headers();
    outline.signatures();
    outline.inherit();
    outline.signatures_are_known();
    outline.mark_covariant_by_class();
    outline.constructors();
    outline.check_extension_types();
    outline.check_primary_constructors();
    let libraries = loaded
        .iter()
        .map(|library| outline.world.library(library.id));
    let files: Vec<FileId> = libraries
        .flat_map(|library| library.files.clone())
        .collect();
    let declared = Declared {
        classes: &outline.classes,
        extensions: &outline.extensions,
        members: &outline.members,
        files: &files,
    };
    check(outline.world, &declared);
}

/// The state of the passes: what is being added to the world.
struct Outline<'w> {
    world: &'w mut World,
    /// Classes declared now, superclasses before subclasses once `headers` has run; applications included.
    classes: Vec<ClassId>,
    extensions: Vec<ExtensionId>,
    typedefs: Vec<TypedefId>,
    /// Members declared now.
    members: Vec<MemberId>,
    /// Parameters (by index) without a written type.
    missing_params: FxHashMap<MemberId, Vec<usize>>,
    header_states: FxHashMap<ClassId, headers::HeaderState>,
    /// The types after `implements` of extension types, and where they are written.
    written_interfaces: FxHashMap<ClassId, Vec<(Ty, Span)>>,
    /// Field formals whose field's type must be inferred from an initialiser: constructor, parameter, field.
    late_formals: Vec<(MemberId, usize, MemberId)>,
}

impl Outline<'_> {
    /// From now on inherited members are compared by their signatures; what was found without them is forgotten.
    fn signatures_are_known(&mut self) {
        self.world.signatures_known = true;
        self.world.member_cache = crate::hierarchy::MemberCache::default();
    }

    fn tree(&self, file: FileId) -> Option<Arc<SyntaxTree>> {
        self.world.file(file).tree.clone()
    }

    fn error(&self, file: FileId, code: &'static str, span: Span, message: impl Into<String>) {
        self.world
            .report(file, Diagnostic::error(code, span, message));
    }
}
