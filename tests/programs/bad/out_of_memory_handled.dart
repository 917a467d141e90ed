// flags: --max-heap=1m
// stress
// A handler that needs a little memory itself has it, also where the heap is full of small objects that stay; and there is always a trace.
class Link {
  Link(this.next, this.filling);
  final Link? next;
  final List<int?> filling;
}

Link? kept;

Never fill() {
  while (true) {
    kept = Link(kept, List<int?>.filled(60, null));
  }
}

void main() {
  for (int round = 0; round < 3; round++) {
    try {
      fill();
    } catch (error, trace) {
      print('out $round: $error'); // expect: out 0: Out of Memory
      print([for (int i = 0; i < 5; i++) 'entry $i'].join(', ').length); // expect: 43
      print('$trace'.contains('fill'));
      // expect: true
    }
    // What has been let go of makes room, for the next error, too.
    kept = null;
    // expect: out 1: Out of Memory
    // expect: 43
    // expect: true
    // expect: out 2: Out of Memory
    // expect: 43
    // expect: true
  }

  // Nothing is let go of: the second handler still has something, and the tenth is told at least.
  int printed = 0, caught = 0, without = 0;
  for (int round = 0; round < 10; round++) {
    try {
      fill();
    } catch (_, trace) {
      caught++;
      if (identical(trace as dynamic, null)) without++;
      if (round == 1) {
        print('again: ${kept!.filling.length}'); // expect: again: 60
        printed++;
      }
    }
  }
  kept = null;
  print('$caught $printed $without'); // expect: 10 1 0
}
