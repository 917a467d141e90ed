//! Text of HTTP messages and addresses, and masks of WebSocket frames: what is too slow, or too well known, to be written in
//! Dart.

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;

use super::super::bytes::{Data, DataMut, bytes_of};
use super::names;

/// Fields that a message may have.
const FIELDS_MAX: usize = 128;

// What a head says of its message; see `_HeadFlags` in `http_parser.dart`.
const VERSION_1_1: i64 = 1;
const CHUNKED: i64 = 2;
const PERSISTENT: i64 = 4;
const UPGRADE: i64 = 8;
const CONTINUE: i64 = 16;
const ENCODED: i64 = 32;
const IRREGULAR: i64 = 64;

/// A message's head.
struct Head<'b> {
    length: usize,
    minor: u8,
    /// The method; none in a response.
    method: Option<&'b str>,
    status: u16,
    /// The target, or the reason.
    text: &'b str,
    fields: &'b [httparse::Header<'b>],
}

/// Parses a head and gives it to `then`, or none if more is needed, or what is wrong.
fn with_head<T>(
    is_request: bool,
    bytes: &[u8],
    then: impl FnOnce(Result<Option<Head<'_>>, httparse::Error>) -> T,
) -> T {
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    if is_request {
        let mut request = httparse::Request::new(&mut headers);
        let parsed = request.parse(bytes);
        return then(parsed.map(|status| match status {
            httparse::Status::Partial => None,
            httparse::Status::Complete(length) => Some(Head {
                length,
                minor: request.version.unwrap_or(1),
                method: Some(request.method.unwrap_or_default()),
                status: 0,
                text: request.path.unwrap_or_default(),
                fields: request.headers,
            }),
        }));
    }
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(bytes);
    then(parsed.map(|status| match status {
        httparse::Status::Partial => None,
        httparse::Status::Complete(length) => Some(Head {
            length,
            minor: response.version.unwrap_or(1),
            method: None,
            status: response.code.unwrap_or(0),
            text: response.reason.unwrap_or_default(),
            fields: response.headers,
        }),
    }))
}

/// What the fields say of the message: flags and content length (-1: none). What is rare or wrong is only marked; Dart code,
/// which knows how that fails, looks at the fields then.
struct Meaning {
    flags: i64,
    length: i64,
    has_expectation: bool,
    asks_upgrade: bool,
    has_upgrade: bool,
}

impl Meaning {
    fn of(head: &Head<'_>) -> Meaning {
        let mut meaning = Meaning {
            flags: 0,
            length: -1,
            has_expectation: false,
            asks_upgrade: false,
            has_upgrade: false,
        };
        if head.minor != 0 {
            meaning.flags |= VERSION_1_1 | PERSISTENT;
        }
        for field in head.fields {
            meaning.take(field.name, field.value);
        }
        if meaning.has_upgrade && meaning.asks_upgrade {
            meaning.flags |= UPGRADE;
        }
        meaning
    }

    fn take(&mut self, name: &str, value: &[u8]) {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.len() {
            4 if is("host") => {}
            6 if is("expect") => {
                if std::mem::replace(&mut self.has_expectation, true) {
                    self.flags |= IRREGULAR;
                }
                if value.eq_ignore_ascii_case(b"100-continue") {
                    self.flags |= CONTINUE;
                }
            }
            7 if is("upgrade") => self.has_upgrade = true,
            10 if is("connection") => self.take_connection(value),
            14 if is("content-length") => self.take_length(value),
            16 if is("content-encoding") => self.flags |= ENCODED,
            17 if is("transfer-encoding") && value.eq_ignore_ascii_case(b"chunked") => {
                self.flags |= CHUNKED;
            }
            _ => {}
        }
    }

    fn take_connection(&mut self, value: &[u8]) {
        if !value.is_ascii() {
            self.flags |= IRREGULAR;
        }
        for token in value.split(|&byte| byte == b',') {
            let token = token.trim_ascii();
            if token.eq_ignore_ascii_case(b"close") {
                self.flags &= !PERSISTENT;
            } else if token.eq_ignore_ascii_case(b"keep-alive") {
                self.flags |= PERSISTENT;
            } else if token.eq_ignore_ascii_case(b"upgrade") {
                self.asks_upgrade = true;
            }
        }
    }

    fn take_length(&mut self, value: &[u8]) {
        let length = std::str::from_utf8(value)
            .ok()
            .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse::<i64>().ok());
        match length {
            Some(length) if self.length < 0 => self.length = length,
            _ => self.flags |= IRREGULAR,
        }
    }
}

/// `Object? _httpHead(bool isRequest, Uint8List bytes, int start, int end)`
fn head(cx: &mut NativeCall<'_>) -> NativeResult {
    let is_request = cx.bool(0);
    // SAFETY: the argument holds the bytes while the native runs, bytes of a blob do not move, and nothing writes to them.
    let bytes = Data::of(cx.arg(0)).map_or(&[][..], |data| unsafe { data.bytes() });
    let bytes = part(cx, bytes);
    with_head(is_request, bytes, |parsed| match parsed {
        Ok(Some(head)) => return_head(cx, &head),
        Ok(None) => cx.ret_null(),
        Err(error) => {
            let text = cx.new_string(&error.to_string())?;
            cx.ret(text)
        }
    })
}

/// The bytes from the second to the third raw argument.
fn part<'b>(cx: &NativeCall<'_>, bytes: &'b [u8]) -> &'b [u8] {
    let (start, end) = (cx.int(1).max(0) as usize, cx.int(2).max(0) as usize);
    bytes.get(start..end).unwrap_or(&[])
}

fn return_head(cx: &mut NativeCall<'_>, head: &Head<'_>) -> NativeResult {
    let meaning = Meaning::of(head);
    let list = cx.new_list(TypeArguments::EMPTY, 5)?;
    let list = cx.root(list);
    let first = match head.method {
        Some(method) => cx.new_string(method)?,
        None => cx.new_int(head.status.into())?,
    };
    let target = cx.get(list);
    cx.list_set(target, 3, first);
    let text = cx.new_string(head.text)?;
    let target = cx.get(list);
    cx.list_set(target, 4, text);
    for (index, number) in [head.length as i64, meaning.flags, meaning.length]
        .into_iter()
        .enumerate()
    {
        let number = cx.new_int(number)?;
        let target = cx.get(list);
        cx.list_set(target, index, number);
    }
    let list = cx.get(list);
    cx.ret(list)
}

/// `List<Object?> _httpFields(bool isRequest, Uint8List bytes, int start, int end)`
fn fields(cx: &mut NativeCall<'_>) -> NativeResult {
    let is_request = cx.bool(0);
    // SAFETY: as in `head`.
    let bytes = Data::of(cx.arg(0)).map_or(&[][..], |data| unsafe { data.bytes() });
    let bytes = part(cx, bytes);
    let list = with_head(is_request, bytes, |parsed| match parsed {
        Ok(Some(head)) => new_fields(cx, head.fields),
        _ => cx.new_list(TypeArguments::EMPTY, 0),
    })?;
    cx.ret(list)
}

fn new_fields(cx: &mut NativeCall<'_>, fields: &[httparse::Header<'_>]) -> Result<Value, Raised> {
    let list = cx.new_list(TypeArguments::EMPTY, fields.len() * 2)?;
    let list = cx.root(list);
    for (index, field) in fields.iter().enumerate() {
        let name = cx.new_string_latin1(&field.name.as_bytes().to_ascii_lowercase())?;
        let target = cx.get(list);
        cx.list_set(target, index * 2, name);
        let value = cx.new_string_latin1(field.value)?;
        let target = cx.get(list);
        cx.list_set(target, index * 2 + 1, value);
    }
    Ok(cx.get(list))
}

/// `void _xorMask(Uint8List data, int start, int end, int mask, int phase)`: the mask's first byte is its highest.
fn xor_mask(cx: &mut NativeCall<'_>) -> NativeResult {
    let (start, end) = (cx.int(0).max(0) as usize, cx.int(1).max(0) as usize);
    let mask = (cx.int(2) as u32).to_be_bytes();
    let phase = cx.int(3).max(0) as usize;
    if let Some(data) = DataMut::of(cx, cx.arg(0))? {
        // SAFETY: the argument holds the bytes; nothing else of the isolate runs.
        let bytes = unsafe { data.bytes_mut() };
        if let Some(bytes) = bytes.get_mut(start..end) {
            for (index, byte) in bytes.iter_mut().enumerate() {
                *byte ^= mask[(phase + index) & 3];
            }
        }
    }
    cx.ret_null()
}

/// `List<Object?>? _parseAddress(String text)`
fn parse_address(cx: &mut NativeCall<'_>) -> NativeResult {
    let text = cx.string(cx.arg(0)).unwrap_or_default();
    let parsed = names::parse(&text);
    let parsed = cx.allocate(|heap, roots| heap.new_plain(&parsed, roots))?;
    cx.ret(parsed)
}

/// `String _addressText(Uint8List bytes)`
fn address_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let text = names::text_of(&bytes_of(cx.arg(0))).unwrap_or_default();
    let text = cx.new_string(&text)?;
    cx.ret(text)
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_httpHead", head),
    ("io/_httpFields", fields),
    ("io/_xorMask", xor_mask),
    ("io/_parseAddress", parse_address),
    ("io/_addressText", address_text),
];
