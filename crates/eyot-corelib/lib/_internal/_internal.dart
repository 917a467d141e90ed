/// What the core libraries share with each other and programs do not see.
///
/// The lazy iterables behind `Iterable`'s methods, the list mixins for fixed
/// and unmodifiable lists, sorting, and small hooks between libraries.
library dart._internal;

import 'dart:collection';
import 'dart:math' show Random;

part 'cast.dart';
part 'cast_list.dart';
part 'errors.dart';
part 'hooks.dart';
part 'iterable.dart';
part 'iterable_more.dart';
part 'list.dart';
part 'list_iterable.dart';
part 'sort.dart';
