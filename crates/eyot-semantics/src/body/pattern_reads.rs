//! What the patterns of one switch read from the value they match: each thing once.
//!
//! Patterns that ask the same getter, element or comparison of the same part of the value share one *invocation key*; the
//! first that is reached makes the call and the others use its result. A key is a node of a tree whose root is the value
//! matched. Most keys occur once and most switches share none, so the patterns are counted first, by what they read wherever
//! they read it, and only what occurs more than once pays for the two variables that keep a result.

use eyot_syntax::ast::{BinaryOp, ListPatternElement, PatternId, PatternKind as P};
use eyot_syntax::{Span, Symbol, sym};
use rustc_hash::FxHashMap;

use super::Walk;
use super::patterns::Matching;
use crate::model::MemberId;
use crate::program::{ConstId, Expr, ExprKind, LocalId, Stmt, StmtKind};
use crate::types::Ty;

/// One thing read from a part of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// The value matched itself.
    Root,
    /// A getter.
    Get(Symbol),
    /// A field of a record, which can be read any number of times.
    Field(Symbol),
    /// A member of an extension, with its type arguments; operators have an operand.
    Extension(MemberId, Vec<Ty>, Option<ConstId>),
    /// An element of a list, counted from its start.
    Element(usize),
    /// An element of a list, counted from its end.
    FromEnd(usize),
    /// The elements of a list between so many at the start and so many at the end.
    Rest(usize, usize),
    /// The value of a map's key.
    Entry(ConstId),
    /// Whether a map has a key.
    HasKey(ConstId),
    /// `constant == value`.
    EqualTo(ConstId),
    /// An operator with a constant operand.
    Operator(Symbol, ConstId),
}

/// What patterns are counted by: a read without the constant it needs, which is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shape {
    Get(Symbol),
    Element(usize),
    FromEnd(usize),
    Rest,
    Entry,
    Comparison,
}

impl Read {
    fn shape(&self, world: &crate::model::World) -> Option<Shape> {
        Some(match self {
            Read::Root | Read::Field(_) => return None,
            Read::Get(name) => Shape::Get(*name),
            Read::Extension(member, _, None) => Shape::Get(world.member(*member).name),
            Read::Extension(_, _, Some(_)) | Read::EqualTo(_) | Read::Operator(..) => {
                Shape::Comparison
            }
            Read::Element(index) => Shape::Element(*index),
            Read::FromEnd(index) => Shape::FromEnd(*index),
            Read::Rest(..) => Shape::Rest,
            Read::Entry(_) | Read::HasKey(_) => Shape::Entry,
        })
    }
}

/// An invocation key.
#[derive(Debug)]
struct Key {
    parent: usize,
    read: Read,
    /// Whether the result is there, and the result.
    kept: Option<(LocalId, LocalId)>,
}

/// The keys of a set of patterns over one value.
#[derive(Debug)]
pub(super) struct Reads {
    keys: Vec<Key>,
    counts: FxHashMap<Shape, u32>,
    /// The part of the value that is being matched.
    at: usize,
    /// Declarations of the variables that keep results: they come before the first test.
    pub(super) declared: Vec<Stmt>,
}

impl Reads {
    fn key(&mut self, read: Read) -> usize {
        let parent = self.at;
        let known = self
            .keys
            .iter()
            .position(|key| key.parent == parent && key.read == read);
        known.unwrap_or_else(|| {
            self.keys.push(Key {
                parent,
                read,
                kept: None,
            });
            self.keys.len() - 1
        })
    }
}

impl Walk<'_> {
    /// The keys of patterns that are matched against one value.
    pub(super) fn reads(&self, patterns: impl Iterator<Item = PatternId>) -> Reads {
        let mut reads = Reads {
            keys: vec![Key {
                parent: 0,
                read: Read::Root,
                kept: None,
            }],
            counts: FxHashMap::default(),
            at: 0,
            declared: Vec::new(),
        };
        for pattern in patterns {
            self.count_reads(pattern, &mut reads.counts);
        }
        reads
    }

    fn count_reads(&self, id: PatternId, counts: &mut FxHashMap<Shape, u32>) {
        let mut count = |shape: Shape| *counts.entry(shape).or_default() += 1;
        match &self.tree[id].kind {
            P::Constant(_) | P::Relational { .. } => count(Shape::Comparison),
            P::Parenthesized(inner) | P::NullCheck(inner) | P::NullAssert(inner) => {
                self.count_reads(*inner, counts);
            }
            P::Cast { pattern, .. } => self.count_reads(*pattern, counts),
            P::LogicalAnd(left, right) | P::LogicalOr(left, right) => {
                self.count_reads(*left, counts);
                self.count_reads(*right, counts);
            }
            P::List { elements, .. } => {
                count(Shape::Get(sym::LENGTH));
                let mut is_behind_rest = false;
                for (index, element) in elements.iter().enumerate() {
                    match element {
                        ListPatternElement::Pattern(_) if is_behind_rest => {
                            count(Shape::FromEnd(elements.len() - 1 - index));
                        }
                        ListPatternElement::Pattern(_) => count(Shape::Element(index)),
                        ListPatternElement::Rest { .. } => {
                            is_behind_rest = true;
                            count(Shape::Rest);
                        }
                    }
                }
                for element in elements {
                    match element {
                        ListPatternElement::Pattern(pattern)
                        | ListPatternElement::Rest {
                            pattern: Some(pattern),
                            ..
                        } => self.count_reads(*pattern, counts),
                        ListPatternElement::Rest { pattern: None, .. } => {}
                    }
                }
            }
            P::Map { entries, .. } => {
                for entry in entries {
                    *counts.entry(Shape::Entry).or_default() += 1;
                    self.count_reads(entry.value, counts);
                }
            }
            P::Record(fields) => {
                for field in fields {
                    self.count_reads(field.pattern, counts);
                }
            }
            P::Object { fields, .. } => {
                for field in fields {
                    if let Some(name) = field.name {
                        *counts.entry(Shape::Get(name.symbol)).or_default() += 1;
                    }
                    self.count_reads(field.pattern, counts);
                }
            }
            P::Error | P::Wildcard { .. } | P::Variable(_) | P::AssignedVariable(_) => {}
        }
    }

    /// The result of `call`, which reads `read` from the part being matched, evaluated at most once.
    pub(super) fn read_once(&mut self, read: Read, call: Expr, matching: &mut Matching) -> Expr {
        let shape = read.shape(self.world);
        let reads = &mut matching.reads;
        let times = shape.and_then(|shape| reads.counts.get(&shape));
        if times.is_none_or(|&times| times < 2) {
            return call;
        }
        let key = reads.key(read);
        let (flag, kept) = match reads.keys[key].kept {
            Some(kept) => kept,
            None => {
                let kept = self.kept(call.span, &mut matching.reads.declared);
                matching.reads.keys[key].kept = Some(kept);
                kept
            }
        };
        self.evaluate_once(flag, kept, call)
    }

    /// Variables for a result, and whether it is there. It may be of different types in different patterns.
    fn kept(&mut self, span: Span, declared: &mut Vec<Stmt>) -> (LocalId, LocalId) {
        let flag = self.temp(Ty::BOOL, span);
        let kept = self.temp(Ty::OBJECT_N, span);
        let no = self.boolean(false, span);
        declared.push(self.stmt_node(StmtKind::Var(flag, Some(no)), span));
        declared.push(self.stmt_node(StmtKind::Var(kept, None), span));
        (flag, kept)
    }

    /// `flag ? kept : (kept = call, flag = true)`.
    fn evaluate_once(&mut self, flag: LocalId, kept: LocalId, call: Expr) -> Expr {
        let (ty, span) = (call.ty, call.span);
        let result = self.temp(ty, span);
        let read = self.local_expr(result, span);
        let yes = self.boolean(true, span);
        let set = |walk: &Self, local, value: Expr| {
            let ty = value.ty;
            walk.expr_stmt(walk.node(ExprKind::SetLocal(local, Box::new(value)), ty, span))
        };
        let keep = set(self, kept, read.clone());
        let mark = set(self, flag, yes);
        let body = self.block(vec![keep, mark], read);
        let first = self.let_in(result, call, body);
        let again = self.local_expr(kept, span);
        let again = self.retype(again, ty);
        let is_there = self.local_expr(flag, span);
        self.conditional(is_there, again, first, ty)
    }

    /// Matches a part of the value: `call` reads it, once.
    pub(super) fn match_part(
        &mut self,
        read: Read,
        call: Expr,
        matching: &mut Matching,
        test: impl FnOnce(&mut Self, Expr, &mut Matching) -> (Expr, Expr),
    ) -> Expr {
        let part = self.read_once(read.clone(), call, matching);
        let outer = matching.reads.at;
        matching.reads.at = matching.reads.key(read);
        let (test, _) = self.with_part(part, |walk, part| test(walk, part, matching));
        matching.reads.at = outer;
        test
    }

    /// What reading a getter of a value is.
    pub(super) fn getter_read(&self, receiver: Ty, name: Symbol) -> Read {
        match self.find(receiver, name, false) {
            super::members::Found::Extension(member, types) => Read::Extension(member, types, None),
            _ => Read::Get(name),
        }
    }

    /// A comparison in a pattern, made once where the program could notice another time.
    pub(super) fn compare_once(
        &mut self,
        compared: Ty,
        operand: &Expr,
        read: impl FnOnce(ConstId) -> Read,
        test: Expr,
        matching: &mut Matching,
    ) -> Expr {
        match operand.kind {
            ExprKind::Const(constant) if !self.compares_quietly(compared) => {
                self.read_once(read(constant), test, matching)
            }
            _ => test,
        }
    }

    /// Whether operators of a type are surely those of the core libraries.
    fn compares_quietly(&self, ty: Ty) -> bool {
        let ty = self.world.non_null(ty);
        self.has_primitive_equality(ty)
            || ty == Ty::NEVER
            || self.world.is_subtype(ty, Ty::NUM)
            || self.world.is_subtype(ty, Ty::STRING)
    }

    /// What using an operator with a constant is.
    pub(super) fn operator_read(&self, op: BinaryOp, value: Ty, constant: ConstId) -> Read {
        let name = op.member().unwrap_or(sym::EQUALS);
        match self.find(value, name, false) {
            super::members::Found::Extension(member, types) => {
                Read::Extension(member, types, Some(constant))
            }
            _ => Read::Operator(name, constant),
        }
    }
}
