//! What a program must know of the compiled core besides its world, and the form of it in the core image's outline section.
//!
//! Of the large tables only what a program asks for is read: strings are found with the image's index, the other tables are
//! sorted rows of words.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use eyot_bytecode as bc;
use eyot_bytecode::image::{ImageError, ImageReader};
use eyot_semantics::model::{ClassId, MemberId, World};
use rustc_hash::FxHashMap;

use crate::tables::Role;

/// What a program must know of the compiled core besides its world.
#[derive(Clone, Debug, Default)]
pub struct CoreLinks {
    /// Lengths of the core's tables: where the program's ids start.
    pub base: bc::Base,
    /// Number of members in the core's world: the program's come behind them.
    pub members: u32,
    strings: Strings,
    /// Functions made for members besides the main ones: member, role, function.
    roles: Rows<3>,
    /// Static variables: member, number, whether it starts with its value.
    statics: Rows<3>,
    /// Classes and those directly below them.
    subclasses: Rows<2>,
}

/// The core's strings, so that names have one id.
#[derive(Clone, Debug)]
enum Strings {
    Known(FxHashMap<Arc<str>, u32>),
    Image(&'static ImageReader<&'static [u8]>),
}

impl Default for Strings {
    fn default() -> Strings {
        Strings::Known(FxHashMap::default())
    }
}

/// Every role with its number in the bytes.
const ROLES: [Role; 4] = [
    Role::LateGetter,
    Role::FieldSetter,
    Role::TearOff,
    Role::BoundTearOff,
];

impl CoreLinks {
    /// The links of a core that has just been compiled.
    pub(crate) fn of<'a>(
        world: &World,
        base: bc::Base,
        strings: &[Arc<str>],
        roles: impl Iterator<Item = (&'a (MemberId, Role), &'a bc::FunctionId)>,
        statics: impl Iterator<Item = (&'a MemberId, &'a (bc::StaticId, bool))>,
    ) -> CoreLinks {
        let classes = (0..world.classes.len() as u32).map(ClassId);
        let subclasses = classes.flat_map(|class| {
            let supers = world.direct_supertypes(class);
            supers.filter_map(move |ty| Some([world.class_of(ty)?.0, class.0]))
        });
        let strings = strings.iter().enumerate();
        CoreLinks {
            base,
            members: world.members.len() as u32,
            strings: Strings::Known(strings.map(|(id, s)| (s.clone(), id as u32)).collect()),
            roles: Rows::sorted(
                roles.map(|(&(member, role), id)| [member.0, number_of(role), id.0]),
            ),
            statics: Rows::sorted(
                statics.map(|(member, &(id, is_ready))| [member.0, id.0, is_ready.into()]),
            ),
            subclasses: Rows::sorted(subclasses),
        }
    }

    /// What [`CoreLinks::read`] needs beside the image. The same sources make the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let lengths = [
            self.members,
            self.roles.len() as u32,
            self.statics.len() as u32,
            self.subclasses.len() as u32,
        ];
        let mut bytes: Vec<u8> = lengths.iter().flat_map(|len| len.to_le_bytes()).collect();
        bytes.extend_from_slice(&self.roles.0);
        bytes.extend_from_slice(&self.statics.0);
        bytes.extend_from_slice(&self.subclasses.0);
        bytes
    }

    /// The links of a core from its image and the bytes of [`CoreLinks::to_bytes`].
    ///
    /// # Errors
    ///
    /// If the bytes are too short.
    pub fn read(
        image: &'static ImageReader<&'static [u8]>,
        bytes: &'static [u8],
    ) -> Result<CoreLinks, ImageError> {
        let (lengths, rest) = bytes.split_at_checked(16).ok_or(ImageError::Truncated)?;
        let length = |index: usize| word(lengths, index).unwrap_or_default();
        let (roles, rest) = Rows::read(rest, length(1))?;
        let (statics, rest) = Rows::read(rest, length(2))?;
        let (subclasses, _) = Rows::read(rest, length(3))?;
        Ok(CoreLinks {
            base: end_of(image),
            members: length(0),
            strings: Strings::Image(image),
            roles,
            statics,
            subclasses,
        })
    }

    /// The id of a string of the core.
    pub(crate) fn string(&self, text: &str) -> Option<bc::StrId> {
        let id = match &self.strings {
            Strings::Known(ids) => ids.get(text).copied(),
            Strings::Image(image) => image.find_string(text),
        };
        id.map(bc::StrId)
    }

    /// A member's second function.
    pub(crate) fn role(&self, member: MemberId, role: Role) -> Option<bc::FunctionId> {
        let [.., function] = self
            .roles
            .starting_with([member.0, number_of(role)])
            .next()?;
        Some(bc::FunctionId(function))
    }

    /// A static variable, and whether it starts with its value.
    pub(crate) fn static_field(&self, member: MemberId) -> Option<(bc::StaticId, bool)> {
        let [_, id, is_ready] = self.statics.starting_with([member.0]).next()?;
        Some((bc::StaticId(id), is_ready != 0))
    }

    /// The classes of the core directly below one.
    pub(crate) fn subclasses(&self, class: ClassId) -> impl Iterator<Item = ClassId> + '_ {
        let rows = self.subclasses.starting_with([class.0]);
        rows.map(|[_, sub]| ClassId(sub))
    }
}

/// Ascending rows of words as bytes.
#[derive(Clone, Debug, Default)]
struct Rows<const N: usize>(Cow<'static, [u8]>);

impl<const N: usize> Rows<N> {
    fn sorted(rows: impl Iterator<Item = [u32; N]>) -> Rows<N> {
        let mut rows: Vec<[u32; N]> = rows.collect();
        rows.sort_unstable();
        let words = rows.into_iter().flatten();
        Rows(words.flat_map(u32::to_le_bytes).collect())
    }

    fn read(bytes: &'static [u8], len: u32) -> Result<(Rows<N>, &'static [u8]), ImageError> {
        let split = bytes.split_at_checked(len as usize * N * 4);
        let (rows, rest) = split.ok_or(ImageError::Truncated)?;
        Ok((Rows(Cow::Borrowed(rows)), rest))
    }

    fn len(&self) -> usize {
        self.0.len() / (N * 4)
    }

    fn row(&self, index: usize) -> Option<[u32; N]> {
        let mut row = [0; N];
        for (offset, place) in row.iter_mut().enumerate() {
            *place = word(&self.0, index * N + offset)?;
        }
        Some(row)
    }

    /// The rows that start with these words, ascending.
    fn starting_with<const K: usize>(
        &self,
        start: [u32; K],
    ) -> impl Iterator<Item = [u32; N]> + '_ {
        let order = move |row: &[u32; N]| row.iter().take(K).cmp(start.iter());
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self
                .row(middle)
                .is_some_and(|row| order(&row) == Ordering::Less)
            {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let rows = (low..self.len()).map_while(|index| self.row(index));
        rows.take_while(move |row| order(row) == Ordering::Equal)
    }
}

fn word(bytes: &[u8], index: usize) -> Option<u32> {
    let bytes = bytes.get(index * 4..index * 4 + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
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
        let roles: FxHashMap<_, _> = (0u32..)
            .zip(ROLES)
            .map(|(index, role)| ((MemberId(3), role), bc::FunctionId(index + 7)))
            .collect();
        let statics = [
            (MemberId(1), (bc::StaticId(4), true)),
            (MemberId(2), (bc::StaticId(0), false)),
        ];
        let links = CoreLinks::of(
            &World::new(),
            bc::Base::default(),
            &[],
            roles.iter(),
            statics.iter().map(|(member, row)| (member, row)),
        );
        let module = bc::Module {
            strings: vec!["a".into(), "b".into()],
            ..bc::Module::default()
        };
        let image: &'static [u8] = bc::image::write(&module).leak();
        let image = Box::leak(Box::new(ImageReader::open(image).unwrap()));
        let bytes: &'static [u8] = links.to_bytes().leak();
        let read = CoreLinks::read(image, bytes).unwrap();
        for (&(member, role), &id) in &roles {
            assert_eq!(read.role(member, role), Some(id));
        }
        for (member, row) in statics {
            assert_eq!(read.static_field(member), Some(row));
        }
        assert_eq!(read.static_field(MemberId(3)), None);
        assert_eq!(read.role(MemberId(2), Role::TearOff), None);
        assert_eq!(read.string("b"), Some(bc::StrId(1)));
        assert_eq!(read.string("c"), None);
        let cut = &bytes[..bytes.len() - 4];
        assert_eq!(
            CoreLinks::read(image, cut).err(),
            Some(ImageError::Truncated)
        );
    }

    #[test]
    fn rows_are_found_by_how_they_start() {
        let rows = Rows::sorted([[2, 1], [1, 9], [2, 0], [5, 5]].into_iter());
        let found = |start: u32| rows.starting_with([start]).collect::<Vec<_>>();
        assert_eq!(found(2), [[2, 0], [2, 1]]);
        assert_eq!(found(1), [[1, 9]]);
        assert!(found(3).is_empty() && found(6).is_empty());
    }
}
