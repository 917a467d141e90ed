// What is not supported yet does not hide an ordinary error: the exit status is that of errors.
class A {}

augment class A {} // expect error: augmentations are an experiment
void main() {
  int x = ''; // expect error: String
}
