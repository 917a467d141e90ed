use super::*;
use crate::{Const, DartString, ExtData, FunctionFlags, Module, Target, insns};

const EXAMPLE: &str = include_str!("example.txt");

/// As `assert_eq!`, but shows only the line of the debug form where the two part.
fn assert_same(left: &Module, right: &Module) {
    let (l, r) = (format!("{left:#?}"), format!("{right:#?}"));
    if let Some((i, (a, b))) = l
        .lines()
        .zip(r.lines())
        .enumerate()
        .find(|(_, (a, b))| a != b)
    {
        let context: Vec<&str> = l.lines().skip(i.saturating_sub(12)).take(12).collect();
        panic!(
            "{}\nleft {a}\nright {b}\n{}",
            context.join("\n"),
            print(left).split("_Ephemeron#53").last().unwrap()
        );
    }
    assert!(left == right);
}

fn round_trip(text: &str) -> Module {
    let module = parse(text).unwrap_or_else(|error| panic!("{error}"));
    let printed = print(&module);
    let again = parse(&printed).unwrap_or_else(|error| panic!("{error}\n{printed}"));
    assert_same(&module, &again);
    assert_eq!(print(&again), printed);
    module
}

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn a_module_with_everything_round_trips() {
    let module = round_trip(EXAMPLE);
    let printed = print(&module);
    assert!(!printed.contains("word 0x"), "{printed}");
}

#[test]
fn every_opcode_has_its_own_text() {
    for &op in crate::Op::ALL {
        assert_eq!(crate::Op::from_text(op.text()), Some(op));
    }
}

#[test]
fn classes_are_laid_out_behind_their_superclass() {
    let module = round_trip(
        "class B extends A { field z: r }
         class A { field x: r
           field y: d
           get y = load A.y }
         func f() -> int of B instance {
           ldf.r r1, r0, B.z
           ldf.w d0, r0, B.y
           ldi i1, 3
           ret.i i1
         }",
    );
    let find = |name: &str| {
        module
            .classes
            .iter()
            .find(|class| &*module.strings[class.name.index()] == name)
            .unwrap()
    };
    let (a, b) = (find("A"), find("B"));
    assert_eq!((a.words, &a.ref_map), (3, &vec![0b010]));
    assert_eq!((b.words, &b.ref_map), (4, &vec![0b1010]));
    assert_eq!(a.members[0].1, Target::FieldGet(2, crate::Rep::Double));
    assert_eq!(b.supertypes.len(), 2);
    assert_eq!(module.functions[0].refs, 2);
    assert_eq!(module.functions[0].raws, [RawKind::Double, RawKind::Int]);
    assert_eq!(module.functions[0].flags, FunctionFlags::INSTANCE);
}

#[test]
fn shapes_follow_from_the_registers_of_a_call() {
    let module = round_trip(
        "func f(r: dynamic) -> dynamic {
           call.v i0 = .m<2>(r0, t1, i0, r1, z: r0, \"a b\": d2)
           call.c dynamic call(r0)
           call.v .set x(r0, r1)
           call.v .log(r0) -> d
           idx.get r1, r0, i0
           ret.r r1
         }",
    );
    let shape = &module.shapes[0];
    assert_eq!(shape.type_args, 2);
    assert_eq!(shape.positional, [Rep::Int, Rep::Tagged]);
    assert_eq!(shape.named[1].1, Rep::Double);
    assert_eq!(shape.result, Rep::Int);
    assert!(module.shapes[1].dynamic && module.shapes[1].selector.is_none());
    assert_eq!(module.shapes[3].result, Rep::Double);
    assert_eq!(module.caches, 5);
}

#[test]
fn strings_are_told_apart_by_their_code_units() {
    let module = round_trip(
        r#"func f() -> dynamic {
             ldk r0, "a\u{e9}\n"
             ldk r0, "\u{d800}x"
             ldk r0, utf16("plain")
             ldk r0, "plain"
             ret.r r0
           }"#,
    );
    assert_eq!(
        module.consts,
        [
            Const::String(DartString::Latin1([b'a', 0xe9, b'\n'].into())),
            Const::String(DartString::Utf16([0xd800, 0x78].into())),
            Const::String(DartString::Utf16(
                "plain".encode_utf16().collect::<Vec<_>>().into()
            )),
            Const::String("plain".into()),
        ]
    );
}

#[test]
fn doubles_keep_their_bits() {
    let module = round_trip(
        "func f() -> double {
           ldd d0, -0.0
           ldd d0, 1e300
           ldd d0, double(0x7ff8000000000123)
           ret.d d0
         }",
    );
    let words: Vec<_> = insns(&module.functions[0].code)
        .filter_map(|insn| match insn.unwrap().1.ext {
            ExtData::Word(word) => Some(word),
            _ => None,
        })
        .collect();
    assert_eq!(
        words,
        [
            (-0.0_f64).to_bits(),
            1e300_f64.to_bits(),
            0x7ff8_0000_0000_0123
        ]
    );
}

#[test]
fn words_that_are_no_instruction_are_kept() {
    let mut module = parse("func f() -> dynamic {\n ret.null\n }").unwrap();
    module.functions[0].code = vec![
        0xffff,
        Op::RetNull as u64 | 1 << 48,
        Op::Jmp as u64 | 77 << 32,
        Op::MovW as u64 | 9 << 16,
    ];
    let printed = print(&module);
    assert_same(&module, &parse(&printed).unwrap());
}

#[test]
fn tables_with_repeated_entries_round_trip() {
    let mut module = round_trip(EXAMPLE);
    for i in 0..module.strings.len().min(5) {
        module.strings.push(module.strings[i].clone());
    }
    module.types.extend(module.types.clone());
    module.shapes.extend(module.shapes.clone());
    module.consts.extend(module.consts.clone());
    let name = StrId(module.strings.len() as u32 - 1);
    module.functions[0].name = name;
    let printed = print(&module);
    assert_same(&module, &parse(&printed).unwrap());
}

#[test]
fn errors_say_where_and_what_was_expected() {
    let texts = [
        "func f() -> int {\n  add.i i0, r1, i2\n}",
        "func f() -> int {\n  jmp away\n}",
        "func f() -> int {\n  frob i0\n}",
        "func f() -> int {\n  ldi i0, 1\n  ldd d0, 1.0\n}",
        "func f() -> int {\n  ldi i0, 99999999999\n}",
        "func f() -> Nowhere { }",
        "func f() -> int {\n  call.s @g()\n}",
        "func f() -> int {\n  ldi i0, 1 2\n}",
        "class A { field x }",
        "frob",
        "func f() -> dynamic {\n  ldk r0, \"open\n}",
        "func f(",
    ];
    let errors: Vec<String> = texts.iter().map(|text| error(text)).collect();
    assert_eq!(
        errors,
        [
            "2:13: expected an integer register (`i0`), found `r1`",
            "3:1: the label `away` is nowhere in the code",
            "2:3: expected an instruction, a label or `}`, found `frob`",
            "3:7: raw register 0 is `i0` elsewhere",
            "2:11: 99999999999 does not fit here",
            "1:13: there is no class `Nowhere`",
            "2:11: there is no function `g`",
            "2:13: expected the end of the line, found `2`",
            "1:19: expected `:`, found `}`",
            "1:1: expected a declaration, found `frob`",
            "2:17: expected a closing quote",
            "1:8: expected a name, found the end of the text",
        ]
    );
}

#[test]
fn a_program_uses_names_of_its_core() {
    let core = parse("class A { field x: i }\nfunc g(a: int) -> int {\n ret.i i0\n}").unwrap();
    let text = "class B extends A { field y: r }
        func main() -> int {
          new r0, A
          ldf.r r1, r0, B.y
          ldf.w i0, r0, A.x
          call.s i0 = @g(i0)
          ret.i i0
        }";
    let module = parse_with_core(text, Some(&core)).unwrap();
    assert_eq!(module.base.functions, 1);
    assert_eq!(module.classes[0].words, 3);
    let shown = disassemble(&module, Some(&core));
    assert!(shown.contains("call.s i0 = @g#0(i0)"), "{shown}");
    assert!(shown.contains("func main#1() -> int"), "{shown}");
    let again = parse(&print(&module)).unwrap();
    assert_same(&module, &again);
}
