abstract class Locked {
  String _secret();
  String open();
}

String knock(Locked it) => it._secret();
