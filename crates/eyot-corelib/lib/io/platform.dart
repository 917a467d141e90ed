part of 'io.dart';

/// The machine and the way the program was started.
abstract final class Platform {
  static final int numberOfProcessors = _processors();
  static final String pathSeparator = '/';
  static String get lineTerminator => '\n';
  static final String operatingSystem = _platformText(_osName);
  static String get operatingSystemVersion => _platformText(_osVersion);
  static String get localHostname => _platformText(_hostname);
  static String get localeName => _platformText(_locale);
  static String get version => _platformText(_version);
  static String get executable => _platformText(_executable);
  static String get resolvedExecutable => _platformText(_resolvedExecutable);
  static Uri get script => Uri.parse(_platformText(_script));
  static String? get packageConfig {
    final text = _platformText(_packageConfigUri);
    return text.isEmpty ? null : text;
  }

  static List<String> get executableArguments =>
      List<String>.unmodifiable(_executableArguments().cast<String>());

  static final Map<String, String> environment = _environment();

  static bool get isLinux => operatingSystem == 'linux';
  static bool get isMacOS => operatingSystem == 'macos';
  static bool get isWindows => operatingSystem == 'windows';
  static bool get isAndroid => operatingSystem == 'android';
  static bool get isIOS => operatingSystem == 'ios';
  static bool get isFuchsia => operatingSystem == 'fuchsia';

  static Map<String, String> _environment() {
    final flat = _environmentPairs();
    final map = <String, String>{};
    for (int i = 0; i + 1 < flat.length; i += 2) {
      map[unsafeCast<String>(flat[i])] = unsafeCast<String>(flat[i + 1]);
    }
    return Map<String, String>.unmodifiable(map);
  }
}

const int _osName = 0;
const int _osVersion = 1;
const int _hostname = 2;
const int _locale = 3;
const int _version = 4;
const int _executable = 5;
const int _resolvedExecutable = 6;
const int _script = 7;
const int _packageConfigUri = 8;

/// Native: by number: 0 `linux` and the like, 1 version of the system, 2 name
/// of the host, 3 locale (`en_US`), 4 version of Eyot, 5 the executable as it
/// was called, 6 its absolute path, 7 URI of the program, 8 URI of the package
/// configuration or empty.
external String _platformText(int which);

/// Native: number of processors.
external int _processors();

/// Native: the flags between the executable and the program: Strings.
external List<Object?> _executableArguments();

/// Native: names and values of the environment, by turns: Strings.
external List<Object?> _environmentPairs();
