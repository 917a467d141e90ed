Symbol get other => #_hidden;

class Asking {
  void _hidden() {}
}

void ask(dynamic object) => object._hidden();
