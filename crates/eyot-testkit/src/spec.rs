//! What a test program expects, read from its comments.

use std::fmt;
use std::path::Path;

/// What a program must do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// Lines on standard output.
    pub stdout: Vec<String>,
    /// Compile-time errors: line (from 1) and a part of the message.
    pub errors: Vec<(usize, String)>,
    /// The same for what is not supported yet.
    pub unsupported: Vec<(usize, String)>,
    /// A part of the uncaught error's text.
    pub uncaught: Option<String>,
    /// Parts of lines on standard error.
    pub stderr: Vec<String>,
    /// Exit status, if it is said.
    pub exit: Option<i32>,
    /// The program stays alive.
    pub alive: bool,
    /// Short and varied enough to be run with a collection at every allocation each time.
    pub stress: bool,
    /// Flags before the file.
    pub flags: Vec<String>,
    /// Arguments behind it.
    pub args: Vec<String>,
}

/// A comment that starts like an expectation and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// Its line, from 1.
    pub line: usize,
    /// The comment.
    pub comment: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}: '{}' is no expectation; one of 'expect:', 'expect error:', 'expect unsupported:', \
             'expect uncaught:', 'expect stderr:', 'expect exit:', 'expect alive' is meant",
            self.line, self.comment
        )
    }
}

impl Spec {
    /// Reads a program's comments.
    ///
    /// # Errors
    ///
    /// If a comment starts with `expect` and is not understood.
    pub fn parse(source: &str) -> Result<Spec, SpecError> {
        let mut spec = Spec::default();
        for (index, line) in source.lines().enumerate() {
            let Some((_, comment)) = line.rsplit_once("// ") else {
                continue;
            };
            let number = index + 1;
            if comment == "stress" {
                spec.stress = true;
            } else if let Some(flags) = comment.strip_prefix("flags: ") {
                spec.flags
                    .extend(flags.split_whitespace().map(str::to_owned));
            } else if let Some(args) = comment.strip_prefix("args: ") {
                spec.args.extend(args.split_whitespace().map(str::to_owned));
            } else if comment.starts_with("expect") {
                spec.expectation(number, comment).ok_or_else(|| SpecError {
                    line: number,
                    comment: comment.to_owned(),
                })?;
            }
        }
        Ok(spec)
    }

    /// Reads a program and, where they are there, its `.expected` and `.spec` files.
    ///
    /// # Errors
    ///
    /// A text for the user: the file cannot be read, or a comment is not understood.
    pub fn load(program: &Path) -> Result<Spec, String> {
        let bytes = std::fs::read(program).map_err(|e| format!("{}: {e}", program.display()))?;
        let source = String::from_utf8_lossy(&bytes);
        let more = std::fs::read_to_string(program.with_extension("spec")).unwrap_or_default();
        let mut spec = Spec::parse(&format!("{source}\n{more}"))
            .map_err(|e| format!("{}: {e}", program.display()))?;
        if let Ok(expected) = std::fs::read_to_string(program.with_extension("expected")) {
            spec.stdout = expected.lines().map(str::to_owned).collect();
        }
        Ok(spec)
    }

    fn expectation(&mut self, line: usize, comment: &str) -> Option<()> {
        let rest = comment.strip_prefix("expect")?;
        if rest == " alive" {
            self.alive = true;
            return Some(());
        }
        let (kind, text) = rest.split_once(':')?;
        let text = text.strip_prefix(' ').unwrap_or(text).to_owned();
        match kind.trim() {
            "" => self.stdout.push(text),
            "error" => self.errors.push((line, text)),
            "unsupported" => self.unsupported.push((line, text)),
            "uncaught" => self.uncaught = Some(text),
            "stderr" => self.stderr.push(text),
            "exit" => self.exit = Some(text.trim().parse().ok()?),
            _ => return None,
        }
        Some(())
    }

    /// The exit status that follows from what is expected.
    pub fn exit_status(&self) -> i32 {
        if let Some(status) = self.exit {
            status
        } else if !self.errors.is_empty() {
            254
        } else if !self.unsupported.is_empty() {
            69
        } else if self.uncaught.is_some() {
            255
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_read_from_comments() {
        let spec = Spec::parse(
            "// flags: --enable-asserts\nmain() {\n  print(2); // expect: 2\n  f(); // expect error: 'f'\n}\n",
        )
        .unwrap();
        assert_eq!(spec.stdout, ["2"]);
        assert_eq!(spec.errors, [(4, "'f'".to_owned())]);
        assert_eq!(spec.flags, ["--enable-asserts"]);
        assert_eq!(spec.exit_status(), 254);
    }

    #[test]
    fn a_misspelt_expectation_is_an_error() {
        let error = Spec::parse("f(); // expect eror: x").unwrap_err();
        assert_eq!(error.line, 1);
    }
}
