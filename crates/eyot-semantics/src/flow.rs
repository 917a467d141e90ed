//! Flow analysis: promotion, definite assignment, reachability.
//!
//! Follows the language's `resources/type-system/flow-analysis.md`. The walk over a body (in `body`) drives a [`Flow`]: it keeps
//! the [`State`] at the current point, and the walk takes states off and puts them back where control splits and joins:
//!
//! ```text
//! if (c) A else B      visit c            → Branches { yes, no }
//!                      flow.set(yes); A;  let after_a = flow.take()
//!                      flow.set(no);  B;  let after_b = flow.take()
//!                      flow.set(flow.join(after_a, after_b))
//! ```
//!
//! Variables are numbered by the walk ([`VarId`]). A promotable property (a private final field of a promotable variable or of
//! `this`) is a variable of its own made by [`Flow::property`]; it forgets what is known when its owner is assigned.
//!
//! States are cheap to copy: they share what is equal in them ([`vars`]), and promotion chains are in an arena.

mod assigned;
mod vars;

pub use assigned::{Assigned, DeclKey};

use rustc_hash::FxHashMap;

use crate::model::{MemberId, World};
use crate::types::{Ty, TyKind};
use vars::Vars;

/// A variable, or a promotable property of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub u32);

/// A chain of promoted types, each a subtype of the one before; 0 is the empty chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ChainId(u32);

const EMPTY: ChainId = ChainId(0);

/// The last type of a chain and what comes before it.
#[derive(Clone, Copy, Debug)]
struct Link {
    rest: ChainId,
    ty: Ty,
    /// Number of types in the chain.
    len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct VarState {
    promoted: ChainId,
    /// Types the variable was tested for: an assignment may promote to them.
    tested: ChainId,
    assigned: bool,
    unassigned: bool,
    /// Written in a closure that may have been made already: never promoted again.
    write_captured: bool,
    /// Changes with every assignment that may have happened: what was learnt about one version holds for no other.
    version: u32,
}

const NEW_VAR: VarState = VarState {
    promoted: EMPTY,
    tested: EMPTY,
    assigned: false,
    unassigned: true,
    write_captured: false,
    version: 0,
};

/// What is known at a point of the program.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    reachable: bool,
    vars: Vars,
}

/// What is known when a condition is true and when it is false.
#[derive(Clone, Debug)]
pub struct Branches {
    /// The condition is true.
    pub yes: State,
    /// The condition is false.
    pub no: State,
}

#[derive(Debug)]
struct VarInfo {
    declared: Ty,
    /// A property's owner.
    owner: Option<VarId>,
    properties: Vec<VarId>,
    /// Late variables and captured ones keep their rules through this.
    promotable: bool,
}

/// The analysis of one body.
#[derive(Debug)]
pub struct Flow<'w> {
    world: &'w World,
    state: State,
    infos: Vec<VarInfo>,
    by_property: FxHashMap<(VarId, MemberId), VarId>,
    chains: Vec<Link>,
    chain_index: FxHashMap<(ChainId, Ty), ChainId>,
    versions: u32,
}

impl<'w> Flow<'w> {
    /// At the start of a body: reachable, no variables.
    pub fn new(world: &'w World) -> Flow<'w> {
        Flow {
            world,
            state: State {
                reachable: true,
                vars: Vars::default(),
            },
            infos: Vec::new(),
            by_property: FxHashMap::default(),
            chains: vec![Link {
                rest: EMPTY,
                ty: Ty::UNKNOWN,
                len: 0,
            }],
            chain_index: FxHashMap::default(),
            versions: 0,
        }
    }

    // ---- the state

    /// A copy of the current state.
    pub fn state(&self) -> State {
        self.state.clone()
    }

    /// Takes the current state; the current point is unreachable until another is put back.
    pub fn take(&mut self) -> State {
        let dead = State {
            reachable: false,
            vars: self.state.vars.clone(),
        };
        std::mem::replace(&mut self.state, dead)
    }

    /// The current state, were it not reached.
    pub fn dead(&self) -> State {
        State {
            reachable: false,
            ..self.state()
        }
    }

    /// Goes on from `state`.
    pub fn set(&mut self, state: State) {
        self.state = state;
    }

    /// Whether the current point can be reached.
    pub fn is_reachable(&self) -> bool {
        self.state.reachable
    }

    /// The current point can't be reached (after return, throw, break, an expression of type Never).
    pub fn mark_unreachable(&mut self) {
        self.state.reachable = false;
    }

    /// The current state as both outcomes of a condition that says nothing.
    pub fn plain_branches(&self) -> Branches {
        Branches {
            yes: self.state(),
            no: self.state(),
        }
    }

    /// Both outcomes of a constant condition.
    pub fn constant_branches(&self, value: bool) -> Branches {
        let (live, dead) = (self.state(), self.dead());
        match value {
            true => Branches {
                yes: live,
                no: dead,
            },
            false => Branches {
                yes: dead,
                no: live,
            },
        }
    }

    /// After a condition used as a value.
    pub fn join_branches(&mut self, branches: Branches) {
        let joined = self.join(branches.yes, branches.no);
        self.set(joined);
    }

    /// What is known where control comes from either.
    pub fn join(&mut self, a: State, b: State) -> State {
        match (a.reachable, b.reachable) {
            (true, false) => return a,
            (false, true) => return b,
            _ => {}
        }
        State {
            reachable: a.reachable || b.reachable,
            vars: Vars::join(a.vars, b.vars, |x, y| self.join_var(x, y)),
        }
    }

    /// What was tested on the way to `other` stays of interest: after a loop, what its body tested.
    pub fn inherit_tested(&mut self, other: &State) {
        let mut state = self.take();
        state.vars.update(&other.vars, |own, other| {
            own.tested = self.union_chains(own.tested, other.tested);
        });
        self.set(state);
    }

    /// Joins any number of states; `None` if there is none.
    pub fn join_all(&mut self, states: impl IntoIterator<Item = State>) -> Option<State> {
        let mut states = states.into_iter();
        let first = states.next()?;
        Some(states.fold(first, |joined, state| self.join(joined, state)))
    }

    fn join_var(&mut self, a: VarState, b: VarState) -> VarState {
        if a == b {
            return a;
        }
        let captured = a.write_captured || b.write_captured;
        let promoted = if captured {
            EMPTY
        } else {
            self.join_chains(a.promoted, b.promoted)
        };
        VarState {
            promoted,
            tested: self.union_chains(a.tested, b.tested),
            assigned: a.assigned && b.assigned,
            unassigned: a.unassigned && b.unassigned,
            write_captured: captured,
            version: match a.version == b.version {
                true => a.version,
                false => self.next_version(),
            },
        }
    }

    fn next_version(&mut self) -> u32 {
        self.versions += 1;
        self.versions
    }

    /// Whether a closure may assign it at any time from here on.
    pub fn is_write_captured(&self, var: VarId) -> bool {
        self.var(var).write_captured
    }

    /// Which of the values it was given the variable has here; the same answer means the same value.
    pub fn version(&self, var: VarId) -> u32 {
        self.var(var).version
    }

    /// After `try { body } finally { … }`: `after_body` is the state at the end of the body, `finally_start` the
    /// one the finally block was analysed from (see [`Flow::conservative`]), and the current state the one at its end.
    pub fn finish_finally(&mut self, after_body: State, finally_start: State) {
        let after_finally = self.take();
        let reachable = after_body.reachable && after_finally.reachable;
        let mut vars = after_finally.vars;
        for index in 0..self.infos.len() {
            let (body, start, end) = (
                after_body.vars.get(index),
                finally_start.vars.get(index),
                vars.get(index),
            );
            // What the finally block itself did wins; what it left alone is as after the body.
            let untouched = start.promoted == end.promoted;
            let after = VarState {
                promoted: if untouched && !end.write_captured {
                    body.promoted
                } else {
                    end.promoted
                },
                tested: self.union_chains(body.tested, end.tested),
                assigned: body.assigned || end.assigned,
                unassigned: body.unassigned && end.unassigned,
                write_captured: body.write_captured || end.write_captured,
                version: match start.version == end.version {
                    true => body.version,
                    false => end.version,
                },
            };
            if after != end {
                *vars.entry(index) = after;
            }
        }
        self.state = State { reachable, vars };
    }

    /// What is known of `state` when the variables `written` may or may not have been assigned since, and `captured` ones
    /// may have been written in closures made since: at a loop's head, at the start of a catch or finally block.
    pub fn conservative(
        &mut self,
        mut state: State,
        written: &[VarId],
        captured: &[VarId],
    ) -> State {
        for &var in written.iter().chain(captured) {
            let version = self.next_version();
            let entry = state.vars.entry(var.0 as usize);
            entry.promoted = EMPTY;
            entry.unassigned = false;
            entry.version = version;
            self.forget_properties(&mut state, var);
        }
        for &var in captured {
            state.vars.entry(var.0 as usize).write_captured = true;
        }
        state
    }

    /// Entering a closure's body: variables written anywhere in the member keep nothing that a later write could spoil.
    /// `written_later` are those assigned after the closure may run (anywhere but before it), `captured` those written in closures.
    pub fn enter_closure(&mut self, written_later: &[VarId], captured: &[VarId]) {
        let state = self.state();
        let state = self.conservative(state, written_later, captured);
        self.state = State {
            reachable: true,
            ..state
        };
    }

    // ---- variables

    /// A new variable. Parameters are assigned from the start.
    pub fn declare(&mut self, declared: Ty, assigned: bool) -> VarId {
        let var = VarId(self.infos.len() as u32);
        self.infos.push(VarInfo {
            declared,
            owner: None,
            properties: Vec::new(),
            promotable: true,
        });
        let entry = self.state.vars.entry(var.0 as usize);
        *entry = VarState {
            assigned,
            unassigned: !assigned,
            ..NEW_VAR
        };
        var
    }

    /// Sets the type of a variable declared before its type was inferred.
    pub fn set_declared(&mut self, var: VarId, ty: Ty) {
        self.infos[var.0 as usize].declared = ty;
    }

    /// The declared (or inferred) type.
    pub fn declared(&self, var: VarId) -> Ty {
        self.infos[var.0 as usize].declared
    }

    /// The promotable property `member` of `owner`, whose type on it is `ty`.
    pub fn property(&mut self, owner: VarId, member: MemberId, ty: Ty) -> VarId {
        if let Some(&var) = self.by_property.get(&(owner, member)) {
            self.infos[var.0 as usize].declared = ty;
            return var;
        }
        let var = VarId(self.infos.len() as u32);
        self.infos.push(VarInfo {
            declared: ty,
            owner: Some(owner),
            properties: Vec::new(),
            promotable: true,
        });
        self.infos[owner.0 as usize].properties.push(var);
        self.by_property.insert((owner, member), var);
        var
    }

    fn var(&self, var: VarId) -> VarState {
        self.state.vars.get(var.0 as usize)
    }

    fn var_mut(&mut self, var: VarId) -> &mut VarState {
        self.state.vars.entry(var.0 as usize)
    }

    /// Whether it surely has been assigned here.
    pub fn is_assigned(&self, var: VarId) -> bool {
        !self.state.reachable || self.var(var).assigned
    }

    /// Whether it surely has not been assigned here.
    pub fn is_unassigned(&self, var: VarId) -> bool {
        self.state.reachable && self.var(var).unassigned
    }

    /// The type it is promoted to here, if it is.
    pub fn promoted(&self, var: VarId) -> Option<Ty> {
        match self.var(var).promoted {
            EMPTY => None,
            chain => Some(self.link(chain).ty),
        }
    }

    /// Its type here.
    pub fn current(&self, var: VarId) -> Ty {
        self.promoted(var).unwrap_or_else(|| self.declared(var))
    }

    /// `var = value` where the value's static type is `written`. `is_initializer_without_type`: the declaration
    /// `var x = e`, whose declared type is inferred and which promotes only for a type variable's promoted type.
    pub fn assign(&mut self, var: VarId, written: Ty) {
        let state = self.var(var);
        let declared = self.declared(var);
        let mut promoted = EMPTY;
        if !state.write_captured && self.infos[var.0 as usize].promotable {
            // Keep the part of the chain that the new value still fits.
            for ty in self.types_of(state.promoted) {
                if !self.world.is_subtype(written, ty) {
                    break;
                }
                promoted = self.push(promoted, ty);
            }
            promoted = self.promote_to_interest(promoted, state.tested, declared, written);
        }
        let version = self.next_version();
        let entry = self.var_mut(var);
        entry.promoted = promoted;
        entry.assigned = true;
        entry.unassigned = false;
        entry.version = version;
        let mut current = std::mem::replace(
            &mut self.state,
            State {
                reachable: true,
                vars: Vars::default(),
            },
        );
        self.forget_properties(&mut current, var);
        self.state = current;
    }

    /// Whatever it is at this point, it may have been assigned before: where a loop begins another round.
    pub fn may_be_assigned(&mut self, var: VarId) {
        self.var_mut(var).unassigned = false;
    }

    /// Marks as assigned without a value of its own (pattern and loop variables).
    pub fn initialize(&mut self, var: VarId) {
        let version = self.next_version();
        let entry = self.var_mut(var);
        entry.assigned = true;
        entry.unassigned = false;
        entry.version = version;
    }

    /// `var x = e`: promotes a variable whose inferred type is `X` to the initialiser's type `X & T`.
    pub fn initialize_promoted(&mut self, var: VarId, ty: Ty) {
        self.initialize(var);
        if ty != self.declared(var) {
            let chain = self.push(EMPTY, ty);
            self.var_mut(var).promoted = chain;
        }
    }

    fn promote_to_interest(
        &mut self,
        chain: ChainId,
        tested: ChainId,
        declared: Ty,
        written: Ty,
    ) -> ChainId {
        let current = self.top(chain).unwrap_or(declared);
        if current == written || self.world.is_subtype(current, written) {
            return chain;
        }
        let mut candidates: Vec<Ty> = Vec::new();
        let mut consider = |world: &World, ty: Ty| {
            for candidate in [ty, world.non_null(ty)] {
                let fits = world.is_subtype(written, candidate)
                    && world.is_subtype(candidate, current)
                    && candidate != current
                    && !world.is_subtype(current, candidate);
                if fits && !candidates.contains(&candidate) {
                    candidates.push(candidate);
                }
            }
        };
        consider(self.world, declared);
        for ty in self.types_of(tested) {
            consider(self.world, ty);
        }
        if candidates.contains(&written) {
            return self.push(chain, written);
        }
        // The most specific one, if there is one.
        let best = candidates.iter().copied().find(|&ty| {
            candidates
                .iter()
                .all(|&other| self.world.is_subtype(ty, other))
        });
        match best {
            Some(ty) => self.push(chain, ty),
            None => chain,
        }
    }

    fn forget_properties(&mut self, state: &mut State, var: VarId) {
        for property in self.infos[var.0 as usize].properties.clone() {
            let version = self.next_version();
            let entry = state.vars.entry(property.0 as usize);
            entry.promoted = EMPTY;
            entry.tested = EMPTY;
            entry.version = version;
            self.forget_properties(state, property);
        }
    }

    // ---- tests

    /// `var is ty`.
    pub fn test_is(&mut self, var: VarId, ty: Ty) -> Branches {
        let mut branches = self.plain_branches();
        self.promote_in(&mut branches.yes, var, ty, true);
        let current = self.current(var);
        let rest = self.factor(current, ty);
        if rest != current {
            self.promote_in(&mut branches.no, var, rest, false);
        }
        self.note_tested(&mut branches.no, var, ty);
        branches
    }

    /// `var == null`: `yes` is null.
    pub fn test_null(&mut self, var: VarId) -> Branches {
        let mut branches = self.plain_branches();
        let non_null = self.world.non_null(self.current(var));
        self.promote_in(&mut branches.no, var, non_null, true);
        branches
    }

    /// `var as ty`, or `var!` (with the non-nullable type): promotes from here on.
    pub fn promote(&mut self, var: VarId, ty: Ty) {
        let mut state = self.take();
        self.promote_in(&mut state, var, ty, true);
        self.set(state);
    }

    fn note_tested(&mut self, state: &mut State, var: VarId, ty: Ty) {
        let old = state.vars.get(var.0 as usize).tested;
        let mut at = old;
        while at != EMPTY {
            let link = self.link(at);
            if link.ty == ty {
                return;
            }
            at = link.rest;
        }
        state.vars.entry(var.0 as usize).tested = self.push(old, ty);
    }

    fn promote_in(&mut self, state: &mut State, var: VarId, ty: Ty, tested: bool) {
        if tested {
            self.note_tested(state, var, ty);
        }
        let entry = state.vars.get(var.0 as usize);
        if entry.write_captured || !self.infos[var.0 as usize].promotable {
            return;
        }
        let current = self
            .top(entry.promoted)
            .unwrap_or_else(|| self.declared(var));
        if let Some(ty) = self.promotable_to(current, ty) {
            state.vars.entry(var.0 as usize).promoted = self.push(entry.promoted, ty);
            state.reachable &= !self.world.is_subtype(ty, Ty::NEVER);
        }
    }

    /// What a variable of type `current` becomes when known to be a `ty`; none if it stays as it is.
    fn promotable_to(&self, current: Ty, ty: Ty) -> Option<Ty> {
        let world = self.world;
        if ty == current || current == Ty::ERROR || ty == Ty::ERROR {
            return None;
        }
        if world.is_subtype(ty, current) {
            return (!world.is_subtype(current, ty)).then_some(ty);
        }
        // A type variable X becomes X & ty where ty is a subtype of its bound.
        if let TyKind::Param {
            param,
            promoted,
            nullable,
        } = world.types.kind(current)
        {
            let bound = promoted.unwrap_or_else(|| world.bound(*param));
            let bound = if *nullable {
                world.types.nullable(bound)
            } else {
                bound
            };
            if world.is_subtype(ty, bound) && !world.is_subtype(current, ty) {
                return Some(world.types.intern(TyKind::Param {
                    param: *param,
                    promoted: Some(ty),
                    nullable: false,
                }));
            }
        }
        None
    }

    /// The specification's `factor(T, S)`: values of `T` that are no `S`.
    fn factor(&self, ty: Ty, minus: Ty) -> Ty {
        let world = self.world;
        let types = &world.types;
        if world.is_subtype(ty, minus) {
            return Ty::NEVER;
        }
        match types.kind(ty) {
            TyKind::FutureOr {
                arg,
                nullable: false,
            } => {
                let future = world.future_of(*arg);
                if world.is_subtype(future, minus) {
                    self.factor(*arg, minus)
                } else if world.is_subtype(*arg, minus) {
                    self.factor(future, minus)
                } else {
                    ty
                }
            }
            _ if types.has_question(ty) => {
                let plain = types.with_nullable(ty, false);
                if world.is_subtype(Ty::NULL, minus) {
                    self.factor(plain, minus)
                } else {
                    let rest = self.factor(plain, minus);
                    types.nullable(rest)
                }
            }
            _ => ty,
        }
    }

    // ---- chains

    fn top(&self, chain: ChainId) -> Option<Ty> {
        (chain != EMPTY).then(|| self.link(chain).ty)
    }

    fn link(&self, chain: ChainId) -> Link {
        self.chains[chain.0 as usize]
    }

    /// Whether a chain is the other one with more types behind it.
    fn extends(&self, longer: ChainId, shorter: ChainId) -> bool {
        let len = self.link(shorter).len;
        let mut at = longer;
        while self.link(at).len > len {
            at = self.link(at).rest;
        }
        at == shorter
    }

    fn push(&mut self, chain: ChainId, ty: Ty) -> ChainId {
        if let Some(&known) = self.chain_index.get(&(chain, ty)) {
            return known;
        }
        let id = ChainId(self.chains.len() as u32);
        self.chains.push(Link {
            rest: chain,
            ty,
            len: self.link(chain).len + 1,
        });
        self.chain_index.insert((chain, ty), id);
        id
    }

    /// The types of a chain, oldest first.
    fn types_of(&self, chain: ChainId) -> Vec<Ty> {
        let mut types = Vec::new();
        let mut at = chain;
        while at != EMPTY {
            let link = self.link(at);
            types.push(link.ty);
            at = link.rest;
        }
        types.reverse();
        types
    }

    /// The types that are in both chains, in order.
    fn join_chains(&mut self, a: ChainId, b: ChainId) -> ChainId {
        if a == b || a == EMPTY || b == EMPTY {
            return if a == b { a } else { EMPTY };
        }
        let other = self.types_of(b);
        let mut joined = EMPTY;
        for ty in self.types_of(a) {
            if other
                .iter()
                .any(|&t| t == ty || self.world.same_type(t, ty))
            {
                joined = self.push(joined, ty);
            }
        }
        joined
    }

    fn union_chains(&mut self, a: ChainId, b: ChainId) -> ChainId {
        // In a switch, each case has tested what those before it have.
        if self.extends(a, b) {
            return a;
        }
        if self.extends(b, a) {
            return b;
        }
        let known = self.types_of(a);
        let mut union = a;
        for ty in self.types_of(b) {
            if !known.contains(&ty) {
                union = self.push(union, ty);
            }
        }
        union
    }

    /// The variable a property belongs to in the end.
    pub fn root(&self, var: VarId) -> VarId {
        let mut var = var;
        while let Some(owner) = self.infos[var.0 as usize].owner {
            var = owner;
        }
        var
    }
}
