//! The semantic section of the core image: a [`World`] as bytes and back.
//!
//! What analysis of a program needs of the core: declarations, types, constants, default values, the bodies of const
//! constructors. No function bodies (the image has their bytecode), no sources, no trees, no imports. Before writing,
//! everything that is found out on first use is found out, so that a world that was read never needs a tree.
//!
//! Ids of everything are the same after reading. Every item can be found and decoded alone, so that reading a world takes no time
//! that grows with it: see [`CoreSource`] for the layout. Types and constants come with tables by hash, for the ids of those
//! that a program makes again.
//!
//! Symbols differ from process to process, so names go through a table of texts. The bytes depend on the sources alone: maps are
//! written in the order of their keys' texts.
//!
//! | file | what |
//! | --- | --- |
//! | here | which tables there are |
//! | `source` | the tables in bytes |
//! | `index` | hash tables in bytes |
//! | `wire` | numbers, texts, lists, maps |
//! | `decls`, `bodies` | what each declaration and expression consists of |

mod bodies;
mod decls;
mod index;
mod source;
mod wire;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::arena::{Arena, CoreItems};
use crate::consts::{self, Consts};
use crate::model::{
    ClassKind, LibraryId, MemberFlags, MemberId, MemberKind, Owner, TypeParam, World,
};
use crate::program::{Body, ConstId, ConstValue};
use crate::types::{self, Ty, Types};
pub(crate) use source::CoreSource;
use source::{Kind, Sections};
use wire::{Corrupt, Writer};

impl World {
    /// The bytes from which [`World::core`] makes this world again.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.find_out_everything();
        let mut writer = Writer::default();
        let mut sections = Sections::default();
        sections.table(Kind::Files, &mut writer, self.files.iter());
        sections.table(
            Kind::Uris,
            &mut writer,
            self.libraries.iter().map(|l| &l.uri),
        );
        sections.table(Kind::Libraries, &mut writer, self.libraries.iter());
        sections.table(Kind::Classes, &mut writer, self.classes.iter());
        sections.table(Kind::Members, &mut writer, self.members.iter());
        sections.table(Kind::Extensions, &mut writer, self.extensions.iter());
        sections.table(Kind::Typedefs, &mut writer, self.typedefs.iter());
        let bodies = self.core_const_bodies();
        let owners = bodies.iter().flat_map(|(id, _)| id.0.to_le_bytes());
        sections.bytes(Kind::ConstBodyOwners, owners.collect());
        let bodies = bodies.iter().map(|(_, body)| body);
        sections.table(Kind::ConstBodies, &mut writer, bodies);
        let params = (0..self.types.params.len()).map(|index| &self.types.params[index]);
        sections.table(Kind::TypeParams, &mut writer, params);
        // Whatever was written above may have made types and constants, so these come last.
        let values: Vec<&ConstValue> = (0..self.consts.len())
            .map(|index| self.consts.value(ConstId(index as u32)))
            .collect();
        sections.table(Kind::Consts, &mut writer, values.iter().copied());
        let hashes: Vec<u64> = values.iter().map(|value| consts::hash_of(value)).collect();
        sections.bytes(Kind::ConstIndex, index::build(&hashes));
        let kinds: Vec<_> = (0..self.types.len())
            .map(|index| self.types.kind(Ty(index as u32)))
            .collect();
        sections.table(Kind::Types, &mut writer, kinds.iter().copied());
        let hashes: Vec<u64> = kinds.iter().map(|kind| types::hash_of(kind)).collect();
        sections.bytes(Kind::TypeIndex, index::build(&hashes));
        sections.finish(writer)
    }

    /// The world of the core libraries from the bytes of [`World::to_bytes`], of which only the head is read now. An error
    /// says what is wrong with the bytes.
    pub fn core(bytes: &'static [u8]) -> Result<World, String> {
        open(bytes).map_err(|Corrupt(offset)| {
            format!("the core image is damaged at byte {offset} of its outline; build Eyot again")
        })
    }

    fn find_out_everything(&self) {
        for index in 0..self.members.len() {
            let id = MemberId(index as u32);
            self.ty(id);
            let member = self.member(id);
            if member.kind == MemberKind::Field && member.flags.contains(MemberFlags::CONST) {
                self.constant(id);
            }
            for param in 0..member.params.len() {
                self.param_default(id, param);
            }
            if self.runs_in_constants(id) {
                crate::const_eval::const_body(self, id);
            }
        }
    }

    /// Whether a program's constants may run this constructor. Enum constants of the core are evaluated already.
    fn runs_in_constants(&self, id: MemberId) -> bool {
        let member = self.member(id);
        let Owner::Class(class) = member.owner else {
            return false;
        };
        member.kind == MemberKind::Constructor
            && member.flags.contains(MemberFlags::CONST)
            && self.class(class).kind != ClassKind::Enum
    }

    /// The bodies that a program's constants may run, by member.
    fn core_const_bodies(&self) -> Vec<(MemberId, Arc<Body>)> {
        let members = (0..self.members.len() as u32).map(MemberId);
        members
            .filter(|&id| self.runs_in_constants(id))
            .filter_map(|id| Some((id, crate::const_eval::const_body(self, id)?)))
            .collect()
    }

    /// The body of a const constructor of the core, if it comes from an image.
    pub(crate) fn const_body_of_core(&self, id: MemberId) -> Option<Arc<Body>> {
        let source = self.consts.core_source()?;
        let index = source.const_body_of(id.0)?;
        Some(source.decode(Kind::ConstBodies, index))
    }
}

fn open(bytes: &'static [u8]) -> Result<World, Corrupt> {
    let source = Arc::new(CoreSource::open(bytes)?);
    let mut by_uri = FxHashMap::default();
    for index in 0..source.len(Kind::Uris) {
        let uri: Arc<str> = source.read(Kind::Uris, index)?;
        by_uri.insert(uri, LibraryId(index as u32));
    }
    Ok(World {
        files: arena(&source, Kind::Files, |s, i| s.decode(Kind::Files, i)),
        libraries: arena(&source, Kind::Libraries, |s, i| {
            s.decode(Kind::Libraries, i)
        }),
        classes: arena(&source, Kind::Classes, |s, i| s.decode(Kind::Classes, i)),
        members: arena(&source, Kind::Members, |s, i| s.decode(Kind::Members, i)),
        extensions: arena(&source, Kind::Extensions, |s, i| {
            s.decode(Kind::Extensions, i)
        }),
        typedefs: arena(&source, Kind::Typedefs, |s, i| s.decode(Kind::Typedefs, i)),
        consts: Consts::of_core(items(&source, Kind::Consts, |s, i| {
            consts::keep(s.decode(Kind::Consts, i))
        })),
        types: Types::of_core(
            items(&source, Kind::Types, |s, i| {
                types::keep(s.decode(Kind::Types, i))
            }),
            items(&source, Kind::TypeParams, |s, i| {
                s.decode::<TypeParam>(Kind::TypeParams, i)
            }),
        ),
        by_uri,
        ..World::default()
    })
}

fn items<T>(
    source: &Arc<CoreSource>,
    kind: Kind,
    decode: fn(&CoreSource, usize) -> T,
) -> CoreItems<T> {
    CoreItems::new(source.len(kind), source.clone(), decode)
}

fn arena<T>(
    source: &Arc<CoreSource>,
    kind: Kind,
    decode: fn(&CoreSource, usize) -> Box<T>,
) -> Arena<T> {
    Arena::of_core(items(source, kind, decode))
}

/// A value that is set, or one still to be found out.
fn once<T>(value: Option<T>) -> OnceLock<T> {
    match value {
        Some(value) => OnceLock::from(value),
        None => OnceLock::new(),
    }
}

#[cfg(test)]
mod tests;
