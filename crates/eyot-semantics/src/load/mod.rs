//! From an entry URI to all libraries: which files there are, what imports what.
//!
//! No input or output here: the caller's [`SourceProvider`] gives the bytes of a URI. Every file is parsed once. What is missing
//! is reported where it is asked for, and the rest of the program is loaded all the same.
//!
//! Libraries are followed in the order in which they were found, breadth first. The files that a generation of them names are
//! parsed by several threads before it is followed ([`ahead`]), which changes nothing but the time it takes.

use std::sync::{Arc, OnceLock};

use eyot_syntax::ast::{
    Combinator, Configuration, DirectiveKind, Identifier, LanguageVersion, PartOf, UriLiteral,
};
use eyot_syntax::{
    Diagnostic, ParseOptions, Parsed, SourceError, SourceFile, Span, Symbol, SyntaxTree, parse,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{File, FileId, Library, LibraryId, World};

mod ahead;
mod core_sources;
#[cfg(test)]
mod tests;
pub mod uri;

pub use core_sources::{CORE_LIBRARIES, CoreSources};
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
    /// The place of the URI; none if the import is not written.
    pub span: Span,
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

/// The libraries that come with Eyot although their URI is that of a package, and where the core has them.
const SHIPPED_LIBRARIES: [(&str, &str); 2] = [
    ("package:eyot/isolate.dart", "dart:_eyot"),
    (
        "package:dart_internal/isolate_group.dart",
        "dart:_isolate_group",
    ),
];

/// Where the core has a library of such a URI.
fn shipped(uri: &str) -> Option<&'static str> {
    let mut libraries = SHIPPED_LIBRARIES.iter();
    libraries.find_map(|&(package, core)| (package == uri).then_some(core))
}

/// Libraries that a program may only import if its isolates share data.
const SHARED_DATA_LIBRARIES: [&str; 2] = [
    "dart:concurrent",
    "package:dart_internal/isolate_group.dart",
];

/// Loads libraries into a world.
pub struct Loader<'a> {
    world: &'a mut World,
    provider: &'a dyn SourceProvider,
    packages: &'a Packages,
    loaded: Vec<LoadedLibrary>,
    queue: Vec<LibraryId>,
    /// `library a.b;` names, for `part of a.b;`.
    names: FxHashMap<LibraryId, String>,
    /// Libraries that lack an export or a part.
    lacking: FxHashSet<LibraryId>,
    /// Files that will be asked for.
    ahead: FxHashMap<String, ParsedFile>,
    threads: Option<usize>,
}

/// A file and its tree.
struct ParsedFile {
    text: SourceFile,
    parsed: Parsed,
    /// The language version that holds if the file says nothing.
    default_version: LanguageVersion,
}

impl ParsedFile {
    fn new(uri: &str, text: SourceFile, default_version: LanguageVersion) -> ParsedFile {
        let options = ParseOptions {
            language_version: default_version,
            is_core_library: uri.starts_with("dart:"),
        };
        ParsedFile {
            parsed: parse(text.text(), &options),
            text,
            default_version,
        }
    }
}

impl<'a> Loader<'a> {
    /// A loader that adds to `world`, with as many threads as given, or as pay.
    pub fn new(
        world: &'a mut World,
        provider: &'a dyn SourceProvider,
        packages: &'a Packages,
        threads: Option<usize>,
    ) -> Loader<'a> {
        Loader {
            world,
            provider,
            packages,
            loaded: Vec::new(),
            queue: Vec::new(),
            names: FxHashMap::default(),
            lacking: FxHashSet::default(),
            ahead: FxHashMap::default(),
            threads,
        }
    }

    /// Loads the library at `uri` and everything it needs. Its own absence is a problem at its first byte.
    pub fn load(&mut self, uri: &str) -> LibraryId {
        let entry = match self.world.by_uri.get(uri) {
            Some(&id) => id,
            None => {
                let file = self.parsed(uri, self.default_version(uri));
                self.add_library(uri, file)
            }
        };
        while !self.queue.is_empty() {
            self.parse_ahead();
            for library in std::mem::take(&mut self.queue) {
                self.follow_directives(library);
            }
        }
        entry
    }

    /// The libraries loaded, in the order they were found.
    pub fn finish(mut self) -> Vec<LoadedLibrary> {
        if !self.lacking.is_empty() {
            self.note_incomplete();
        }
        self.loaded
    }

    /// What a library does not declare although it should, those who import it may miss.
    fn note_incomplete(&mut self) {
        let mut open: Vec<LibraryId> = self.lacking.iter().copied().collect();
        while let Some(lacking) = open.pop() {
            for library in &self.loaded {
                let exports = library.exports.iter().any(|edge| edge.target == lacking);
                if exports && self.lacking.insert(library.id) {
                    open.push(library.id);
                }
            }
        }
        let incomplete = self.loaded.iter().filter(|library| {
            let mut imports = library.imports.iter();
            self.lacking.contains(&library.id)
                || imports.any(|edge| self.lacking.contains(&edge.target))
        });
        self.world
            .incomplete
            .extend(incomplete.map(|library| library.id));
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

    /// The language version of a library that does not name one.
    fn default_version(&self, uri: &str) -> LanguageVersion {
        self.packages
            .version_of(uri)
            .unwrap_or(LanguageVersion::CURRENT)
            .min(LanguageVersion::CURRENT)
    }

    /// A file, which may have been parsed already.
    fn parsed(
        &mut self,
        uri: &str,
        default_version: LanguageVersion,
    ) -> Result<ParsedFile, String> {
        match self.ahead.remove(uri) {
            Some(file) if file.default_version == default_version => Ok(file),
            Some(file) => Ok(ParsedFile::new(uri, file.text, default_version)),
            None => Ok(ParsedFile::new(uri, self.read(uri)?, default_version)),
        }
    }

    fn add_library(&mut self, uri: &str, file: Result<ParsedFile, String>) -> LibraryId {
        let id = LibraryId(self.world.libraries.len() as u32);
        let uri: Arc<str> = uri.into();
        let default = self.default_version(&uri);
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
        let (file, failure) = match file {
            Ok(file) => (file, None),
            Err(error) => {
                let empty = ParsedFile::new(&uri, self.empty_source(&uri), default);
                (empty, Some(error))
            }
        };
        let file = self.add_file(id, &uri, file);
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
        self.queue.push(id);
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

    fn add_file(&mut self, library: LibraryId, uri: &str, file: ParsedFile) -> FileId {
        let id = FileId(self.world.files.len() as u32);
        let ParsedFile { text, parsed, .. } = file;
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
                        span: import.uri.span,
                    }));
                }
                DirectiveKind::Export(export) => {
                    let target = self.target(file, &export.uri, &export.configurations);
                    if target.is_none() {
                        self.lacking.insert(library);
                    }
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
                span: literal.span,
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
            let options = &self.world.options;
            let hidden = library.starts_with('_')
                || (library == "ffi" && options.forbid_ffi)
                || (library == "concurrent" && !options.shared_data);
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
        if SHARED_DATA_LIBRARIES.contains(&&*absolute) && !self.world.options.shared_data {
            let message = format!(
                "`{absolute}` is experimental: run the program with {}",
                crate::shared::FLAG
            );
            self.report_uri(file, literal.span, message);
        }
        if let Some(core) = shipped(&absolute) {
            // Not there while the core itself is compiled, nor in tests with a small core.
            return self.world.by_uri.get(core).copied().or_else(|| {
                let message = format!("there is no library `{absolute}` here");
                self.report_uri(file, literal.span, message);
                None
            });
        }
        if let Some(&id) = self.world.by_uri.get(&*absolute) {
            return Some(id);
        }
        match self.parsed(&absolute, self.default_version(&absolute)) {
            Ok(file) => Some(self.add_library(&absolute, Ok(file))),
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

    fn report_uri(&mut self, file: FileId, span: Span, message: String) {
        let library = self.world.file(file).library;
        self.world.incomplete.insert(library);
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
        let (major, minor) = self.world.library(library).version;
        let version = LanguageVersion::new(major, minor);
        let found = uri::resolve(&base, &literal.text).and_then(|absolute| {
            let part = self.parsed(&absolute, version)?;
            Ok((absolute, part))
        });
        let (absolute, part) = match found {
            Ok(found) => found,
            Err(error) => {
                let message = format!("cannot read the part `{}`: {error}", literal.text);
                self.lacking.insert(library);
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
        let part = self.add_file(library, &absolute, part);
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
