//! Operations by number, and what they are given and answer.

use std::io;

use eyot_runtime::heap::message::Plain;

use super::open_files::OpenFiles;
use super::{directories, files, names, open_files, process, standard, synchronous};

/// What an operation gives.
pub type Answer = io::Result<Plain>;

/// The arguments of an operation. Dart code has checked their number and types; what is missing nevertheless is an error of
/// the operation.
pub struct Arguments(pub Vec<Plain>);

impl Arguments {
    fn wrong<T>() -> io::Result<T> {
        Err(io::Error::from(io::ErrorKind::InvalidInput))
    }

    /// A text.
    pub fn text(&self, index: usize) -> io::Result<&str> {
        match self.0.get(index) {
            Some(Plain::Text(text)) => Ok(text),
            _ => Self::wrong(),
        }
    }

    /// A text, if there is one.
    pub fn optional_text(&self, index: usize) -> Option<&str> {
        self.text(index).ok()
    }

    /// An integer.
    pub fn int(&self, index: usize) -> io::Result<i64> {
        match self.0.get(index) {
            Some(&Plain::Int(value)) => Ok(value),
            _ => Self::wrong(),
        }
    }

    /// An integer that is not negative.
    pub fn size(&self, index: usize) -> io::Result<u64> {
        u64::try_from(self.int(index)?).or_else(|_| Self::wrong())
    }

    /// A bool.
    pub fn flag(&self, index: usize) -> io::Result<bool> {
        match self.0.get(index) {
            Some(&Plain::Bool(value)) => Ok(value),
            _ => Self::wrong(),
        }
    }

    /// Bytes.
    pub fn bytes(&self, index: usize) -> io::Result<&[u8]> {
        match self.0.get(index) {
            Some(Plain::Bytes(bytes)) => Ok(bytes),
            _ => Self::wrong(),
        }
    }

    /// A list of texts, if there is one.
    pub fn texts(&self, index: usize) -> Option<Vec<&str>> {
        let Some(Plain::List(elements)) = self.0.get(index) else {
            return None;
        };
        let texts = elements.iter().filter_map(|element| match element {
            Plain::Text(text) => Some(&**text),
            _ => None,
        });
        Some(texts.collect())
    }
}

/// Performs it; may block. The open files are those of the isolate that asks.
pub fn perform(number: i64, arguments: &Arguments, open: &OpenFiles) -> Answer {
    match number {
        0 => files::entity_type(arguments),
        1 => files::create(arguments),
        2 => files::delete(arguments),
        3 => files::rename(arguments),
        4 => files::copy(arguments),
        5 => files::length(arguments),
        7 => files::set_modified(arguments),
        9 => files::set_accessed(arguments),
        10 => files::stat(arguments),
        11 => files::read_all(arguments),
        12 => files::write_all(arguments),
        13 => open_files::open(open, arguments),
        14 => open_files::close(open, arguments),
        15 => open_files::read(open, arguments),
        16 => open_files::write(open, arguments),
        17 => open_files::position(open, arguments),
        18 => open_files::set_position(open, arguments),
        19 => open_files::truncate(open, arguments),
        20 => open_files::length(open, arguments),
        21 => open_files::flush(open, arguments),
        22 => open_files::lock(open, arguments),
        30 => directories::create(arguments),
        31 => directories::create_temporary(arguments),
        32 => directories::delete(arguments),
        33 => directories::list(arguments),
        34 => directories::rename(arguments),
        40 => files::create_link(arguments),
        41 => files::link_target(arguments),
        50 => files::resolve(arguments),
        51 => files::identical(arguments),
        60 => process::run(arguments),
        70 => standard::read_line(arguments),
        71 => standard::read_byte(),
        72 => standard::take_buffered(),
        80 => names::lookup(arguments),
        81 => names::reverse(arguments),
        82 => names::interfaces(arguments),
        90..100 => synchronous::perform(number, open, arguments),
        _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
}

/// What Dart code gets: `[value]`, or `[errno, text]`.
pub fn packed(answer: Answer) -> Plain {
    Plain::List(match answer {
        Ok(value) => vec![value],
        Err(error) => {
            let (code, text) = os_error(&error);
            vec![Plain::Int(code), Plain::Text(text.into())]
        }
    })
}

/// Number and text of an error, as the C library tells them.
fn os_error(error: &io::Error) -> (i64, String) {
    let text = error.to_string();
    let bare = text.split(" (os error").next().unwrap_or(&text);
    let code = error.raw_os_error().unwrap_or(match error.kind() {
        io::ErrorKind::NotFound => libc::ENOENT,
        io::ErrorKind::AlreadyExists => libc::EEXIST,
        io::ErrorKind::InvalidInput => libc::EINVAL,
        _ => -1,
    });
    (code.into(), bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_carry_number_and_bare_text() {
        let open = OpenFiles::default();
        let missing = Arguments(vec![Plain::Text("/no/such/file".into())]);
        let answer = perform(11, &missing, &open);
        let expected = [
            Plain::Int(2),
            Plain::Text("No such file or directory".into()),
        ];
        assert_eq!(packed(answer), Plain::List(expected.to_vec()));
        assert!(perform(11, &Arguments(Vec::new()), &open).is_err());
        assert!(perform(-1, &Arguments(Vec::new()), &open).is_err());
    }
}
