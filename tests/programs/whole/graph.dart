// Graph search: records, patterns, priority queue with comparators, generics with bounds, iterators and lazy sequences.
import 'dart:collection';
import 'dart:math' as math;

typedef Edge<N> = (N from, N to, {num cost});
typedef Path<N> = ({List<N> nodes, num cost});

class PriorityQueue<E> {
  PriorityQueue([Comparator<E>? compare]) : _compare = compare ?? _natural;
  static int _natural(dynamic a, dynamic b) => (a as Comparable).compareTo(b);
  final Comparator<E> _compare;
  final List<E> _heap = [];

  bool get isEmpty => _heap.isEmpty;
  int get length => _heap.length;

  void add(E item) {
    _heap.add(item);
    var i = _heap.length - 1;
    while (i > 0) {
      final parent = (i - 1) >>> 1;
      if (_compare(_heap[i], _heap[parent]) >= 0) break;
      _swap(i, parent);
      i = parent;
    }
  }

  E removeFirst() {
    final first = _heap.first;
    final last = _heap.removeLast();
    if (_heap.isNotEmpty) {
      _heap[0] = last;
      var i = 0;
      while (true) {
        final left = 2 * i + 1, right = left + 1;
        var least = i;
        if (left < _heap.length && _compare(_heap[left], _heap[least]) < 0) least = left;
        if (right < _heap.length && _compare(_heap[right], _heap[least]) < 0) least = right;
        if (least == i) break;
        _swap(i, least);
        i = least;
      }
    }
    return first;
  }

  void _swap(int i, int j) {
    final t = _heap[i];
    _heap[i] = _heap[j];
    _heap[j] = t;
  }
}

abstract class Graph<N extends Object> {
  const Graph();
  Iterable<Edge<N>> edgesFrom(N node);

  Iterable<N> breadthFirst(N start) sync* {
    final seen = {start};
    final queue = Queue<N>()..add(start);
    while (queue.isNotEmpty) {
      final node = queue.removeFirst();
      yield node;
      for (final (_, to, cost: _) in edgesFrom(node)) {
        if (seen.add(to)) queue.add(to);
      }
    }
  }

  Iterable<N> depthFirst(N start, [Set<N>? seen]) sync* {
    seen ??= {};
    if (!seen.add(start)) return;
    yield start;
    for (final edge in edgesFrom(start)) {
      yield* depthFirst(edge.$2, seen);
    }
  }

  Path<N>? shortest(N start, bool Function(N) isGoal, {num Function(N)? heuristic}) {
    final h = heuristic ?? (_) => 0;
    final best = <N, num>{start: 0};
    final previous = <N, N>{};
    final open = PriorityQueue<({num rank, N node})>((a, b) => a.rank.compareTo(b.rank))..add((rank: h(start), node: start));
    final closed = <N>{};
    while (!open.isEmpty) {
      final (:node, rank: _) = open.removeFirst();
      if (isGoal(node)) {
        final nodes = [node];
        for (var at = node; previous[at] != null; nodes.add(at)) {
          at = previous[at]!;
        }
        return (nodes: nodes.reversed.toList(), cost: best[node]!);
      }
      if (!closed.add(node)) continue;
      for (final (_, to, :cost) in edgesFrom(node)) {
        final total = best[node]! + cost;
        if (total < (best[to] ?? double.infinity)) {
          best[to] = total;
          previous[to] = node;
          open.add((rank: total + h(to), node: to));
        }
      }
    }
    return null;
  }
}

class ListGraph<N extends Object> extends Graph<N> {
  ListGraph(Iterable<Edge<N>> edges, {bool directed = true}) {
    for (final (from, to, :cost) in edges) {
      (_edges[from] ??= []).add((from, to, cost: cost));
      _edges.putIfAbsent(to, () => []);
      if (!directed) _edges[to]!.add((to, from, cost: cost));
    }
  }
  final Map<N, List<Edge<N>>> _edges = LinkedHashMap();

  Iterable<N> get nodes => _edges.keys;

  @override
  Iterable<Edge<N>> edgesFrom(N node) => _edges[node] ?? const [];

  List<N> topological() {
    final incoming = {for (final n in nodes) n: 0};
    for (final list in _edges.values) {
      for (final (_, to, cost: _) in list) {
        incoming.update(to, (n) => n + 1);
      }
    }
    final ready = [...nodes.where((n) => incoming[n] == 0)];
    final order = <N>[];
    while (ready.isNotEmpty) {
      final n = ready.removeAt(0);
      order.add(n);
      for (final (_, to, cost: _) in edgesFrom(n)) {
        if ((incoming[to] = incoming[to]! - 1) == 0) ready.add(to);
      }
    }
    if (order.length != nodes.length) {
      throw StateError('cycle among ${{...nodes}.difference({...order})}');
    }
    return order;
  }

  Iterable<Set<N>> components() sync* {
    final seen = <N>{};
    for (final n in nodes) {
      if (seen.contains(n)) continue;
      yield depthFirst(n, seen).toSet();
    }
  }
}

typedef Point = (int x, int y);

extension on Point {
  int get x => $1;
  int get y => $2;
  Point operator +(Point o) => ($1 + o.$1, $2 + o.$2);
  int manhattan(Point o) => (x - o.x).abs() + (y - o.y).abs();
}

class Grid extends Graph<Point> {
  Grid(String text) : rows = text.trim().split('\n').map((l) => l.trim()).toList(growable: false);
  final List<String> rows;
  static const List<Point> steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

  String? at(Point p) => switch (p) {
        (< 0, _) || (_, < 0) => null,
        (final x, final y) when y < rows.length && x < rows[y].length => rows[y][x],
        _ => null,
      };

  Point find(String c) {
    for (final (y, row) in rows.indexed) {
      if (row.indexOf(c) case final x && >= 0) return (x, y);
    }
    throw StateError('no $c');
  }

  @override
  Iterable<Edge<Point>> edgesFrom(Point p) => [
        for (final step in steps)
          if (at(p + step) case final c? when c != '#') (p, p + step, cost: c == '~' ? 5 : 1),
      ];

  String draw(Path<Point> path) {
    final canvas = [for (final row in rows) row.split('')];
    for (final (x, y) in path.nodes) {
      if (canvas[y][x] == '.' || canvas[y][x] == '~') canvas[y][x] = 'o';
    }
    return canvas.map((r) => r.join()).join('\n');
  }
}

class WordLadder extends Graph<String> {
  WordLadder(Iterable<String> words) : words = words.toSet();
  final Set<String> words;
  @override
  Iterable<Edge<String>> edgesFrom(String node) sync* {
    for (var i = 0; i < node.length; i++) {
      for (var c = 'a'.codeUnitAt(0); c <= 'z'.codeUnitAt(0); c++) {
        final next = node.replaceRange(i, i + 1, String.fromCharCode(c));
        if (next != node && words.contains(next)) yield (node, next, cost: 1);
      }
    }
  }
}

(num, List<Edge<N>>) spanningTree<N extends Object>(ListGraph<N> g) {
  final parent = {for (final n in g.nodes) n: n};
  N root(N n) {
    while (parent[n] != n) {
      n = parent[n] = parent[parent[n]]!;
    }
    return n;
  }

  final edges = [for (final n in g.nodes) ...g.edgesFrom(n)]..sort((a, b) => a.cost.compareTo(b.cost));
  var total = 0 as num;
  final tree = <Edge<N>>[];
  for (final edge in edges) {
    final (a, b) = (root(edge.$1), root(edge.$2));
    if (a == b) continue;
    parent[a] = b;
    tree.add(edge);
    total += edge.cost;
  }
  return (total, tree);
}

Iterable<int> naturals([int from = 0]) sync* {
  while (true) {
    yield from++;
  }
}

void main() {
  final roads = ListGraph<String>([
    ('A', 'B', cost: 4), ('A', 'C', cost: 2), ('C', 'B', cost: 1), ('B', 'D', cost: 5), ('C', 'D', cost: 8.5), ('E', 'F', cost: 1),
  ], directed: false);
  print(roads.breadthFirst('A').toList());
  print(roads.depthFirst('A').join());
  print(roads.shortest('A', (n) => n == 'D'));
  print(roads.shortest('A', (n) => n == 'F'));
  print(roads.components().toList());
  final (total, tree) = spanningTree(roads);
  print('$total ${[for (final (a, b, cost: c) in tree) '$a$b:$c']}');

  final tasks = ListGraph<Symbol>([(#shop, #cook, cost: 0), (#cook, #eat, cost: 0), (#shop, #clean, cost: 0), (#clean, #eat, cost: 0)]);
  print(tasks.topological());
  try {
    ListGraph<int>([(1, 2, cost: 0), (2, 3, cost: 0), (3, 2, cost: 0)]).topological();
  } on StateError catch (e) {
    print(e.message);
  }

  final grid = Grid('''
    S..#....
    .#.#.##.
    .#.~..#.
    .####.#.
    ......#G
  ''');
  final goal = grid.find('G');
  final path = grid.shortest(grid.find('S'), (p) => p == goal, heuristic: goal.manhattan)!;
  print(grid.draw(path));
  print('cost ${path.cost}, ${path.nodes.length} nodes');
  if (path.nodes case [(0, 0), ..., (final x, 3), _]) print('from above at $x');
  final ladder = WordLadder('cold cord card ward warm word worm corm'.split(' '));
  print(ladder.shortest('cold', (w) => w == 'warm')?.nodes);
  print(ladder.breadthFirst('cold').length);
  final queue = PriorityQueue<String>();
  'the quick brown fox'.split(' ').forEach(queue.add);
  print([while_(queue)]);
  print(naturals(1).where((n) => n.isOdd).map((n) => n * n).skipWhile((n) => n < 50).takeWhile((n) => n < 300).toList());
  print(math.max(roads.nodes.length, grid.rows.length));
}

List<T> while_<T>(PriorityQueue<T> queue) => [for (; !queue.isEmpty;) queue.removeFirst()];
