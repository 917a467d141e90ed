//! Where annotations stand: at directives, declarations, members, parameters and the values of enums.

use eyot_syntax::SyntaxTree;
use eyot_syntax::ast::{
    Annotation, Declaration, DeclarationKind, EnumValue, FormalParameter, Member, MemberKind,
    TypeParameter,
};

use crate::body::check_annotations;
use crate::model::{ClassId, ExtensionId, FileId, Owner, World};

/// The annotations of a file outside of classes and extensions.
pub(super) fn check_file(world: &World, file: FileId) {
    let source = world.file(file);
    let Some(tree) = source.tree.as_deref() else {
        return;
    };
    let owner = Owner::Library(source.library);
    let directives = tree.directives.iter().flat_map(|one| &one.metadata);
    check_annotations(world, file, owner, directives);
    for declaration in &tree.declarations {
        check_annotations(world, file, owner, of_declaration(declaration));
    }
}

/// The annotations inside a class, which see its static members.
pub(super) fn check_class(world: &World, class: ClassId) {
    let data = world.class(class);
    check_inside(world, data.file, data.decl, Owner::Class(class));
}

/// The annotations inside an extension.
pub(super) fn check_extension(world: &World, extension: ExtensionId) {
    let data = world.extension(extension);
    check_inside(world, data.file, data.decl, Owner::Extension(extension));
}

fn check_inside(world: &World, file: FileId, decl: Option<u32>, owner: Owner) {
    let Some((tree, decl)) = world.file(file).tree.as_deref().zip(decl) else {
        return;
    };
    let Some((members, values)) = parts(tree, decl) else {
        return;
    };
    for value in values {
        check_annotations(world, file, owner, &value.metadata);
    }
    for member in members {
        let annotations = member.metadata.iter().chain(of_member(member));
        check_annotations(world, file, owner, annotations);
    }
}

fn parts(tree: &SyntaxTree, decl: u32) -> Option<(&[Member], &[EnumValue])> {
    let none: &[EnumValue] = &[];
    Some(match &tree.declarations.get(decl as usize)?.kind {
        DeclarationKind::Class(node) => (&node.members, none),
        DeclarationKind::Mixin(node) => (&node.members, none),
        DeclarationKind::Enum(node) => (&node.members, &node.values),
        DeclarationKind::Extension(node) => (&node.members, none),
        DeclarationKind::ExtensionType(node) => (&node.members, none),
        _ => return None,
    })
}

fn of_declaration(declaration: &Declaration) -> impl Iterator<Item = &Annotation> {
    let (type_params, params): (&[TypeParameter], &[FormalParameter]) = match &declaration.kind {
        DeclarationKind::Class(node) => (&node.type_params, &[]),
        DeclarationKind::Mixin(node) => (&node.type_params, &[]),
        DeclarationKind::Enum(node) => (&node.type_params, &[]),
        DeclarationKind::Extension(node) => (&node.type_params, &[]),
        DeclarationKind::Function(node) => (&node.type_params, &node.params),
        _ => (&[], &[]),
    };
    let inside = type_params
        .iter()
        .flat_map(|param| &param.metadata)
        .chain(params.iter().flat_map(|param| &param.metadata));
    declaration.metadata.iter().chain(inside)
}

fn of_member(member: &Member) -> impl Iterator<Item = &Annotation> {
    let params: &[FormalParameter] = match &member.kind {
        MemberKind::Method(node) => &node.params,
        MemberKind::Constructor(node) => &node.params,
        _ => &[],
    };
    params.iter().flat_map(|param| &param.metadata)
}
