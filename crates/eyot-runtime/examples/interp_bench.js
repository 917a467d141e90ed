// The programs of interp_bench.rs: `node --jitless interp_bench.js`.
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function loop(n) { let x = 0; for (let i = 0; i < n; i++) x = x ^ (i * 3); return x; }
function sieve(n) {
  const list = []; for (let i = 0; i <= n; i++) list.push(true);
  let count = 0;
  for (let i = 2; i <= n; i++) {
    if (list[i]) { count++; for (let j = i * i; j <= n; j += i) list[j] = false; }
  }
  return count;
}
class Body { constructor(x, m) { this.x = x; this.v = 0; this.m = m; } }
function doubles(n) {
  const a = new Body(1.0, 0.125), b = new Body(3.5, 0.125);
  const dt = 0.0001;
  for (let i = 0; i < n; i++) {
    const d = a.x - b.x; const d2 = d * d; const mag = dt / (d2 * Math.sqrt(d2));
    a.v = a.v - b.m * d * mag; a.x = a.x + a.v * dt;
  }
  return a.x;
}
class Square { constructor(s) { this.side = s; } area(k) { return this.side * k; } }
class Unit { area(k) { return k; } }
function virtual(n) { const a = new Square(3); let s = 0; for (let i = 0; i < n; i++) s += a.area(i); return s; }
function polymorphic(n) {
  let a = new Square(3), b = new Unit(); let s = 0;
  for (let i = 0; i < n; i++) { s += a.area(i); const t = a; a = b; b = t; }
  return s;
}
function closures(n) { const k = 3; const add = (x) => x + k; let s = 0; for (let i = 0; i < n; i++) s = add(s); return s; }
class Node { constructor(l, r) { this.left = l; this.right = r; } }
function make(d) { return d <= 0 ? new Node(null, null) : new Node(make(d - 1), make(d - 1)); }
function count(n) { return n.left === null ? 1 : count(n.left) + count(n.right) + 1; }
function trees(n) { let s = 0; for (let i = 0; i < n; i++) s += count(make(14)); return s; }
const sizes = { fib: 35, loop: 5e7, sieve: 5e6, doubles: 1e7, virtual: 2e7, polymorphic: 2e7, closures: 2e7, trees: 100 };
for (const f of [fib, loop, sieve, doubles, virtual, polymorphic, closures, trees]) {
  const start = process.cpuUsage();
  const result = f(sizes[f.name]);
  const seconds = process.cpuUsage(start).user / 1e6;
  console.log(f.name.padEnd(12), seconds.toFixed(3), "s  ", result);
}
