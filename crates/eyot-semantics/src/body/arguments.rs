//! Arguments: matching them with parameters, and inference of type arguments over them.
//!
//! Inference goes downwards from the context, then over the arguments: first those that are no function literals, then the
//! literals, in an order in which a literal whose parameters need a type comes after the one whose result gives it.

use eyot_syntax::ast::{Argument, Arguments, ExprId, ExprKind as E};
use eyot_syntax::{Span, Symbol};

use super::Walk;
use crate::checks::bounds::{BoundUse, BoundUseForm};
use crate::infer::Inference;
use crate::model::TypeParamId;
use crate::program::{Args, Expr, ExprKind};
use crate::types::{FunctionTy, Ty, TyKind};

/// A signature applied to arguments.
pub(super) struct Applied {
    /// The arguments, converted; with the type arguments.
    pub args: Args,
    /// The result type.
    pub result: Ty,
}

impl Walk<'_> {
    /// Applies a signature to arguments. `types` are type arguments known otherwise than from the argument part.
    pub(super) fn apply(
        &mut self,
        signature: &FunctionTy,
        types: Option<Vec<Ty>>,
        arguments: &Arguments,
        context: Ty,
    ) -> Applied {
        self.apply_wishing(signature, types, arguments, context, None)
    }

    /// As [`Walk::apply`]; `wish` is the context type of all arguments, in place of the types of their parameters.
    pub(super) fn apply_wishing(
        &mut self,
        signature: &FunctionTy,
        types: Option<Vec<Ty>>,
        arguments: &Arguments,
        context: Ty,
        wish: Option<Ty>,
    ) -> Applied {
        let types = match types {
            None if !arguments.type_args.is_empty() => {
                let types = self.annotations(&arguments.type_args);
                if types.len() == signature.type_params.len() {
                    Some(types)
                } else {
                    self.type_argument_count(
                        signature.type_params.len(),
                        types.len(),
                        arguments.span,
                    );
                    None
                }
            }
            types => types,
        };
        let is_inferred = types.is_none();
        self.check_shape(signature, arguments);
        let values;
        let types = match types {
            Some(types) => {
                let plain = self.instantiate(signature, &types);
                values = self.plain_arguments(&plain, arguments, wish);
                types
            }
            None if signature.type_params.is_empty() => {
                values = self.plain_arguments(signature, arguments, wish);
                Vec::new()
            }
            None => {
                let (found, types) = self.inferred_arguments(signature, arguments, context);
                values = found;
                types
            }
        };
        self.note_call_bounds(signature, &types, is_inferred, arguments.span);
        let plain = self.instantiate(signature, &types);
        let wanted = parameter_types(&plain, &arguments.args);
        let mut args = Args {
            types,
            ..Args::default()
        };
        let early = needs_order(&arguments.args, &values) && !self.in_const;
        for ((argument, value), wanted) in arguments.args.iter().zip(values).zip(wanted) {
            let span = value.span;
            let value = match wanted {
                Some(wanted) => self.convert(value, wanted, "argument"),
                None => self.no_void(value, span),
            };
            let value = if early {
                let mut hoisted = std::mem::take(&mut self.early_args);
                let value = self.hoist(value, true, &mut hoisted);
                self.early_args = hoisted;
                value
            } else {
                value
            };
            push_argument(&mut args, argument, value);
        }
        self.branches = None;
        Applied {
            args,
            result: plain.result,
        }
    }

    /// Notes the type arguments of a call, to be checked against the bounds.
    pub(super) fn note_call_bounds(
        &self,
        signature: &FunctionTy,
        types: &[Ty],
        is_inferred: bool,
        span: eyot_syntax::Span,
    ) {
        if self.quiet || signature.type_params.is_empty() {
            return;
        }
        self.world.note_bounds(BoundUse {
            file: self.file,
            span,
            params: signature.type_params.to_vec(),
            args: types.to_vec(),
            form: BoundUseForm::Call { is_inferred },
        });
    }

    /// Arguments of a call whose target is not known statically.
    pub(super) fn dynamic_arguments(&mut self, arguments: &Arguments) -> Args {
        let mut args = Args {
            types: self.annotations(&arguments.type_args),
            ..Args::default()
        };
        for argument in &arguments.args {
            let value = self.free(argument.value);
            push_argument(&mut args, argument, value);
        }
        self.branches = None;
        args
    }

    fn plain_arguments(
        &mut self,
        signature: &FunctionTy,
        arguments: &Arguments,
        wish: Option<Ty>,
    ) -> Vec<Expr> {
        let wanted = parameter_types(signature, &arguments.args);
        arguments
            .args
            .iter()
            .zip(wanted)
            .map(|(argument, wanted)| {
                let context = wish.or(wanted).unwrap_or(Ty::UNKNOWN);
                self.expr(argument.value, context)
            })
            .collect()
    }

    fn inferred_arguments(
        &mut self,
        signature: &FunctionTy,
        arguments: &Arguments,
        context: Ty,
    ) -> (Vec<Expr>, Vec<Ty>) {
        // Where the callee's own type parameters are in scope (recursion), inference is over copies.
        let fresh;
        let signature = if signature.type_params.iter().any(|&p| self.in_scope(p)) {
            fresh = self.freshen(signature, None);
            &fresh
        } else {
            signature
        };
        let mut solver = Solver::new(self, signature);
        solver.inference.constrain_result(signature.result, context);
        solver.inference.fix();
        let wanted = parameter_types(signature, &arguments.args);
        let mut values: Vec<Option<Expr>> = vec![None; arguments.args.len()];
        let mut literals = Vec::new();
        // What one argument tells is no context for another of the same stage. The first one is all but the literals that ask for
        // something: one whose parameters have types, or are told theirs whatever is inferred, asks for nothing.
        let known = solver.inference.partial();
        for (i, argument) in arguments.args.iter().enumerate() {
            let asks = |ty: Ty| !solver.needs(argument.value, ty).is_empty();
            if solver.walk.is_function_literal(argument.value) && wanted[i].is_some_and(asks) {
                literals.push(i);
                continue;
            }
            let value = solver.visit(argument.value, wanted[i], &known);
            values[i] = Some(value);
        }
        while !literals.is_empty() {
            let stage = solver.next_stage(&literals, &wanted, arguments);
            literals.retain(|i| !stage.contains(i));
            solver.inference.fix();
            let known = solver.inference.partial();
            for i in stage {
                let value = solver.visit(arguments.args[i].value, wanted[i], &known);
                values[i] = Some(value);
            }
        }
        let types = solver.inference.solve();
        (values.into_iter().flatten().collect(), types)
    }

    fn in_scope(&self, param: TypeParamId) -> bool {
        self.type_params.contains(&param) || self.names.type_params().any(|entry| entry.1 == param)
    }

    fn is_function_literal(&self, id: ExprId) -> bool {
        match &self.tree[id].kind {
            E::Function(_) => true,
            E::Parenthesized(inner) => self.is_function_literal(*inner),
            _ => false,
        }
    }

    /// Reports missing, superfluous and unknown arguments.
    fn check_shape(&self, signature: &FunctionTy, arguments: &Arguments) {
        let positional: Vec<&Argument> = arguments
            .args
            .iter()
            .filter(|argument| argument.name.is_none())
            .collect();
        let (least, most) = (signature.required as usize, signature.positional.len());
        if positional.len() < least || positional.len() > most {
            let wanted = if least == most {
                format!("{least}")
            } else {
                format!("{least} to {most}")
            };
            let found = positional.len();
            self.error(
                "argument-count",
                arguments.span,
                format!("expected {wanted} positional argument(s), found {found}"),
            );
        }
        self.check_names(signature, arguments);
    }

    fn check_names(&self, signature: &FunctionTy, arguments: &Arguments) {
        let mut seen: Vec<Symbol> = Vec::new();
        for name in arguments.args.iter().filter_map(|argument| argument.name) {
            if seen.contains(&name.symbol) {
                self.error(
                    "duplicate-argument",
                    name.span,
                    format!("the argument '{}' is given twice", name.symbol),
                );
            }
            seen.push(name.symbol);
            if signature
                .named
                .iter()
                .all(|param| param.name != name.symbol)
            {
                let near = super::names::nearest(
                    name.symbol,
                    signature.named.iter().map(|param| param.name),
                );
                let hint = near.map_or(String::new(), |near| format!("; did you mean '{near}'?"));
                self.error(
                    "unknown-argument",
                    name.span,
                    format!("there is no parameter named '{}'{hint}", name.symbol),
                );
            }
        }
        for param in signature.named.iter().filter(|param| param.required) {
            if !seen.contains(&param.name) {
                self.missing_argument(param.name, arguments.span);
            }
        }
    }

    fn missing_argument(&self, name: Symbol, span: Span) {
        self.error(
            "missing-argument",
            span,
            format!("the required argument '{name}' is missing: add '{name}: …'"),
        );
    }
}

/// Whether arguments must be evaluated ahead of the call to keep their order: calls evaluate positional ones first.
pub(super) fn needs_order(args: &[Argument], values: &[Expr]) -> bool {
    let mut named = false;
    let is_mixed = args.iter().any(|argument| {
        let late = named && argument.name.is_none();
        named |= argument.name.is_some();
        late
    });
    is_mixed && values.iter().filter(|value| !is_inert(value)).count() > 1
}

/// Whether it makes no difference when an expression is evaluated.
fn is_inert(value: &Expr) -> bool {
    matches!(
        value.kind,
        ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Double(_)
            | ExprKind::String(_)
            | ExprKind::Const(_)
            | ExprKind::TypeLiteral(_)
            | ExprKind::This
            | ExprKind::Closure(_)
            | ExprKind::StaticTearOff(_)
    )
}

fn push_argument(args: &mut Args, argument: &Argument, value: Expr) {
    match &argument.name {
        Some(name) => args.named.push((name.symbol, value)),
        None => args.positional.push(value),
    }
}

/// The parameter type for each argument; none where there is no such parameter.
fn parameter_types(signature: &FunctionTy, args: &[Argument]) -> Vec<Option<Ty>> {
    let mut next = signature.positional.iter();
    args.iter()
        .map(|argument| match &argument.name {
            None => next.next().copied(),
            Some(name) => signature
                .named
                .iter()
                .find(|param| param.name == name.symbol)
                .map(|param| param.ty),
        })
        .collect()
}

/// Inference over the arguments of one call.
struct Solver<'a, 'w> {
    walk: &'a mut Walk<'w>,
    params: Box<[TypeParamId]>,
    inference: Inference<'w>,
}

impl<'a, 'w> Solver<'a, 'w> {
    fn new(walk: &'a mut Walk<'w>, signature: &FunctionTy) -> Solver<'a, 'w> {
        let params = signature.type_params.clone();
        let world = walk.world;
        Solver {
            inference: Inference::new(world, &params),
            walk,
            params,
        }
    }

    fn visit(&mut self, argument: ExprId, wanted: Option<Ty>, known: &[Ty]) -> Expr {
        let Some(wanted) = wanted else {
            return self.walk.free(argument);
        };
        let context = self.walk.world.subst(wanted, &self.params, known);
        let value = self.walk.expr(argument, context);
        if value.ty != Ty::ERROR {
            self.inference.constrain_argument(value.ty, wanted);
        }
        value
    }

    /// The literals to visit next: those that need nothing from the other pending ones, or the smallest circle of them.
    fn next_stage(
        &self,
        pending: &[usize],
        wanted: &[Option<Ty>],
        arguments: &Arguments,
    ) -> Vec<usize> {
        let needs: Vec<Vec<TypeParamId>> = pending
            .iter()
            .map(|&i| wanted[i].map_or(Vec::new(), |ty| self.needs(arguments.args[i].value, ty)))
            .collect();
        let gives: Vec<Vec<TypeParamId>> = pending
            .iter()
            .map(|&i| wanted[i].map_or(Vec::new(), |ty| self.gives(ty)))
            .collect();
        // What each depends on, directly and through others; places in `pending`.
        let reach = |start: usize| -> Vec<usize> {
            let mut found = vec![start];
            let mut next = 0;
            while next < found.len() {
                let at = found[next];
                next += 1;
                for (other, gives) in gives.iter().enumerate() {
                    let depends =
                        other != at && needs[at].iter().any(|param| gives.contains(param));
                    if depends && !found.contains(&other) {
                        found.push(other);
                    }
                }
            }
            found
        };
        let reached: Vec<Vec<usize>> = (0..pending.len()).map(reach).collect();
        let least = reached.iter().map(Vec::len).min().unwrap_or(0);
        if least <= 1 {
            let free = |&at: &usize| reached[at].len() <= 1;
            return (0..pending.len())
                .filter(free)
                .map(|at| pending[at])
                .collect();
        }
        let circle = reached.iter().find(|reached| reached.len() == least);
        let mut stage: Vec<usize> = circle.map_or(Vec::new(), |circle| {
            circle.iter().map(|&at| pending[at]).collect()
        });
        stage.sort_unstable();
        stage
    }

    fn needs(&self, literal: ExprId, wanted: Ty) -> Vec<TypeParamId> {
        let tree = self.walk.tree;
        let mut id = literal;
        while let E::Parenthesized(inner) = &tree[id].kind {
            id = *inner;
        }
        let E::Function(function) = &tree[id].kind else {
            return Vec::new();
        };
        let literal = &function.params;
        match self.walk.world.types.kind(wanted) {
            TyKind::Function { function, .. } => {
                // Only parameters without a type of their own ask for one.
                let asks =
                    |index: usize| literal.get(index).is_some_and(|param| param.ty.is_none());
                let positional = function.positional.iter().enumerate();
                let named = function.named.iter().filter(|wanted| {
                    literal.iter().any(|param| {
                        let name = param.name.map(|name| name.symbol);
                        name == Some(wanted.name) && param.ty.is_none()
                    })
                });
                let types = positional
                    .filter(|&(index, _)| asks(index))
                    .map(|(_, &ty)| ty)
                    .chain(named.map(|param| param.ty));
                self.mentioned(types)
            }
            _ => Vec::new(),
        }
    }

    fn gives(&self, wanted: Ty) -> Vec<TypeParamId> {
        match self.walk.world.types.kind(wanted) {
            TyKind::Function { function, .. } => self.mentioned([function.result].into_iter()),
            _ => Vec::new(),
        }
    }

    fn mentioned(&self, types: impl Iterator<Item = Ty>) -> Vec<TypeParamId> {
        let types: Vec<Ty> = types.collect();
        self.params
            .iter()
            .copied()
            .filter(|&param| {
                types
                    .iter()
                    .any(|&ty| self.walk.world.mentions(ty, &[param]))
            })
            .collect()
    }
}
