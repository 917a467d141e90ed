// Loops over numbers, of the kinds that must not allocate: each takes a number of rounds and gives a checksum.
// Usage: inner_loops.dart LOOP ROUNDS

import 'dart:math' as math;
import 'dart:typed_data';

/// A body with fields of doubles, which are raw.
class Planet {
  Planet(this.x, this.y, this.speedX, this.speedY, this.mass);

  double x, y, speedX, speedY;
  final double mass;

  double get energy => 0.5 * mass * (speedX * speedX + speedY * speedY);
}

double gravity(int rounds) {
  final planets = [
    Planet(0, 0, 0, 0.01, 40),
    Planet(3.5, 0.5, -0.1, 2.5, 0.03),
    Planet(-5, 2, 1.1, -1.9, 0.02),
  ];
  for (var round = 0; round < rounds; round++) {
    for (var i = 0; i < planets.length; i++) {
      final a = planets[i];
      for (var j = i + 1; j < planets.length; j++) {
        final b = planets[j];
        final dx = a.x - b.x;
        final dy = a.y - b.y;
        final square = dx * dx + dy * dy;
        final pull = 0.001 / (square * math.sqrt(square));
        a.speedX -= dx * b.mass * pull;
        a.speedY -= dy * b.mass * pull;
        b.speedX += dx * a.mass * pull;
        b.speedY += dy * a.mass * pull;
      }
    }
    for (final planet in planets) {
      planet.x += 0.001 * planet.speedX;
      planet.y += 0.001 * planet.speedY;
    }
  }
  var energy = 0.0;
  for (final planet in planets) {
    energy += planet.energy;
  }
  return energy;
}

double escape(int rounds) {
  var inside = 0;
  for (var point = 0; point < rounds; point++) {
    final cx = point % 17 / 8.0 - 1.5;
    final cy = point % 13 / 6.5 - 1.0;
    var zx = 0.0, zy = 0.0;
    var steps = 0;
    while (steps < 20 && zx * zx + zy * zy <= 4.0) {
      final next = zx * zx - zy * zy + cx;
      zy = 2.0 * zx * zy + cy;
      zx = next;
      steps++;
    }
    if (steps == 20) inside += point & 3;
  }
  return inside.toDouble();
}

/// An element of a matrix that is computed, not stored: doubles as parameters and results of calls.
double element(int row, int column) {
  final diagonal = row + column;
  return 1.0 / (diagonal * (diagonal + 1) ~/ 2 + row + 1);
}

double product(int rounds) {
  final vector = Float64List(8);
  final result = List<double>.filled(8, 0);
  vector.fillRange(0, vector.length, 1);
  var sum = 0.0;
  for (var round = 0; round < rounds; round++) {
    for (var row = 0; row < vector.length; row++) {
      var cell = 0.0;
      for (var column = 0; column < vector.length; column++) {
        cell += element(row, column) * vector[column];
      }
      vector[row] = cell;
    }
    sum += vector[round & 7];
  }
  return sum + result.length;
}

void main(List<String> arguments) {
  final rounds = int.parse(arguments[1]);
  print(switch (arguments[0]) {
    'gravity' => gravity(rounds),
    'escape' => escape(rounds),
    'product' => product(rounds),
    final other => throw ArgumentError(other),
  });
}
