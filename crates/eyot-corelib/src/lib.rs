//! The dart: libraries: Dart sources, their natives, and the image built from them.
