// All errors in one run, those of a part of the file that is not reached too.
void main() {
  int x = 'text'; // expect error: String
  undefined(); // expect error: 'undefined'
}

int f( => 3; // expect error: expected

class A extends Missing {} // expect error: Missing
