//! `package_config.json`: which packages a program may import from.
//!
//! The format is that of the [package configuration file, version 2](https://github.com/dart-lang/language/blob/main/accepted/2.8/language-versioning/package-config-file-v2.md).

use std::path::{Path, PathBuf};

use eyot_semantics::load::{Package, Packages, uri};
use eyot_syntax::LanguageVersion;
use serde_json::Value;

use crate::files::{explain, path_of, uri_of};

/// A package configuration that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for PackageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for PackageError {}

/// The nearest `.dart_tool/package_config.json` in the folder of the entry file or above it.
pub fn find(entry: &Path) -> Option<PathBuf> {
    entry
        .ancestors()
        .skip(1)
        .map(|folder| folder.join(".dart_tool/package_config.json"))
        .find(|candidate| candidate.is_file())
}

/// The bytes of a package configuration.
///
/// # Errors
///
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, PackageError> {
    std::fs::read(path).map_err(|error| PackageError {
        path: path.to_owned(),
        message: explain(path, &error),
    })
}

/// Understands a package configuration.
///
/// # Errors
///
/// If it is not of version 2; with the name of what is missing.
pub fn parse(path: &Path, text: &[u8]) -> Result<Packages, PackageError> {
    let failed = |message: String| PackageError {
        path: path.to_owned(),
        message,
    };
    let json: Value = serde_json::from_slice(text).map_err(|error| {
        failed(format!(
            "this is no JSON: {error}; run `dart pub get` to make it anew"
        ))
    })?;
    let base = uri_of(path, &std::env::current_dir().unwrap_or_default());
    packages(&json, &base).map_err(failed)
}

fn packages(json: &Value, base: &str) -> Result<Packages, String> {
    if json.get("configVersion").and_then(Value::as_u64) != Some(2) {
        return Err(
            "\"configVersion\" is not 2; run `dart pub get` to make the file anew".to_owned(),
        );
    }
    let list = json
        .get("packages")
        .and_then(Value::as_array)
        .ok_or("there is no list \"packages\"")?
        .iter()
        .map(|entry| package(entry, base))
        .collect::<Result<Vec<_>, String>>()?;
    Ok(Packages { list })
}

fn package(entry: &Value, base: &str) -> Result<Package, String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let name = text("name").ok_or("a package has no \"name\"")?.to_owned();
    let root = text("rootUri").ok_or_else(|| format!("package \"{name}\" has no \"rootUri\""))?;
    let root = folder(uri::resolve(base, root)?);
    let lib = match text("packageUri") {
        Some(relative) => folder(uri::resolve(&root, relative)?),
        None => root.clone(),
    };
    if path_of(&root).is_none() {
        return Err(format!(
            "the \"rootUri\" of package \"{name}\" is no file: URI"
        ));
    }
    let version = text("languageVersion").and_then(version);
    Ok(Package {
        name,
        root,
        lib,
        version,
    })
}

fn folder(mut uri: String) -> String {
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

fn version(text: &str) -> Option<LanguageVersion> {
    let (major, minor) = text.split_once('.')?;
    Some(LanguageVersion::new(
        major.parse().ok()?,
        minor.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn packages_are_resolved_against_the_file() {
        let config = json!({
            "configVersion": 2,
            "packages": [
                {"name": "a", "rootUri": "../", "packageUri": "lib/", "languageVersion": "3.4"},
                {"name": "b", "rootUri": "file:///cache/b-1.0"},
            ],
        });
        let packages = packages(&config, "file:///p/.dart_tool/package_config.json").unwrap();
        assert_eq!(packages.list[0].lib, "file:///p/lib/");
        assert_eq!(packages.list[0].version, Some(LanguageVersion::new(3, 4)));
        assert_eq!(packages.list[1].lib, "file:///cache/b-1.0/");
    }

    #[test]
    fn what_is_missing_is_named() {
        let config = json!({"configVersion": 2, "packages": [{"name": "a"}]});
        assert_eq!(
            packages(&config, "file:///x").unwrap_err(),
            "package \"a\" has no \"rootUri\""
        );
        assert!(
            packages(&json!({}), "file:///x")
                .unwrap_err()
                .contains("configVersion")
        );
    }
}
