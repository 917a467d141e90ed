part of 'ffi.dart';

/// A combination of operating system and machine.
final class Abi {
  static const androidArm = Abi._('android', 'arm');
  static const androidArm64 = Abi._('android', 'arm64');
  static const androidIA32 = Abi._('android', 'ia32');
  static const androidX64 = Abi._('android', 'x64');
  static const androidRiscv64 = Abi._('android', 'riscv64');
  static const fuchsiaArm64 = Abi._('fuchsia', 'arm64');
  static const fuchsiaX64 = Abi._('fuchsia', 'x64');
  static const fuchsiaRiscv64 = Abi._('fuchsia', 'riscv64');
  static const iosArm = Abi._('ios', 'arm');
  static const iosArm64 = Abi._('ios', 'arm64');
  static const iosX64 = Abi._('ios', 'x64');
  static const linuxArm = Abi._('linux', 'arm');
  static const linuxArm64 = Abi._('linux', 'arm64');
  static const linuxIA32 = Abi._('linux', 'ia32');
  static const linuxX64 = Abi._('linux', 'x64');
  static const linuxRiscv32 = Abi._('linux', 'riscv32');
  static const linuxRiscv64 = Abi._('linux', 'riscv64');
  static const macosArm64 = Abi._('macos', 'arm64');
  static const macosX64 = Abi._('macos', 'x64');
  static const windowsArm64 = Abi._('windows', 'arm64');
  static const windowsIA32 = Abi._('windows', 'ia32');
  static const windowsX64 = Abi._('windows', 'x64');

  /// All of them.
  static const List<Abi> values = [
    androidArm,
    androidArm64,
    androidIA32,
    androidX64,
    androidRiscv64,
    fuchsiaArm64,
    fuchsiaX64,
    fuchsiaRiscv64,
    iosArm,
    iosArm64,
    iosX64,
    linuxArm,
    linuxArm64,
    linuxIA32,
    linuxX64,
    linuxRiscv32,
    linuxRiscv64,
    macosArm64,
    macosX64,
    windowsArm64,
    windowsIA32,
    windowsX64,
  ];

  final String _os;
  final String _machine;

  const Abi._(this._os, this._machine);

  /// The one that the program runs on.
  factory Abi.current() {
    final name = _currentAbi();
    return values.firstWhere((abi) => abi.toString() == name);
  }

  String toString() => '${_os}_$_machine';
}

/// Native: `linux_x64` and the like.
external String _currentAbi();
