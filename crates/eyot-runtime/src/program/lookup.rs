//! Which function or field answers a call: a class's own members in a table made at the first lookup, then its superclasses.
//!
//! The answer for (class, shape) is a [`Dispatch`]: a function to enter as it is, possibly an adapter made for the purpose, or
//! a field access. Inline caches and the machine's global cache keep it packed in one word.

use eyot_bytecode::Op;
use eyot_bytecode::module::{
    ClassId, Function, FunctionFlags, FunctionId, Rep, SelectorKind, ShapeId, Target,
};
use eyot_bytecode::well_known::class;
use rustc_hash::FxHashMap;

use super::Program;
use super::adapter::AdapterKey;
use super::shape::{Member, ShapeInfo};

/// The members a class declares.
pub(crate) type MemberTable = FxHashMap<Member, Target>;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispatch {
    /// Enters a function with the arguments as they are.
    Function(FunctionId),
    /// Reads a field (tagged or raw: the result has the field's representation).
    FieldGet(u16),
    /// Reads a field of a raw int, and boxes it.
    FieldGetInt(u16),
    /// Writes a tagged field.
    FieldSet(u16),
    /// Writes a raw field.
    FieldSetRaw(u16),
}

impl Dispatch {
    /// Kind in the upper half (never 0), payload in the lower.
    #[inline]
    pub(crate) fn pack(self) -> u64 {
        let payload = match self {
            Dispatch::Function(id) => id.0,
            Dispatch::FieldGet(word)
            | Dispatch::FieldGetInt(word)
            | Dispatch::FieldSet(word)
            | Dispatch::FieldSetRaw(word) => word.into(),
        };
        u64::from(payload) | self.pack_kind() << 32
    }

    /// The number of the kind.
    pub(crate) const fn pack_kind(self) -> u64 {
        match self {
            Dispatch::Function(_) => 1,
            Dispatch::FieldGet(_) => 2,
            Dispatch::FieldSet(_) => 3,
            Dispatch::FieldSetRaw(_) => 4,
            Dispatch::FieldGetInt(_) => 5,
        }
    }

    #[inline]
    pub(crate) fn unpack(word: u64) -> Option<Dispatch> {
        Some(match word >> 32 & 0xf {
            1 => Dispatch::Function(FunctionId(word as u32)),
            2 => Dispatch::FieldGet(word as u16),
            3 => Dispatch::FieldSet(word as u16),
            4 => Dispatch::FieldSetRaw(word as u16),
            5 => Dispatch::FieldGetInt(word as u16),
            _ => return None,
        })
    }
}

/// No more functions can be made for this program, or a shape names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDispatch;

/// The field that a function's whole body reads and returns, if that is what it does.
pub(crate) fn read_field(function: &Function) -> Option<u16> {
    let &[load, ret] = function.code.as_slice() else {
        return None;
    };
    let field = |word: u64, index: u32| (word >> (16 * index)) as u16;
    let (loads, returns) = (Op::from_u16(load as u16)?, Op::from_u16(ret as u16)?);
    let reads = matches!(loads, Op::LdfR | Op::LdfW)
        && matches!(returns, Op::RetR | Op::RetI | Op::RetD | Op::RetB);
    // `this` is register 0.
    let of_this = field(load, 2) == 0 && function.flags.contains(FunctionFlags::INSTANCE);
    let plain = function.params.is_empty() && function.type_params.is_empty();
    (reads && of_this && plain && field(load, 1) == field(ret, 1)).then(|| field(load, 3))
}

impl Program {
    /// The member that instances of a class have, with the class that declares it.
    pub fn find_member(&self, of: ClassId, member: Member) -> Option<(ClassId, Target)> {
        let mut at = Some(of);
        while let Some(id) = at {
            if let Some(&target) = self.own_members(id)?.get(&member) {
                return Some((id, target));
            }
            at = self.modules.class(id)?.superclass;
        }
        None
    }

    fn own_members(&self, id: ClassId) -> Option<&MemberTable> {
        let class = self.modules.class(id)?;
        Some(self.members.get(id.index())?.get_or_init(|| {
            let members = class.members.iter();
            members
                .map(|&(selector, target)| (self.member(selector), target))
                .collect()
        }))
    }

    /// What a virtual call on an instance of `of` does.
    pub fn dispatch(&self, of: ClassId, shape: ShapeId) -> Result<Dispatch, NoDispatch> {
        let info = self.shape(shape).ok_or(NoDispatch)?;
        let member = info.member.ok_or(NoDispatch)?;
        self.dispatch_from(of, of, member, shape, info)
    }

    /// What a super call in a member of mixin `mixin` does on an instance of `of`: the search starts above the class
    /// where the mixin is applied.
    pub fn dispatch_super(
        &self,
        of: ClassId,
        mixin: ClassId,
        shape: ShapeId,
    ) -> Result<Dispatch, NoDispatch> {
        let info = self.shape(shape).ok_or(NoDispatch)?;
        let member = info.member.ok_or(NoDispatch)?;
        let mut at = Some(of);
        while let Some(id) = at {
            let class = self.modules.class(id).ok_or(NoDispatch)?;
            at = class.superclass;
            if class.mixin == Some(mixin) || id == mixin {
                break;
            }
        }
        self.dispatch_from(at.unwrap_or(class::OBJECT), of, member, shape, info)
    }

    fn dispatch_from(
        &self,
        from: ClassId,
        of: ClassId,
        member: Member,
        shape: ShapeId,
        info: &ShapeInfo,
    ) -> Result<Dispatch, NoDispatch> {
        let other = |kind| Member { kind, ..member };
        let is_call = || self.modules.name_text(member.name) == "call";
        if let Some((_, target)) = self.find_member(from, member) {
            return self.dispatch_target(target, shape, info);
        }
        let key = match member.kind {
            SelectorKind::Method if of == class::CLOSURE && is_call() => {
                AdapterKey::CallClosure { shape }
            }
            SelectorKind::Method => match self.find_member(from, other(SelectorKind::Getter)) {
                Some((_, target)) => AdapterKey::CallResult {
                    getter: target.into(),
                    shape,
                },
                None => AdapterKey::NoSuchMethod { shape },
            },
            SelectorKind::Getter if of == class::CLOSURE && is_call() => AdapterKey::Itself,
            SelectorKind::Getter => match self.find_member(from, other(SelectorKind::Method)) {
                Some((_, Target::Function(method))) => AdapterKey::TearOff { method },
                _ => AdapterKey::NoSuchMethod { shape },
            },
            SelectorKind::Setter => AdapterKey::NoSuchMethod { shape },
        };
        self.adapter(key).map(Dispatch::Function)
    }

    fn dispatch_target(
        &self,
        target: Target,
        shape: ShapeId,
        info: &ShapeInfo,
    ) -> Result<Dispatch, NoDispatch> {
        let key = match target {
            Target::Function(id) if let Some(word) = self.boxed_field(id, info) => {
                return Ok(Dispatch::FieldGetInt(word));
            }
            Target::FieldGet(word, Rep::Int) if info.signature.result == Rep::Tagged => {
                return Ok(Dispatch::FieldGetInt(word));
            }
            Target::Function(id) => {
                let function = self.enter(id, shape, info)?;
                return Ok(match self.function(function).and_then(read_field) {
                    Some(word) => Dispatch::FieldGet(word),
                    None => Dispatch::Function(function),
                });
            }
            Target::FieldGet(word, rep) if rep == info.signature.result => {
                return Ok(Dispatch::FieldGet(word));
            }
            Target::FieldSet(word, rep) if info.signature.reps().eq([rep]) => {
                return Ok(match rep {
                    Rep::Tagged => Dispatch::FieldSet(word),
                    _ => Dispatch::FieldSetRaw(word),
                });
            }
            Target::FieldGet(..) | Target::FieldSet(..) => AdapterKey::Field {
                target: target.into(),
                shape,
            },
        };
        self.adapter(key).map(Dispatch::Function)
    }

    /// The field that a getter of an int reads, where the call wants the int tagged.
    fn boxed_field(&self, id: FunctionId, info: &ShapeInfo) -> Option<u16> {
        let function = self.function(id)?;
        let signature = &info.signature;
        let wants_it = function.result == Rep::Int
            && signature.result == Rep::Tagged
            && signature.type_args == 0
            && signature.reps().next().is_none();
        wants_it.then(|| read_field(function)).flatten()
    }

    /// The function to enter for a call of `id` with that shape: itself, or an adapter.
    pub(crate) fn enter(
        &self,
        id: FunctionId,
        shape: ShapeId,
        info: &ShapeInfo,
    ) -> Result<FunctionId, NoDispatch> {
        let entry = self.entry(id).ok_or(NoDispatch)?;
        let unchecked = !info.dynamic
            || (info.signature.type_args == 0 && info.signature.reps().next().is_none());
        if entry.signature == info.signature_id && unchecked {
            return Ok(id);
        }
        self.adapter(AdapterKey::Call {
            function: id,
            shape,
        })
    }

    /// What a call of a closure over `function` does; `instantiated` if the closure carries its type arguments.
    pub fn dispatch_closure(
        &self,
        function: FunctionId,
        shape: ShapeId,
    ) -> Result<FunctionId, NoDispatch> {
        let info = self.shape(shape).ok_or(NoDispatch)?;
        self.enter(function, shape, info)
    }

    /// What calling an object that is no closure does: its `call` method, or noSuchMethod.
    pub fn dispatch_callable(&self, of: ClassId, shape: ShapeId) -> Result<Dispatch, NoDispatch> {
        let info = self.shape(shape).ok_or(NoDispatch)?;
        let Some(name) = self.modules.find_name("call") else {
            let key = AdapterKey::NoSuchMethod { shape };
            return self.adapter(key).map(Dispatch::Function);
        };
        let member = Member {
            name,
            kind: SelectorKind::Method,
        };
        self.dispatch_from(of, of, member, shape, info)
    }
}
