//! From a member to its place in the tree.

use eyot_syntax::SyntaxTree;
use eyot_syntax::ast::{
    self, ConstructorDeclaration, DeclarationKind, EnumValue, FormalParameter, FunctionDeclaration,
    PrimaryConstructor, VariableDeclaration,
};

use super::declare::NO_MEMBER;
use crate::model::{Member, MemberFlags, MemberKind};

/// What a member is in the tree.
pub(crate) enum MemberNode<'t> {
    Variable(&'t VariableDeclaration),
    Function(&'t FunctionDeclaration),
    Constructor(&'t ConstructorDeclaration),
    EnumValue(&'t EnumValue),
    Primary(&'t PrimaryConstructor),
    /// A field that a parameter of the primary constructor declares.
    PrimaryField(&'t FormalParameter),
}

/// The node of a member; none for what the language adds.
pub(crate) fn member_node<'t>(tree: &'t SyntaxTree, member: &Member) -> Option<MemberNode<'t>> {
    let node = member.node?;
    let declaration = tree.declarations.get(node.decl as usize)?;
    let (members, primary, values) = match &declaration.kind {
        DeclarationKind::Function(function) => return Some(MemberNode::Function(function)),
        DeclarationKind::Variables(variables) => return Some(MemberNode::Variable(variables)),
        DeclarationKind::Class(class) => {
            (&class.members, class.primary_constructor.as_ref(), &[][..])
        }
        DeclarationKind::Mixin(mixin) => (&mixin.members, None, &[][..]),
        DeclarationKind::Enum(node) => (
            &node.members,
            node.primary_constructor.as_ref(),
            &node.values[..],
        ),
        DeclarationKind::Extension(extension) => (&extension.members, None, &[][..]),
        DeclarationKind::ExtensionType(node) => {
            (&node.members, Some(&node.primary_constructor), &[][..])
        }
        _ => return None,
    };
    if node.member == NO_MEMBER {
        if member.flags.contains(MemberFlags::ENUM_VALUE) {
            return values.get(node.var as usize).map(MemberNode::EnumValue);
        }
        let primary = primary?;
        if member.kind == MemberKind::Field {
            let param = primary.params.get(node.var as usize)?;
            return Some(MemberNode::PrimaryField(param));
        }
        return Some(MemberNode::Primary(primary));
    }
    Some(match &members.get(node.member as usize)?.kind {
        ast::MemberKind::Fields(fields) => MemberNode::Variable(fields),
        ast::MemberKind::Method(method) => MemberNode::Function(method),
        ast::MemberKind::Constructor(constructor) => MemberNode::Constructor(constructor),
        ast::MemberKind::PrimaryConstructorBody(_) => return None,
    })
}
