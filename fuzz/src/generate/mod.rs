//! Random programs that are well typed, say what they compute, and end.
//!
//! One program has several *forms* that must print the same: its places for types, and its constants, are marked in the text, and a
//! [`Form`] says what stands there. Whether two runs of one form agree is the other question.
//!
//! So that forms agree by the language's rules, nothing depends on inference: literals, closures and calls name their types. So that
//! programs end, each call and each turn of a loop takes from a counter, and what is assigned is cut short.

mod expr;
mod stmt;

use fastrand::Rng;
use std::fmt;

/// What stands at the marked places of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Types, and constants.
    Plain,
    /// `dynamic` for variables, parameters, results and fields: calls find their members when they run.
    Dynamic,
    /// What is constant is computed when the program runs.
    Computed,
}

/// All forms.
pub const FORMS: [Form; 3] = [Form::Plain, Form::Dynamic, Form::Computed];

/// Around a type that may be left out.
const TYPE: char = '\u{1}';
/// Around what only the form with `dynamic` says.
const IF_DYNAMIC: char = '\u{3}';
/// Where `const` may stand, with `final` for it.
const CONST: char = '\u{2}';

/// A program, to be written in each form.
#[derive(Clone, Debug)]
pub struct Program {
    marked: String,
}

impl Program {
    /// The text in a form.
    pub fn text(&self, form: Form) -> String {
        let constant = match form {
            Form::Computed => "final",
            Form::Plain | Form::Dynamic => "const",
        };
        let is_dynamic = form == Form::Dynamic;
        let typed = match is_dynamic {
            true => replace_between(&self.marked, TYPE, |_| "dynamic"),
            false => replace_between(&self.marked, TYPE, |ty| ty),
        };
        let added = |text| if is_dynamic { text } else { "" };
        replace_between(&typed, IF_DYNAMIC, added).replace(CONST, constant)
    }
}

/// The text with every second part between marks replaced, without the marks.
fn replace_between<'a>(text: &'a str, mark: char, with: impl Fn(&'a str) -> &'a str) -> String {
    let parts = text.split(mark).enumerate();
    parts
        .map(|(number, part)| if number % 2 == 1 { with(part) } else { part })
        .collect()
}

/// A program made from a seed.
pub fn program(seed: u64) -> Program {
    let mut writer = Writer {
        random: Rng::with_seed(seed),
        text: String::new(),
        variables: Vec::new(),
        functions: Vec::new(),
        families: Vec::new(),
        names: 0,
        indent: 0,
        loops: 0,
    };
    writer.whole();
    Program {
        marked: writer.text,
    }
}

/// A type of values.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Type {
    Int,
    Double,
    Bool,
    Text,
    List(Box<Type>),
    /// From texts.
    Map(Box<Type>),
    Nullable(Box<Type>),
    Pair(Box<Type>, Box<Type>),
    /// From one value to another.
    Closure(Box<Type>, Box<Type>),
    /// A generic class.
    Cell(Box<Type>),
    /// A sealed class, by number.
    Family(usize),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Int => f.write_str("int"),
            Type::Double => f.write_str("double"),
            Type::Bool => f.write_str("bool"),
            Type::Text => f.write_str("String"),
            Type::List(of) => write!(f, "List<{of}>"),
            Type::Map(to) => write!(f, "Map<String, {to}>"),
            Type::Nullable(of) => write!(f, "{of}?"),
            Type::Pair(one, two) => write!(f, "({one}, {two})"),
            Type::Closure(from, to) => write!(f, "{to} Function({from})"),
            Type::Cell(of) => write!(f, "Cell<{of}>"),
            Type::Family(number) => write!(f, "F{number}"),
        }
    }
}

/// A variable in scope.
#[derive(Clone, Debug)]
struct Variable {
    name: String,
    ty: Type,
    is_assignable: bool,
}

/// A function of the program, or a method of a family if there is a receiver.
#[derive(Clone, Debug)]
struct Function {
    name: String,
    params: Vec<(String, Type)>,
    /// How many of the parameters have names in calls and may be left out: the last ones.
    named: usize,
    result: Type,
    is_async: bool,
}

/// A sealed class with its subclasses: the fields of each.
#[derive(Clone, Debug)]
struct Family {
    cases: Vec<Vec<Type>>,
    method: Function,
}

struct Writer {
    random: Rng,
    text: String,
    variables: Vec<Variable>,
    functions: Vec<Function>,
    families: Vec<Family>,
    names: usize,
    indent: usize,
    /// Loops around this place.
    loops: usize,
}

/// What every program begins with.
const HEAD: &str = "\
import 'dart:async';

int fuel = 4000;
void tick() { if (--fuel < 0) throw StateError('out of fuel'); }
String cut(String text) => text.length > 40 ? text.substring(0, 40) : text;
List<T> few<T>(List<T> list) => list.length > 8 ? list.sublist(0, 8) : list;
T same<T>(T value) => value;
T pick<T>(bool first, T one, T two) => first ? one : two;
class Cell<T> {
  \u{1}T\u{1} value;
  Cell(this.value);
  R through<R>(R Function(T) f) => f(value);
  Cell<T> get copy => Cell<T>(value);
  String toString() => 'Cell<$T>($value)';
}
";

impl Writer {
    fn whole(&mut self) {
        self.text.push_str(HEAD);
        for number in 0..self.random.usize(1..=2) {
            self.family(number);
        }
        for number in 0..self.random.usize(2..=4) {
            self.constant(number);
        }
        for number in 0..self.random.usize(3..=6) {
            self.function(number);
        }
        self.line("Future<void> main() async {");
        self.indent += 1;
        for _ in 0..self.random.usize(4..=8) {
            self.line("fuel = 4000;");
            self.attempt();
        }
        self.indent -= 1;
        self.line("}");
    }

    /// Statements whose end is told, whatever it is.
    fn attempt(&mut self) {
        self.line("try {");
        let scope = self.variables.len();
        self.indent += 1;
        for _ in 0..self.random.usize(2..=4) {
            self.stmt(3);
        }
        let ty = self.ty(2);
        let value = match self.random.bool() {
            true => self.awaited(),
            false => self.expr(&ty, 3),
        };
        self.line(&format!("print({value});"));
        self.print_variables(scope);
        self.indent -= 1;
        self.variables.truncate(scope);
        self.line("} catch (error) { print(error.runtimeType); }");
    }

    fn print_variables(&mut self, from: usize) {
        let shown: Vec<String> = self.variables[from..]
            .iter()
            .filter(|variable| !matches!(variable.ty, Type::Closure(..)))
            .map(|variable| format!("${{{}}}", variable.name))
            .collect();
        self.line(&format!("print('{}');", shown.join(" ")));
    }

    fn family(&mut self, number: usize) {
        let param = (format!("p{number}"), self.plain_type());
        let method = Function {
            name: format!("method{number}"),
            params: vec![param],
            named: 0,
            result: self.plain_type(),
            is_async: false,
        };
        let count = self.random.usize(2..=3);
        let cases: Vec<Vec<Type>> = (0..count)
            .map(|_| {
                let fields = self.random.usize(0..=3);
                (0..fields).map(|_| self.plain_type()).collect()
            })
            .collect();
        let (result, (param, param_ty)) = (&method.result, &method.params[0]);
        let head = format!(
            "{TYPE}{result}{TYPE} {}({TYPE}{param_ty}{TYPE} {param})",
            method.name
        );
        self.line(&format!(
            "sealed class F{number} {{ const F{number}(); {head}; }}"
        ));
        for (case, fields) in cases.iter().enumerate() {
            let name = format!("F{number}C{case}");
            self.line(&format!("class {name} extends F{number} {{"));
            self.indent += 1;
            let scope = self.variables.len();
            for (field, ty) in fields.iter().enumerate() {
                self.line(&format!("final {TYPE}{ty}{TYPE} a{field};"));
                self.declare(format!("a{field}"), ty.clone(), false);
            }
            let list = |sort: &str| -> String {
                let each = (0..fields.len()).map(|field| format!("{sort}a{field}"));
                each.collect::<Vec<_>>().join(", ")
            };
            self.line(&format!("const {name}({});", list("this.")));
            self.line(&format!("String toString() => '{name}({})';", list("$")));
            self.declare(param.clone(), param_ty.clone(), true);
            let value = self.expr(result, 3);
            self.line(&format!("{head} {{ tick(); return {value}; }}"));
            self.variables.truncate(scope);
            self.indent -= 1;
            self.line("}");
        }
        self.families.push(Family { cases, method });
    }

    fn constant(&mut self, number: usize) {
        let ty = self.plain_type();
        let value = self.const_expr(&ty, 4);
        self.line(&format!("{CONST} {ty} constant{number} = {value};"));
        self.declare(format!("constant{number}"), ty, false);
    }

    fn function(&mut self, number: usize) {
        let count = self.random.usize(0..=3);
        let function = Function {
            name: format!("f{number}"),
            params: (0..count)
                .map(|at| (format!("p{number}_{at}"), self.ty(2)))
                .collect(),
            named: 0,
            result: self.ty(2),
            is_async: self.random.u8(0..3) == 0,
        };
        // What may be left out has a value of its own.
        let constant = |ty: &Type| matches!(ty, Type::Int | Type::Double | Type::Bool | Type::Text);
        let named = function
            .params
            .iter()
            .rev()
            .take_while(|(_, ty)| constant(ty))
            .count();
        let function = Function {
            named: self.random.usize(0..=named),
            ..function
        };
        let first_named = function.params.len() - function.named;
        let mut params = String::new();
        for (at, (name, ty)) in function.params.iter().enumerate() {
            if at == first_named {
                params.push('{');
            }
            params.push_str(&format!("{TYPE}{ty}{TYPE} {name}"));
            if at >= first_named {
                let value = self.const_expr(ty, 1);
                params.push_str(&format!(" = {value}"));
            }
            params.push_str(", ");
        }
        if function.named > 0 {
            params.push('}');
        }
        let (result, name) = (&function.result, &function.name);
        let head = match function.is_async {
            true => format!("Future<{TYPE}{result}{TYPE}> {name}({params}) async {{"),
            false => format!("{TYPE}{result}{TYPE} {name}({params}) {{"),
        };
        self.line(&head);
        self.indent += 1;
        let scope = self.variables.len();
        for (name, ty) in &function.params {
            self.declare(name.clone(), ty.clone(), true);
        }
        self.line("tick();");
        for _ in 0..self.random.usize(1..=4) {
            self.stmt(2);
            if function.is_async && self.random.bool() {
                self.suspension();
            }
        }
        let value = self.expr(&function.result, 3);
        self.line(&format!("return {value};"));
        self.variables.truncate(scope);
        self.indent -= 1;
        self.line("}");
        self.functions.push(function);
    }

    fn declare(&mut self, name: String, ty: Type, is_assignable: bool) {
        self.variables.push(Variable {
            name,
            ty,
            is_assignable,
        });
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(&"  ".repeat(self.indent));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn one_in(&mut self, count: u8) -> bool {
        self.random.u8(0..count) == 0
    }

    /// A type whose values can be constants.
    fn plain_type(&mut self) -> Type {
        match self.random.u8(0..8) {
            0..=2 => Type::Int,
            3 => Type::Double,
            4 => Type::Bool,
            5 => Type::Nullable(Box::new(Type::Int)),
            _ => Type::Text,
        }
    }

    /// Any type, nested at most so deep.
    fn ty(&mut self, depth: usize) -> Type {
        if depth == 0 {
            return self.plain_type();
        }
        let inner = |writer: &mut Writer| Box::new(writer.ty(depth - 1));
        match self.random.u8(0..16) {
            0..=5 => self.plain_type(),
            6..=8 => Type::List(inner(self)),
            9 => Type::Map(inner(self)),
            10 => match self.ty(depth - 1) {
                nullable @ Type::Nullable(_) => nullable,
                // `A Function(B)?` is written with care nobody needs here.
                other @ Type::Closure(..) => other,
                other => Type::Nullable(Box::new(other)),
            },
            11 => Type::Pair(inner(self), inner(self)),
            12 => Type::Closure(Box::new(self.plain_type()), Box::new(self.plain_type())),
            13 => Type::Cell(inner(self)),
            _ if self.families.is_empty() => Type::Int,
            _ => Type::Family(self.random.usize(..self.families.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_make_programs_with_forms() {
        let text = program(7).text(Form::Plain);
        assert_eq!(text, program(7).text(Form::Plain));
        assert_ne!(text, program(8).text(Form::Plain));
        for form in FORMS {
            assert!(!program(7).text(form).contains([TYPE, IF_DYNAMIC, CONST]));
        }
        assert!(!program(7).text(Form::Computed).contains("const int"));
    }
}
