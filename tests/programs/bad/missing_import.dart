// What a file that cannot be read would have declared is not asked for again at every place.
import 'nowhere.dart'; // expect error: cannot read `nowhere.dart`

class Here extends Missing {
  Unknown? field;
}

void main() {
  absent(Here().field);
  int number = 'text'; // expect error: String
}
