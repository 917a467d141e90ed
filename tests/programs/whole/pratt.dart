// Tokenizer and Pratt parser for a small language with closures, evaluated over a tree.
import 'dart:collection';
import 'dart:math' as math;

enum TokenType {
  number, string, identifier, plus('+'), minus('-'), star('*'), slash('/'), percent('%'), caret('^'),
  bang('!'), equal('='), equalEqual('=='), bangEqual('!='), less('<'), lessEqual('<='), greater('>'), greaterEqual('>='),
  and('&&'), or('||'), question('?'), colon(':'), comma(','), leftParen('('), rightParen(')'),
  leftBracket('['), rightBracket(']'), leftBrace('{'), rightBrace('}'), arrow('=>'), semicolon(';'),
  kwLet('let'), kwFn('fn'), kwIf('if'), kwElse('else'), kwTrue('true'), kwFalse('false'), kwNil('nil'),
  eof;

  const TokenType([this.lexeme]);
  final String? lexeme;

  static final Map<String, TokenType> keywords = {
    for (final type in values)
      if (type.name.startsWith('kw')) type.lexeme!: type,
  };

  static final List<TokenType> operators = values
      .where((t) => t.lexeme != null && !t.name.startsWith('kw'))
      .toList()
    ..sort((a, b) => b.lexeme!.length.compareTo(a.lexeme!.length));
}

final class Token {
  const Token(this.type, this.text, this.offset, [this.value]);
  final TokenType type;
  final String text;
  final int offset;
  final Object? value;

  @override
  String toString() => '${type.name}${value == null ? '' : '($value)'}';
}

class SyntaxError implements Exception {
  SyntaxError(this.message, this.offset);
  final String message;
  final int offset;
  @override
  String toString() => 'SyntaxError at $offset: $message';
}

Iterable<Token> tokenize(String source) sync* {
  final number = RegExp(r'\d+(\.\d+)?([eE][+-]?\d+)?');
  final identifier = RegExp(r'[a-zA-Z_]\w*');
  final space = RegExp(r'(\s|//[^\n]*)+');
  var at = 0;
  while (at < source.length) {
    if (space.matchAsPrefix(source, at) case final match?) {
      at = match.end;
      continue;
    }
    if (number.matchAsPrefix(source, at) case Match(end: final end, :final group)) {
      yield Token(TokenType.number, group(0)!, at, num.parse(group(0)!));
      at = end;
    } else if (identifier.matchAsPrefix(source, at) case final Match m) {
      final text = m[0]!;
      final type = TokenType.keywords[text] ?? TokenType.identifier;
      yield Token(type, text, at);
      at = m.end;
    } else if (source[at] == '"') {
      final end = source.indexOf('"', at + 1);
      if (end < 0) throw SyntaxError('unterminated string', at);
      final text = source.substring(at + 1, end);
      yield Token(TokenType.string, text, at, text);
      at = end + 1;
    } else {
      final op = TokenType.operators.cast<TokenType?>().firstWhere(
            (t) => source.startsWith(t!.lexeme!, at),
            orElse: () => null,
          );
      if (op == null) throw SyntaxError('unexpected ${source[at]}', at);
      yield Token(op, op.lexeme!, at);
      at += op.lexeme!.length;
    }
  }
  yield Token(TokenType.eof, '', source.length);
}

sealed class Node {
  const Node();
}

final class Literal extends Node {
  const Literal(this.value);
  final Object? value;
}

final class Variable extends Node {
  const Variable(this.name);
  final String name;
}

final class Unary extends Node {
  const Unary(this.op, this.operand);
  final TokenType op;
  final Node operand;
}

final class Binary extends Node {
  const Binary(this.op, this.left, this.right);
  final TokenType op;
  final Node left, right;
}

final class Conditional extends Node {
  const Conditional(this.test, this.then, this.otherwise);
  final Node test, then;
  final Node? otherwise;
}

final class Call extends Node {
  const Call(this.callee, this.arguments);
  final Node callee;
  final List<Node> arguments;
}

final class Index extends Node {
  const Index(this.target, this.index);
  final Node target, index;
}

final class ListNode extends Node {
  const ListNode(this.items);
  final List<Node> items;
}

final class Function_ extends Node {
  const Function_(this.params, this.body);
  final List<String> params;
  final Node body;
}

final class Let extends Node {
  const Let(this.name, this.value);
  final String name;
  final Node value;
}

final class Block extends Node {
  const Block(this.statements);
  final List<Node> statements;
}

typedef Prefix = Node Function(Token token);
typedef Infix = ({int power, bool right, Node Function(Node left, Token token) build});

class Parser {
  Parser(String source) : tokens = Queue.of(tokenize(source)) {
    prefixes = {
      TokenType.number: (t) => Literal(t.value),
      TokenType.string: (t) => Literal(t.value),
      TokenType.kwTrue: (_) => const Literal(true),
      TokenType.kwFalse: (_) => const Literal(false),
      TokenType.kwNil: (_) => const Literal(null),
      TokenType.identifier: (t) => Variable(t.text),
      TokenType.minus: (t) => Unary(t.type, expression(70)),
      TokenType.bang: (t) => Unary(t.type, expression(70)),
      TokenType.leftParen: (_) {
        final inner = expression();
        expect(TokenType.rightParen);
        return inner;
      },
      TokenType.leftBracket: (_) => ListNode(commaList(TokenType.rightBracket)),
      TokenType.leftBrace: (_) => block(),
      TokenType.kwFn: (_) => function(),
      TokenType.kwIf: (_) => conditional(),
    };
    Infix binary(int power, {bool right = false}) =>
        (power: power, right: right, build: (left, token) => Binary(token.type, left, expression(right ? power - 1 : power)));
    infixes = {
      TokenType.or: binary(10),
      TokenType.and: binary(20),
      for (final t in [TokenType.equalEqual, TokenType.bangEqual]) t: binary(30),
      for (final t in [TokenType.less, TokenType.lessEqual, TokenType.greater, TokenType.greaterEqual]) t: binary(40),
      TokenType.plus: binary(50),
      TokenType.minus: binary(50),
      TokenType.star: binary(60),
      TokenType.slash: binary(60),
      TokenType.percent: binary(60),
      TokenType.caret: binary(80, right: true),
      TokenType.question: (power: 5, right: true, build: (left, _) {
        final then = expression();
        expect(TokenType.colon);
        return Conditional(left, then, expression(4));
      }),
      TokenType.leftParen: (power: 90, right: false, build: (left, _) => Call(left, commaList(TokenType.rightParen))),
      TokenType.leftBracket: (power: 90, right: false, build: (left, _) {
        final index = expression();
        expect(TokenType.rightBracket);
        return Index(left, index);
      }),
    };
  }

  final Queue<Token> tokens;
  late final Map<TokenType, Prefix> prefixes;
  late final Map<TokenType, Infix> infixes;

  Token get peek => tokens.first;
  Token next() => tokens.removeFirst();
  bool match(TokenType type) {
    if (peek.type != type) return false;
    next();
    return true;
  }

  Token expect(TokenType type) => peek.type == type
      ? next()
      : throw SyntaxError('expected ${type.lexeme ?? type.name}, found ${peek.text.isEmpty ? 'end' : peek.text}', peek.offset);

  Node expression([int power = 0]) {
    final token = next();
    final prefix = prefixes[token.type] ?? (throw SyntaxError('unexpected ${token.text.isEmpty ? 'end' : token.text}', token.offset));
    var left = prefix(token);
    while (true) {
      if (infixes[peek.type] case (power: final p, right: _, :final build) when p > power) {
        left = build(left, next());
      } else {
        return left;
      }
    }
  }

  List<Node> commaList(TokenType end) {
    final items = <Node>[];
    while (!match(end)) {
      items.add(expression());
      if (!match(TokenType.comma)) {
        expect(end);
        break;
      }
    }
    return items;
  }

  Node function() {
    expect(TokenType.leftParen);
    final params = [
      for (final node in commaList(TokenType.rightParen))
        if (node case Variable(:final name)) name else throw SyntaxError('bad parameter', peek.offset),
    ];
    expect(TokenType.arrow);
    return Function_(params, expression());
  }

  Node conditional() {
    expect(TokenType.leftParen);
    final test = expression();
    expect(TokenType.rightParen);
    final then = expression();
    return Conditional(test, then, match(TokenType.kwElse) ? expression() : null);
  }

  Block block() {
    final statements = <Node>[];
    while (!match(TokenType.rightBrace)) {
      statements.add(statement());
    }
    return Block(statements);
  }

  Node statement() {
    Node result;
    if (match(TokenType.kwLet)) {
      final name = expect(TokenType.identifier).text;
      expect(TokenType.equal);
      result = Let(name, expression());
    } else {
      result = expression();
    }
    if (peek.type != TokenType.rightBrace && peek.type != TokenType.eof) expect(TokenType.semicolon);
    return result;
  }

  Block program() {
    final statements = <Node>[];
    while (peek.type != TokenType.eof) {
      statements.add(statement());
    }
    return Block(statements);
  }
}

class Scope {
  Scope([this.parent]);
  final Scope? parent;
  final values = <String, Object?>{};

  Object? operator [](String name) {
    for (Scope? s = this; s != null; s = s.parent) {
      if (s.values.containsKey(name)) return s.values[name];
    }
    throw StateError('undefined: $name');
  }

  void operator []=(String name, Object? value) => values[name] = value;
}

typedef Native = Object? Function(List<Object?> args);

bool truthy(Object? value) => value != null && value != false;

Object? eval(Node node, Scope scope) => switch (node) {
      Literal(:final value) => value,
      Variable(:final name) => scope[name],
      ListNode(:final items) => [for (final item in items) eval(item, scope)],
      Unary(op: TokenType.minus, :final operand) => -(eval(operand, scope) as num),
      Unary(:final operand) => !truthy(eval(operand, scope)),
      Binary(op: TokenType.and, :final left, :final right) => truthy(eval(left, scope)) ? eval(right, scope) : false,
      Binary(op: TokenType.or, :final left, :final right) => switch (eval(left, scope)) {
          final v when truthy(v) => v,
          _ => eval(right, scope),
        },
      Binary(:final op, :final left, :final right) => binary(op, eval(left, scope), eval(right, scope)),
      Conditional(:final test, :final then, :final otherwise) =>
        truthy(eval(test, scope)) ? eval(then, scope) : (otherwise == null ? null : eval(otherwise, scope)),
      Index(:final target, :final index) => switch ((eval(target, scope), eval(index, scope))) {
          (List<Object?> list, int i) => list[i],
          (String text, int i) => text[i],
          (final t, final i) => throw ArgumentError('cannot index $t with $i'),
        },
      Function_(:final params, :final body) => (List<Object?> args) {
          final inner = Scope(scope);
          for (final (i, name) in params.indexed) {
            inner[name] = args.elementAtOrNull(i);
          }
          return eval(body, inner);
        },
      Call(:final callee, :final arguments) => switch (eval(callee, scope)) {
          Native f => f([for (final a in arguments) eval(a, scope)]),
          final other => throw ArgumentError('not a function: $other'),
        },
      Let(:final name, :final value) => scope[name] = eval(value, scope),
      Block(:final statements) => () {
          final inner = Scope(scope);
          Object? last;
          for (final s in statements) {
            last = eval(s, inner);
          }
          return last;
        }(),
    };

Object? binary(TokenType op, Object? left, Object? right) => switch ((op, left, right)) {
      (TokenType.equalEqual, _, _) => left == right,
      (TokenType.bangEqual, _, _) => left != right,
      (TokenType.plus, String a, _) => '$a$right',
      (TokenType.plus, List a, List b) => [...a, ...b],
      (TokenType.plus, num a, num b) => a + b,
      (TokenType.minus, num a, num b) => a - b,
      (TokenType.star, num a, num b) => a * b,
      (TokenType.star, String a, int n) => a * n,
      (TokenType.slash, int a, int b) when b != 0 && a % b == 0 => a ~/ b,
      (TokenType.slash, num a, num b) => a / b,
      (TokenType.percent, num a, num b) => a % b,
      (TokenType.caret, num a, num b) => math.pow(a, b),
      (TokenType.less, Comparable<Object?> a, _) => a.compareTo(right) < 0,
      (TokenType.lessEqual, Comparable<Object?> a, _) => a.compareTo(right) <= 0,
      (TokenType.greater, Comparable<Object?> a, _) => a.compareTo(right) > 0,
      (TokenType.greaterEqual, Comparable<Object?> a, _) => a.compareTo(right) >= 0,
      _ => throw ArgumentError('bad operands for ${op.lexeme}: $left, $right'),
    };

Scope globals() => Scope()
  ..['len'] = ((List<Object?> a) => switch (a) { [String s] => s.length, [List l] => l.length, _ => null })
  ..['map'] = ((List<Object?> a) => [for (final x in a[0] as List<Object?>) (a[1] as Native)([x])])
  ..['str'] = ((List<Object?> a) => a.join())
  ..['sqrt'] = ((List<Object?> a) => math.sqrt(a.first as num));

void main() {
  print(tokenize('let x = 1.5e2 + "a"; x >= 3').join(' '));
  final scope = globals();
  for (final source in [
    '1 + 2 * 3 ^ 2 ^ 1 - -4',
    '(1 + 2) * 3 % 4',
    '10 / 4; 10 / 5',
    '"ab" * 3 + 1',
    'let square = fn(x) => x * x; map([1, 2, 3], square)',
    '{ let fact = fn(self, n) => n <= 1 ? 1 : n * self(self, n - 1); fact(fact, 20) }',
    'let add = fn(a) => fn(b) => a + b; add(2)(40)',
    'if (1 < 2 && !false) "yes" else "no"',
    'if (nil) 1',
    '[1, [2, 3]][1][0] + len("four") + sqrt(16)',
    'nil || "default" // a comment',
    '[1] + [2, "x"] == [1]',
    '1 +',
    'let = 3',
    '"open',
    'foo(1)',
    '1 - "a"',
    '[1, 2][5]',
    '3(4)',
    '2 # 3',
  ]) {
    try {
      print('$source  ->  ${eval(Parser(source).program(), scope)}');
    } on SyntaxError catch (e) {
      print('$source  !!  $e');
    } on StateError catch (e) {
      print('$source  !!  ${e.message}');
    } on RangeError catch (e) {
      print('$source  !!  range ${e.invalidValue}');
    } on ArgumentError catch (e) {
      print('$source  !!  ${e.message}');
    }
  }
}
