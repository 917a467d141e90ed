//! Every `external` member has a native.

use eyot_corelib::native_table;
use eyot_semantics::analysis::analyze_core;
use eyot_semantics::load::{CORE_LIBRARIES, CoreSources};
use eyot_semantics::model::{MemberFlags, Owner, World};

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
    let natives = native_table(true);
    let analysis = analyze_core(&CoreSources::of_tree(), CORE_LIBRARIES);
    let mut missing = Vec::new();
    for library in analysis.world.libraries.iter() {
        let name = library.uri.strip_prefix("dart:").unwrap_or_default();
        let names = external_members(&analysis.world, name);
        missing.extend(names.into_iter().filter(|name| natives.get(name).is_none()));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
