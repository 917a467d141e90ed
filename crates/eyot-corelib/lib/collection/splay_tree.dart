part of 'collection.dart';

/// A node of a splay tree. A set leaves [value] alone.
class _SplayNode<K> {
  final K key;
  Object? value;
  _SplayNode<K>? left;
  _SplayNode<K>? right;

  _SplayNode(this.key, this.value);
}

/// A self-adjusting binary search tree: each access moves its key to the root,
/// which makes any sequence of operations fast on average.
abstract class _SplayTree<K> {
  _SplayNode<K>? _root;
  int _count = 0;

  /// Counts insertions and removals: iterators fail after one.
  int _modificationCount = 0;

  /// Counts rearrangements: iterators find their place again after one.
  int _splayCount = 0;

  final int Function(K a, K b) _compare;

  final bool Function(dynamic)? _validKey;

  _SplayTree(int Function(K a, K b)? compare, this._validKey)
      : _compare = compare ?? _naturalOrder;

  static int _naturalOrder(dynamic a, dynamic b) =>
      Comparable.compare(a as Comparable<dynamic>, b as Comparable<dynamic>);

  bool _isValid(Object? key) {
    final test = _validKey;
    return test == null ? key is K : test(key);
  }

  /// Brings the node with [key], or one next to where it would be, to the
  /// root. Answers how the root's key compares to [key]; a tree that is empty
  /// answers -1.
  int _splay(K key) {
    _SplayNode<K>? start = _root;
    if (start == null) {
      // The first key of all must be comparable too.
      _compare(key, key);
      return -1;
    }
    final compare = _compare;
    // Nodes known to be less and greater, and where the next one goes.
    _SplayNode<K>? less;
    _SplayNode<K>? lessTail;
    _SplayNode<K>? greater;
    _SplayNode<K>? greaterTail;
    _SplayNode<K> current = start;
    int order = 0;
    while (true) {
      order = compare(current.key, key);
      if (order > 0) {
        _SplayNode<K>? child = current.left;
        if (child == null) break;
        order = compare(child.key, key);
        if (order > 0) {
          current.left = child.right;
          child.right = current;
          current = child;
          child = current.left;
          if (child == null) break;
        }
        if (greaterTail == null) {
          greater = current;
        } else {
          greaterTail.left = current;
        }
        greaterTail = current;
        current = child;
      } else if (order < 0) {
        _SplayNode<K>? child = current.right;
        if (child == null) break;
        order = compare(child.key, key);
        if (order < 0) {
          current.right = child.left;
          child.left = current;
          current = child;
          child = current.right;
          if (child == null) break;
        }
        if (lessTail == null) {
          less = current;
        } else {
          lessTail.right = current;
        }
        lessTail = current;
        current = child;
      } else {
        break;
      }
    }
    if (lessTail != null) {
      lessTail.right = current.left;
      current.left = less;
    }
    if (greaterTail != null) {
      greaterTail.left = current.right;
      current.right = greater;
    }
    if (!identical(current, _root)) {
      _root = current;
      _splayCount++;
    }
    return order;
  }

  /// The node with [key], which becomes the root, or `null`.
  _SplayNode<K>? _findNode(Object? key) {
    if (!_isValid(key)) return null;
    return _splay(unsafeCast<K>(key)) == 0 ? _root : null;
  }

  /// Makes [node] the root; [order] is how the present root, splayed for the
  /// node's key, compares to it.
  void _insertRoot(_SplayNode<K> node, int order) {
    _count++;
    _modificationCount++;
    final root = _root;
    if (root != null) {
      if (order < 0) {
        node.left = root;
        node.right = root.right;
        root.right = null;
      } else {
        node.right = root;
        node.left = root.left;
        root.left = null;
      }
    }
    _root = node;
  }

  /// Removes the node with [key] and answers it, or `null`.
  _SplayNode<K>? _removeNode(Object? key) {
    final node = _findNode(key);
    if (node == null) return null;
    _count--;
    _modificationCount++;
    final left = node.left;
    final right = node.right;
    if (left == null) {
      _root = right;
    } else {
      // The greatest of the lesser ones has no right child to lose.
      _root = left;
      _splayCount++;
      _splayToLast();
      _root!.right = right;
    }
    node.left = null;
    node.right = null;
    return node;
  }

  /// Brings the greatest node of the tree to the root.
  void _splayToLast() {
    _SplayNode<K> current = _root!;
    _SplayNode<K>? next = current.right;
    while (next != null) {
      current.right = next.left;
      next.left = current;
      current = next;
      next = current.right;
    }
    _root = current;
    _splayCount++;
  }

  _SplayNode<K>? get _firstNode {
    _SplayNode<K>? node = _root;
    if (node == null) return null;
    _SplayNode<K>? next = node.left;
    while (next != null) {
      node = next;
      next = next.left;
    }
    return node;
  }

  _SplayNode<K>? get _lastNode {
    _SplayNode<K>? node = _root;
    if (node == null) return null;
    _SplayNode<K>? next = node.right;
    while (next != null) {
      node = next;
      next = next.right;
    }
    return node;
  }

  /// The node with the greatest key less than [key].
  _SplayNode<K>? _nodeBefore(K key) {
    if (_root == null) return null;
    final order = _splay(key);
    if (order < 0) return _root;
    _SplayNode<K>? node = _root!.left;
    while (node != null) {
      final right = node.right;
      if (right == null) return node;
      node = right;
    }
    return null;
  }

  /// The node with the least key greater than [key].
  _SplayNode<K>? _nodeAfter(K key) {
    if (_root == null) return null;
    final order = _splay(key);
    if (order > 0) return _root;
    _SplayNode<K>? node = _root!.right;
    while (node != null) {
      final left = node.left;
      if (left == null) return node;
      node = left;
    }
    return null;
  }

  void _clearTree() {
    _root = null;
    _count = 0;
    _modificationCount++;
  }

  /// A copy of the whole tree with fresh nodes, without recursion over depth
  /// (a splay tree can be a list): the keys in order, built up balanced.
  static _SplayNode<K>? _balancedFrom<K>(
      List<_SplayNode<K>> nodes, int start, int end) {
    if (start >= end) return null;
    final middle = start + ((end - start) >> 1);
    final node = nodes[middle];
    final copy = _SplayNode<K>(node.key, node.value);
    copy.left = _balancedFrom<K>(nodes, start, middle);
    copy.right = _balancedFrom<K>(nodes, middle + 1, end);
    return copy;
  }
}

/// Walks over the nodes in order of their keys.
abstract class _SplayTreeIterator<K, T> implements Iterator<T> {
  final _SplayTree<K> _tree;

  /// The current node last, in front of it those of its ancestors that come
  /// after it.
  final List<_SplayNode<K>> _path = <_SplayNode<K>>[];

  int _modificationCount;
  int _splayCount;
  bool _started = false;

  _SplayTreeIterator(_SplayTree<K> tree)
      : _tree = tree,
        _modificationCount = tree._modificationCount,
        _splayCount = tree._splayCount;

  T _valueOf(_SplayNode<K> node);

  T get current {
    if (!_started || _path.isEmpty) return unsafeCast<T>(null);
    return _valueOf(_path.last);
  }

  void _pushLeftSpine(_SplayNode<K>? from) {
    _SplayNode<K>? node = from;
    while (node != null) {
      _path.add(node);
      node = node.left;
    }
  }

  /// The tree has changed its shape but not its keys: finds the path to the
  /// current node anew.
  void _findPath(K key) {
    _path.length = 0;
    _SplayNode<K>? node = _tree._root;
    while (node != null) {
      final order = _tree._compare(node.key, key);
      if (order == 0) {
        _path.add(node);
        break;
      }
      if (order > 0) {
        _path.add(node);
        node = node.left;
      } else {
        node = node.right;
      }
    }
    _splayCount = _tree._splayCount;
  }

  bool moveNext() {
    if (_modificationCount != _tree._modificationCount) {
      if (!_started && _path.isEmpty) {
        // Not yet begun: what the tree holds now is what will be seen.
        _modificationCount = _tree._modificationCount;
      } else {
        throw ConcurrentModificationError(_tree);
      }
    }
    if (!_started) {
      _started = true;
      _splayCount = _tree._splayCount;
      _pushLeftSpine(_tree._root);
      return _path.isNotEmpty;
    }
    if (_path.isEmpty) return false;
    if (_splayCount != _tree._splayCount) _findPath(_path.last.key);
    final node = _path.removeLast();
    _pushLeftSpine(node.right);
    return _path.isNotEmpty;
  }

  /// Replaces the value of the current node.
  void _replaceValue(Object? value) {
    if (_path.isEmpty) return;
    _path.last.value = value;
  }
}

class _SplayKeyIterator<K> extends _SplayTreeIterator<K, K> {
  _SplayKeyIterator(_SplayTree<K> tree) : super(tree);

  K _valueOf(_SplayNode<K> node) => node.key;
}

class _SplayNodeIterator<K> extends _SplayTreeIterator<K, _SplayNode<K>> {
  _SplayNodeIterator(_SplayTree<K> tree) : super(tree);

  _SplayNode<K> _valueOf(_SplayNode<K> node) => node;
}

class _SplayKeyIterable<K> extends Iterable<K>
    implements EfficientLengthIterable<K> {
  final _SplayTree<K> _tree;

  _SplayKeyIterable(this._tree);

  int get length => _tree._count;

  bool get isEmpty => _tree._count == 0;

  Iterator<K> get iterator => _SplayKeyIterator<K>(_tree);

  bool contains(Object? key) => _tree._findNode(key) != null;

  Set<K> toSet() {
    final result = SplayTreeSet<K>(_tree._compare, _tree._validKey);
    result.addAll(this);
    return result;
  }
}
