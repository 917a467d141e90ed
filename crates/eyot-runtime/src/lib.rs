//! Values, heap, collector, interpreter, isolates, ports, scheduling.
