// Text adventure: mixins with super chains, late finals, callable classes, extension getters, parser over words.
import 'dart:collection';
import 'dart:io';
import 'dart:async';

mixin Described {
  String get name;
  String get description => 'a $name';
  @override
  String toString() => description;
}

mixin Weighted on Described {
  int get weight;
  @override
  String get description => '${super.description} (${weight}kg)';
}

mixin Lockable on Described {
  bool locked = true;
  String? keyName;
  @override
  String get description => locked ? 'a locked $name' : super.description;
  bool unlock(Item key) => locked && key.name == keyName && !(locked = false);
}

class Item with Described, Weighted implements Comparable<Item> {
  Item(this.name, this.weight, {this.effect});
  @override
  final String name;
  @override
  final int weight;
  final Effect? effect;
  @override
  int compareTo(Item other) => name.compareTo(other.name);
}

class Chest extends Item with Lockable {
  Chest(super.name, super.weight, this.contents) {
    keyName = 'key';
  }
  final List<Item> contents;
}

class Effect {
  const Effect(this.text, this.apply);
  final String text;
  final void Function(Game game) apply;
  String call(Game game) {
    apply(game);
    return text;
  }
}

enum Direction {
  north, east, south, west;

  Direction get opposite => values[(index + 2) % values.length];
  static Direction? tryParse(String text) {
    for (final d in values) {
      if (d.name.startsWith(text)) return d;
    }
    return null;
  }
}

class Room with Described {
  Room(this.name, [this._text]);
  @override
  final String name;
  final String? _text;
  final Map<Direction, Room> exits = EnumMap();
  final SplayTreeSet<Item> items = SplayTreeSet();
  late final String banner = '== ${name.toUpperCase()} ==';
  int visits = 0;

  @override
  String get description => _text ?? super.description;

  void connect(Direction d, Room to) {
    exits[d] = to;
    to.exits.putIfAbsent(d.opposite, () => this);
  }

  Item? operator [](String name) => items.where((i) => i.name == name).firstOrNull;
}

class EnumMap<V> extends MapBase<Direction, V> {
  final List<V?> _slots = List.filled(Direction.values.length, null);
  @override
  V? operator [](Object? key) => key is Direction ? _slots[key.index] : null;
  @override
  void operator []=(Direction key, V value) => _slots[key.index] = value;
  @override
  void clear() => _slots.fillRange(0, _slots.length, null);
  @override
  Iterable<Direction> get keys => Direction.values.where((d) => _slots[d.index] != null);
  @override
  V? remove(Object? key) {
    if (key is! Direction) return null;
    final old = _slots[key.index];
    _slots[key.index] = null;
    return old;
  }
}

class GameOver implements Exception {
  const GameOver(this.won);
  final bool won;
}

typedef Action = String Function(Game game, List<String> words);

abstract base class Command {
  const Command(this.names, this.help);
  final Set<String> names;
  final String help;
  String run(Game game, List<String> words);
}

final class SimpleCommand extends Command {
  const SimpleCommand(super.names, super.help, this._action);
  final Action _action;
  @override
  String run(Game game, List<String> words) => _action(game, words);
}

final class Repeat extends Command {
  Repeat() : super({'again', 'g'}, 'repeats');
  String last = '';
  @override
  String run(Game game, List<String> words) => last.isEmpty ? 'Again what?' : game.execute(last);
}

class Game {
  Game(this.here, {StringSink? out}) : out = out ?? stdout {
    _commands = <Command>[
      SimpleCommand(const {'look', 'l'}, 'looks around', (g, _) => g.look()),
      SimpleCommand(const {'go', 'walk'}, 'goes somewhere', (g, w) => g.go(w.firstOrNull)),
      SimpleCommand(const {'take', 'get'}, 'takes something', take),
      SimpleCommand(const {'drop'}, 'drops something', drop),
      SimpleCommand(const {'use'}, 'uses something', use),
      SimpleCommand(const {'open'}, 'opens a chest', _open),
      SimpleCommand(const {'inventory', 'i'}, 'lists what you have', (g, _) => g.bag.isEmpty ? 'Nothing.' : g.bag.join(', ')),
      SimpleCommand(const {'quit'}, 'ends', (_, __) => throw const GameOver(false)),
      repeat,
    ];
    enter(here);
  }

  Room here;
  final StringSink out;
  final bag = <Item>[];
  final repeat = Repeat();
  late final List<Command> _commands;
  late final Map<String, Command> _byName = {for (final c in _commands) for (final n in c.names) n: c};
  int turns = 0, score = 0;

  int get load => bag.fold(0, (sum, item) => sum + item.weight);

  void enter(Room room) {
    here = room..visits += 1;
    say(room.banner);
    if (room.visits == 1) say(look());
  }

  void say(Object? text) => out.writeln(text);

  String look() => [
        here,
        if (here.items.isNotEmpty) 'You see ${here.items.join(' and ')}.',
        'Exits: ${here.exits.keys.map((d) => d.name).join(', ')}.',
      ].join('\n');

  String go(String? where) {
    final direction = where == null ? null : Direction.tryParse(where);
    if (direction == null) return 'Go where?';
    final next = here.exits[direction];
    if (next == null) return 'No way $where.';
    enter(next);
    return 'You walk ${direction.name}.';
  }

  static String take(Game g, List<String> words) {
    final taken = <String>[];
    for (final word in words) {
      switch (g.here[word]) {
        case null:
          taken.add('no $word here');
        case Item(:final weight) when g.load + weight > 20:
          taken.add('$word is too heavy');
        case final item:
          g.here.items.remove(item);
          g.bag.add(item);
          g.score += 5;
          taken.add('$word taken');
      }
    }
    return taken.isEmpty ? 'Take what?' : '${taken.join('; ')}.';
  }

  static String drop(Game g, List<String> words) {
    final (dropped, kept) = g.bag.partition((i) => words.contains(i.name));
    g.bag
      ..clear()
      ..addAll(kept);
    g.here.items.addAll(dropped);
    return 'Dropped ${dropped.length}.';
  }

  static String use(Game g, List<String> words) {
    final item = g.bag.where((i) => words.contains(i.name)).firstOrNull;
    return item?.effect?.call(g) ?? 'Nothing happens.';
  }

  String _open(Game g, List<String> words) {
    final item = here.items.whereType<Chest>().firstOrNull;
    if (item == null) return 'Nothing to open.';
    if (item.locked && !bag.any(item.unlock)) return '$item. You need the ${item.keyName}.';
    here.items.addAll(item.contents);
    final found = [...item.contents];
    item.contents.clear();
    return found.isEmpty ? 'Empty.' : 'Inside: ${found.join(', ')}.';
  }

  String execute(String line) {
    turns++;
    final words = line.toLowerCase().words;
    if (words.isEmpty) return 'Pardon?';
    final [verb, ...rest] = words;
    final command = _byName[verb] ?? (Direction.tryParse(verb) == null ? null : _byName['go']);
    if (command == null) return 'I do not know how to $verb.';
    if (command != repeat) repeat.last = line;
    final arguments = identical(command, _byName[verb]) ? rest : [verb];
    return command.run(this, arguments.where((w) => !const {'the', 'a', 'with', 'and'}.contains(w)).toList());
  }

  bool play(Iterable<String> lines) {
    try {
      for (final line in lines) {
        say('> $line');
        say(execute(line));
      }
      return false;
    } on GameOver catch (over) {
      say(over.won ? 'You win!' : 'Bye.');
      return over.won;
    } finally {
      say('$turns turns, $score points');
    }
  }
}

extension on String {
  List<String> get words => [for (final m in RegExp(r"[\w']+").allMatches(this)) m[0]!];
}

extension Partition<T> on Iterable<T> {
  (List<T>, List<T>) partition(bool Function(T) test) {
    final yes = <T>[], no = <T>[];
    for (final item in this) {
      (test(item) ? yes : no).add(item);
    }
    return (yes, no);
  }
}

void main() {
  final hall = Room('hall', 'A cold hall.');
  final cellar = Room('cellar');
  final garden = Room('garden', 'Roses everywhere.');
  hall
    ..connect(Direction.north, garden)
    ..connect(Direction.west, cellar);
  hall.items.addAll([Item('lamp', 2), Item('anvil', 50), Item('apple', 1, effect: Effect('Tasty!', (g) => g.score += 100))]);
  garden.items.add(Item('key', 1));
  cellar.items.add(Chest('chest', 30, [Item('crown', 5, effect: Effect('You are crowned.', (g) => throw const GameOver(true)))]));
  final buffer = StringBuffer();
  final game = Game(hall, out: buffer);
  final won = game.play([
    'look', 'take the lamp and anvil', 'dance', '', 'use apple', 'take apple', 'use apple', 'go', 'w', 'open chest',
    'e', 'go south', 'north', 'take key', 'again', 'i', 's', 'walk west', 'open the chest', 'drop lamp', 'get crown',
    'use crown with pride', 'look',
  ]);
  print(buffer);
  print(won);
  print(hall.exits);
  print(cellar.exits.containsKey(Direction.east));
  print(Direction.west.opposite);
  print((hall.exits..remove(Direction.west)).length);
}
