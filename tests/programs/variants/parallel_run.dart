// parallel with Isolate.run and Future.wait.
import 'dart:isolate';

Future<int> sumOf(List<int> part) => Isolate.run(() {
      int sum = 0;
      for (final n in part) {
        sum += n;
      }
      return sum;
    });

void main() async {
  final numbers = [for (int i = 1; i <= 1000; i++) i];
  final parts = [for (int i = 0; i < 1000; i += 300) numbers.sublist(i, (i + 300).clamp(0, 1000))];
  final sums = await Future.wait(parts.map(sumOf));
  print(sums); // expect: [45150, 135150, 225150, 95050]
  print(sums.reduce((a, b) => a + b)); // expect: 500500
}
