//! Every `external` member has a native.

use std::fs;
use std::path::Path;

use eyot_corelib::natives::TABLES;
use eyot_runtime::native::NativeTable;
use eyot_semantics::analysis::analyze_core;
use eyot_semantics::load::SourceProvider;
use eyot_semantics::model::{MemberFlags, Owner, World};

/// Finds `dart:NAME` and the parts beside it in `lib/`.
struct Libraries;

impl SourceProvider for Libraries {
    fn read(&self, uri: &str) -> Result<Vec<u8>, String> {
        let name = uri.strip_prefix("dart:").ok_or("not a dart: URI")?;
        let file = match name.split_once('/') {
            Some(_) => name.to_owned(),
            None => format!("{name}/{name}.dart"),
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("lib");
        fs::read(root.join(file)).map_err(|error| error.to_string())
    }
}

/// The names of the `external` members of a library, as natives are named.
fn external_members(world: &World, library: &str) -> Vec<String> {
    let uri = format!("dart:{library}");
    let mut names = Vec::new();
    for member in world.members.iter() {
        let is_const = member.flags.contains(MemberFlags::CONST);
        if !member.flags.contains(MemberFlags::EXTERNAL) || is_const {
            continue;
        }
        if *world.library(member.library).uri != *uri {
            continue;
        }
        names.push(match member.owner {
            Owner::Class(class) => {
                format!("{library}/{}.{}", world.class(class).name, member.name)
            }
            _ => format!("{library}/{}", member.name),
        });
    }
    names
}

#[test]
fn externals_have_natives() {
    let natives = NativeTable::new(TABLES);
    let analysis = analyze_core(&Libraries, &["dart:core"]);
    let mut missing = Vec::new();
    for library in ["core", "collection", "math", "_internal"] {
        let names = external_members(&analysis.world, library);
        missing.extend(names.into_iter().filter(|name| natives.get(name).is_none()));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
