part of 'math.dart';

/// Random numbers.
abstract interface class Random {
  /// A generator whose numbers follow from [seed], or from a random seed.
  factory Random([int? seed]) = _SeededRandom;

  /// A generator fit for secrets.
  factory Random.secure() = _SecureRandom;

  /// From 0 to [max] - 1; [max] is at most 2^32.
  int nextInt(int max);

  /// From 0.0 up to, and not, 1.0.
  double nextDouble();

  bool nextBool();
}

/// Native: 64 bits from the system's source of randomness.
external int _systemRandom();

RangeError _badMax(int max) =>
    RangeError.range(max, 1, 1 << 32, 'max', 'Must be positive and <= 2^32');

/// xorshift128+ seeded through splitmix64.
class _SeededRandom implements Random {
  int _state0 = 0;
  int _state1 = 0;

  _SeededRandom([int? seed]) {
    int state = seed ?? _systemRandom();
    state += _splitStep;
    _state0 = _mix(state);
    state += _splitStep;
    _state1 = _mix(state);
    // All zeros is the one state that the generator never leaves.
    if (_state0 == 0 && _state1 == 0) _state1 = 1;
  }

  static const int _splitStep = 0x9e3779b97f4a7c15;

  static int _mix(int state) {
    int z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111eb;
    return z ^ (z >>> 31);
  }

  int _next() {
    int x = _state0;
    final y = _state1;
    _state0 = y;
    x ^= x << 23;
    x = x ^ y ^ (x >>> 17) ^ (y >>> 26);
    _state1 = x;
    return x + y;
  }

  int nextInt(int max) {
    if (max <= 0 || max > 0x100000000) throw _badMax(max);
    // The high bits are the good ones.
    if ((max & (max - 1)) == 0) return (_next() >>> 32) & (max - 1);
    // Values of the last, incomplete run of `max` are drawn again.
    final limit = 0x100000000 - 0x100000000 % max;
    int value = _next() >>> 32;
    while (value >= limit) {
      value = _next() >>> 32;
    }
    return value % max;
  }

  double nextDouble() => (_next() >>> 11) * (1.0 / 9007199254740992.0);

  bool nextBool() => _next() < 0;
}

/// Draws each number from the system.
class _SecureRandom implements Random {
  _SecureRandom();

  int nextInt(int max) {
    if (max <= 0 || max > 0x100000000) throw _badMax(max);
    final limit = 0x100000000 - 0x100000000 % max;
    int value = _systemRandom() >>> 32;
    while (value >= limit) {
      value = _systemRandom() >>> 32;
    }
    return value % max;
  }

  double nextDouble() => (_systemRandom() >>> 11) * (1.0 / 9007199254740992.0);

  bool nextBool() => _systemRandom() < 0;
}
