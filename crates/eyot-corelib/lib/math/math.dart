/// Mathematical constants and functions, and random numbers.
library dart.math;

import 'dart:_internal';

part 'functions.dart';
part 'point.dart';
part 'random.dart';
part 'rectangle.dart';
