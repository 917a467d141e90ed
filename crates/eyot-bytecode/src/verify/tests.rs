use super::*;
use crate::text::{parse, print};
use crate::{ClassId, Insn};

fn good() -> Module {
    parse(include_str!("good.txt")).unwrap_or_else(|error| panic!("{error}"))
}

fn verdict(text: &str) -> String {
    match module(None, &parse(text).unwrap_or_else(|error| panic!("{error}"))) {
        Ok(()) => "fine".to_string(),
        Err(error) => error.to_string(),
    }
}

/// Well-formedness by another way: the text of each function, without its register declaration, must be accepted by the
/// parser (which asks for a register of the right letter in every operand), must have readable forms and labels only, and
/// the registers the parser finds must be among the declared ones.
fn well_formed(module: &Module) -> Result<(), String> {
    let printed = print(module);
    let mut text = String::new();
    for line in printed.lines() {
        if line.starts_with("  word ") {
            return Err(format!("no readable form: {line}"));
        }
        match line.split_once(" regs ") {
            Some((head, regs)) => {
                text.push_str(head);
                text.push_str(if regs.ends_with('{') { " {" } else { "" });
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    let found = parse(&text).map_err(|error| error.to_string())?;
    for (declared, found) in module.functions.iter().zip(&found.functions) {
        let kinds = declared.raws.iter().zip(&found.raws).all(|(a, b)| {
            // A raw register that nothing uses is found as an int.
            a == b || *b == RawKind::Int
        });
        if found.refs > declared.refs || found.raws.len() > declared.raws.len() || !kinds {
            return Err("registers are used that are not declared".to_string());
        }
    }
    Ok(())
}

fn check_mutant(module: &Module, what: &str) -> bool {
    match super::module(None, module) {
        Err(_) => true,
        Ok(()) => {
            if let Err(error) = well_formed(module) {
                panic!("{what} was accepted although {error}\n{}", print(module));
            }
            false
        }
    }
}

#[test]
fn a_good_module_passes() {
    module(None, &good()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(well_formed(&good()), Ok(()));
}

#[test]
fn every_operand_of_every_instruction_can_be_wrong() {
    let good = good();
    let mut refused = 0;
    for f in 0..good.functions.len() {
        let function = &good.functions[f];
        let slots = function.refs + function.raws.len() as u16;
        for at in 0..function.code.len() {
            for quarter in 0..4 {
                let old = (function.code[at] >> (16 * quarter)) as u16;
                for new in [
                    0,
                    1,
                    old ^ 1,
                    old.wrapping_add(1),
                    function.refs,
                    function.refs.wrapping_sub(1),
                    slots,
                    slots.wrapping_sub(1),
                    0x7fff,
                    0x8000,
                    0xfffe,
                    0xffff,
                ] {
                    if new == old {
                        continue;
                    }
                    let mut mutant = good.clone();
                    let word = &mut mutant.functions[f].code[at];
                    *word = *word & !(0xffff << (16 * quarter)) | u64::from(new) << (16 * quarter);
                    let what = format!("function {f}, word {at}, quarter {quarter}: {new:#x}");
                    refused += usize::from(check_mutant(&mutant, &what));
                }
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}

#[test]
fn random_words_are_refused_or_harmless() {
    let good = good();
    let mut seed = 7_u64;
    let mut random = || {
        seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(99);
        seed >> 20
    };
    for _ in 0..4000 {
        let mut mutant = good.clone();
        let f = random() as usize % mutant.functions.len();
        let function = &mut mutant.functions[f];
        if function.code.is_empty() {
            continue;
        }
        match random() % 6 {
            0 => {
                let at = random() as usize % function.code.len();
                function.code[at] = random() << 20 ^ random();
            }
            1 => {
                let at = random() as usize % function.code.len();
                function.code[at] ^= 1 << (random() % 64);
            }
            2 => {
                let at = random() as usize % function.code.len();
                function.code.remove(at);
            }
            3 => function
                .code
                .truncate(random() as usize % function.code.len()),
            4 => function.refs = (random() % 12) as u16,
            _ => {
                function
                    .raws
                    .truncate(random() as usize % (function.raws.len() + 1));
            }
        }
        check_mutant(&mutant, "a random change");
    }
}

#[test]
fn handlers_and_heads_can_be_wrong() {
    let good = good();
    let f = good
        .functions
        .iter()
        .position(|f| !f.handlers.is_empty())
        .unwrap();
    let wrong = |change: &dyn Fn(&mut Function)| {
        let mut mutant = good.clone();
        change(&mut mutant.functions[f]);
        super::module(None, &mutant).is_err()
    };
    assert!(wrong(&|f| f.handlers[0].end = 1000));
    assert!(wrong(&|f| f.handlers[0].target = f.code.len() as u32));
    assert!(wrong(&|f| f.handlers[0].error = f.refs));
    assert!(wrong(&|f| f.handlers[0].trace = f.refs));
    assert!(wrong(&|f| f.handlers[0].start = f.handlers[0].end + 1));
    assert!(wrong(&|f| f.name.0 = 100_000));
    assert!(wrong(&|f| f.result_type.0 = 100_000));
    assert!(wrong(&|f| f.flags |= FunctionFlags::ABSTRACT));
    assert!(wrong(&|f| f.positions = vec![(3, 0), (2, 0)]));
    assert!(wrong(&|f| f.captures = (1, Vec::new())));
    assert!(wrong(&|f| f.owner = Some(ClassId(100_000))));
}

#[test]
fn classes_and_constants_can_be_wrong() {
    let good = good();
    let c = good.classes.len() - 1;
    let wrong = |change: &dyn Fn(&mut Class)| {
        let mut mutant = good.clone();
        change(&mut mutant.classes[c]);
        super::module(None, &mutant).is_err()
    };
    assert!(wrong(&|class| class.superclass = Some(ClassId(c as u32))));
    assert!(wrong(&|class| class.words += 1));
    assert!(wrong(&|class| class.ref_map[0] ^= 0b110));
    assert!(wrong(&|class| class.ref_map.push(0)));
    assert!(wrong(&|class| class.members.reverse()));
    assert!(wrong(&|class| class.supertypes.reverse()));
    assert!(wrong(
        &|class| class.members[0].1 = Target::FieldGet(9, Rep::Int)
    ));
    assert!(wrong(
        &|class| class.members[0].1 = Target::Function(FunctionId(9999))
    ));
    let mut mutant = good.clone();
    mutant.consts.push(Const::List {
        targs: crate::TargsId(0),
        elements: vec![crate::ConstId(mutant.consts.len() as u32)],
    });
    assert!(super::module(None, &mutant).is_err());
}

#[test]
fn messages_say_what_and_where() {
    let texts = [
        "func f() -> int {\n  ldi i0, 1\n}",
        "func f() -> int regs 1 [i] {\n  ldi i0, 1\n ret.r r0\n}",
        "func f(a: int) -> int {\n  call.s i0 = @f()\n ret.i i0\n}",
        "func f() -> int regs 0 [d] {\n  ldi i0, 1\n ret.i i0\n}",
    ];
    let verdicts: Vec<String> = texts.iter().map(|text| verdict(text)).collect();
    assert_eq!(
        verdicts,
        [
            "function 0, word 0: the code ends with `ldi`",
            "function 0, word 1: the result is not tagged",
            "function 0, word 0: another number of raw arguments",
            "function 0, word 0: the raw register in slot 0 is Double, not Int",
        ]
    );
    let mut words = Vec::new();
    Insn::new(crate::Op::RetNull, 0, 0, 0).encode(&mut words);
    assert_eq!(words.len(), 1);
}
