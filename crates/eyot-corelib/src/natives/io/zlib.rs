//! Compression: zlib's streams, each behind a handle in the isolate's table.
//!
//! The library is zlib itself in Rust, used through its C interface: strategy, memory level and dictionaries have no other.

use std::mem::MaybeUninit;

use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use libz_rs_sys as z;
use rustc_hash::FxHashMap;

use super::super::bytes::{bytes_of, new_bytes};
use super::super::support::spend_bytes;

/// A stream; boxed, because zlib keeps its address.
struct Stream {
    stream: Box<z::z_stream>,
    /// Which of the two it is.
    deflates: bool,
    dictionary: Vec<u8>,
    /// A gzip or zlib member has ended; another may follow.
    has_ended: bool,
    window_bits: i32,
}

// SAFETY: a stream's memory is its own; it is used by one thread at a time, through `&mut`.
unsafe impl Send for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream was initialised by its maker and is ended once.
        unsafe {
            if self.deflates {
                z::deflateEnd(&mut *self.stream);
            } else {
                z::inflateEnd(&mut *self.stream);
            }
        }
    }
}

#[derive(Default)]
struct Streams {
    last: i64,
    open: FxHashMap<i64, Stream>,
}

/// Room made for output at a time.
const OUTPUT_BYTES: usize = 64 << 10;

impl Stream {
    fn deflate(
        level: i32,
        window_bits: i32,
        memory_level: i32,
        strategy: i32,
        dictionary: &[u8],
    ) -> Option<Stream> {
        // SAFETY: a structure of numbers, null pointers and absent functions.
        let mut stream: Box<z::z_stream> = Box::new(unsafe { MaybeUninit::zeroed().assume_init() });
        // SAFETY: the stream lives in its box until it is ended.
        unsafe {
            let status = z::deflateInit2_(
                &mut *stream,
                level,
                z::Z_DEFLATED,
                window_bits,
                memory_level,
                strategy,
                z::zlibVersion(),
                size_of::<z::z_stream>() as i32,
            );
            if status != z::Z_OK {
                return None;
            }
            let mut made = Stream {
                stream,
                deflates: true,
                dictionary: Vec::new(),
                has_ended: false,
                window_bits,
            };
            if !dictionary.is_empty() {
                let length = dictionary.len() as u32;
                let status =
                    z::deflateSetDictionary(&mut *made.stream, dictionary.as_ptr(), length);
                if status != z::Z_OK {
                    return None;
                }
            }
            Some(made)
        }
    }

    fn inflate(window_bits: i32, dictionary: Vec<u8>) -> Option<Stream> {
        // SAFETY: as above.
        let mut stream: Box<z::z_stream> = Box::new(unsafe { MaybeUninit::zeroed().assume_init() });
        // SAFETY: as above.
        unsafe {
            let status = z::inflateInit2_(
                &mut *stream,
                window_bits,
                z::zlibVersion(),
                size_of::<z::z_stream>() as i32,
            );
            if status != z::Z_OK {
                return None;
            }
            let mut made = Stream {
                stream,
                deflates: false,
                dictionary,
                has_ended: false,
                window_bits,
            };
            if window_bits < 0 && !made.set_dictionary() {
                return None;
            }
            Some(made)
        }
    }

    fn set_dictionary(&mut self) -> bool {
        if self.dictionary.is_empty() {
            return self.window_bits < 0;
        }
        let length = self.dictionary.len() as u32;
        // SAFETY: the stream is initialised, the bytes live during the call.
        let status =
            unsafe { z::inflateSetDictionary(&mut *self.stream, self.dictionary.as_ptr(), length) };
        status == z::Z_OK
    }

    /// Feeds `input` and adds what comes out to `output`, no more than `most` bytes. Gives the number of bytes not taken, or
    /// nothing if the input makes no sense.
    fn step(
        &mut self,
        input: &[u8],
        flush: i32,
        output: &mut Vec<u8>,
        most: usize,
    ) -> Option<usize> {
        self.stream.next_in = input.as_ptr().cast_mut();
        self.stream.avail_in = u32::try_from(input.len()).ok()?;
        loop {
            if self.has_ended {
                if self.stream.avail_in == 0 || self.deflates || self.window_bits < 16 {
                    return Some(0);
                }
                // Members of gzip may follow each other.
                // SAFETY: the stream is initialised.
                if unsafe { z::inflateReset(&mut *self.stream) } != z::Z_OK {
                    return None;
                }
                self.has_ended = false;
            }
            let start = output.len();
            let room = OUTPUT_BYTES.min(most.saturating_sub(start));
            if room == 0 {
                return Some(self.stream.avail_in as usize);
            }
            output.resize(start + room, 0);
            self.stream.next_out = output[start..].as_mut_ptr();
            self.stream.avail_out = room as u32;
            // SAFETY: input and output are slices that live during the call, with the lengths said.
            let status = unsafe {
                if self.deflates {
                    z::deflate(&mut *self.stream, flush)
                } else {
                    z::inflate(&mut *self.stream, flush)
                }
            };
            let left = self.stream.avail_out as usize;
            output.truncate(start + room - left);
            match status {
                z::Z_STREAM_END => self.has_ended = true,
                z::Z_NEED_DICT if self.set_dictionary() => {}
                z::Z_OK | z::Z_BUF_ERROR if left > 0 => return Some(0),
                z::Z_OK => {}
                _ => return None,
            }
        }
    }
}

fn streams<'c>(cx: &'c mut NativeCall<'_>) -> Option<&'c mut Streams> {
    cx.host::<Context>().map(Context::resource)
}

fn add(cx: &mut NativeCall<'_>, stream: Option<Stream>) -> NativeResult {
    let handle = match (streams(cx), stream) {
        (Some(streams), Some(stream)) => {
            streams.last += 1;
            streams.open.insert(streams.last, stream);
            streams.last
        }
        _ => 0,
    };
    cx.ret_int(handle)
}

/// `int _zlibDeflate(int level, int windowBits, int memLevel, int strategy, Uint8List dictionary)`
fn deflate(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = |index| cx.int(index) as i32;
    let dictionary = bytes_of(cx.arg(0));
    let stream = Stream::deflate(number(0), number(1), number(2), number(3), &dictionary);
    add(cx, stream)
}

/// `int _zlibInflate(int windowBits, Uint8List dictionary)`
fn inflate(cx: &mut NativeCall<'_>) -> NativeResult {
    let stream = Stream::inflate(cx.int(0) as i32, bytes_of(cx.arg(0)));
    add(cx, stream)
}

/// Most output of one call: what is left of the input waits for the next.
const STEP_BYTES_MAX: usize = 256 << 10;

/// Most input of one call: what is left waits for the next, so that the isolate can give way in between.
const STEP_INPUT_MAX: usize = 64 << 10;
/// A byte takes as long as copying so many.
const COPIES: usize = 64;

/// `Object? _zlibStep(int handle, Uint8List input, int start, int end, int flush, List<Object?> taken)`
fn step(cx: &mut NativeCall<'_>) -> NativeResult {
    let input = bytes_of(cx.arg(0));
    let (start, end) = (cx.int(1).max(0) as usize, cx.int(2).max(0) as usize);
    let mut input = input.get(start..end).unwrap_or(&[]);
    let (handle, mut flush) = (cx.int(0), cx.int(3) as i32);
    if let Some((first, _)) = input.split_at_checked(STEP_INPUT_MAX)
        && input.len() > STEP_INPUT_MAX
    {
        // What ends the data, or a part of it, comes with the last of it.
        (input, flush) = (first, z::Z_NO_FLUSH);
    }
    let mut output = Vec::new();
    let left = match streams(cx).and_then(|streams| streams.open.get_mut(&handle)) {
        Some(stream) => stream.step(input, flush, &mut output, STEP_BYTES_MAX),
        None => None,
    };
    let Some(left) = left else {
        return cx.ret_null();
    };
    let is_full = output.len() >= STEP_BYTES_MAX;
    spend_bytes(cx, (input.len() - left + output.len()) * COPIES);
    let taken = cx.new_int((input.len() - left) as i64)?;
    cx.list_set(cx.arg(1), 0, taken);
    let again = eyot_runtime::value::Value::bool(is_full);
    cx.list_set(cx.arg(1), 1, again);
    let output = new_bytes(cx, &output)?;
    cx.ret(output)
}

/// `bool _zlibHasEnded(int handle)`
fn has_ended(cx: &mut NativeCall<'_>) -> NativeResult {
    let handle = cx.int(0);
    let ended = streams(cx)
        .and_then(|streams| streams.open.get(&handle))
        .is_some_and(|stream| stream.has_ended);
    cx.ret_bool(ended)
}

/// `void _zlibEnd(int handle)`
fn end(cx: &mut NativeCall<'_>) -> NativeResult {
    let handle = cx.int(0);
    if let Some(streams) = streams(cx) {
        streams.open.remove(&handle);
    }
    cx.ret_null()
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_zlibDeflate", deflate),
    ("io/_zlibInflate", inflate),
    ("io/_zlibStep", step),
    ("io/_zlibHasEnded", has_ended),
    ("io/_zlibEnd", end),
];
