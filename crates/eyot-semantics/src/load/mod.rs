//! From an entry URI to all libraries: which files there are, what imports what.
//!
//! No input or output here: the caller's [`SourceProvider`] gives the bytes of a URI. Every file is parsed once. What is missing
//! is reported where it is asked for, and the rest of the program is loaded all the same.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use eyot_syntax::ast::{
    Combinator, Configuration, DirectiveKind, Identifier, LanguageVersion, PartOf, UriLiteral,
};
use eyot_syntax::{
    Diagnostic, ParseOptions, SourceError, SourceFile, Span, Symbol, SyntaxTree, parse,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{File, FileId, Library, LibraryId, World};

#[cfg(test)]
mod tests;
pub mod uri;

pub use uri::{Package, Packages};

/// Gives the contents of files.
pub trait SourceProvider {
    /// The bytes of a `file:` or `dart:` URI. An error is words for the user: "the file does not exist".
    fn read(&self, uri: &str) -> Result<Vec<u8>, String>;

    /// How diagnostics name a file: a path as the user would write it.
    fn display(&self, uri: &str) -> String {
        uri.to_string()
    }
}

/// A library that was loaded now, and what its directives ask for.
#[derive(Clone, Debug)]
pub struct LoadedLibrary {
    /// The library.
    pub id: LibraryId,
    /// Its imports in source order; `dart:core` is last if it is imported without being written.
    pub imports: Vec<ImportEdge>,
    /// Its exports in source order.
    pub exports: Vec<ExportEdge>,
}

/// An import whose library is there.
#[derive(Clone, Debug)]
pub struct ImportEdge {
    /// The library imported.
    pub target: LibraryId,
    /// The name after `as`.
    pub prefix: Option<Identifier>,
    /// `deferred as`.
    pub is_deferred: bool,
    /// `show` and `hide`.
    pub combinators: Vec<Combinator>,
    /// The file of the directive.
    pub file: FileId,
}

/// An export whose library is there.
#[derive(Clone, Debug)]
pub struct ExportEdge {
    /// The library exported.
    pub target: LibraryId,
    /// `show` and `hide`.
    pub combinators: Vec<Combinator>,
    /// The file of the directive.
    pub file: FileId,
    /// The place of the URI.
    pub span: Span,
}

/// The library that comes with Eyot although its URI is that of a package, and where the core has it.
const SHIPPED_LIBRARY: (&str, &str) = ("package:eyot/isolate.dart", "dart:_eyot");

/// Loads libraries into a world.
pub struct Loader<'a> {
    world: &'a mut World,
    provider: &'a dyn SourceProvider,
    packages: &'a Packages,
    loaded: Vec<LoadedLibrary>,
    queue: VecDeque<LibraryId>,
    /// `library a.b;` names, for `part of a.b;`.
    names: FxHashMap<LibraryId, String>,
}

impl<'a> Loader<'a> {
    /// A loader that adds to `world`.
    pub fn new(
        world: &'a mut World,
        provider: &'a dyn SourceProvider,
        packages: &'a Packages,
    ) -> Loader<'a> {
        Loader {
            world,
            provider,
            packages,
            loaded: Vec::new(),
            queue: VecDeque::new(),
            names: FxHashMap::default(),
        }
    }

    /// Loads the library at `uri` and everything it needs. Its own absence is a problem at its first byte.
    pub fn load(&mut self, uri: &str) -> LibraryId {
        let entry = match self.world.by_uri.get(uri) {
            Some(&id) => id,
            None => {
                let text = self.read(uri);
                self.add_library(uri, text)
            }
        };
        while let Some(library) = self.queue.pop_front() {
            self.follow_directives(library);
        }
        entry
    }

    /// The libraries loaded, in the order they were found.
    pub fn finish(self) -> Vec<LoadedLibrary> {
        self.loaded
    }

    fn read(&self, uri: &str) -> Result<SourceFile, String> {
        let bytes = match uri::scheme(uri) {
            Some("data") => uri::data_contents(uri)?,
            Some("package") => self.provider.read(&self.packages.resolve(uri)?)?,
            Some("file" | "dart") => self.provider.read(uri)?,
            _ => {
                return Err(
                    "only file:, package:, dart: and data: URIs can be imported".to_string()
                );
            }
        };
        SourceFile::from_bytes(self.display(uri), bytes).map_err(|error| match error {
            SourceError::NotUtf8 { place, .. } => {
                format!(
                    "it is not UTF-8 text (line {}, column {}); save it as UTF-8",
                    place.line, place.column
                )
            }
            other => other.to_string(),
        })
    }

    fn display(&self, uri: &str) -> String {
        match uri::scheme(uri) {
            Some("package") => match self.packages.resolve(uri) {
                Ok(file) => self.provider.display(&file),
                Err(_) => uri.to_string(),
            },
            Some("data") => uri.chars().take(60).collect(),
            _ => self.provider.display(uri),
        }
    }

    fn add_library(&mut self, uri: &str, text: Result<SourceFile, String>) -> LibraryId {
        let id = LibraryId(self.world.libraries.len() as u32);
        let uri: Arc<str> = uri.into();
        let default = self
            .packages
            .version_of(&uri)
            .unwrap_or(LanguageVersion::CURRENT)
            .min(LanguageVersion::CURRENT);
        self.world.libraries.push(Library {
            uri: uri.clone(),
            files: Vec::new(),
            version: (default.major, default.minor),
            declared: FxHashMap::default(),
            exported: FxHashMap::default(),
            imported: FxHashMap::default(),
            prefixes: FxHashMap::default(),
            extensions: Vec::new(),
            members: Vec::new(),
            classes: Vec::new(),
            conflicting: OnceLock::new(),
        });
        self.world.by_uri.insert(uri.clone(), id);
        let (text, failure) = match text {
            Ok(text) => (text, None),
            Err(error) => (self.empty_source(&uri), Some(error)),
        };
        let file = self.add_file(id, &uri, text, default);
        if let Some(error) = failure {
            let message = format!("cannot read `{uri}`: {error}");
            let diagnostic = Diagnostic::error("uri-not-found", Span::default(), message);
            self.world.report(file, diagnostic);
        }
        if let Some(tree) = self.world.file(file).tree.clone()
            && let Some(comment) = tree.language_version
        {
            self.take_version(id, file, comment.version, comment.span);
        }
        self.queue.push_back(id);
        id
    }

    fn empty_source(&self, uri: &str) -> SourceFile {
        SourceFile::new(self.display(uri), "").expect("an empty text has a size that is allowed")
    }

    fn take_version(
        &mut self,
        library: LibraryId,
        file: FileId,
        version: LanguageVersion,
        span: Span,
    ) {
        if version > LanguageVersion::CURRENT {
            let message = format!(
                "language version {version} is not known here; the highest is {}",
                LanguageVersion::CURRENT
            );
            self.world.report(
                file,
                Diagnostic::error("language-version-too-high", span, message),
            );
            return;
        }
        self.world.libraries[library.index()].version = (version.major, version.minor);
    }

    fn add_file(
        &mut self,
        library: LibraryId,
        uri: &str,
        text: SourceFile,
        default_version: LanguageVersion,
    ) -> FileId {
        let id = FileId(self.world.files.len() as u32);
        let options = ParseOptions {
            language_version: default_version,
            is_core_library: uri.starts_with("dart:"),
        };
        let parsed = parse(text.text(), &options);
        self.world.files.push(File {
            uri: uri.into(),
            display: text.name().into(),
            source: Some(Arc::new(text)),
            tree: Some(Arc::new(parsed.tree)),
            library,
        });
        self.world.libraries[library.index()].files.push(id);
        for diagnostic in parsed.diagnostics {
            self.world.report(id, diagnostic);
        }
        id
    }

    fn follow_directives(&mut self, library: LibraryId) {
        let file = self.world.library(library).files[0];
        let Some(tree) = self.world.file(file).tree.clone() else {
            return;
        };
        self.check_is_library(library, file, &tree);
        let mut edges = LoadedLibrary {
            id: library,
            imports: Vec::new(),
            exports: Vec::new(),
        };
        let mut parts = FxHashSet::default();
        for directive in &tree.directives {
            match &directive.kind {
                DirectiveKind::Library { name } => {
                    self.names.insert(library, dotted(name));
                }
                DirectiveKind::Import(import) => {
                    let target = self.target(file, &import.uri, &import.configurations);
                    edges.imports.extend(target.map(|target| ImportEdge {
                        target,
                        prefix: import.prefix,
                        is_deferred: import.is_deferred,
                        combinators: import.combinators.clone(),
                        file,
                    }));
                }
                DirectiveKind::Export(export) => {
                    let target = self.target(file, &export.uri, &export.configurations);
                    edges.exports.extend(target.map(|target| ExportEdge {
                        target,
                        combinators: export.combinators.clone(),
                        file,
                        span: export.uri.span,
                    }));
                }
                DirectiveKind::Part {
                    uri,
                    configurations,
                } => {
                    let uri = self.choose(uri, configurations);
                    self.add_part(library, file, uri, &mut parts);
                }
                DirectiveKind::PartOf(_) => {}
            }
        }
        self.import_core(library, file, &mut edges);
        self.loaded.push(edges);
    }

    fn check_is_library(&mut self, library: LibraryId, file: FileId, tree: &SyntaxTree) {
        let part_of = tree
            .directives
            .iter()
            .find(|directive| matches!(directive.kind, DirectiveKind::PartOf(_)));
        if let Some(directive) = part_of {
            let message = format!(
                "`{}` is a part and cannot be imported or run; name the library it is a part of",
                self.world.library(library).uri
            );
            self.world.report(
                file,
                Diagnostic::error("part-used-as-library", directive.span, message),
            );
        }
    }

    /// Every library but `dart:core` itself imports `dart:core`, by writing it or without.
    fn import_core(&mut self, library: LibraryId, file: FileId, edges: &mut LoadedLibrary) {
        let literal = UriLiteral {
            span: Span::default(),
            text: "dart:core".to_string(),
        };
        if &*self.world.library(library).uri == "dart:core" {
            return;
        }
        let Some(core) = self.target(file, &literal, &[]) else {
            return;
        };
        if edges.imports.iter().all(|import| import.target != core) {
            edges.imports.push(ImportEdge {
                target: core,
                prefix: None,
                is_deferred: false,
                combinators: Vec::new(),
                file,
            });
        }
    }

    /// The URI of a directive, or the first of its configurations whose condition holds.
    fn choose<'d>(
        &self,
        uri: &'d UriLiteral,
        configurations: &'d [Configuration],
    ) -> &'d UriLiteral {
        let holds = |configuration: &&Configuration| {
            let wanted = configuration.value.as_deref().unwrap_or("true");
            self.condition(&configuration.name) == wanted
        };
        configurations
            .iter()
            .find(holds)
            .map_or(uri, |configuration| &configuration.uri)
    }

    /// The value of a name in a condition: `true` for the libraries there are, `-D` defines for others.
    fn condition(&self, name: &str) -> &str {
        if let Some(library) = name.strip_prefix("dart.library.") {
            let hidden =
                library.starts_with('_') || (library == "ffi" && self.world.options.forbid_ffi);
            let there = !hidden && self.world.by_uri.contains_key(&*format!("dart:{library}"));
            return if there { "true" } else { "" };
        }
        let defines = &self.world.options.defines;
        defines.get(name).map_or("", String::as_str)
    }

    /// The library a directive names, loaded; none if it cannot be (which is reported).
    fn target(
        &mut self,
        file: FileId,
        uri: &UriLiteral,
        configurations: &[Configuration],
    ) -> Option<LibraryId> {
        let literal = self.choose(uri, configurations);
        let base = self.world.file(file).uri.clone();
        let absolute = match uri::resolve(&base, &literal.text) {
            Ok(absolute) if absolute == SHIPPED_LIBRARY.0 => {
                // Not there while the core itself is compiled, nor in tests with a small core.
                return self
                    .world
                    .by_uri
                    .get(SHIPPED_LIBRARY.1)
                    .copied()
                    .or_else(|| {
                        let message = format!("there is no library `{absolute}` here");
                        self.report_uri(file, literal.span, message);
                        None
                    });
            }
            Ok(absolute) => absolute,
            Err(message) => {
                self.report_uri(file, literal.span, message);
                return None;
            }
        };
        if absolute.starts_with("dart:_") && !base.starts_with("dart:") {
            let message = format!("`{absolute}` is for the core libraries only");
            self.report_uri(file, literal.span, message);
            return None;
        }
        if absolute == "dart:ffi" && self.world.options.forbid_ffi {
            // What the program names of it is there all the same: one cause, one error.
            let message = "the program is run without `dart:ffi`".to_string();
            self.report_uri(file, literal.span, message);
        }
        if let Some(&id) = self.world.by_uri.get(&*absolute) {
            return Some(id);
        }
        match self.read(&absolute) {
            Ok(text) => Some(self.add_library(&absolute, Ok(text))),
            Err(error) if absolute.starts_with("dart:") => {
                let message = format!("there is no library `{absolute}` here ({error})");
                self.report_uri(file, literal.span, message);
                None
            }
            Err(error) => {
                let message = format!("cannot read `{}`: {error}", literal.text);
                self.report_uri(file, literal.span, message);
                None
            }
        }
    }

    fn report_uri(&self, file: FileId, span: Span, message: String) {
        self.world
            .report(file, Diagnostic::error("uri-not-found", span, message));
    }

    fn add_part(
        &mut self,
        library: LibraryId,
        file: FileId,
        literal: &UriLiteral,
        parts: &mut FxHashSet<String>,
    ) {
        let base = self.world.file(file).uri.clone();
        let text = uri::resolve(&base, &literal.text).and_then(|absolute| {
            let text = self.read(&absolute)?;
            Ok((absolute, text))
        });
        let (absolute, text) = match text {
            Ok(found) => found,
            Err(error) => {
                let message = format!("cannot read the part `{}`: {error}", literal.text);
                self.report_uri(file, literal.span, message);
                return;
            }
        };
        if !parts.insert(absolute.clone()) {
            let message = format!("`{}` is a part already; leave one out", literal.text);
            self.world.report(
                file,
                Diagnostic::error("duplicate-part", literal.span, message),
            );
            return;
        }
        let (major, minor) = self.world.library(library).version;
        let version = LanguageVersion::new(major, minor);
        let part = self.add_file(library, &absolute, text, version);
        let Some(tree) = self.world.file(part).tree.clone() else {
            return;
        };
        if let Some(problem) = self.part_mismatch(library, &base, &absolute, &tree) {
            self.world.report(
                file,
                Diagnostic::error("part-of-other-library", literal.span, problem),
            );
        }
        for directive in &tree.directives {
            if !matches!(directive.kind, DirectiveKind::PartOf(_)) {
                let message = "a part has no directives of its own; move this to the library";
                self.world.report(
                    part,
                    Diagnostic::error("directive-in-part", directive.span, message),
                );
            }
        }
    }

    /// Why a file is no part of the library, if it is not.
    fn part_mismatch(
        &self,
        library: LibraryId,
        base: &str,
        part: &str,
        tree: &SyntaxTree,
    ) -> Option<String> {
        let part_of = tree.directives.iter().find_map(|directive| {
            if let DirectiveKind::PartOf(part_of) = &directive.kind {
                Some(part_of)
            } else {
                None
            }
        });
        match part_of {
            None => Some(format!(
                "`{part}` does not say which library it is a part of; begin it with `part of '…';`"
            )),
            Some(PartOf::Uri(uri)) => {
                let named = uri::resolve(part, &uri.text).ok()?;
                let is_own = named == base || named == *self.world.library(library).uri;
                (!is_own).then(|| format!("`{part}` is a part of `{named}`, not of `{base}`"))
            }
            Some(PartOf::Name(name)) => {
                let named = dotted(name);
                let own = self.names.get(&library);
                (own != Some(&named)).then(|| {
                    format!("`{part}` is a part of library `{named}`; name this library so, or write `part of` with its URI")
                })
            }
        }
    }
}

fn dotted(name: &[Identifier]) -> String {
    let parts: Vec<&str> = name.iter().map(|part| part.symbol.as_str()).collect();
    parts.join(".")
}

/// Whether `show` and `hide` let a name through.
pub fn lets_through(combinators: &[Combinator], name: Symbol) -> bool {
    combinators.iter().all(|combinator| {
        let is_named = combinator.names.iter().any(|listed| listed.symbol == name);
        is_named == combinator.is_show
    })
}
