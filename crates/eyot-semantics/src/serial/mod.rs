//! The semantic section of the core image: a [`World`] as bytes and back.
//!
//! What analysis of a program needs of the core: declarations, types, constants, default values, the bodies of const
//! constructors. No function bodies (the image has their bytecode), no sources, no trees, no imports. Before writing,
//! everything that is found out on first use is found out, so that a world that was read never needs a tree.
//!
//! Ids of everything are the same after reading: types and constants are written in the order of their ids and interned again in
//! that order. Symbols differ from process to process, so names go through a table of texts at the front. The bytes
//! depend on the sources alone: maps are written in the order of their keys' texts.
//!
//! | file | what |
//! | --- | --- |
//! | here | the sections and their order |
//! | `wire` | numbers, texts, lists, maps |
//! | `decls`, `bodies` | what each declaration and expression consists of |

mod bodies;
mod decls;
mod wire;

use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;

use crate::model::{
    ClassKind, LibraryId, MemberFlags, MemberId, MemberKind, Owner, TypeParam, World,
};
use crate::program::{Body, ConstValue};
use crate::types::TyKind;
use wire::{Corrupt, Reader, Wire, Writer};

/// The first bytes; the digit changes with the format.
const MAGIC: &[u8] = b"eyot-world-1";

impl World {
    /// The bytes from which [`World::core`] makes this world again.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.find_out_everything();
        let mut writer = Writer::default();
        self.files.put(&mut writer);
        self.libraries.put(&mut writer);
        self.classes.put(&mut writer);
        self.members.put(&mut writer);
        self.extensions.put(&mut writer);
        self.typedefs.put(&mut writer);
        self.put_const_bodies(&mut writer);
        let type_params: Vec<&TypeParam> =
            self.types.params.iter().map(|(_, param)| param).collect();
        writer.count(type_params.len());
        for param in type_params {
            param.put(&mut writer);
        }
        // Whatever was written above may have made types and constants, so these come last.
        writer.count(self.consts.len());
        for index in 0..self.consts.len() {
            self.consts
                .value(crate::program::ConstId(index as u32))
                .put(&mut writer);
        }
        writer.count(self.types.len());
        for index in 0..self.types.len() {
            self.types
                .kind(crate::types::Ty(index as u32))
                .put(&mut writer);
        }
        writer.finish(MAGIC)
    }

    /// The world of the core libraries from the bytes of [`World::to_bytes`]. An error says what is wrong with the bytes.
    pub fn core(bytes: &[u8]) -> Result<World, String> {
        read(bytes).map_err(|Corrupt(offset)| {
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

    fn put_const_bodies(&self, writer: &mut Writer) {
        let bodies = self
            .const_bodies
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut kept: Vec<(&MemberId, &Arc<Body>)> = bodies
            .iter()
            .filter(|(id, _)| self.runs_in_constants(**id))
            .filter_map(|(id, body)| Some((id, body.as_ref()?)))
            .collect();
        kept.sort_unstable_by_key(|(id, _)| **id);
        writer.count(kept.len());
        for (id, body) in kept {
            id.put(writer);
            body.put(writer);
        }
    }
}

fn read(bytes: &[u8]) -> Result<World, Corrupt> {
    let mut reader = Reader::new(bytes, MAGIC)?;
    let reader = &mut reader;
    let mut world = World::new();
    world.files = Wire::get(reader)?;
    world.libraries = Wire::get(reader)?;
    world.classes = Wire::get(reader)?;
    world.members = Wire::get(reader)?;
    world.extensions = Wire::get(reader)?;
    world.typedefs = Wire::get(reader)?;
    let bodies: Vec<(MemberId, Arc<Body>)> = Wire::get(reader)?;
    let bodies: FxHashMap<MemberId, Option<Arc<Body>>> = bodies
        .into_iter()
        .map(|(id, body)| (id, Some(body)))
        .collect();
    world.const_bodies = Mutex::new(bodies);
    for _ in 0..reader.count()? {
        world.types.params.push(TypeParam::get(reader)?);
    }
    for index in 0..reader.count()? {
        let value = ConstValue::get(reader)?;
        if world.consts.intern(value).0 as usize != index {
            return Err(reader.corrupt());
        }
    }
    for index in 0..reader.count()? {
        let kind = TyKind::get(reader)?;
        if world.types.intern(kind).0 as usize != index {
            return Err(reader.corrupt());
        }
    }
    for (index, library) in world.libraries.iter().enumerate() {
        world
            .by_uri
            .insert(library.uri.clone(), LibraryId(index as u32));
    }
    Ok(world)
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
