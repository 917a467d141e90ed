//! `ByteData`: numbers of any size at any place.

use std::ops::Range;

use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::data::{Data, DataMut, new_data};

/// `ByteData _newByteData(int length)`
fn new(cx: &mut NativeCall<'_>) -> NativeResult {
    let length = usize::try_from(cx.int(0)).unwrap_or(0);
    let made = new_data(cx, class::BYTE_DATA, length)?;
    cx.ret(made.object.value())
}

/// The range of bytes that raw arguments 0 (offset) and 1 (size) name, or the RangeError on its way.
fn range(cx: &mut NativeCall<'_>) -> Result<Range<usize>, NativeResult> {
    let (offset, size) = (cx.int(0), cx.int(1).clamp(1, 8));
    let length = Data::of(cx.arg(0)).map_or(0, |data| data.byte_length());
    let start = usize::try_from(offset).ok();
    match start.filter(|&start| length.checked_sub(start) >= Some(size as usize)) {
        Some(start) => Ok(start..start + size as usize),
        None => Err(cx.throw_range(offset, 0, length as i64 - size, "byteOffset")),
    }
}

/// Those bytes.
fn place<'a>(cx: &mut NativeCall<'_>) -> Result<&'a [u8], NativeResult> {
    let range = range(cx)?;
    // SAFETY: used at once by the caller, before anything is allocated.
    let bytes = Data::of(cx.arg(0)).map_or(&[][..], |data| unsafe { data.bytes() });
    Ok(bytes.get(range).unwrap_or_default())
}

/// Those bytes, to write.
fn place_mut<'a>(cx: &mut NativeCall<'_>) -> Result<&'a mut [u8], NativeResult> {
    let range = range(cx)?;
    let data = DataMut::of(cx, cx.arg(0)).map_err(Err)?;
    // SAFETY: as above.
    let bytes = data.map_or(&mut [][..], |data| unsafe { data.bytes_mut() });
    Ok(bytes.get_mut(range).unwrap_or_default())
}

/// The bytes as the low ones of a number.
fn read(place: &[u8], is_little: bool) -> u64 {
    let mut bytes = [0; 8];
    for (index, &byte) in place.iter().enumerate() {
        let at = if is_little {
            index
        } else {
            place.len() - 1 - index
        };
        bytes[at.min(7)] = byte;
    }
    u64::from_le_bytes(bytes)
}

fn write(place: &mut [u8], value: u64, is_little: bool) {
    let last = place.len() - 1;
    let bytes = value.to_le_bytes();
    for (index, byte) in place.iter_mut().enumerate() {
        let at = if is_little { index } else { last - index };
        *byte = bytes[at.min(7)];
    }
}

/// `int _getInt(int offset, int size, bool signed, bool little)`
fn get_int(cx: &mut NativeCall<'_>) -> NativeResult {
    let (is_signed, is_little) = (cx.bool(2), cx.bool(3));
    let place = match place(cx) {
        Ok(place) => place,
        Err(thrown) => return thrown,
    };
    let value = read(place, is_little);
    let unused = 64 - 8 * place.len() as u32;
    let value = if is_signed {
        ((value << unused) as i64) >> unused
    } else {
        value as i64
    };
    cx.ret_int(value)
}

/// `void _setInt(int offset, int size, int value, bool little)`
fn set_int(cx: &mut NativeCall<'_>) -> NativeResult {
    let (value, is_little) = (cx.int(2), cx.bool(3));
    match place_mut(cx) {
        Ok(place) => write(place, value as u64, is_little),
        Err(thrown) => return thrown,
    }
    cx.ret_null()
}

/// `double _getFloat(int offset, int size, bool little)`
fn get_float(cx: &mut NativeCall<'_>) -> NativeResult {
    let is_little = cx.bool(2);
    let place = match place(cx) {
        Ok(place) => place,
        Err(thrown) => return thrown,
    };
    let bits = read(place, is_little);
    let value = if place.len() == 4 {
        f64::from(f32::from_bits(bits as u32))
    } else {
        f64::from_bits(bits)
    };
    cx.ret_double(value)
}

/// `void _setFloat(int offset, int size, double value, bool little)`
fn set_float(cx: &mut NativeCall<'_>) -> NativeResult {
    let (value, is_little) = (cx.double(2), cx.bool(3));
    match place_mut(cx) {
        Ok(place) => {
            let bits = if place.len() == 4 {
                u64::from((value as f32).to_bits())
            } else {
                value.to_bits()
            };
            write(place, bits, is_little);
        }
        Err(thrown) => return thrown,
    }
    cx.ret_null()
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("typed_data/_newByteData", new),
    ("typed_data/_ByteData._getInt", get_int),
    ("typed_data/_ByteData._setInt", set_int),
    ("typed_data/_ByteData._getFloat", get_float),
    ("typed_data/_ByteData._setFloat", set_float),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_and_written_in_either_order() {
        let mut place = [0; 4];
        write(&mut place, 0x0102_0304, true);
        assert_eq!(place, [4, 3, 2, 1]);
        assert_eq!(read(&place, true), 0x0102_0304);
        assert_eq!(read(&place, false), 0x0403_0201);
    }
}
