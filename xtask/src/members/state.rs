//! Which members of the core libraries are not there yet, or not all of them.
//!
//! What is missing throws an error whose text begins with `not supported yet`. A member that does nothing else is missing; one that does
//! so for some arguments only, itself or in a function that it calls by name, is missing in part. What a private class refuses of the
//! public classes that it implements counts as theirs.

use std::collections::HashMap;

use eyot_semantics::model::{ClassId, LibraryId, Member, MemberId, MemberKind, World};
use eyot_syntax::Symbol;

/// How every error of this kind begins.
const MARK: &str = "not supported yet";

/// What is missing of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Works,
    MissingInPart,
    Missing,
}

impl State {
    /// What a line of a list ends with.
    pub fn suffix(self) -> &'static str {
        match self {
            State::Works => "",
            State::MissingInPart => "; not supported yet in part",
            State::Missing => "; not supported yet",
        }
    }
}

/// What is known of a library.
pub struct States<'w> {
    world: &'w World,
    /// Private functions that refuse something, by name.
    refusing: HashMap<Symbol, State>,
    /// Members of public classes that private classes refuse; whether it is a setter.
    inherited: HashMap<(ClassId, Symbol, bool), State>,
}

impl<'w> States<'w> {
    pub fn new(world: &'w World, library: LibraryId) -> States<'w> {
        let mut states = States {
            world,
            refusing: HashMap::new(),
            inherited: HashMap::new(),
        };
        states.find_refusing(library);
        states.find_inherited(library);
        states
    }

    /// What is missing of a member.
    pub fn of(&self, id: MemberId) -> State {
        let member = self.world.member(id);
        let own = self.own(member);
        let eyot_semantics::model::Owner::Class(class) = member.owner else {
            return own;
        };
        let inherited = self.inherited.get(&(class, member.name, is_setter(member)));
        own.max(inherited.copied().unwrap_or(State::Works))
    }

    /// Adds private functions until nothing changes: they call each other.
    fn find_refusing(&mut self, library: LibraryId) {
        let world = self.world;
        loop {
            let known = self.refusing.len();
            for &id in &world.library(library).members {
                let member = world.member(id);
                let state = self.own(member);
                if member.name.as_str().starts_with('_') && state != State::Works {
                    self.refusing.insert(member.name, state);
                }
            }
            if self.refusing.len() == known {
                return;
            }
        }
    }

    fn find_inherited(&mut self, library: LibraryId) {
        let world = self.world;
        for &id in &world.library(library).classes {
            let class = world.class(id);
            if !class.name.as_str().starts_with('_') {
                continue;
            }
            for &member in &class.members {
                let member = world.member(member);
                let state = self.own(member);
                if state == State::Works {
                    continue;
                }
                for &above in world.supers(id).keys() {
                    let key = (above, member.name, is_setter(member));
                    let entry = self.inherited.entry(key).or_insert(state);
                    *entry = state.max(*entry);
                }
            }
        }
    }

    /// What the member's own body refuses.
    fn own(&self, member: &Member) -> State {
        let Some(body) = body(self.world, member) else {
            return State::Works;
        };
        let first = body.trim_start_matches(['=', '>', '{', ' ', '\n']);
        if body.contains(MARK) {
            return match first.starts_with("throw ") {
                true => State::Missing,
                false => State::MissingInPart,
            };
        }
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let called = body.split(|c| !is_name(c)).filter_map(|word| {
            let state = self.refusing.get(&Symbol::intern(word))?;
            // A function that only throws is the whole of who begins with it.
            let is_whole = *state == State::Missing && first.starts_with(word);
            Some(if is_whole {
                State::Missing
            } else {
                State::MissingInPart
            })
        });
        called.max().unwrap_or(State::Works)
    }
}

fn is_setter(member: &Member) -> bool {
    member.kind == MemberKind::Setter
}

/// The text of a member's body: the first body behind its name.
fn body<'w>(world: &'w World, member: &Member) -> Option<&'w str> {
    if matches!(
        member.kind,
        MemberKind::Field | MemberKind::RedirectingFactory
    ) {
        return None;
    }
    let file = world.file(member.file);
    let bodies = file.tree.as_ref()?.bodies.iter();
    let body = bodies
        .map(|body| body.span)
        .filter(|span| span.start >= member.span.end)
        .min_by_key(|span| span.start)?;
    let text = file.source.as_ref()?.text();
    text.get(body.start as usize..body.end as usize)
}
