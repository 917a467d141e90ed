//! Where sources come from: the file system.

use std::path::{Path, PathBuf};

use eyot_semantics::load::SourceProvider;

/// Reads `file:` URIs. Diagnostics name files by the path relative to the working directory where that is shorter.
#[derive(Clone, Debug)]
pub struct Files {
    working_directory: PathBuf,
}

impl Files {
    /// Paths are shown relative to this directory.
    pub fn new(working_directory: PathBuf) -> Files {
        Files { working_directory }
    }
}

impl SourceProvider for Files {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let path = path_of(uri).ok_or_else(|| format!("`{uri}` is no file: URI"))?;
        std::fs::read(&path).map_err(|error| explain(&path, &error))
    }

    fn display(&self, uri: &str) -> String {
        let Some(path) = path_of(uri) else {
            return uri.to_owned();
        };
        let shown = path.strip_prefix(&self.working_directory).unwrap_or(&path);
        shown.display().to_string()
    }
}

/// What went wrong, in words for the user.
pub(crate) fn explain(path: &Path, error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "the file does not exist".to_owned(),
        ErrorKind::PermissionDenied => "the file may not be read (permission denied)".to_owned(),
        _ if path.is_dir() => "this is a directory, not a Dart file".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}

/// The `file:` URI of a path, made absolute against `base`.
pub fn uri_of(path: &Path, base: &Path) -> String {
    let absolute = normalize(&base.join(path));
    let mut uri = String::from("file://");
    for byte in absolute.as_os_str().as_encoded_bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'_'
            | b'.'
            | b'~'
            | b'+'
            | b'@'
            | b','
            | b'=' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// The path of a `file:` URI.
pub fn path_of(uri: &str) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    let rest = uri.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let bytes = eyot_semantics::load::uri::percent_decode(path);
    path.starts_with('/')
        .then(|| PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}

/// Takes `.` and `..` out without asking the file system: symbolic links stay as the user wrote them.
fn normalize(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_agree() {
        let uri = uri_of(Path::new("a b/../c d/ä.dart"), Path::new("/x/./y"));
        assert_eq!(uri, "file:///x/y/c%20d/%C3%A4.dart");
        assert_eq!(path_of(&uri).as_deref(), Some(Path::new("/x/y/c d/ä.dart")));
        assert_eq!(path_of("http://x/y"), None);
    }

    #[test]
    fn files_are_shown_relative_to_the_working_directory() {
        let files = Files::new(PathBuf::from("/work"));
        assert_eq!(files.display("file:///work/a/b.dart"), "a/b.dart");
        assert_eq!(files.display("file:///other/b.dart"), "/other/b.dart");
        assert_eq!(files.display("dart:core"), "dart:core");
    }
}
