//! The natives of `dart:developer`: what the heap and the timeline say in files.

mod snapshot;
mod timeline;

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

pub use timeline::NATIVES as TIMELINE;

/// Writes an unsigned number, seven bits a byte.
fn write_number(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// `int get reachabilityBarrier`
fn reachability_barrier(cx: &mut NativeCall<'_>) -> NativeResult {
    let collections = cx.heap().counters().major_collections;
    cx.ret_int(i64::try_from(collections).unwrap_or(i64::MAX))
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("developer/reachabilityBarrier", reachability_barrier),
    ("developer/_writeHeapSnapshot", snapshot::write),
];

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_take_seven_bits_a_byte() {
        let mut bytes = Vec::new();
        for value in [0, 127, 128, 300] {
            super::write_number(&mut bytes, value);
        }
        assert_eq!(bytes, [0, 127, 0x80, 1, 0xac, 2]);
        bytes.clear();
        super::write_number(&mut bytes, u64::MAX);
        assert_eq!(bytes.len(), 10);
    }
}
