//! The list classes: creation, length, elements.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::stream;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::data::{Data, DataMut, Elements, new_data, range};
use crate::natives::support::spend_bytes;

fn create(cx: &mut NativeCall<'_>, of: ClassId) -> NativeResult {
    let Ok(length) = usize::try_from(cx.int(0)) else {
        return cx.throw_argument_message("a negative length");
    };
    let made = new_data(cx, of, length)?;
    cx.ret(made.object.value())
}

fn length(cx: &mut NativeCall<'_>) -> NativeResult {
    let length = Data::of(cx.arg(0)).map_or(0, |data| data.length);
    cx.ret_int(length as i64)
}

/// The same place, to write.
fn place_mut(cx: &mut NativeCall<'_>, of: ClassId) -> Result<*mut u8, NativeResult> {
    place(cx, of)?;
    DataMut::of(cx, cx.arg(0)).map_err(Err)?;
    place(cx, of).map(<*const u8>::cast_mut)
}

/// The place of the element that raw argument 0 names, or the RangeError on its way.
fn place(cx: &mut NativeCall<'_>, of: ClassId) -> Result<*const u8, NativeResult> {
    let index = cx.int(0);
    match Data::of(cx.arg(0)).filter(|data| data.class == of) {
        Some(data) => data
            .place(index)
            .ok_or_else(|| cx.throw_index(index, data.length as i64)),
        None => Err(cx.throw_index(index, 0)),
    }
}

/// Clamps to a byte.
fn clamp(value: i64) -> u8 {
    value.clamp(0, 255) as u8
}

macro_rules! lists {
    ($($module:ident: $element:ty = $class:ident, $name:literal,
        get $get:ident $to:expr, set $set:ident $from:expr;)*) => {
        $(mod $module {
            use super::*;

            pub fn new(cx: &mut NativeCall<'_>) -> NativeResult {
                create(cx, class::$class)
            }

            pub fn get(cx: &mut NativeCall<'_>) -> NativeResult {
                match place(cx, class::$class) {
                    Ok(place) => {
                        // SAFETY: inside the elements, which are of this type.
                        let element = unsafe { place.cast::<$element>().read_unaligned() };
                        cx.$get(($to)(element))
                    }
                    Err(thrown) => thrown,
                }
            }

            pub fn set(cx: &mut NativeCall<'_>) -> NativeResult {
                let element: $element = ($from)(cx.$set(1));
                match place_mut(cx, class::$class) {
                    Ok(place) => {
                        // SAFETY: as in `get`.
                        unsafe { place.cast::<$element>().write_unaligned(element) };
                        cx.ret_null()
                    }
                    Err(thrown) => thrown,
                }
            }
        })*

        pub const NATIVES: &[(&str, NativeFn)] = &[
            $(
                (concat!("typed_data/_new", $name), $module::new),
                (concat!("typed_data/_", $name, ".length"), length),
                (concat!("typed_data/_", $name, ".[]"), $module::get),
                (concat!("typed_data/_", $name, ".[]="), $module::set),
            )*
            ("typed_data/_copyElements", copy_elements),
            ("typed_data/_repeatElement", repeat_element),
        ];
    };
}

lists! {
    int8: i8 = INT8_LIST, "Int8List", get ret_int i64::from, set int |v| v as i8;
    uint8: u8 = UINT8_LIST, "Uint8List", get ret_int i64::from, set int |v| v as u8;
    clamped: u8 = UINT8_CLAMPED_LIST, "Uint8ClampedList", get ret_int i64::from, set int clamp;
    int16: i16 = INT16_LIST, "Int16List", get ret_int i64::from, set int |v| v as i16;
    uint16: u16 = UINT16_LIST, "Uint16List", get ret_int i64::from, set int |v| v as u16;
    int32: i32 = INT32_LIST, "Int32List", get ret_int i64::from, set int |v| v as i32;
    uint32: u32 = UINT32_LIST, "Uint32List", get ret_int i64::from, set int |v| v as u32;
    int64: i64 = INT64_LIST, "Int64List", get ret_int |v| v, set int |v| v;
    uint64: i64 = UINT64_LIST, "Uint64List", get ret_int |v| v, set int |v| v;
    float32: f32 = FLOAT32_LIST, "Float32List", get ret_double f64::from, set double |v| v as f32;
    float64: f64 = FLOAT64_LIST, "Float64List", get ret_double |v| v, set double |v| v;
}

/// Whether bytes of `source` may become elements of `target` as they are.
fn is_same_in_memory(target: &Data, source: &Data) -> bool {
    let is_signed = source.class == class::INT8_LIST;
    target.size == source.size
        && match (target.elements, source.elements) {
            (Elements::Floats, Elements::Floats) => true,
            (Elements::Floats, _) | (_, Elements::Floats) => false,
            (Elements::Clamped, _) => !is_signed,
            _ => true,
        }
}

/// `bool _copyElements(Object target, int to, int count, Object source, int from)`
fn copy_elements(cx: &mut NativeCall<'_>) -> NativeResult {
    let (Some(target), Some(source)) = (Data::of(cx.arg(0)), Data::of(cx.arg(1))) else {
        return cx.ret_bool(false);
    };
    let [to, count, from] = [0, 1, 2].map(|index| usize::try_from(cx.int(index)).ok());
    let (Some(to), Some(count), Some(from)) = (to, count, from) else {
        return cx.ret_bool(false);
    };
    let fits = |start: usize, data: &Data| {
        start
            .checked_add(count)
            .is_some_and(|end| end <= data.length)
    };
    if !is_same_in_memory(&target, &source) || !fits(to, &target) || !fits(from, &source) {
        return cx.ret_bool(false);
    }
    if count > 0
        && let Some(target) = DataMut::of(cx, cx.arg(0))?
        && let Some(source) = Data::of(cx.arg(1))
    {
        let size = source.size;
        spend_bytes(cx, count * size);
        // SAFETY: both ranges are inside their elements; they may overlap.
        unsafe {
            let source = source.start.add(from * size);
            std::ptr::copy(source, target.start().add(to * size), count * size);
        }
    }
    cx.ret_bool(true)
}

/// `void _repeatElement(Object target, int from, int start, int end)`
fn repeat_element(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(target) = DataMut::of(cx, cx.arg(0))? else {
        return cx.ret_null();
    };
    let (data, range) = (target.data(), range(cx, 1, target.data().length));
    let Some(element) = data.place(cx.int(0)) else {
        return cx.ret_null();
    };
    let mut pattern = stream::Pattern::default();
    for (index, byte) in pattern.iter_mut().enumerate() {
        // SAFETY: inside the element.
        *byte = unsafe { element.add(index % data.size).read() };
    }
    let bytes = range.len() * data.size;
    spend_bytes(cx, bytes);
    // SAFETY: the range is inside the elements, which are this heap's alone; nothing else runs in the isolate.
    unsafe {
        let start = target.start().add(range.start * data.size);
        stream::fill(start, pattern, bytes, data.byte_length());
    }
    cx.ret_null()
}
