//! Calls in bodies that need to know native types.

use std::cell::{Cell, RefCell};

use eyot_syntax::{Span, Symbol};
use rustc_hash::FxHashMap;

use super::Ffi;
use super::native::Native;
use super::signatures::Signature;
use crate::body::retype::{Mapping, map_body};
use crate::made::{Made, boolean, int, null, returning, text};
use crate::model::{Access, Decl, FileId, MemberFlags, MemberId, MemberKind, Owner, ParamKind};
use crate::program::{
    Args, Body, Expr, ExprKind, FunctionNode, Initializer, Local, LocalId, ParamNode, Stmt,
    StmtKind,
};
use crate::types::{FunctionTy, Ty, TyKind};

/// What is put in place of a call.
#[derive(Clone, Copy, Debug)]
enum Rewrite {
    /// The size of the type argument.
    SizeOf,
    /// This function with the size of the type argument in front.
    Sized(&'static str),
    /// This function with the kind of number in front.
    Kind(&'static str),
    AsFunction,
    LookupFunction,
    IsolateLocal,
    IsolateGroupBound,
    Listener,
    FromFunction,
    AddressOf,
    /// Nothing: the address of something in the heap, which only a leaf call may be given.
    HeapAddress,
}

/// Owner (empty for none), member, whether it is the setter, what becomes of calls.
type Row = (&'static str, &'static str, bool, Rewrite);

const TABLE: &[Row] = {
    use Rewrite::{Kind, Sized};
    &[
        ("", "sizeOf", false, Rewrite::SizeOf),
        ("PointerArith", "+", false, Sized("_offset")),
        ("PointerArith", "-", false, Sized("_offsetBack")),
        ("PointerArith", "elementAt", false, Sized("_offset")),
        ("AbiSpecificIntegerPointer", "+", false, Sized("_offset")),
        (
            "AbiSpecificIntegerPointer",
            "-",
            false,
            Sized("_offsetBack"),
        ),
        ("AbiSpecificIntegerPointer", "value", false, Kind("_abiGet")),
        ("AbiSpecificIntegerPointer", "value", true, Kind("_abiSet")),
        ("AbiSpecificIntegerPointer", "[]", false, Kind("_abiAt")),
        ("AbiSpecificIntegerPointer", "[]=", false, Kind("_abiSetAt")),
        ("AbiSpecificIntegerArray", "[]", false, Kind("_abiArrayAt")),
        (
            "AbiSpecificIntegerArray",
            "[]=",
            false,
            Kind("_abiArraySetAt"),
        ),
        ("StructPointer", "ref", true, Sized("_refSet")),
        ("StructPointer", "[]", false, Sized("_refAt")),
        ("StructPointer", "[]=", false, Sized("_refSetAt")),
        ("StructPointer", "+", false, Sized("_offset")),
        ("StructPointer", "-", false, Sized("_offsetBack")),
        ("UnionPointer", "ref", true, Sized("_refSet")),
        ("UnionPointer", "[]", false, Sized("_refAt")),
        ("UnionPointer", "[]=", false, Sized("_refSetAt")),
        ("UnionPointer", "+", false, Sized("_offset")),
        ("UnionPointer", "-", false, Sized("_offsetBack")),
        ("AllocatorAlloc", "call", false, Sized("_allocate")),
        ("Struct", "create", false, Sized("_create")),
        ("Union", "create", false, Sized("_create")),
        (
            "NativeFunctionPointer",
            "asFunction",
            false,
            Rewrite::AsFunction,
        ),
        (
            "DynamicLibraryExtension",
            "lookupFunction",
            false,
            Rewrite::LookupFunction,
        ),
        (
            "NativeCallable",
            "isolateLocal",
            false,
            Rewrite::IsolateLocal,
        ),
        (
            "NativeCallable",
            "isolateGroupBound",
            false,
            Rewrite::IsolateGroupBound,
        ),
        ("NativeCallable", "listener", false, Rewrite::Listener),
        ("Pointer", "fromFunction", false, Rewrite::FromFunction),
        ("Native", "addressOf", false, Rewrite::AddressOf),
        heap_address("Int8ListAddress"),
        heap_address("Int16ListAddress"),
        heap_address("Int32ListAddress"),
        heap_address("Int64ListAddress"),
        heap_address("Uint8ListAddress"),
        heap_address("Uint16ListAddress"),
        heap_address("Uint32ListAddress"),
        heap_address("Uint64ListAddress"),
        heap_address("Float32ListAddress"),
        heap_address("Float64ListAddress"),
        heap_address("ArrayAddress"),
        heap_address("StructAddress"),
        heap_address("UnionAddress"),
    ]
};

const fn heap_address(extension: &'static str) -> Row {
    (extension, "address", false, Rewrite::HeapAddress)
}

/// The members of the table.
fn rewrites(ffi: &Ffi<'_>) -> FxHashMap<MemberId, Rewrite> {
    let rows = TABLE.iter();
    let found = rows.filter_map(|&(owner, name, is_setter, rewrite)| {
        let access = ffi.member_named(owner, super::name(name))?;
        let member = if is_setter { access.set } else { access.get };
        Some((member?, rewrite))
    });
    found.collect()
}

impl Ffi<'_> {
    /// A member of the library by the name of its owner, if it has one, and its own.
    fn member_named(&self, owner: &str, name: Symbol) -> Option<Access> {
        let world = self.world;
        if owner.is_empty() {
            let get = self.function(name.as_str());
            return Some(Access { get, set: None });
        }
        let declared = &world.library(self.library).declared;
        match declared.get(&super::name(owner))? {
            Decl::Class(class) => {
                let class = world.class(*class);
                let constructor = class.constructors.get(&name).map(|&constructor| Access {
                    get: Some(constructor),
                    set: None,
                });
                constructor.or_else(|| class.statics.get(&name).copied())
            }
            Decl::Extension(extension) => world.extension(*extension).instance.get(&name).copied(),
            _ => None,
        }
    }
}

/// Rewrites the calls in all bodies.
pub(super) fn rewrite(ffi: &Ffi<'_>, bodies: &mut [(MemberId, Body)], made: &Made) {
    let rewrites = rewrites(ffi);
    for (member, body) in bodies {
        check_constructor(ffi, *member, body);
        let calls = Calls {
            ffi,
            rewrites: &rewrites,
            made,
            file: ffi.world.member(*member).file,
            first_local: Cell::new(body.locals.len() as u32),
            locals: RefCell::default(),
            heap_addresses: RefCell::default(),
        };
        map_body(body, &calls);
        for span in calls.heap_addresses.take() {
            let message = "the address of what is in the heap can only be an argument of a call of a leaf '@Native' function";
            calls.error("ffi-address", span, message);
        }
        body.locals.extend(calls.locals.into_inner());
    }
}

/// A constructor of a struct or union sets no fields: they lie in memory that is there already.
fn check_constructor(ffi: &Ffi<'_>, member: MemberId, body: &Body) {
    let data = ffi.world.member(member);
    let Owner::Class(class) = data.owner else {
        return;
    };
    if data.kind != MemberKind::Constructor || !ffi.is_compound(class) {
        return;
    }
    for step in &body.initializers {
        if let Initializer::Field(field, value) = step
            && ffi
                .world
                .member(*field)
                .flags
                .contains(MemberFlags::EXTERNAL)
        {
            let message = "a constructor of a struct or union initialises no fields";
            ffi.error(data.file, "ffi-struct", value.span, message);
        }
    }
}

/// The walk over one body.
pub(super) struct Calls<'a> {
    ffi: &'a Ffi<'a>,
    rewrites: &'a FxHashMap<MemberId, Rewrite>,
    made: &'a Made,
    file: FileId,
    first_local: Cell<u32>,
    locals: RefCell<Vec<Local>>,
    /// Addresses of things in the heap that are no arguments of leaf calls, so far.
    heap_addresses: RefCell<Vec<Span>>,
}

impl Mapping for Calls<'_> {
    fn ty(&self, ty: Ty) -> Ty {
        ty
    }

    fn expr(&self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::InstanceSet { member, .. } | ExprKind::StaticSet(member, _) => {
                if let Some(&setter) = self.made.setters.get(member) {
                    *member = setter;
                }
            }
            ExprKind::New { class, .. } if self.ffi.is_compound(*class) => {
                self.error(
                    "ffi-struct",
                    expr.span,
                    "a struct or union is not made by a constructor: allocate it, take it from a pointer, or use 'create'",
                );
            }
            ExprKind::StaticCall { target, args } => {
                self.allow_heap_addresses(*target, args);
                if let Some(&rewrite) = self.rewrites.get(target) {
                    if matches!(rewrite, Rewrite::HeapAddress) {
                        self.heap_addresses.borrow_mut().push(expr.span);
                        return;
                    }
                    let args = std::mem::take(args);
                    self.put(expr, rewrite, args);
                }
            }
            ExprKind::NewFactory {
                constructor,
                types,
                args,
            } => {
                if let Some(&rewrite) = self.rewrites.get(constructor) {
                    let mut args = std::mem::take(args);
                    args.types = std::mem::take(types);
                    self.put(expr, rewrite, args);
                }
            }
            _ => {}
        }
    }
}

impl Calls<'_> {
    fn error(&self, code: &'static str, span: Span, message: impl Into<String>) {
        self.ffi.error(self.file, code, span, message);
    }

    /// A leaf call may be given addresses of what is in the heap: nothing moves, and nobody collects, meanwhile.
    fn allow_heap_addresses(&self, target: MemberId, args: &Args) {
        let given = args
            .positional
            .iter()
            .filter_map(|arg| self.heap_address(arg));
        let given: Vec<Span> = given.collect();
        let is_leaf = || super::members::symbol(self.ffi, target).is_some_and(|to| to.is_leaf);
        if !given.is_empty() && is_leaf() {
            let mut open = self.heap_addresses.borrow_mut();
            open.retain(|span| !given.contains(span));
        }
    }

    /// Where the expression, but for a `cast`, is the address of something in the heap.
    fn heap_address(&self, expr: &Expr) -> Option<Span> {
        match &expr.kind {
            ExprKind::StaticCall { target, .. } => {
                let rewrite = self.rewrites.get(target)?;
                matches!(rewrite, Rewrite::HeapAddress).then_some(expr.span)
            }
            ExprKind::InstanceCall {
                receiver, member, ..
            } if self.ffi.world.member(*member).name == super::name("cast") => {
                self.heap_address(receiver)
            }
            _ => None,
        }
    }

    fn local(&self, ty: Ty, span: Span) -> LocalId {
        let mut locals = self.locals.borrow_mut();
        locals.push(Local {
            name: super::name(":ffi"),
            ty,
            late: false,
            is_final: true,
            span,
        });
        LocalId(self.first_local.get() + locals.len() as u32 - 1)
    }

    fn put(&self, expr: &mut Expr, rewrite: Rewrite, args: Args) {
        // After an error types may be anything.
        let is_wrong = args.types.contains(&Ty::ERROR) || expr.ty == Ty::ERROR;
        let (ty, span) = (expr.ty, expr.span);
        let put = match is_wrong {
            true => None,
            false => self.replacement(rewrite, args, ty, span),
        };
        *expr = put.unwrap_or(Expr {
            kind: ExprKind::Unsupported("a call of dart:ffi with an error".into()),
            ty,
            span,
        });
    }

    fn replacement(&self, rewrite: Rewrite, args: Args, ty: Ty, span: Span) -> Option<Expr> {
        match rewrite {
            Rewrite::SizeOf => Some(int(self.size(&args, span)?, span)),
            Rewrite::Sized(function) => {
                let size = self.size(&args, span)?;
                self.with_number(function, size, args, ty, span)
            }
            Rewrite::Kind(function) => {
                let kind = args.types.first().and_then(|&of| self.ffi.native(of));
                let Some(kind) = kind.and_then(Native::kind) else {
                    return self.unknown(&args, span);
                };
                self.with_number(function, kind, args, ty, span)
            }
            Rewrite::AsFunction => self.called_function("_prepare", args, span),
            Rewrite::LookupFunction => self.called_function("_prepareLookup", args, span),
            Rewrite::IsolateLocal | Rewrite::IsolateGroupBound | Rewrite::Listener => {
                self.callable(rewrite, args, ty, span)
            }
            Rewrite::FromFunction => self.static_callback(args, ty, span),
            Rewrite::AddressOf => self.address_of(args, ty, span),
            Rewrite::HeapAddress => None,
        }
    }

    // ---- sizes

    fn size(&self, args: &Args, span: Span) -> Option<i64> {
        let of = args.types.first()?;
        match self.ffi.size_of(*of) {
            Some(size) => Some(size),
            None => self.unknown(args, span),
        }
    }

    fn unknown<T>(&self, args: &Args, span: Span) -> Option<T> {
        let of = args.types.first().copied().unwrap_or(Ty::ERROR);
        let shown = self.ffi.world.show(of);
        let message = match self.ffi.is_open(of) {
            true => format!("'{shown}' is not known before the program runs; name a native type"),
            false => format!("'{shown}' is no native type with a size"),
        };
        self.error("ffi-type", span, message);
        None
    }

    fn with_number(
        &self,
        function: &str,
        number: i64,
        args: Args,
        ty: Ty,
        span: Span,
    ) -> Option<Expr> {
        let mut call = self
            .ffi
            .call(function, args.types, args.positional, ty, span);
        if let ExprKind::StaticCall { args: given, .. } = &mut call.kind {
            given.positional.insert(0, int(number, span));
            given.named = args.named;
        }
        Some(call)
    }

    // ---- C functions as Dart's

    /// `asFunction` and `lookupFunction`: what prepares the call takes the signature first.
    fn called_function(&self, prepare: &str, args: Args, span: Span) -> Option<Expr> {
        let &[native, dart] = &args.types[..] else {
            return None;
        };
        let signature = self.ffi.signature(self.file, native, dart, span)?;
        let signature_text = text(&signature.text(self.ffi), span);
        let mut target = self
            .ffi
            .call(prepare, Vec::new(), args.positional, Ty::INT, span);
        if let ExprKind::StaticCall { args: given, .. } = &mut target.kind {
            given.positional.insert(0, signature_text);
            given.named = args.named;
        }
        self.closure(dart, &signature, target, span)
    }

    /// The closure over a target, whose code is a native.
    pub(super) fn closure(
        &self,
        dart: Ty,
        signature: &Signature,
        target: Expr,
        span: Span,
    ) -> Option<Expr> {
        let TyKind::Function { function, .. } = self.ffi.world.types.kind(dart) else {
            return None;
        };
        let prototype = self.prototype(signature, function, span);
        let prototype_local = self.local(Ty::OBJECT_N, span);
        let target_local = self.local(Ty::INT, span);
        let mention = |local, ty| {
            let kind = ExprKind::Local(local);
            let kind = StmtKind::Expr(Expr { kind, ty, span });
            Stmt { kind, span }
        };
        let mentions = vec![
            mention(prototype_local, Ty::OBJECT_N),
            mention(target_local, Ty::INT),
        ];
        let kind = StmtKind::Block(mentions);
        let node = FunctionNode {
            body: Some(Box::new(Stmt { kind, span })),
            native: Some("ffi/_call"),
            ..returning(
                self.params(&function.positional, span),
                null(span),
                function.result,
            )
        };
        let kind = ExprKind::Closure(Box::new(node));
        let closure = Expr {
            kind,
            ty: dart,
            span,
        };
        let inner = let_in(target_local, target, closure);
        Some(let_in(prototype_local, prototype, inner))
    }

    fn params(&self, types: &[Ty], span: Span) -> Vec<ParamNode> {
        let param = |&ty: &Ty| ParamNode {
            local: self.local(ty, span),
            kind: ParamKind::Required,
            default: None,
            check: false,
        };
        types.iter().map(param).collect()
    }

    /// An object of the class of the result, where that is one.
    fn prototype(&self, signature: &Signature, function: &FunctionTy, span: Span) -> Expr {
        let ty = function.result;
        match signature.result {
            Native::Pointer(_) => {
                let to = self.ffi.class_of(ty).map(|(_, args)| args.to_vec());
                let to = to.unwrap_or_default();
                self.ffi
                    .call("_pointerAt", to, vec![int(0, span)], ty, span)
            }
            Native::Compound(_) => {
                let args = vec![int(0, span), null(span)];
                self.ffi.call("_compoundAt", vec![ty], args, ty, span)
            }
            _ => null(span),
        }
    }

    // ---- Dart functions as C's

    fn callable(&self, rewrite: Rewrite, args: Args, ty: Ty, span: Span) -> Option<Expr> {
        let native = *args.types.first()?;
        let mut positional = args.positional.into_iter();
        let callback = positional.next()?;
        let signature = self.callback_signature(native, callback.ty, span)?;
        let adapter = self.adapter(&signature, callback.ty, span);
        let signature_text = text(&signature.text(self.ffi), span);
        let local = adapter.0;
        let mut given = vec![signature_text, adapter.1];
        let function = match rewrite {
            Rewrite::Listener => {
                if signature.result != Native::Void {
                    let message =
                        "nobody waits for what a listener gives: its function gives 'Void'";
                    self.error("ffi-callback", span, message);
                    return None;
                }
                "_listener"
            }
            _ => {
                let otherwise = args.named.into_iter().map(|(_, value)| value).next();
                given.push(self.exceptional(&signature, otherwise, span)?);
                match rewrite {
                    Rewrite::IsolateGroupBound => "_isolateGroupBound",
                    _ => "_isolateLocal",
                }
            }
        };
        let call = self.ffi.call(function, vec![native], given, ty, span);
        Some(let_in(local, callback, call))
    }

    fn callback_signature(&self, native: Ty, dart: Ty, span: Span) -> Option<Signature> {
        let signature = match Signature::of(self.ffi, native) {
            Ok(signature) => signature,
            Err(message) => {
                self.ffi.signature_error(self.file, span, message);
                return None;
            }
        };
        let own = signature.dart_type(self.ffi);
        if !self.ffi.world.is_subtype(dart, own) {
            let world = self.ffi.world;
            let message = format!(
                "a function of type '{}' cannot be called as '{}'",
                world.show(dart),
                world.show(native)
            );
            self.error("ffi-signature", span, message);
            return None;
        }
        Some(signature)
    }

    /// What C gets when the function throws: needed for numbers, and only for them.
    fn exceptional(&self, signature: &Signature, given: Option<Expr>, span: Span) -> Option<Expr> {
        let result = signature.result;
        let needed = !matches!(
            result,
            Native::Void | Native::Pointer(_) | Native::Compound(_)
        );
        let given = given.filter(|given| !matches!(given.kind, ExprKind::Null));
        match (needed, given) {
            (false, None) => Some(null(span)),
            (true, Some(given)) => {
                let wanted = result.dart_type(self.ffi);
                let fits = self.ffi.world.is_subtype(given.ty, wanted)
                    || (wanted == Ty::DOUBLE && given.ty == Ty::INT);
                if !fits {
                    let message = "the exceptional return value does not fit the native function";
                    self.error("ffi-callback", given.span, message);
                    return None;
                }
                Some(given)
            }
            (true, None) => {
                let message = "a function that gives a number needs an exceptional return value";
                self.error("ffi-callback", span, message);
                None
            }
            (false, Some(given)) => {
                let message = "a function that gives no number has no exceptional return value";
                self.error("ffi-callback", given.span, message);
                None
            }
        }
    }

    /// A closure that takes numbers and bytes, and calls the function in the local that comes with it.
    fn adapter(&self, signature: &Signature, callback: Ty, span: Span) -> (LocalId, Expr) {
        let ffi = self.ffi;
        let function = self.local(callback, span);
        let raw_types = signature.params.iter().map(|param| match param {
            Native::Float { .. } => Ty::DOUBLE,
            Native::Compound(_) => Ty::OBJECT,
            _ => Ty::INT,
        });
        let raw_types: Vec<Ty> = raw_types.collect();
        let params = self.params(&raw_types, span);
        let read = |local, ty| {
            let kind = ExprKind::Local(local);
            Expr { kind, ty, span }
        };
        let arguments = params.iter().zip(&raw_types).zip(&signature.params);
        let arguments = arguments.map(|((param, &raw), native)| {
            let raw = read(param.local, raw);
            let ty = native.dart_type(ffi);
            match native {
                Native::Bool => ffi.call("_isTrue", Vec::new(), vec![raw], ty, span),
                Native::Pointer(to) => ffi.call("_pointerAt", vec![*to], vec![raw], ty, span),
                Native::Compound(_) => ffi.call("_wrap", vec![ty], vec![raw], ty, span),
                _ => raw,
            }
        });
        let kind = ExprKind::ClosureCall {
            callee: Box::new(read(function, callback)),
            args: Args {
                types: Vec::new(),
                positional: arguments.collect(),
                named: Vec::new(),
            },
        };
        let ty = match ffi.world.types.kind(callback) {
            TyKind::Function { function, .. } => function.result,
            _ => signature.result.dart_type(ffi),
        };
        let value = Expr { kind, ty, span };
        let (value, result) = match signature.result {
            Native::Pointer(_) => {
                let address = ffi.call("_pointerAddress", Vec::new(), vec![value], Ty::INT, span);
                (address, Ty::INT)
            }
            Native::Void => (value, Ty::DYNAMIC),
            _ => (value, ty),
        };
        let types = FunctionTy {
            type_params: Box::default(),
            positional: raw_types.into(),
            required: params.len() as u32,
            named: Box::default(),
            result,
        };
        let node = returning(params, value, result);
        let kind = ExprKind::Closure(Box::new(node));
        let ty = ffi.world.types.function(types);
        (function, Expr { kind, ty, span })
    }

    fn static_callback(&self, args: Args, ty: Ty, span: Span) -> Option<Expr> {
        let native = *args.types.first()?;
        let mut positional = args.positional.into_iter();
        let callback = positional.next()?;
        let is_static = match &callback.kind {
            ExprKind::StaticTearOff(_) => true,
            ExprKind::Const(id) => matches!(
                self.ffi.world.consts.value(*id),
                crate::program::ConstValue::Function(..)
            ),
            _ => false,
        };
        if !is_static {
            let message = "'fromFunction' takes a static function; see NativeCallable for closures";
            self.error("ffi-callback", callback.span, message);
            return None;
        }
        let signature = self.callback_signature(native, callback.ty, span)?;
        let (local, adapter) = self.adapter(&signature, callback.ty, span);
        let otherwise = self.exceptional(&signature, positional.next(), span)?;
        let kind = ExprKind::Local(local);
        let function = Expr {
            kind,
            ty: callback.ty,
            span,
        };
        let given = vec![
            text(&signature.text(self.ffi), span),
            adapter,
            function,
            otherwise,
        ];
        let call = self
            .ffi
            .call("_fromFunction", vec![native], given, ty, span);
        Some(let_in(local, callback, call))
    }

    // ---- @Native

    fn address_of(&self, args: Args, ty: Ty, span: Span) -> Option<Expr> {
        let to = *args.types.first()?;
        let named = args.positional.into_iter().next()?;
        let member = match named.kind {
            ExprKind::StaticTearOff(member) | ExprKind::StaticGet(member) => Some(member),
            ExprKind::Const(id) => match self.ffi.world.consts.value(id) {
                crate::program::ConstValue::Function(member, _) => Some(*member),
                _ => None,
            },
            _ => None,
        };
        let symbol = member.and_then(|member| super::members::symbol(self.ffi, member));
        let Some(symbol) = symbol else {
            let message =
                "'Native.addressOf' takes a function or variable that has a '@Native' annotation";
            self.error("ffi-native", span, message);
            return None;
        };
        let given = symbol.texts(span);
        Some(self.ffi.call("_nativePointer", vec![to], given, ty, span))
    }
}

fn let_in(local: LocalId, value: Expr, body: Expr) -> Expr {
    let (ty, span) = (body.ty, body.span);
    let kind = ExprKind::Let {
        local,
        value: Box::new(value),
        body: Box::new(body),
    };
    Expr { kind, ty, span }
}

/// The closure that a `@Native` function calls, as the initial value of a variable.
pub(super) fn native_closure(
    ffi: &Ffi<'_>,
    dart: Ty,
    signature: &Signature,
    symbol: &super::members::NativeSymbol,
    span: Span,
) -> Option<(Vec<Local>, Expr)> {
    let (rewrites, made) = (FxHashMap::default(), Made::default());
    let calls = Calls {
        ffi,
        rewrites: &rewrites,
        made: &made,
        file: FileId(0),
        first_local: Cell::new(0),
        locals: RefCell::default(),
        heap_addresses: RefCell::default(),
    };
    let mut given = vec![text(&signature.text(ffi), span)];
    given.extend(symbol.texts(span));
    given.push(boolean(symbol.is_leaf, span));
    let target = ffi.call("_prepareNative", Vec::new(), given, Ty::INT, span);
    let closure = calls.closure(dart, signature, target, span)?;
    Some((calls.locals.into_inner(), closure))
}
