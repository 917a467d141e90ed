//! Second pass: what each library exports, and what its imports bring in.

use eyot_syntax::{Symbol, sym};
use rustc_hash::FxHashMap;

use super::Outline;
use crate::load::{LoadedLibrary, lets_through};
use crate::model::{Decl, ExtensionId, LibraryId, Prefix, World};

impl Outline<'_> {
    pub(super) fn namespaces(&mut self, loaded: &[LoadedLibrary]) {
        self.export(loaded);
        for library in loaded {
            self.import(library);
        }
    }

    /// Exports of exports are a fixpoint: libraries may export each other in circles.
    fn export(&mut self, loaded: &[LoadedLibrary]) {
        for library in loaded {
            let data = &mut self.world.libraries[library.id.index()];
            data.exported = data
                .declared
                .iter()
                .filter(|(name, _)| !name.is_private())
                .map(|(&name, &decl)| (name, decl))
                .collect();
        }
        loop {
            let mut changed = false;
            for library in loaded {
                for edge in &library.exports {
                    let names = self.world.library(edge.target).exported.clone();
                    for (name, decl) in names {
                        if lets_through(&edge.combinators, name) {
                            changed |= self.export_name(library.id, edge, name, decl);
                        }
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn export_name(
        &mut self,
        library: LibraryId,
        edge: &crate::load::ExportEdge,
        name: Symbol,
        decl: Decl,
    ) -> bool {
        let data = &mut self.world.libraries[library.index()];
        match data.exported.get(&name) {
            None => {
                data.exported.insert(name, decl);
                true
            }
            Some(&old) => {
                let own = data.declared.contains_key(&name);
                if old != decl && !own && old != Decl::Ambiguous {
                    let message = format!(
                        "`{name}` is exported from two libraries with different meanings; hide it in one export"
                    );
                    self.error(edge.file, "ambiguous-export", edge.span, message);
                }
                false
            }
        }
    }

    fn import(&mut self, library: &LoadedLibrary) {
        let mut imported: FxHashMap<Symbol, Decl> = FxHashMap::default();
        let mut prefixes: FxHashMap<Symbol, Prefix> = FxHashMap::default();
        let mut extensions = self.declared_extensions(library.id);
        for edge in &library.imports {
            let names = match edge.prefix {
                None => &mut imported,
                // A prefix `_` gives nothing a name, but its extensions can be used.
                Some(prefix) if prefix.symbol == sym::UNDERSCORE => {
                    &mut prefixes.entry(prefix.symbol).or_default().names
                }
                Some(prefix) => {
                    let is_shared = prefixes.contains_key(&prefix.symbol);
                    let entry = prefixes.entry(prefix.symbol).or_default();
                    entry.deferred |= edge.is_deferred;
                    if is_shared && entry.deferred {
                        let message = format!(
                            "the prefix `{}` of a deferred import cannot be that of another import; use another one",
                            prefix.symbol
                        );
                        self.world.report(
                            edge.file,
                            eyot_syntax::Diagnostic::error(
                                "deferred-prefix-shared",
                                prefix.span,
                                message,
                            ),
                        );
                    }
                    let declared = &self.world.library(library.id).declared;
                    if declared.contains_key(&prefix.symbol) {
                        let message = format!(
                            "`{}` is an import prefix and a declaration of this library; rename one",
                            prefix.symbol
                        );
                        self.world.report(
                            edge.file,
                            eyot_syntax::Diagnostic::error(
                                "duplicate-declaration",
                                prefix.span,
                                message,
                            ),
                        );
                    }
                    &mut entry.names
                }
            };
            for (&name, &decl) in &self.world.library(edge.target).exported {
                if !lets_through(&edge.combinators, name) {
                    continue;
                }
                if edge.is_deferred && matches!(decl, Decl::Extension(_)) {
                    let message = format!(
                        "the extension `{name}` of this library cannot be deferred; hide it with `hide {name}`"
                    );
                    let problem =
                        eyot_syntax::Diagnostic::error("deferred-extension", edge.span, message);
                    self.world.report(edge.file, problem);
                }
                if let Decl::Extension(extension) = decl
                    && !extensions.contains(&extension)
                {
                    extensions.push(extension);
                }
                let joined = match names.get(&name) {
                    Some(&old) => join(self.world, old, decl),
                    None => decl,
                };
                names.insert(name, joined);
            }
        }
        prefixes.remove(&sym::UNDERSCORE);
        // The order of a map's entries must not leak into which extension is found first.
        let own = self.declared_extensions(library.id).len();
        extensions[own..].sort_unstable();
        let data = &mut self.world.libraries[library.id.index()];
        data.imported = imported;
        data.prefixes = prefixes;
        data.extensions = extensions;
    }

    fn declared_extensions(&self, library: LibraryId) -> Vec<ExtensionId> {
        self.extensions
            .iter()
            .copied()
            .filter(|&extension| self.world.extension(extension).library == library)
            .collect()
    }
}

/// What a name means that two imports bring: the same thing is fine, another library's comes before a `dart:` one's.
fn join(world: &World, a: Decl, b: Decl) -> Decl {
    if a == b {
        return a;
    }
    match (is_of_dart(world, a), is_of_dart(world, b)) {
        (true, false) => b,
        (false, true) => a,
        _ => Decl::Ambiguous,
    }
}

fn is_of_dart(world: &World, decl: Decl) -> bool {
    let library = match decl {
        Decl::Class(id) => world.class(id).library,
        Decl::Typedef(id) => world.typedef(id).library,
        Decl::Extension(id) => world.extension(id).library,
        Decl::Member { get, set } => match get.or(set) {
            Some(id) => world.member(id).library,
            None => return true,
        },
        Decl::Dynamic | Decl::Never => return true,
        Decl::Ambiguous => return false,
    };
    world.library(library).uri.starts_with("dart:")
}
