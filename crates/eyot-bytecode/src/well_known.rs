//! Classes and functions of the core libraries that the runtime or the compiler knows by name.
//!
//! The front end gives the classes of [`CLASSES`] the ids 0, 1, 2 … in this order, so the runtime can name them as
//! constants; see [`class`].

use crate::module::ClassId;

macro_rules! classes {
    ($($name:ident = $lib:literal $dart:literal),* $(,)?) => {
        /// (library URI, class name) of each class with a fixed id.
        pub const CLASSES: &[(&str, &str)] = &[$(($lib, $dart)),*];
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u32)]
        enum Index { $($name),* }
        /// Fixed class ids.
        #[allow(missing_docs)]
        pub mod class {
            use super::{ClassId, Index};
            $(pub const $name: ClassId = ClassId(Index::$name as u32);)*
        }
    };
}

classes! {
    // Id 0 is no class of Dart: free memory and forwarding records carry it.
    FREE = "dart:_internal" "_Free",
    OBJECT = "dart:core" "Object",
    NULL = "dart:core" "Null",
    BOOL = "dart:core" "bool",
    NUM = "dart:core" "num",
    INT = "dart:core" "int",
    DOUBLE = "dart:core" "double",
    STRING = "dart:core" "String",
    ONE_BYTE_STRING = "dart:core" "_OneByteString",
    TWO_BYTE_STRING = "dart:core" "_TwoByteString",
    LIST = "dart:core" "List",
    FIXED_LIST = "dart:core" "_List",
    IMMUTABLE_LIST = "dart:core" "_ImmutableList",
    GROWABLE_LIST = "dart:core" "_GrowableList",
    MAP = "dart:collection" "_Map",
    SET = "dart:collection" "_Set",
    CONST_MAP = "dart:collection" "_ConstMap",
    CONST_SET = "dart:collection" "_ConstSet",
    INDEX_TABLE = "dart:collection" "_IndexTable",
    CELL = "dart:_internal" "_Cell",
    RAW_CELL = "dart:_internal" "_RawCell",
    CLOSURE = "dart:core" "_Closure",
    RECORD = "dart:core" "_Record",
    TYPE = "dart:core" "_Type",
    SYMBOL = "dart:core" "Symbol",
    STACK_TRACE = "dart:core" "_StackTrace",
    SUSPENSION = "dart:async" "_Suspension",
    SEND_PORT = "dart:isolate" "_SendPort",
    RAW_RECEIVE_PORT = "dart:isolate" "_RawReceivePort",
    CAPABILITY = "dart:isolate" "_Capability",
    TRANSFERABLE = "dart:isolate" "_TransferableTypedData",
    BYTE_BUFFER = "dart:typed_data" "_ByteBuffer",
    BYTE_DATA = "dart:typed_data" "_ByteData",
    INT8_LIST = "dart:typed_data" "_Int8List",
    UINT8_LIST = "dart:typed_data" "_Uint8List",
    UINT8_CLAMPED_LIST = "dart:typed_data" "_Uint8ClampedList",
    INT16_LIST = "dart:typed_data" "_Int16List",
    UINT16_LIST = "dart:typed_data" "_Uint16List",
    INT32_LIST = "dart:typed_data" "_Int32List",
    UINT32_LIST = "dart:typed_data" "_Uint32List",
    INT64_LIST = "dart:typed_data" "_Int64List",
    UINT64_LIST = "dart:typed_data" "_Uint64List",
    FLOAT32_LIST = "dart:typed_data" "_Float32List",
    FLOAT64_LIST = "dart:typed_data" "_Float64List",
    NATIVE_OBJECT = "dart:_internal" "_NativeObject",
    WEAK_REFERENCE = "dart:core" "_WeakReference",
    EXPANDO = "dart:core" "Expando",
    FINALIZER = "dart:core" "_Finalizer",
    FUNCTION = "dart:core" "Function",
    RECORD_INTERFACE = "dart:core" "Record",
    FUTURE = "dart:async" "Future",
    FUTURE_IMPL = "dart:async" "_Future",
    STRING_BUFFER = "dart:core" "StringBuffer",
    EPHEMERON = "dart:_internal" "_Ephemeron",
    LIST_ITERATOR = "dart:core" "_ListIterator",
    TYPE_INTERFACE = "dart:core" "Type",
    STACK_TRACE_INTERFACE = "dart:core" "StackTrace",
}

/// Functions the runtime or compiled code calls by name: (library URI, member).
pub const ENTRY_POINTS: &[(&str, &str)] = &[
    ("dart:core", "_throwRangeError"),
    ("dart:core", "_throwTypeError"),
    ("dart:core", "_throwCastError"),
    ("dart:core", "_throwNullCheck"),
    ("dart:core", "_throwNoSuchMethod"),
    ("dart:core", "_throwIntegerDivisionByZero"),
    ("dart:core", "_throwLateNotInitialized"),
    ("dart:core", "_throwLateAlreadyInitialized"),
    ("dart:core", "_throwStackOverflow"),
    ("dart:core", "_throwOutOfMemory"),
    ("dart:core", "_throwUnsupported"),
    ("dart:core", "_throwArgument"),
    ("dart:core", "_throwStateError"),
    ("dart:core", "_throwAssertion"),
    ("dart:core", "_throwRange"),
    ("dart:core", "_throwArgumentMessage"),
    ("dart:core", "_stringOf"),
    ("dart:async", "_drainMicrotasks"),
    ("dart:async", "_resume"),
    ("dart:core", "_runFinalizer"),
    ("dart:async", "_fireTimer"),
    ("dart:async", "_uncaughtError"),
    ("dart:async", "_awaitFuture"),
    ("dart:async", "_asyncStart"),
    ("dart:async", "_asyncComplete"),
    ("dart:async", "_asyncError"),
    ("dart:async", "_asyncStarStart"),
    ("dart:async", "_asyncStarStream"),
    ("dart:async", "_asyncStarYield"),
    ("dart:async", "_asyncStarYieldEach"),
    ("dart:async", "_asyncStarDone"),
    ("dart:async", "_asyncStarError"),
    ("dart:async", "_syncStarIterable"),
    ("dart:async", "_syncStarSuspension"),
    ("dart:async", "_syncStarYield"),
    ("dart:async", "_syncStarYieldEach"),
    ("dart:isolate", "_handleMessage"),
    ("dart:isolate", "_startIsolate"),
    ("dart:isolate", "_startMain"),
    ("dart:isolate", "_runHosted"),
    ("dart:isolate", "_callHosted"),
    ("dart:isolate", "_servePort"),
    ("dart:isolate", "_deliverEvent"),
];
