// What is not supported yet does not hide an ordinary error: the exit status is that of errors.
augment class A {} // expect error: not supported yet
void main() {
  int x = ''; // expect error: String
}
