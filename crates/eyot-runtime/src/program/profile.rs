//! What a run of a program has used: the functions called and, for each, what its call sites' inline caches hold, in the order of first calls.
//!
//! A profile only says what to make ready (see [`super::ahead`]). Whatever it claims is looked up again as a first call would, so a wrong one costs
//! memory and an idle worker's time, never a wrong answer.

use std::sync::atomic::Ordering;

use eyot_bytecode::Op;
use eyot_bytecode::module::FunctionId;
use rustc_hash::FxHashSet;

use super::Program;
use super::inline_cache::{Site, class_in, function_in, sites};

/// Functions in a profile: more than programs call before they do the same again and again.
const FUNCTIONS_MAX: usize = 4096;

/// What a run has used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// In the order of first calls.
    pub(super) functions: Vec<UsedFunction>,
}

/// A function that was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UsedFunction {
    pub(super) id: FunctionId,
    /// Its calls whose caches were filled, in order.
    pub(super) sites: Vec<UsedSite>,
}

/// A call whose inline cache was filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UsedSite {
    /// Its number among the function's calls with caches.
    pub(super) index: u32,
    /// The class in the cache; for a call of closures the function.
    pub(super) subject: u32,
}

impl Profile {
    /// How many functions it names.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The profile as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut number = |number: u32| bytes.extend_from_slice(&number.to_le_bytes());
        for function in &self.functions {
            number(function.id.0);
            number(function.sites.len() as u32);
            for site in &function.sites {
                number(site.index);
                number(site.subject);
            }
        }
        bytes
    }

    /// Reads a profile back; nothing if the bytes are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Profile> {
        let (words, rest) = bytes.as_chunks::<4>();
        let mut words = words.iter().map(|word| u32::from_le_bytes(*word));
        let mut functions = Vec::new();
        while let Some(id) = words.next() {
            let sites = words.next()? as usize;
            if functions.len() == FUNCTIONS_MAX || sites > words.len() / 2 {
                return None;
            }
            let mut site = || {
                let index = words.next()?;
                let subject = words.next()?;
                Some(UsedSite { index, subject })
            };
            functions.push(UsedFunction {
                id: FunctionId(id),
                sites: (0..sites).map_while(|_| site()).collect(),
            });
        }
        rest.is_empty().then_some(Profile { functions })
    }

    /// Adds what another profile has besides.
    pub fn add(&mut self, other: &Profile) {
        let known: FxHashSet<u32> = self.functions.iter().map(|used| used.id.0).collect();
        let others = other.functions.iter();
        let more = others.filter(|used| !known.contains(&used.id.0)).cloned();
        self.functions.extend(more);
        self.functions.truncate(FUNCTIONS_MAX);
    }
}

impl Program {
    /// How many functions have been called or made ready.
    pub fn ready_count(&self) -> usize {
        self.link().code.len()
    }

    /// What has been used so far.
    pub fn profile(&self) -> Profile {
        let ready: Vec<FunctionId> = self.link().code.iter().map(|&(id, _)| id).collect();
        let used = ready.into_iter().filter(|&id| self.is_lasting(id));
        let used = used.take(FUNCTIONS_MAX);
        let functions = used.map(|id| UsedFunction {
            id,
            sites: self.used_sites(id),
        });
        Profile {
            functions: functions.collect(),
        }
    }

    /// Functions made at run time have other numbers in the next run.
    fn is_lasting(&self, id: FunctionId) -> bool {
        id.index() < self.modules.function_count()
    }

    fn used_sites(&self, id: FunctionId) -> Vec<UsedSite> {
        let code = self.function(id).map_or(&[][..], |function| &function.code);
        let used = |(index, site): (usize, Site)| {
            let word = self.caches.get(site.cache as usize)?;
            let word = word.load(Ordering::Acquire);
            let subject = match site.op {
                Op::CallC => function_in(word).filter(|&id| self.is_lasting(id))?.0,
                _ => class_in(word)?.0,
            };
            let index = index as u32;
            Some(UsedSite { index, subject })
        };
        sites(code).enumerate().filter_map(used).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(id: u32, sites: &[(u32, u32)]) -> UsedFunction {
        let sites = sites.iter();
        UsedFunction {
            id: FunctionId(id),
            sites: sites
                .map(|&(index, subject)| UsedSite { index, subject })
                .collect(),
        }
    }

    #[test]
    fn profiles_are_read_back() {
        let functions = vec![used(7, &[(0, 3), (2, 1 << 20)]), used(u32::MAX, &[])];
        let profile = Profile { functions };
        let bytes = profile.to_bytes();
        assert_eq!(Profile::from_bytes(&bytes), Some(profile));
        for len in (0..bytes.len()).filter(|len| ![0, 24].contains(len)) {
            assert_eq!(Profile::from_bytes(&bytes[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn profiles_are_bounded() {
        let function = |id: usize| used(id as u32, &[]);
        let many = Profile {
            functions: (0..=FUNCTIONS_MAX).map(function).collect(),
        };
        assert_eq!(Profile::from_bytes(&many.to_bytes()), None);
        let mut few = Profile {
            functions: vec![function(2), used(9999, &[])],
        };
        few.add(&many);
        assert_eq!(few.len(), FUNCTIONS_MAX);
        let ids: Vec<u32> = few.functions.iter().map(|used| used.id.0).collect();
        assert_eq!(ids[..4], [2, 9999, 0, 1]);
    }
}
