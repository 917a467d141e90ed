//! Bodies of const constructors as bytes: their parameters' variables and what happens before the body. Expressions that cannot
//! be constant are not written; the evaluator says of them what it says of any.

use eyot_syntax::Span;

use super::wire::{Corrupt, Reader, Wire, Writer, wire_enum, wire_ids, wire_struct};
use crate::model::{AsyncMarker, ParamKind};
use crate::program::{
    Args, Body, CastKind, Expr, ExprKind, FunctionNode, Initializer, LocalId, ParamNode,
};
use crate::types::Ty;

wire_ids!(LocalId);
wire_struct!(Args {
    types,
    positional,
    named
});
wire_struct!(Expr { kind, ty, span });
wire_enum!(CastKind {
    0 => Explicit,
    1 => Implicit,
    2 => Unchecked,
});
wire_enum!(Initializer {
    0 => Field(field, value),
    1 => Super { target, args },
    2 => This { target, args },
    3 => Assert(condition, message),
    4 => Local(local, value),
});

impl Wire for Body {
    fn put(&self, w: &mut Writer) {
        let locals: Vec<LocalId> = self.function.params.iter().map(|p| p.local).collect();
        locals.put(w);
        self.initializers.put(w);
    }

    fn get(r: &mut Reader<'_>) -> Result<Body, Corrupt> {
        let locals: Vec<LocalId> = Wire::get(r)?;
        let params = locals
            .into_iter()
            .map(|local| ParamNode {
                local,
                kind: ParamKind::Required,
                default: None,
                check: false,
            })
            .collect();
        let function = FunctionNode {
            type_params: Vec::new(),
            params,
            result: Ty::VOID,
            element: Ty::VOID,
            marker: AsyncMarker::Sync,
            body: None,
            native: None,
            span: Span::default(),
        };
        Ok(Body {
            locals: Vec::new(),
            function,
            initializers: Wire::get(r)?,
        })
    }
}

/// The expressions a constant may consist of, by number; all others are written as 0.
macro_rules! constant_exprs {
    ($($tag:literal => $variant:ident $(($($x:ident),*))? $({$($f:ident),*})?),* $(,)?) => {
        impl Wire for ExprKind {
            fn put(&self, w: &mut Writer) {
                match self {
                    $(ExprKind::$variant $(($($x),*))? $({$($f),*})? => {
                        w.byte($tag);
                        $($($x.put(w);)*)?
                        $($($f.put(w);)*)?
                    })*
                    ExprKind::Double(value) => {
                        w.byte(255);
                        value.to_bits().put(w);
                    }
                    _ => w.byte(0),
                }
            }
            fn get(r: &mut Reader<'_>) -> Result<ExprKind, Corrupt> {
                Ok(match r.byte()? {
                    0 => ExprKind::Unsupported("an expression that is not constant".into()),
                    $($tag => ExprKind::$variant
                        $(($({ let $x = Wire::get(r)?; $x }),*))?
                        $({$($f: Wire::get(r)?),*})?,)*
                    255 => ExprKind::Double(f64::from_bits(u64::get(r)?)),
                    _ => return Err(r.corrupt()),
                })
            }
        }
    };
}

constant_exprs! {
    1 => Null,
    2 => Bool(value),
    3 => Int(value),
    4 => String(text),
    5 => Const(id),
    6 => TypeLiteral(ty),
    7 => Local(local),
    8 => StaticGet(member),
    9 => InstanceGet { receiver, member },
    10 => StaticCall { target, args },
    11 => InstanceCall { receiver, member, args },
    12 => Equals { left, right, member },
    13 => Identical(left, right),
    14 => New { class, constructor, types, args },
    15 => NewFactory { constructor, types, args },
    16 => StaticTearOff(member),
    17 => ConstructorTearOff { constructor, types },
    18 => Instantiate { function, types },
    19 => Is { value, ty },
    20 => As { value, ty, kind },
    21 => NullCheck(value),
    22 => Not(value),
    23 => And(left, right),
    24 => Or(left, right),
    25 => Conditional(condition, then, otherwise),
    26 => Let { local, value, body },
    27 => Interpolation(parts),
    28 => List { element, elements },
    29 => Set { element, elements },
    30 => Map { key, value, entries },
    31 => Record { positional, named },
    32 => RecordIndex(record, index),
    33 => DynamicGet { receiver, name },
    34 => DynamicCall { receiver, name, args },
}
