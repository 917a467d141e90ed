// A pool of isolates: as many workers as cores, tasks in a queue, a time-out, and a task that is given up.
import 'dart:async';

import 'package:eyot/isolate.dart';

bool isPrime(int n) {
  for (int d = 2; d * d <= n; d++) {
    if (n % d == 0) return false;
  }
  return n > 1;
}

int countPrimes(int from, int to) {
  int count = 0;
  for (int n = from; n < to; n++) {
    if (isPrime(n)) count++;
  }
  return count;
}

Future<void> main() async {
  final pool = IsolatePool();
  final counts = await Future.wait([
    for (int i = 0; i < 10; i++)
      pool.run(() => countPrimes(i * 1000, (i + 1) * 1000))
  ]);
  print('primes below 10000: ${counts.reduce((a, b) => a + b)}'); // expect: primes below 10000: 1229

  // A task that never ends is killed, and its worker replaced.
  try {
    await pool.run(() => countPrimes(0, 1 << 62),
        timeout: const Duration(milliseconds: 50));
  } on TimeoutException {
    print('gave up'); // expect: gave up
  }
  final hopeless = pool.submit(() => countPrimes(0, 1 << 62));
  hopeless.result.catchError((_) => -1);
  print('cancelled: ${hopeless.cancel()}'); // expect: cancelled: true
  print(await pool.run(() => 'still at work')); // expect: still at work
  await pool.close();
}
