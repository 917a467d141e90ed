//! Expressions and patterns of generated programs.

use super::{IF_DYNAMIC, Type, Writer};

/// An operation of two integers. It is of type `num` where the second is `dynamic`.
pub(super) fn as_int(operation: &str) -> String {
    format!("(({operation}){IF_DYNAMIC} as int{IF_DYNAMIC})")
}

/// Integers at the borders of what registers, small integers and shifts hold.
const INTS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "7",
    "63",
    "64",
    "255",
    "65536",
    "2147483647",
    "4611686018427387903",
    "4611686018427387904",
    "9223372036854775807",
];
const DOUBLES: &[&str] = &["0.0", "1.0", "0.5", "2.25", "1e16", "1.5e300", "5e-324"];
const TEXTS: &[&str] = &["''", "'a'", "'Bc'", "'grüße'", "'𝒳y'", "'a,b'"];

impl Writer {
    /// An expression of a type, nested at most so deep.
    pub(super) fn expr(&mut self, ty: &Type, depth: usize) -> String {
        if self.one_in(3)
            && let Some(name) = self.known(ty)
        {
            return name;
        }
        if depth == 0 {
            return self.simple(ty);
        }
        match self.random.u8(0..12) {
            0 => self.chosen(ty, depth - 1),
            1 => self.switched(ty, depth - 1),
            2 => self.called(ty, depth - 1),
            3 => self.taken_out(ty, depth - 1),
            _ => self.made(ty, depth - 1),
        }
    }

    /// A variable of the type.
    fn known(&mut self, ty: &Type) -> Option<String> {
        let names: Vec<&str> = self
            .variables
            .iter()
            .filter(|variable| variable.ty == *ty)
            .map(|variable| &*variable.name)
            .collect();
        // What was declared last is around here.
        let from = names.len().saturating_sub(6);
        let name = self.random.choice(&names[from..])?;
        Some((*name).to_owned())
    }

    fn one_of(&mut self, texts: &[&str]) -> String {
        texts[self.random.usize(..texts.len())].to_owned()
    }

    /// An expression without parts, or as few as there can be.
    fn simple(&mut self, ty: &Type) -> String {
        match ty {
            Type::Int => self.one_of(INTS),
            Type::Double => self.one_of(DOUBLES),
            Type::Bool => self.random.bool().to_string(),
            Type::Text => self.one_of(TEXTS),
            Type::List(of) => format!("<{of}>[]"),
            Type::Map(to) => format!("<String, {to}>{{}}"),
            Type::Nullable(_) => "null".to_owned(),
            Type::Pair(one, two) => format!("({}, {})", self.simple(one), self.simple(two)),
            Type::Closure(from, to) => self.closure(from, to, 0),
            Type::Cell(of) => format!("Cell<{of}>({})", self.simple(of)),
            Type::Family(number) => self.member_of(*number, 0),
        }
    }

    fn chosen(&mut self, ty: &Type, depth: usize) -> String {
        let (test, one, two) = (
            self.expr(&Type::Bool, depth),
            self.expr(ty, depth),
            self.expr(ty, depth),
        );
        match self.random.bool() {
            true => format!("({test} ? {one} : {two})"),
            false => format!("pick<{ty}>({test}, {one}, {two})"),
        }
    }

    /// A value for patterns. They would promote a `dynamic` variable to a type with `?` where a variable of the type without one
    /// stays as it is.
    pub(super) fn matched(&mut self, ty: &Type, depth: usize) -> String {
        let value = self.expr(ty, depth);
        match ty {
            Type::Nullable(_) => format!("same<{ty}>({value})"),
            _ => value,
        }
    }

    fn switched(&mut self, ty: &Type, depth: usize) -> String {
        let on = self.ty(2);
        let value = self.matched(&on, depth);
        let mut cases = String::new();
        for _ in 0..self.random.usize(1..=3) {
            let scope = self.variables.len();
            let pattern = self.pattern(&on, 2);
            let guard = match self.random.bool() {
                true => format!(" when {}", self.expr(&Type::Bool, 1)),
                false => String::new(),
            };
            let result = self.expr(ty, depth);
            cases.push_str(&format!("{pattern}{guard} => {result}, "));
            self.variables.truncate(scope);
        }
        let otherwise = self.expr(ty, depth);
        format!("(switch ({value}) {{ {cases}_ => {otherwise} }})")
    }

    /// A pattern for values of a type; its variables are declared.
    pub(super) fn pattern(&mut self, ty: &Type, depth: usize) -> String {
        if depth == 0 || self.one_in(4) {
            if self.one_in(3) {
                return "_".to_owned();
            }
            let name = self.name();
            self.declare(name.clone(), ty.clone(), false);
            return format!("final {ty} {name}");
        }
        match ty {
            Type::Int => match self.random.u8(0..4) {
                0 => format!("> {} && < {}", self.one_of(INTS), self.one_of(INTS)),
                1 => format!("{} || {}", self.one_of(INTS), self.one_of(INTS)),
                2 => format!("!= {}", self.one_of(INTS)),
                _ => self.one_of(INTS),
            },
            Type::Double => format!("<= {}", self.one_of(DOUBLES)),
            Type::Bool | Type::Text => self.simple(ty),
            Type::List(of) => {
                let first = self.pattern(of, depth - 1);
                match self.random.u8(0..3) {
                    0 => format!("[{first}]"),
                    1 => format!("[{first}, ...]"),
                    _ => {
                        let rest = self.name();
                        self.declare(rest.clone(), ty.clone(), false);
                        format!("[{first}, ...final {ty} {rest}]")
                    }
                }
            }
            Type::Map(to) => format!("{{'a': {}}}", self.pattern(to, depth - 1)),
            // A pattern beside one for null would have to fit it, too.
            Type::Nullable(of) => format!("({})?", self.pattern(of, depth - 1)),
            Type::Pair(one, two) => {
                let one = self.pattern(one, depth - 1);
                format!("({one}, {})", self.pattern(two, depth - 1))
            }
            Type::Closure(..) => "_".to_owned(),
            Type::Cell(of) => {
                format!("Cell<{of}>(value: {})", self.pattern(of, depth - 1))
            }
            Type::Family(number) => {
                let cases = self.families[*number].cases.clone();
                let case = self.random.usize(..cases.len());
                let fields: Vec<String> = cases[case]
                    .iter()
                    .enumerate()
                    .map(|(at, ty)| format!("a{at}: {}", self.pattern(ty, depth - 1)))
                    .collect();
                format!("F{number}C{case}({})", fields.join(", "))
            }
        }
    }

    /// What a function or a closure of the program answers.
    fn called(&mut self, ty: &Type, depth: usize) -> String {
        let fitting: Vec<_> = self
            .functions
            .iter()
            .filter(|function| function.result == *ty && !function.is_async)
            .cloned()
            .collect();
        if let Some(function) = self.random.choice(fitting) {
            return self.call_of(&function, depth);
        }
        let methods: Vec<(usize, super::Function)> = self
            .families
            .iter()
            .enumerate()
            .filter(|(_, family)| family.method.result == *ty)
            .map(|(number, family)| (number, family.method.clone()))
            .collect();
        if let Some((number, method)) = self.random.choice(methods) {
            let receiver = self.expr(&Type::Family(number), depth);
            return format!("{receiver}.{}", self.call_of(&method, depth));
        }
        let closures: Vec<_> = self
            .variables
            .iter()
            .filter_map(|variable| match &variable.ty {
                Type::Closure(from, to) if **to == *ty => {
                    Some((variable.name.clone(), (**from).clone()))
                }
                _ => None,
            })
            .collect();
        if let Some((name, from)) = self.random.choice(closures) {
            let argument = self.expr(&from, depth);
            return format!("{name}({argument})");
        }
        let from = self.plain_type();
        let closure = self.closure(&from, ty, depth);
        format!("({closure})({})", self.expr(&from, depth))
    }

    fn call_of(&mut self, function: &super::Function, depth: usize) -> String {
        let first_named = function.params.len() - function.named;
        let mut arguments = Vec::new();
        for (at, (name, ty)) in function.params.iter().enumerate() {
            if at < first_named {
                arguments.push(self.expr(ty, depth));
            } else if self.random.bool() {
                arguments.push(format!("{name}: {}", self.expr(ty, depth)));
            }
        }
        // The order of named arguments is that of their values.
        arguments[first_named.min(function.params.len())..].reverse();
        format!("{}({})", function.name, arguments.join(", "))
    }

    /// What an asynchronous function gives.
    pub(super) fn awaited(&mut self) -> String {
        let all: Vec<_> = self
            .functions
            .iter()
            .filter(|function| function.is_async && !matches!(function.result, Type::Closure(..)))
            .cloned()
            .collect();
        match self.random.choice(all) {
            Some(function) => format!("await {}", self.call_of(&function, 2)),
            None => format!("await Future<int>.value({})", self.expr(&Type::Int, 2)),
        }
    }

    /// A value that something larger holds.
    fn taken_out(&mut self, ty: &Type, depth: usize) -> String {
        let boxed = Box::new(ty.clone());
        match self.random.u8(0..6) {
            0 => format!("{}.value", self.expr(&Type::Cell(boxed), depth)),
            1 => {
                let list = self.expr(&Type::List(boxed), depth);
                let index = self.expr(&Type::Int, depth);
                format!("{list}[{index} & 3]")
            }
            2 => {
                let other = Box::new(self.ty(1));
                format!("{}.$2", self.expr(&Type::Pair(other, boxed), depth))
            }
            3 if !matches!(ty, Type::Nullable(_) | Type::Closure(..)) => {
                let value = self.expr(&Type::Nullable(boxed), depth);
                let other = self.expr(ty, depth);
                format!("({value} ?? {other})")
            }
            4 if !matches!(ty, Type::Nullable(_) | Type::Closure(..)) => {
                let map = self.expr(&Type::Map(boxed), depth);
                let key = self.expr(&Type::Text, depth);
                let other = self.expr(ty, depth);
                format!("({map}[{key}] ?? {other})")
            }
            _ => {
                let from = self.plain_type();
                let cell = self.expr(&Type::Cell(Box::new(from.clone())), depth);
                let closure = self.closure(&from, ty, depth);
                format!("{cell}.through<{ty}>({closure})")
            }
        }
    }

    /// A closure with a type that does not depend on what is inferred.
    pub(super) fn closure(&mut self, from: &Type, to: &Type, depth: usize) -> String {
        let (param, result) = (self.name(), self.name());
        let scope = self.variables.len();
        self.declare(param.clone(), from.clone(), true);
        let value = self.expr(to, depth.saturating_sub(1));
        self.variables.truncate(scope);
        format!("({from} {param}) {{ tick(); final {to} {result} = {value}; return {result}; }}")
    }

    fn member_of(&mut self, family: usize, depth: usize) -> String {
        let cases = self.families[family].cases.clone();
        let case = self.random.usize(..cases.len());
        let fields: Vec<String> = cases[case]
            .iter()
            .map(|ty| match depth {
                0 => self.simple(ty),
                _ => self.expr(ty, depth - 1),
            })
            .collect();
        format!("F{family}C{case}({})", fields.join(", "))
    }

    /// An expression that is typical of the type.
    fn made(&mut self, ty: &Type, depth: usize) -> String {
        match ty {
            Type::Int => self.int(depth),
            Type::Double => self.double(depth),
            Type::Bool => self.bool(depth),
            Type::Text => self.string(depth),
            Type::List(of) => self.list(of, depth),
            Type::Map(to) => {
                let (one, two) = (self.expr(to, depth), self.expr(to, depth));
                let test = self.expr(&Type::Bool, depth);
                let key = self.expr(&Type::Text, depth);
                format!("<String, {to}>{{'a': {one}, if ({test}) {key}: {two}}}")
            }
            Type::Nullable(of) => match self.one_in(3) {
                true => "null".to_owned(),
                false => self.expr(of, depth),
            },
            Type::Pair(one, two) => {
                format!("({}, {})", self.expr(one, depth), self.expr(two, depth))
            }
            Type::Closure(from, to) => self.closure(from, to, depth),
            Type::Cell(of) => {
                let value = self.expr(of, depth);
                match self.one_in(3) {
                    true => format!("(Cell<{of}>({value})..value = {})", self.expr(of, depth)),
                    false => format!("Cell<{of}>({value}).copy"),
                }
            }
            Type::Family(number) => self.member_of(*number, depth),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        let mut part = || self.expr(&Type::Int, depth);
        let (a, b) = (part(), part());
        match self.random.u8(0..14) {
            0 | 1 => as_int(&format!("{a} + {b}")),
            2 => as_int(&format!("{a} - {b}")),
            3 => as_int(&format!("{a} * {b}")),
            4 => as_int(&format!("{a} {} {b}", self.one_of(&["~/", "%"]))),
            5 => format!("({a} {} {b})", self.one_of(&["&", "|", "^"])),
            6 => format!("({a} {} ({b} & 63))", self.one_of(&["<<", ">>", ">>>"])),
            7 => format!("({}{a})", self.one_of(&["-", "~"])),
            8 => format!("{}.length", self.expr(&Type::Text, depth)),
            9 => {
                let list = self.expr(&Type::List(Box::new(Type::Int)), depth);
                format!(
                    "{list}.fold<int>({a}, (int a, int b) {{ final int c = a ^ b; return c; }})"
                )
            }
            10 => format!("{}.toInt()", self.expr(&Type::Double, depth)),
            11 => self.counted().unwrap_or(a),
            12 => format!("({a}).compareTo({b})"),
            _ => self.simple(&Type::Int),
        }
    }

    /// A variable changed where it is read.
    fn counted(&mut self) -> Option<String> {
        let places: Vec<String> = self
            .variables
            .iter()
            .filter(|variable| variable.is_assignable && variable.ty == Type::Int)
            .map(|variable| variable.name.clone())
            .collect();
        let name = self.random.choice(places)?;
        Some(match self.random.u8(0..3) {
            0 => format!("{name}++"),
            1 => format!("(--{name})"),
            _ => format!("({name} += 2)"),
        })
    }

    fn double(&mut self, depth: usize) -> String {
        let mut part = || self.expr(&Type::Double, depth);
        let (a, b) = (part(), part());
        match self.random.u8(0..7) {
            0..=2 => format!("({a} {} {b})", self.one_of(&["+", "-", "*", "/"])),
            3 => format!("({a} % {b})"),
            4 => {
                let (a, b) = (self.expr(&Type::Int, depth), self.expr(&Type::Int, depth));
                format!("({a} / {b})")
            }
            5 => format!("({}).toDouble()", self.expr(&Type::Int, depth)),
            _ => format!("(-{a})"),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        match self.random.u8(0..8) {
            0 | 1 => {
                let ty = if self.random.bool() {
                    Type::Int
                } else {
                    Type::Double
                };
                let (a, b) = (self.expr(&ty, depth), self.expr(&ty, depth));
                format!(
                    "({a} {} {b})",
                    self.one_of(&["<", "<=", ">", ">=", "==", "!="])
                )
            }
            2 => {
                let (a, b) = (self.expr(&Type::Bool, depth), self.expr(&Type::Bool, depth));
                format!("({a} {} {b})", self.one_of(&["&&", "||", "^", "=="]))
            }
            3 => format!("!{}", self.expr(&Type::Bool, depth)),
            4 => {
                let ty = self.ty(2);
                let tested = self.ty(1);
                let value = self.expr(&ty, depth);
                format!("(<Object?>[{value}].first is {tested})")
            }
            5 => {
                let ty = self.plain_type();
                let list = self.expr(&Type::List(Box::new(ty.clone())), depth);
                format!("{list}.contains({})", self.expr(&ty, depth))
            }
            6 => format!(
                "({} == {})",
                self.expr(&Type::Text, depth),
                self.expr(&Type::Text, depth)
            ),
            _ => format!("{}.isEmpty", self.expr(&Type::Text, depth)),
        }
    }

    fn string(&mut self, depth: usize) -> String {
        match self.random.u8(0..6) {
            0 | 1 => {
                let ty = match self.ty(2) {
                    Type::Closure(_, to) => *to,
                    other => other,
                };
                let (value, other) = (self.expr(&ty, depth), self.expr(&Type::Int, depth));
                format!("cut('<${{{value}}} ${{{other}}}>')")
            }
            2 => format!(
                "cut({} + {})",
                self.expr(&Type::Text, depth),
                self.expr(&Type::Text, depth)
            ),
            3 => format!(
                "cut({} * ({} & 3))",
                self.expr(&Type::Text, depth),
                self.expr(&Type::Int, depth)
            ),
            4 => format!(
                "{}.substring({} & 1)",
                self.expr(&Type::Text, depth),
                self.expr(&Type::Int, depth)
            ),
            _ => {
                let list = self.expr(&Type::List(Box::new(Type::Int)), depth);
                format!("cut({list}.join('-'))")
            }
        }
    }

    fn list(&mut self, of: &Type, depth: usize) -> String {
        let whole = Type::List(Box::new(of.clone()));
        match self.random.u8(0..6) {
            0 => {
                let (list, closure) = (
                    self.expr(&whole, depth),
                    self.closure(of, &Type::Bool, depth),
                );
                format!("{list}.where({closure}).toList()")
            }
            1 => {
                let from = self.ty(1);
                let list = self.expr(&Type::List(Box::new(from.clone())), depth);
                let closure = self.closure(&from, of, depth);
                format!("{list}.map<{of}>({closure}).toList()")
            }
            2 => format!("few<{of}>({}.reversed.toList())", self.expr(&whole, depth)),
            _ => {
                let (one, test) = (self.expr(of, depth), self.expr(&Type::Bool, depth));
                let spread = self.expr(&whole, depth);
                let item = self.name();
                let scope = self.variables.len();
                self.declare(item.clone(), Type::Int, false);
                let two = self.expr(of, depth);
                self.variables.truncate(scope);
                format!(
                    "few<{of}>(<{of}>[{one}, if ({test}) ...{spread}, for (final int {item} in <int>[1, 2]) {two}])"
                )
            }
        }
    }

    /// A constant expression. It is not an error: nothing divides by zero, and shifts are short.
    pub(super) fn const_expr(&mut self, ty: &Type, depth: usize) -> String {
        if depth == 0 {
            return match ty {
                Type::Nullable(of) => self.const_expr(of, 0),
                _ => self.simple(ty),
            };
        }
        let one = self.const_expr(ty, depth - 1);
        let two = self.const_expr(ty, depth - 1);
        if self.one_in(6) {
            let test = self.const_expr(&Type::Bool, depth - 1);
            return format!("({test} ? {one} : {two})");
        }
        match ty {
            Type::Int => match self.random.u8(0..6) {
                0 => format!("({one} {} 7)", self.one_of(&["~/", "%"])),
                1 => format!("({one} {} ({two} & 63))", self.one_of(&["<<", ">>", ">>>"])),
                2 => format!("(~{one})"),
                3 => {
                    let text = self.const_expr(&Type::Text, depth - 1);
                    format!("({text}).length")
                }
                _ => format!(
                    "({one} {} {two})",
                    self.one_of(&["+", "-", "*", "&", "|", "^"])
                ),
            },
            Type::Double => format!("({one} {} {two})", self.one_of(&["+", "-", "*", "/"])),
            Type::Bool => match self.random.u8(0..4) {
                0 => format!("(!{one})"),
                1 => format!("({one} {} {two})", self.one_of(&["&&", "||", "^", "=="])),
                2 => {
                    let ty = if self.random.bool() {
                        Type::Int
                    } else {
                        Type::Text
                    };
                    let (one, two) = (
                        self.const_expr(&ty, depth - 1),
                        self.const_expr(&ty, depth - 1),
                    );
                    format!("({one} {} {two})", self.one_of(&["==", "!="]))
                }
                _ => {
                    let ty = if self.random.bool() {
                        Type::Int
                    } else {
                        Type::Double
                    };
                    let (one, two) = (
                        self.const_expr(&ty, depth - 1),
                        self.const_expr(&ty, depth - 1),
                    );
                    format!("({one} {} {two})", self.one_of(&["<", "<=", ">", ">="]))
                }
            },
            Type::Text => {
                let other = self.plain_type();
                let value = self.const_expr(&other, depth - 1);
                format!("'${{{value}}}${{{one}}}'")
            }
            _ => one,
        }
    }
}
