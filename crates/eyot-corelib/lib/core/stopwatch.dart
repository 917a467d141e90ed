part of 'core.dart';

/// Measures elapsed time.
class Stopwatch {
  /// Ticks per second of the clock behind [_clockTicks]: nanoseconds.
  static const int _ticksPerSecond = 1000000000;

  /// When it was started; while stopped, only the difference to [_stop]
  /// counts.
  int _start = 0;

  /// When it was stopped, or `null` while it runs.
  int? _stop = 0;

  Stopwatch();

  /// Native: nanoseconds of a monotonic clock.
  external static int _clockTicks();

  int get frequency => _ticksPerSecond;

  void start() {
    final stop = _stop;
    if (stop != null) {
      _start += _clockTicks() - stop;
      _stop = null;
    }
  }

  void stop() {
    _stop ??= _clockTicks();
  }

  void reset() {
    _start = _stop ?? _clockTicks();
  }

  int get elapsedTicks => (_stop ?? _clockTicks()) - _start;

  Duration get elapsed => Duration(microseconds: elapsedMicroseconds);

  int get elapsedMicroseconds => elapsedTicks ~/ 1000;

  int get elapsedMilliseconds => elapsedTicks ~/ 1000000;

  bool get isRunning => _stop == null;
}
