//! Constants of the image as frozen objects of the group: made at first use, each value once.
//!
//! Parts are made before wholes, so two constants are the same value exactly if their words are equal; that is the key
//! of the table.

use std::sync::atomic::Ordering;

use eyot_bytecode::module::{ClassId, Const, ConstId, DartString, FunctionId, StaticId, TargsId};
use eyot_bytecode::well_known::class;
use rustc_hash::FxHashMap;

use super::Program;
use super::types::{TypeArguments, TypeLimit, TypeRef};
use crate::object::StringView;
use crate::value::Value;

/// The constants there are, by class and words behind the header.
pub(crate) type FrozenIndex = FxHashMap<(ClassId, Box<[u64]>), Value>;

impl Program {
    /// The value of a constant.
    pub fn constant(&self, id: ConstId) -> Result<Value, TypeLimit> {
        let Some(slot) = self.consts.get(id.index()) else {
            return Ok(Value::NULL);
        };
        let known = slot.load(Ordering::Acquire);
        if known != 0 {
            return Ok(Value::from_bits(known));
        }
        let value = self.make_constant(id)?;
        slot.store(value.bits(), Ordering::Release);
        Ok(value)
    }

    /// The value a static variable starts with: a constant, or the late mark.
    pub fn static_initial(&self, id: StaticId) -> Result<Value, TypeLimit> {
        match self.modules.statik(id).and_then(|s| s.initial) {
            Some(constant) => self.constant(constant),
            None => Ok(Value::SENTINEL),
        }
    }

    /// A frozen string.
    pub fn frozen_string(&self, text: &str) -> Value {
        let string = if text.chars().all(|c| (c as u32) < 0x100) {
            DartString::Latin1(text.chars().map(|c| c as u8).collect())
        } else {
            DartString::Utf16(text.encode_utf16().collect())
        };
        self.intern_string(&string)
    }

    /// The frozen object of a type.
    pub fn type_object(&self, ty: TypeRef) -> Value {
        self.frozen(class::TYPE, vec![ty.0.into()])
    }

    fn make_constant(&self, id: ConstId) -> Result<Value, TypeLimit> {
        Ok(match self.modules.constant(id) {
            None | Some(Const::Null) => Value::NULL,
            Some(&Const::Bool(value)) => Value::bool(value),
            Some(&Const::Int(value)) => match Value::smi(value) {
                Some(small) => small,
                None => self.frozen(class::INT, vec![value as u64]),
            },
            Some(&Const::Double(bits)) => self.frozen(class::DOUBLE, vec![bits]),
            Some(Const::String(string)) => self.intern_string(string),
            Some(&Const::Symbol(name)) => {
                let name = self.frozen_string(self.modules.string(name));
                self.frozen(class::SYMBOL, vec![name.bits()])
            }
            Some(&Const::Type(ty)) => {
                let none = TypeArguments::EMPTY;
                self.type_object(self.instantiate(ty, none, none)?)
            }
            Some(Const::List { targs, elements }) => {
                let targs = self.closed_full_vector(class::IMMUTABLE_LIST, *targs)?;
                self.frozen_list(class::IMMUTABLE_LIST, targs, elements)?
            }
            Some(Const::Set { targs, elements }) => {
                let targs = self.closed_full_vector(class::CONST_SET, *targs)?;
                self.frozen_table(class::CONST_SET, targs, elements)?
            }
            Some(Const::Map { targs, entries }) => {
                let targs = self.closed_full_vector(class::CONST_MAP, *targs)?;
                let flat: Vec<ConstId> = entries.iter().flat_map(|&(k, v)| [k, v]).collect();
                self.frozen_table(class::CONST_MAP, targs, &flat)?
            }
            Some(Const::Object {
                class,
                targs,
                fields,
            }) => self.frozen_instance(*class, *targs, fields)?,
            Some(Const::Closure { function, targs }) => {
                let targs = match targs {
                    Some(targs) => self.closed_vector(*targs)?,
                    None => TypeArguments::EMPTY,
                };
                self.frozen_closure(*function, targs)
            }
            Some(Const::Record { shape, fields }) => {
                let mut words = vec![u64::from(shape.0) | (fields.len() as u64) << 32];
                words.extend(self.all_bits(fields)?);
                self.frozen(class::RECORD, words)
            }
        })
    }

    /// The frozen object of this class with these words behind its header.
    pub(crate) fn frozen(&self, class: ClassId, words: Vec<u64>) -> Value {
        self.intern_frozen(class, words.into(), |words| {
            let object = self.frozen.new_object(class, words.len() + 1).ok()?;
            for (index, &word) in words.iter().enumerate() {
                // SAFETY: fresh, with room for the words.
                unsafe { object.set_word(index + 1, word) };
            }
            Some(object.value())
        })
    }

    /// The object of this class with these words; null if the group cannot hold it.
    fn intern_frozen(
        &self,
        class: ClassId,
        words: Box<[u64]>,
        make: impl FnOnce(&[u64]) -> Option<Value>,
    ) -> Value {
        let mut link = self.link();
        let key = (class, words);
        if let Some(&known) = link.frozen.get(&key) {
            return known;
        }
        let value = make(&key.1).unwrap_or(Value::NULL);
        link.frozen.insert(key, value);
        value
    }

    fn intern_string(&self, string: &DartString) -> Value {
        let (class, view) = match string {
            DartString::Latin1(units) => (class::ONE_BYTE_STRING, StringView::OneByte(units)),
            DartString::Utf16(units) => (class::TWO_BYTE_STRING, StringView::TwoByte(units)),
        };
        // One unit a word is a key as good as any, and strings of both widths differ in class.
        let key = view.units().map(u64::from).collect();
        self.intern_frozen(class, key, |_| self.frozen.string(view).ok())
    }

    fn closed_vector(&self, template: TargsId) -> Result<TypeArguments, TypeLimit> {
        self.instantiate_vector(template, TypeArguments::EMPTY, TypeArguments::EMPTY)
    }

    /// The full vector of a class from a template of its own arguments.
    fn closed_full_vector(
        &self,
        of: ClassId,
        template: TargsId,
    ) -> Result<TypeArguments, TypeLimit> {
        let own = self.closed_vector(template)?;
        self.full_vector(of, self.own_arguments(of, own))
    }

    fn all_bits(&self, constants: &[ConstId]) -> Result<Vec<u64>, TypeLimit> {
        let values = constants.iter().map(|&id| self.constant(id));
        values.map(|value| value.map(Value::bits)).collect()
    }

    fn frozen_list(
        &self,
        class: ClassId,
        targs: TypeArguments,
        elements: &[ConstId],
    ) -> Result<Value, TypeLimit> {
        let mut words = vec![targs.0.into(), elements.len() as u64];
        words.extend(self.all_bits(elements)?);
        Ok(self.frozen(class, words))
    }

    /// A constant set or map: an instance of the core's hash table class whose index is never made.
    fn frozen_table(
        &self,
        class: ClassId,
        targs: TypeArguments,
        entries: &[ConstId],
    ) -> Result<Value, TypeLimit> {
        let data = self.frozen_list(class::FIXED_LIST, TypeArguments::EMPTY, entries)?;
        let (words, targs_word) = self
            .modules
            .class(class)
            .map_or((1, 0), |c| (c.words.max(1), c.targs_word));
        let mut fields = vec![0; usize::from(words) - 1];
        if let Some(place) = usize::from(targs_word)
            .checked_sub(1)
            .and_then(|word| fields.get_mut(word))
        {
            *place = targs.0.into();
        }
        for (name, bits) in [("_data", data.bits()), ("_used", entries.len() as u64)] {
            let place = self
                .field_word(class, name)
                .and_then(|word| fields.get_mut(word - 1));
            if let Some(place) = place {
                *place = bits;
            }
        }
        Ok(self.frozen(class, fields))
    }

    fn frozen_instance(
        &self,
        class: ClassId,
        targs: Option<TargsId>,
        fields: &[ConstId],
    ) -> Result<Value, TypeLimit> {
        let mut words = Vec::with_capacity(fields.len() + 1);
        let vector = match targs {
            Some(targs) => self.closed_vector(targs)?,
            None => TypeArguments::EMPTY,
        };
        let targs_word = self.modules.class(class).map_or(0, |c| c.targs_word);
        let refs = self.modules.class(class).map_or(&[][..], |c| &c.ref_map);
        for &field in fields {
            if words.len() + 1 == usize::from(targs_word) {
                words.push(vector.0.into());
            }
            let word = words.len() + 1;
            let tagged = refs
                .get(word / 64)
                .is_some_and(|bits| bits >> (word % 64) & 1 == 1);
            words.push(match self.modules.constant(field) {
                Some(&Const::Int(value)) if !tagged => value as u64,
                Some(&Const::Double(bits)) if !tagged => bits,
                Some(&Const::Bool(value)) if !tagged => value.into(),
                _ => self.constant(field)?.bits(),
            });
        }
        if words.len() + 1 == usize::from(targs_word) {
            words.push(vector.0.into());
        }
        let size = self.modules.class(class).map_or(1, |c| c.words.max(1));
        words.resize(usize::from(size) - 1, 0);
        Ok(self.frozen(class, words))
    }

    /// A closure without captures.
    pub(crate) fn frozen_closure(&self, function: FunctionId, targs: TypeArguments) -> Value {
        let words = vec![u64::from(function.0), 0, targs.0.into()];
        self.frozen(class::CLOSURE, words)
    }

    /// The instance word of a field by name, in the class or above.
    pub(crate) fn field_word(&self, of: ClassId, name: &str) -> Option<usize> {
        let mut at = Some(of);
        while let Some(id) = at {
            let class = self.modules.class(id)?;
            let own = class.fields.iter().position(|field| {
                super::type_names::plain(self.modules.string(field.name)) == name
            });
            if let Some(own) = own {
                let first = usize::from(class.words).checked_sub(class.fields.len())?;
                return Some(first + own);
            }
            at = class.superclass;
        }
        None
    }
}
