//! Text of HTTP messages and addresses, and masks of WebSocket frames: what is too slow, or too well known, to be written in
//! Dart.

use eyot_runtime::heap::message::Plain;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::super::bytes::{Data, bytes_of};
use super::names;

/// Fields that a message may have.
const FIELDS_MAX: usize = 128;

fn latin1(bytes: &[u8]) -> Plain {
    Plain::Text(bytes.iter().map(|&byte| char::from(byte)).collect())
}

fn fields(parts: &mut Vec<Plain>, headers: &[httparse::Header<'_>]) {
    for header in headers {
        parts.push(Plain::Text(header.name.to_ascii_lowercase().into()));
        parts.push(latin1(header.value));
    }
}

/// -> [length of the head, minor version, method, target, name, value, …]; null: more is needed; a text: what is wrong
fn request_head(bytes: &[u8]) -> Plain {
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => {
            let mut parts = vec![
                Plain::Int(length as i64),
                Plain::Int(request.version.unwrap_or(1).into()),
                Plain::Text(request.method.unwrap_or_default().into()),
                Plain::Text(request.path.unwrap_or_default().into()),
            ];
            fields(&mut parts, request.headers);
            Plain::List(parts)
        }
        Ok(httparse::Status::Partial) => Plain::Null,
        Err(error) => Plain::Text(error.to_string().into()),
    }
}

/// -> [length of the head, minor version, status, reason, name, value, …]; null: more is needed; a text: what is wrong
fn response_head(bytes: &[u8]) -> Plain {
    let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => {
            let mut parts = vec![
                Plain::Int(length as i64),
                Plain::Int(response.version.unwrap_or(1).into()),
                Plain::Int(response.code.unwrap_or(0).into()),
                Plain::Text(response.reason.unwrap_or_default().into()),
            ];
            fields(&mut parts, response.headers);
            Plain::List(parts)
        }
        Ok(httparse::Status::Partial) => Plain::Null,
        Err(error) => Plain::Text(error.to_string().into()),
    }
}

/// `Object? _httpHead(bool isRequest, Uint8List bytes, int start, int end)`
fn head(cx: &mut NativeCall<'_>) -> NativeResult {
    let is_request = cx.bool(0);
    let bytes = bytes_of(cx.arg(0));
    let (start, end) = (cx.int(1).max(0) as usize, cx.int(2).max(0) as usize);
    let bytes = bytes.get(start..end).unwrap_or(&[]);
    let head = if is_request {
        request_head(bytes)
    } else {
        response_head(bytes)
    };
    let head = cx.allocate(|heap, roots| heap.new_plain(&head, roots))?;
    cx.ret(head)
}

/// `void _xorMask(Uint8List data, int start, int end, int mask, int phase)`: the mask's first byte is its highest.
fn xor_mask(cx: &mut NativeCall<'_>) -> NativeResult {
    let (start, end) = (cx.int(0).max(0) as usize, cx.int(1).max(0) as usize);
    let mask = (cx.int(2) as u32).to_be_bytes();
    let phase = cx.int(3).max(0) as usize;
    if let Some(data) = Data::of(cx.arg(0)) {
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
    ("io/_xorMask", xor_mask),
    ("io/_parseAddress", parse_address),
    ("io/_addressText", address_text),
];
