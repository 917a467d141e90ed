//! [`CoreLinks`] as bytes and back: the part of the core image's outline section that the compiler needs.
//!
//! What the image says elsewhere (strings, entry points, lengths of tables) is taken from there.

use std::sync::Arc;

use eyot_bytecode as bc;
use eyot_bytecode::image::{ImageError, ImageReader};
use eyot_semantics::model::MemberId;

use crate::tables::{CoreLinks, Role};

/// Every role with its number in the bytes.
const ROLES: [Role; 4] = [
    Role::LateGetter,
    Role::FieldSetter,
    Role::TearOff,
    Role::BoundTearOff,
];

impl CoreLinks {
    /// What [`CoreLinks::read`] needs beside the image. The order is fixed, so that the same sources make the same image.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut words = vec![self.members];
        let mut roles: Vec<[u32; 3]> = self
            .roles
            .iter()
            .map(|(&(member, role), &function)| [member.0, number_of(role), function.0])
            .collect();
        roles.sort_unstable();
        let mut statics: Vec<[u32; 3]> = self
            .statics
            .iter()
            .map(|(&member, &(id, is_ready))| [member.0, id.0, is_ready.into()])
            .collect();
        statics.sort_unstable();
        for rows in [roles, statics] {
            words.push(rows.len() as u32);
            words.extend(rows.into_iter().flatten());
        }
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// The links of a core from its image and the bytes of [`CoreLinks::to_bytes`].
    ///
    /// # Errors
    ///
    /// If image or bytes are damaged.
    pub fn read<B: AsRef<[u8]>>(
        image: &ImageReader<B>,
        bytes: &[u8],
    ) -> Result<CoreLinks, ImageError> {
        let strings = (0..image.string_count())
            .map(|id| Ok(Arc::from(image.string(id)?)))
            .collect::<Result<Vec<Arc<str>>, ImageError>>()?;
        let mut links = CoreLinks {
            base: end_of(image),
            strings,
            ..CoreLinks::default()
        };
        for (name, function) in image.entries()? {
            let name = links
                .strings
                .get(name.index())
                .ok_or(ImageError::Malformed)?;
            links.entries.insert(name.clone(), function);
        }
        let mut words = bytes
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default()));
        let mut next = || words.next().ok_or(ImageError::Truncated);
        links.members = next()?;
        for _ in 0..next()? {
            let (member, role, function) = (MemberId(next()?), next()?, bc::FunctionId(next()?));
            let role = *ROLES.get(role as usize).ok_or(ImageError::Malformed)?;
            links.roles.insert((member, role), function);
        }
        for _ in 0..next()? {
            let (member, id, is_ready) = (MemberId(next()?), bc::StaticId(next()?), next()? != 0);
            links.statics.insert(member, (id, is_ready));
        }
        Ok(links)
    }
}

fn number_of(role: Role) -> u32 {
    ROLES
        .iter()
        .position(|&known| known == role)
        .unwrap_or_default() as u32
}

/// Where a program's ids start.
fn end_of<B: AsRef<[u8]>>(image: &ImageReader<B>) -> bc::Base {
    bc::Base {
        strings: image.string_count(),
        types: image.type_count(),
        targs: image.targs_count(),
        classes: image.class_count(),
        functions: image.function_count(),
        consts: image.const_count(),
        statics: image.static_count(),
        shapes: image.shape_count(),
        record_shapes: image.record_shape_count(),
        sources: image.source_count(),
        caches: image.caches(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_survive_the_image() {
        let mut links = CoreLinks {
            members: 7,
            ..CoreLinks::default()
        };
        for (index, role) in ROLES.into_iter().enumerate() {
            let function = bc::FunctionId(index as u32 + 7);
            links.roles.insert((MemberId(3), role), function);
        }
        links.statics.insert(MemberId(1), (bc::StaticId(4), true));
        links.statics.insert(MemberId(2), (bc::StaticId(0), false));
        let image = bc::image::write(&bc::Module::default());
        let image = ImageReader::open(&image).unwrap();
        let bytes = links.to_bytes();
        let read = CoreLinks::read(&image, &bytes).unwrap();
        assert_eq!(read.roles, links.roles);
        assert_eq!(read.statics, links.statics);
        assert_eq!(read.members, 7);
        let cut = &bytes[..bytes.len() - 4];
        assert_eq!(
            CoreLinks::read(&image, cut).err(),
            Some(ImageError::Truncated)
        );
    }
}
