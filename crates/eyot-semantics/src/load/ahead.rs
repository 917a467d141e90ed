//! Files are parsed by several threads before they are asked for.
//!
//! What cannot be read is left out: it is tried again where it is asked for, and reported there.

use eyot_syntax::SourceFile;
use eyot_syntax::ast::{DirectiveKind, LanguageVersion};
use rustc_hash::FxHashSet;

use super::{Loader, ParsedFile, uri};
use crate::model::LibraryId;
use crate::parallel::{in_parallel, threads_that_pay};

/// Text that a thread should find to parse, so that starting it pays: a millisecond or two.
const BYTES_PER_THREAD: usize = 32 * 1024;

/// A file that will be asked for.
struct Wanted {
    uri: String,
    text: SourceFile,
    default_version: LanguageVersion,
}

impl Loader<'_> {
    /// Parses what the libraries of the queue name.
    pub(super) fn parse_ahead(&mut self) {
        let mut seen = FxHashSet::default();
        let mut wanted = Vec::new();
        for &library in &self.queue {
            self.named_by(library, &mut seen, &mut wanted);
        }
        let bytes: usize = wanted.iter().map(|file| file.text.text().len()).sum();
        let threads = self
            .threads
            .unwrap_or_else(|| threads_that_pay(bytes / BYTES_PER_THREAD));
        let parse = |file: &Wanted| {
            let text = file.text.clone();
            Some(ParsedFile::new(&file.uri, text, file.default_version))
        };
        let parsed = in_parallel(&wanted, threads, parse);
        self.ahead = wanted
            .into_iter()
            .map(|file| file.uri)
            .zip(parsed)
            .collect();
    }

    /// The files of a library's directives that are not loaded yet.
    fn named_by(&self, library: LibraryId, seen: &mut FxHashSet<String>, wanted: &mut Vec<Wanted>) {
        let library = self.world.library(library);
        let file = self.world.file(library.files[0]);
        let Some(tree) = &file.tree else { return };
        for directive in &tree.directives {
            let (uri, configurations, is_part) = match &directive.kind {
                DirectiveKind::Import(import) => (&import.uri, &import.configurations, false),
                DirectiveKind::Export(export) => (&export.uri, &export.configurations, false),
                DirectiveKind::Part {
                    uri,
                    configurations,
                } => (uri, configurations, true),
                DirectiveKind::Library { .. } | DirectiveKind::PartOf(_) => continue,
            };
            let literal = self.choose(uri, configurations);
            let Ok(uri) = uri::resolve(&file.uri, &literal.text) else {
                continue;
            };
            let is_file = matches!(uri::scheme(&uri), Some("file" | "package"));
            let is_known = super::shipped(&uri).is_some() || self.world.by_uri.contains_key(&*uri);
            if !is_file || is_known || !seen.insert(uri.clone()) {
                continue;
            }
            let default_version = match is_part {
                true => LanguageVersion::new(library.version.0, library.version.1),
                false => self.default_version(&uri),
            };
            if let Ok(text) = self.read(&uri) {
                wanted.push(Wanted {
                    uri,
                    text,
                    default_version,
                });
            }
        }
    }
}
