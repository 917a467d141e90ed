//! URIs of libraries and parts: resolution against a base, `package:` look-up, `data:` contents.
//!
//! Only what names of Dart files need. A `dart:NAME` library's file is taken to be `dart:NAME/NAME.dart`, so its parts are
//! `dart:NAME/part.dart`.

use eyot_syntax::LanguageVersion;

/// One package a program may import from.
#[derive(Clone, Debug)]
pub struct Package {
    /// The name in `package:NAME/…`.
    pub name: String,
    /// URI of the package's folder, with a slash at its end.
    pub root: String,
    /// URI of the folder that `package:NAME/` stands for, with a slash at its end.
    pub lib: String,
    /// Version of the language for its libraries.
    pub version: Option<LanguageVersion>,
}

/// The packages a program may import from.
#[derive(Clone, Debug, Default)]
pub struct Packages {
    /// In any order.
    pub list: Vec<Package>,
}

impl Packages {
    /// Where the file of a `package:` URI is.
    pub fn resolve(&self, uri: &str) -> Result<String, String> {
        let rest = uri.strip_prefix("package:").unwrap_or(uri);
        let Some((name, path)) = rest.split_once('/') else {
            return Err(format!(
                "`{uri}` names no file; write package:{rest}/FILE.dart"
            ));
        };
        match self.list.iter().find(|package| package.name == name) {
            Some(package) => Ok(format!("{}{path}", package.lib)),
            None => Err(format!(
                "there is no package `{name}`; add it to pubspec.yaml and run `dart pub get`, or give --packages=FILE"
            )),
        }
    }

    /// The language version of the package that a library belongs to.
    pub fn version_of(&self, uri: &str) -> Option<LanguageVersion> {
        if let Some(rest) = uri.strip_prefix("package:") {
            let name = rest.split('/').next()?;
            return self.list.iter().find(|p| p.name == name)?.version;
        }
        let around = self.list.iter().filter(|p| uri.starts_with(&p.root));
        around.max_by_key(|p| p.root.len())?.version
    }
}

/// The scheme of an absolute URI.
pub fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let mut bytes = scheme.bytes();
    let starts_well = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
    let goes_well = bytes.all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (starts_well && goes_well).then_some(scheme)
}

/// The absolute URI that `reference` means in the file `base`.
pub fn resolve(base: &str, reference: &str) -> Result<String, String> {
    let own_scheme = scheme(reference);
    if own_scheme == Some("data") {
        return Ok(reference.to_string());
    }
    let reference = encode(reference);
    if let Some(own) = own_scheme {
        let rest = &reference[own.len() + 1..];
        return Ok(join(&own.to_ascii_lowercase(), rest));
    }
    let Some(base_scheme) = scheme(base) else {
        return Err(format!("`{reference}` cannot be resolved against `{base}`"));
    };
    if base_scheme == "data" {
        return Err(format!(
            "`{reference}` is relative, but the importing library is a data: URI; write an absolute URI"
        ));
    }
    let base_rest = &base[base_scheme.len() + 1..];
    let (authority, path) = split_authority(base_rest);
    let dart_file;
    let path = if base_scheme == "dart" && !path.contains('/') {
        dart_file = format!("{path}/{path}.dart");
        &dart_file
    } else {
        path
    };
    let resolved = if reference.starts_with("//") {
        reference
    } else if reference.starts_with('/') {
        format!("{authority}{reference}")
    } else if reference.is_empty() {
        format!("{authority}{path}")
    } else {
        let folder = path.rfind('/').map_or("", |end| &path[..=end]);
        format!("{authority}{folder}{reference}")
    };
    let uri = join(base_scheme, &resolved);
    Ok(dart_library_of(&uri).unwrap_or(uri))
}

/// `dart:core` for `dart:core/core.dart`.
fn dart_library_of(uri: &str) -> Option<String> {
    let (library, file) = uri.strip_prefix("dart:")?.split_once('/')?;
    (file.strip_suffix(".dart") == Some(library)).then(|| format!("dart:{library}"))
}

/// `//host` and the path of what follows a scheme.
fn split_authority(rest: &str) -> (&str, &str) {
    match rest.strip_prefix("//") {
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            rest.split_at(end + 2)
        }
        None => ("", rest),
    }
}

fn join(scheme: &str, rest: &str) -> String {
    let (authority, path) = split_authority(rest);
    // `file:/a` is `file:///a`.
    let authority = if scheme == "file" && authority.is_empty() && path.starts_with('/') {
        "//"
    } else {
        authority
    };
    format!("{scheme}:{authority}{}", without_dots(path))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let count = path.split('/').count();
    for (index, segment) in path.split('/').enumerate() {
        let is_last = index + 1 == count;
        match segment {
            "." if is_last => kept.push(""),
            "." => {}
            ".." => {
                // The first segment of an absolute path is the empty one before its slash.
                if kept.len() > usize::from(path.starts_with('/')) {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    kept.join("/")
}

/// Percent-encodes what may not stand in a URI, so that two spellings of a name are one.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The bytes of `%41%42`-encoded text.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = (byte == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(value) => {
                out.push(value);
                index += 3;
            }
            None => {
                out.push(byte);
                index += 1;
            }
        }
    }
    out
}

/// The contents of a `data:` URI.
pub fn data_contents(uri: &str) -> Result<Vec<u8>, String> {
    let rest = uri.strip_prefix("data:").unwrap_or(uri);
    let Some((head, body)) = rest.split_once(',') else {
        return Err("a data: URI needs a comma before its contents".to_string());
    };
    let body = percent_decode(body);
    if head.ends_with(";base64") {
        return base64(&body).ok_or_else(|| "the data: URI is not valid base64".to_string());
    }
    Ok(body)
}

fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut bit_count) = (0u32, 0u32);
    for &byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(digit)) & 0xFFFF;
        bit_count += 6;
        if bit_count >= 8 {
            bit_count -= 8;
            out.push((bits >> bit_count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_against_their_file() {
        let check = |base: &str, reference: &str, expected: &str| {
            assert_eq!(resolve(base, reference).as_deref(), Ok(expected));
        };
        check("file:///a/b/main.dart", "c.dart", "file:///a/b/c.dart");
        check("file:///a/b/main.dart", "../c.dart", "file:///a/c.dart");
        check("file:///a/b/main.dart", "../../../c.dart", "file:///c.dart");
        check("file:///a/b/main.dart", "/c d.dart", "file:///c%20d.dart");
        check(
            "file:///a/main.dart",
            "package:p/q.dart",
            "package:p/q.dart",
        );
        check("package:p/src/q.dart", "../r.dart", "package:p/r.dart");
        check("dart:core", "int.dart", "dart:core/int.dart");
        check("dart:core/int.dart", "core.dart", "dart:core");
        check("file:///a.dart", "file:/x/./y.dart", "file:///x/y.dart");
        assert!(resolve("data:,x", "a.dart").is_err());
    }

    #[test]
    fn data_uris_hold_their_contents() {
        let text = |uri: &str| String::from_utf8(data_contents(uri).unwrap()).unwrap();
        assert_eq!(text("data:application/dart,main()%20%7B%7D"), "main() {}");
        assert_eq!(text("data:;base64,bWFpbigpIHt9"), "main() {}");
        assert!(data_contents("data:nothing").is_err());
    }
}
