// What `forbidden_group.dart` imports where there is no `dart:ffi`.
const String which = 'without';
