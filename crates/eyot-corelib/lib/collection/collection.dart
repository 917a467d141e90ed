/// Collections beyond the ones of dart:core, and the bases to write more.
///
/// The default map and set (`_Map`, `_Set`) are insertion-ordered hash
/// tables; see hash_table.dart for how they share their work with the
/// runtime.
library dart.collection;

import 'dart:_internal';
import 'dart:math' show Random;

export 'dart:core' show IterableExtensions, NullableIterableExtensions;

part 'hash_factories.dart';
part 'hash_map.dart';
part 'hash_set.dart';
part 'hash_table.dart';
part 'linked_list.dart';
part 'list_base.dart';
part 'list_queue.dart';
part 'map_base.dart';
part 'map_views.dart';
part 'queue.dart';
part 'set_base.dart';
part 'splay_map.dart';
part 'splay_set.dart';
part 'splay_tree.dart';
part 'unmodifiable.dart';
