//! Statements of generated programs.

use super::expr::as_int;
use super::{TYPE, Type, Writer};

impl Writer {
    /// A statement, nested at most so deep.
    pub(super) fn stmt(&mut self, depth: usize) {
        match self.random.u8(0..20) {
            0..=5 => self.variable(),
            6..=8 => self.assignment(),
            9 | 10 if depth > 0 => self.choice(depth),
            11 | 12 if depth > 0 && self.loops < 2 => self.repetition(depth),
            13 if depth > 0 => self.protected(depth),
            14 if depth > 0 => self.case(depth),
            15 if depth > 0 => self.destructuring(),
            16 => self.closures_of_a_loop(),
            17 => self.local_function(),
            18 if self.one_in(6) => {
                let (test, value) = (self.expr(&Type::Bool, 2), self.expr(&Type::Text, 1));
                self.line(&format!("if ({test}) throw StateError({value});"));
            }
            _ => {
                let ty = self.ty(1);
                let value = self.expr(&ty, 3);
                match ty {
                    Type::Closure(..) => self.line(&format!("{value};")),
                    _ => self.line(&format!("print({value});")),
                }
            }
        }
    }

    fn block(&mut self, depth: usize) {
        self.indent += 1;
        let scope = self.variables.len();
        for _ in 0..self.random.usize(1..=3) {
            self.stmt(depth - 1);
        }
        self.variables.truncate(scope);
        self.indent -= 1;
    }

    fn variable(&mut self) {
        let (name, ty) = (self.name(), self.ty(2));
        let value = self.expr(&ty, 3);
        let is_final = self.one_in(4);
        let word = match (is_final, self.one_in(8)) {
            (true, _) => "final ",
            (false, true) => "late ",
            (false, false) => "",
        };
        self.line(&format!("{word}{TYPE}{ty}{TYPE} {name} = {value};"));
        self.declare(name, ty, !is_final);
    }

    fn assignment(&mut self) {
        let places: Vec<_> = self
            .variables
            .iter()
            .filter(|variable| variable.is_assignable)
            .cloned()
            .collect();
        let Some(variable) = self.random.choice(places) else {
            return self.variable();
        };
        let (name, value) = (&variable.name, self.expr(&variable.ty, 3));
        let line = match &variable.ty {
            Type::Int => match self.random.u8(0..6) {
                0 => format!("{name}++;"),
                1 => format!("--{name};"),
                2 => format!("{name} ^= {value};"),
                3 => format!("{name} = {};", as_int(&format!("{name} - {value}"))),
                _ => format!("{name} = {value};"),
            },
            Type::Text => format!("{name} = cut({value});"),
            Type::List(of) => match self.random.bool() {
                true => format!("{name} = few<{of}>({value});"),
                false => {
                    let element = self.expr(of, 2);
                    format!("if ({name}.length < 8) {name}.add({element});")
                }
            },
            Type::Map(to) => {
                let (key, to) = (self.expr(&Type::Text, 1), self.expr(to, 2));
                format!("{name}[{key}] = {to};")
            }
            Type::Nullable(_) if self.random.bool() => format!("{name} ??= {value};"),
            Type::Cell(of) if self.random.bool() => {
                let inner = self.expr(of, 2);
                format!("{name}.value = {inner};")
            }
            _ => format!("{name} = {value};"),
        };
        self.line(&line);
    }

    fn choice(&mut self, depth: usize) {
        let test = self.expr(&Type::Bool, 3);
        self.line(&format!("if ({test}) {{"));
        self.block(depth);
        self.line("} else {");
        self.block(depth);
        self.line("}");
    }

    fn repetition(&mut self, depth: usize) {
        let name = self.name();
        let scope = self.variables.len();
        let head = match self.random.u8(0..4) {
            0 => {
                let ty = self.ty(1);
                let list = self.expr(&Type::List(Box::new(ty.clone())), 2);
                self.declare(name.clone(), ty.clone(), true);
                format!("for ({TYPE}{ty}{TYPE} {name} in few<{ty}>({list})) {{")
            }
            1 => {
                let counter = self.name();
                let test = self.expr(&Type::Bool, 2);
                self.line(&format!("{TYPE}int{TYPE} {counter} = 0;"));
                self.line(&format!("{name}: while ({counter}++ < 3 && {test}) {{"));
                String::new()
            }
            _ => {
                let count = self.random.u8(1..4);
                self.declare(name.clone(), Type::Int, false);
                format!("for ({TYPE}int{TYPE} {name} = 0; {name} < {count}; {name}++) {{")
            }
        };
        let is_labelled = head.is_empty();
        if !is_labelled {
            self.line(&head);
        }
        self.loops += 1;
        self.line("  tick();");
        self.block(depth);
        if self.random.bool() {
            let test = self.expr(&Type::Bool, 2);
            let word = if self.random.bool() {
                "break"
            } else {
                "continue"
            };
            let label = if is_labelled { &*name } else { "" };
            self.line(&format!("  if ({test}) {word} {label};"));
            self.block(depth);
        }
        self.loops -= 1;
        self.variables.truncate(scope);
        self.line("}");
    }

    fn protected(&mut self, depth: usize) {
        self.line("try {");
        self.block(depth);
        if self.random.bool() {
            self.line("} on RangeError catch (error) {");
            self.line("  print(error.runtimeType);");
            self.block(depth);
        }
        self.line("} on Exception {");
        self.block(depth);
        if self.random.bool() {
            self.line("} finally {");
            self.block(depth);
        }
        self.line("}");
    }

    /// `if` with a pattern.
    fn case(&mut self, depth: usize) {
        let scope = self.variables.len();
        let ty = self.ty(2);
        let value = self.matched(&ty, 2);
        let pattern = self.pattern(&ty, 2);
        let guard = match self.random.bool() {
            true => format!(" when {}", self.expr(&Type::Bool, 2)),
            false => String::new(),
        };
        self.line(&format!("if ({value} case {pattern}{guard}) {{"));
        self.block(depth);
        self.variables.truncate(scope);
        self.line("}");
    }

    fn destructuring(&mut self) {
        let (one, two) = (self.ty(1), self.ty(1));
        let value = self.expr(&Type::Pair(Box::new(one.clone()), Box::new(two.clone())), 2);
        let (a, b) = (self.name(), self.name());
        self.line(&format!("var ({a}, {b}) = {value};"));
        // Without a type of their own they are what the value is: assigning something else is another program.
        self.declare(a, one, false);
        self.declare(b, two, false);
    }

    /// Closures that outlive the turn of the loop whose variables they know.
    fn closures_of_a_loop(&mut self) {
        let (list, at, own) = (self.name(), self.name(), self.name());
        self.line(&format!("final {list} = <int Function(int)>[];"));
        self.line(&format!("for (var {at} = 0; {at} < 3; {at}++) {{"));
        let scope = self.variables.len();
        self.indent += 1;
        let value = self.expr(&Type::Int, 2);
        self.line(&format!("{TYPE}int{TYPE} {own} = {value};"));
        self.declare(own, Type::Int, true);
        self.declare(at, Type::Int, false);
        let closure = self.closure(&Type::Int, &Type::Int, 3);
        self.line(&format!("{list}.add({closure});"));
        self.indent -= 1;
        self.variables.truncate(scope);
        self.line("}");
        self.line(&format!(
            "print(<int>[for (final f in {list}) f(2), for (final f in {list}.reversed) f(3)]);"
        ));
    }

    fn local_function(&mut self) {
        let (name, param, from, to) = (self.name(), self.name(), self.plain_type(), self.ty(1));
        self.line(&format!("{to} {name}({from} {param}) {{"));
        let scope = self.variables.len();
        self.indent += 1;
        self.line("tick();");
        self.declare(param, from.clone(), true);
        let loops = std::mem::take(&mut self.loops);
        self.assignment();
        self.loops = loops;
        let value = self.expr(&to, 2);
        self.line(&format!("return {value};"));
        self.indent -= 1;
        self.variables.truncate(scope);
        self.line("}");
        self.declare(name, Type::Closure(Box::new(from), Box::new(to)), false);
    }

    /// Something that an asynchronous function waits for.
    pub(super) fn suspension(&mut self) {
        let (name, ty) = (self.name(), self.ty(1));
        let value = self.expr(&ty, 2);
        let line = match self.random.u8(0..4) {
            0 => format!("{TYPE}{ty}{TYPE} {name} = await {value};"),
            1 => format!(
                "{TYPE}{ty}{TYPE} {name} = await Stream<{ty}>.fromIterable(<{ty}>[{value}]).first;"
            ),
            2 => format!("{TYPE}{ty}{TYPE} {name} = await Future<{ty}>(() => {value});"),
            _ => {
                let item = self.name();
                let generator = self.name();
                let other = self.expr(&ty, 2);
                self.line(&format!(
                    "Stream<{ty}> {generator}() async* {{ yield {value}; await null; yield {other}; }}"
                ));
                self.line(&format!("{TYPE}{ty}{TYPE} {name} = {value};"));
                format!(
                    "await for (final {TYPE}{ty}{TYPE} {item} in {generator}()) {{ tick(); {name} = {item}; }}"
                )
            }
        };
        self.line(&line);
        self.declare(name, ty, false);
    }
}
