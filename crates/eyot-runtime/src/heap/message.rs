//! Messages: values on their way from one heap to another.
//!
//! A message owns its blocks, so it needs no heap of its own and no lock. [`Heap::copy_message`] makes one in a single pass:
//! each object is copied straight into a block of the message, and the sender's header is overwritten with the new address, so
//! that cycles and shared objects stay what they are; a log of the headers puts them back afterwards. The receiver takes
//! the blocks as they are ([`Heap::adopt`]) and pays for blocks, not for objects.
//!
//! | value | how it travels |
//! | --- | --- |
//! | null, bool, number, SendPort, Capability, short Latin-1 string | in the envelope |
//! | string in a blob, or transferable, by itself | its blob in the envelope |
//! | constants, objects of frozen regions | by reference |
//! | immutable graphs (see `freeze`) | copied into a frozen region the first time, by reference from then on |
//! | string in a blob | handle copied, blob counted |
//! | typed data | its whole buffer copied once, views of one buffer keep sharing it |
//! | transferable | handle copied, the buffer moves |
//! | weak reference, ephemeron | copied; what only they refer to is not |
//! | anything else that may be sent | copied |
//!
//! [`Heap::hand_over`] is for the end of an isolate: if much is alive, its blocks themselves become the message (see `leave`).
//!
//! Copies keep their identity hash, and string hashes are the same in all isolates, so hash tables stay valid.

mod copy;
mod freeze;
mod immutable;
mod leave;
mod path;
mod plain;
mod share;
mod small;

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;

use copy::Copier;
pub use leave::{Leaving, Left};
pub use path::{Step, Unsendable};
pub use plain::Plain;
pub use share::SharedValue;
pub use small::SmallGraph;

use super::blob::{Blob, HeldBlob, READ_ONLY};
use super::block::{BlockList, Chain};
use super::collect::{Extent, give_all};
use super::layout::{Kind, Layout, LayoutTable};
use super::lend::{LentBuffers, is_worth_lending};
use super::region::{Region, RegionId};
use super::roots::Roots;
use super::scarce::Scarce;
use super::{Allocated, Heap, verify};
use crate::object::{Header, ObjRef, StringView, slot, string_view};
use crate::value::Value;

/// Code units of a string that fits in the envelope.
const INLINE_UNITS: usize = 22;

/// Once messages have copied so many bytes of unmodifiable views a collection is worth it.
const COPIED_VIEW_BYTES: u32 = 256 << 10;

/// A value in flight.
pub enum Message {
    /// Null, a bool, a small integer.
    Immediate(Value),
    /// An integer beyond 63 bits.
    Int(i64),
    /// A double.
    Double(f64),
    /// A SendPort: isolate id, port number.
    SendPort(u64, u64),
    /// A Capability.
    Capability(u64),
    /// A short string of Latin-1 code units.
    Text(u8, [u8; INLINE_UNITS]),
    /// A handle of a blob: a string, a transferable.
    Handle {
        /// Its class.
        class: ClassId,
        /// Its length word.
        length: u64,
        /// The blob.
        blob: HeldBlob,
    },
    /// A constant.
    Frozen(Value),
    /// An object of a frozen region.
    Shared(Value, Region),
    /// A few objects in one block.
    Small(SmallGraph),
    /// Objects.
    Graph(Box<Graph>),
    /// Made by the runtime itself.
    Made(Box<Made>),
}

/// What the runtime itself sends.
pub enum Made {
    /// A string.
    Text(Box<str>),
    /// Anything plain.
    Plain(Plain),
    /// What its maker builds in the receiver's heap.
    Built(Box<dyn Build>),
}

/// Something that a library sends from outside any heap, which only that library can make a value of.
pub trait Build: std::any::Any + Send {
    /// Bytes that the receiver will be charged for.
    fn bytes(&self) -> usize;

    /// The value. A safepoint.
    fn build(self: Box<Self>, heap: &mut Heap, roots: &mut dyn Roots) -> Allocated<Value>;
}

const _: () = assert!(size_of::<Message>() == 24);

// SAFETY: a message owns what it refers to, but for frozen data, which is shared and immutable.
unsafe impl Send for Message {}

/// Objects in flight and the blocks they are in.
pub struct Graph {
    root: Value,
    blocks: Chain,
    large: Chain,
    handles: Vec<ObjRef>,
    external_bytes: usize,
    /// The frozen regions that the objects refer to.
    regions: Vec<Region>,
    /// Blocks handed over: the objects are marked old.
    old: bool,
}

impl Graph {
    /// Bytes of the blocks, and of the blobs that come with them.
    fn bytes(&self) -> usize {
        self.blocks.list().bytes() + self.large.list().bytes() + self.external_bytes
    }

    /// Blocks and root, for the verifier.
    pub(super) fn parts(&self) -> ([&BlockList; 2], Value) {
        ([self.blocks.list(), self.large.list()], self.root)
    }
}

impl Message {
    /// Bytes that the receiver will be charged for.
    pub fn bytes(&self) -> usize {
        match self {
            Message::Small(graph) => graph.bytes(),
            Message::Graph(graph) => graph.bytes(),
            Message::Handle { blob, .. } => blob.blob().bytes(),
            Message::Made(made) => match &**made {
                Made::Built(built) => built.bytes(),
                Made::Text(_) | Made::Plain(_) => 0,
            },
            _ => 0,
        }
    }

    /// A message of a text, made outside any heap.
    pub fn of_text(text: &str) -> Message {
        Message::Made(Box::new(Made::Text(text.into())))
    }

    /// A message of a list of texts, made outside any heap.
    pub fn of_texts(texts: &[&str]) -> Message {
        let texts = texts.iter().map(|&text| Plain::Text(text.into()));
        Message::of_plain(Plain::List(texts.collect()))
    }

    /// A message of plain data, made outside any heap.
    pub fn of_plain(plain: Plain) -> Message {
        Message::Made(Box::new(Made::Plain(plain)))
    }

    /// A message that is built where it arrives.
    pub fn of_built(built: Box<dyn Build>) -> Message {
        Message::Made(Box::new(Made::Built(built)))
    }

    /// What [`Message::of_built`] was given, if it comes back.
    pub fn into_built(self) -> Option<Box<dyn Build>> {
        match self {
            Message::Made(made) => match *made {
                Made::Built(built) => Some(built),
                Made::Text(_) | Made::Plain(_) => None,
            },
            _ => None,
        }
    }

    /// The envelope of a value that needs no blocks. Frozen data is left to the caller.
    fn inline(value: Value) -> Option<Message> {
        let Some(object) = ObjRef::of(value) else {
            return Some(Message::Immediate(value));
        };
        // SAFETY: the value is a live object of the sender, with the words of its class.
        unsafe {
            match object.class() {
                class::INT => Some(Message::Int(object.word(1) as i64)),
                class::DOUBLE => Some(Message::Double(f64::from_bits(object.word(1)))),
                class::SEND_PORT => Some(Message::SendPort(object.word(1), object.word(2))),
                class::CAPABILITY => Some(Message::Capability(object.word(1))),
                class::ONE_BYTE_STRING => match string_view(value) {
                    Some(StringView::OneByte(units)) if units.len() <= INLINE_UNITS => {
                        let mut text = [0; INLINE_UNITS];
                        text[..units.len()].copy_from_slice(units);
                        Some(Message::Text(units.len() as u8, text))
                    }
                    _ => None,
                },
                _ => None,
            }
        }
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Message::Immediate(value) => write!(f, "{value:?}"),
            _ => write!(f, "message of {} bytes", self.bytes()),
        }
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        for handle in self.handles.drain(..) {
            // SAFETY: the message's handles are objects of its own blocks.
            unsafe { release_blob(handle) };
        }
        give_all(&mut self.blocks.take());
        give_all(&mut self.large.take());
    }
}

/// # Safety
/// A live blob handle, which is not used any more.
unsafe fn release_blob(handle: ObjRef) {
    // SAFETY: the caller's.
    unsafe {
        if let Some(blob) = Blob::from_word(handle.word(slot::BLOB)) {
            blob.release();
        }
    }
}

impl Heap {
    /// Copies a value for another isolate. Nothing of this heap changes but transferables, whose buffers move into the message; on
    /// failure nothing at all.
    pub fn copy_message(&mut self, value: Value) -> Result<Message, Box<Unsendable>> {
        if !value.is_pointer() {
            return Ok(Message::Immediate(value));
        }
        match self.shared(value) {
            Some(message) => Ok(message),
            None => self.copy_by(value, None),
        }
    }

    /// Whether messages have copied many bytes of unmodifiable views: most likely the lists that the views were made of are garbage, and once a
    /// collection has found that the bytes are shared.
    #[inline]
    pub fn has_copied_views(&self) -> bool {
        self.copied_view_bytes >= COPIED_VIEW_BYTES
    }

    /// Does that collection. A safepoint.
    pub fn collect_after_views(&mut self, roots: &mut dyn Roots) {
        self.copied_view_bytes = 0;
        self.collect_due(roots);
    }

    /// The message of a string in a blob, of typed data that is a whole buffer worth lending, or of a transferable, whose buffer it takes.
    fn handle_message(&mut self, value: Value) -> Option<Message> {
        let object = ObjRef::of(value)?;
        // SAFETY: the value refers to a live object, which is a blob handle if its class or flag says so.
        unsafe {
            let header = object.header();
            let class = header.class();
            let length = object.word(slot::DATA_LENGTH);
            let blob = if class == class::TRANSFERABLE {
                HeldBlob::new(self.take_blob(object)?)
            } else if self.is_whole_string(object, header) {
                let blob = Blob::from_word(object.word(slot::BLOB))?;
                blob.retain();
                HeldBlob::new(blob)
            } else if self.is_whole_buffer(object, header) {
                self.lend(object)?
            } else {
                return None;
            };
            Some(Message::Handle {
                class,
                length,
                blob,
            })
        }
    }

    /// Whether an object needs no blocks, but a handle in the envelope.
    ///
    /// # Safety
    /// A live object.
    unsafe fn is_whole_handle(&self, object: ObjRef) -> bool {
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            header.class() == class::TRANSFERABLE || self.is_whole_string(object, header)
        }
    }

    /// Whether an object is typed data that starts with its buffer and may write to it, if that is worth lending.
    ///
    /// # Safety
    /// A live object with this header.
    unsafe fn is_whole_buffer(&self, object: ObjRef, header: Header) -> bool {
        // SAFETY: the caller's; blob handles have these words.
        unsafe {
            let word = || object.word(slot::BLOB);
            self.layouts.get(header.class()).kind == Kind::Blob
                && word() & READ_ONLY == 0
                && Blob::from_word(word()).is_some_and(|blob| {
                    is_worth_lending(blob) && blob.data() as u64 == object.word(slot::DATA_POINTER)
                })
        }
    }

    /// Whether an object is a string whose units are a blob from its first byte on.
    ///
    /// # Safety
    /// A live object with this header.
    unsafe fn is_whole_string(&self, object: ObjRef, header: Header) -> bool {
        // SAFETY: the caller's; external strings have these words.
        unsafe {
            matches!(
                self.layouts.get(header.class()).kind,
                Kind::OneByteString | Kind::TwoByteString
            ) && header.has(Header::EXTERNAL)
                && Blob::from_word(object.word(slot::BLOB))
                    .is_some_and(|blob| blob.data() as u64 == object.word(slot::DATA_POINTER))
        }
    }

    /// The message of a value that is frozen, or has a frozen copy.
    fn shared(&mut self, value: Value) -> Option<Message> {
        let object = ObjRef::of(value)?;
        // SAFETY: the value refers to a live object, whose region, if it is in one, this heap holds.
        unsafe {
            let header = object.header();
            let frozen = if header.has(Header::FROZEN) {
                object
            } else if header.has(Header::FROZEN_COPY) {
                self.regions.as_mut()?.copies.of(object, header)?
            } else {
                return None;
            };
            Some(match RegionId::of(frozen) {
                Some(region) => Message::Shared(frozen.value(), region.hold()),
                None => Message::Frozen(frozen.value()),
            })
        }
    }

    /// Copies a value for an isolate of another group: numbers, strings, lists, maps and sets of the core, typed data, ports,
    /// capabilities and transferables. Nothing is shared but strings' and transferables' bytes; `targs` gives the other group's vector
    /// for one of this group's.
    pub fn copy_message_between_groups(
        &mut self,
        value: Value,
        targs: &mut dyn FnMut(u64) -> u64,
    ) -> Result<Message, Box<Unsendable>> {
        self.copy_by(value, Some(targs))
    }

    fn copy_by(
        &mut self,
        value: Value,
        foreign: Option<ForeignTargs<'_>>,
    ) -> Result<Message, Box<Unsendable>> {
        if let Some(message) = Message::inline(value).or_else(|| self.handle_message(value)) {
            return Ok(message);
        }
        if foreign.is_none()
            && let Some(message) = self.copy_small(value)
        {
            return Ok(message);
        }
        let rules = Rules {
            layouts: &self.layouts,
            between_groups: foreign.is_some(),
        };
        let mut copier = Copier::new(&self.layouts, foreign, &mut self.regions);
        let root = copier.copy_value(value);
        copier.run();
        let is_refused = copier.refused.is_some();
        copier.restore(is_refused);
        if is_refused {
            copier.give_up();
            return Err(Box::new(path::find(value, rules)));
        }
        if self.verifies
            && let Some(region) = copier.held.as_ref().and_then(|held| held.newest())
        {
            verify::verify_region_or_stop(region, &self.layouts);
        }
        let transferables = std::mem::take(&mut copier.transferables);
        let lent = std::mem::take(&mut copier.lent);
        let read_only_bytes = u32::try_from(copier.read_only_bytes).unwrap_or(u32::MAX);
        self.copied_view_bytes = self.copied_view_bytes.saturating_add(read_only_bytes);
        let mut message = copier.finish(root);
        if let Message::Graph(graph) = &mut message {
            let mut buffers = LentBuffers::default();
            for (sent, copy) in lent {
                // SAFETY: the copy is the message's, and without a count.
                unsafe { buffers.lend(self, sent, copy) };
                graph.handles.push(copy);
            }
            graph.external_bytes += buffers.bytes;
            for (sent, copy) in transferables {
                // The copy holds the count now.
                if let Some(blob) = self.take_blob(sent) {
                    graph.external_bytes += blob.bytes();
                    // SAFETY: the copy is the message's.
                    unsafe { copy.set_header(copy.header().with(Header::EXTERNAL)) };
                    graph.handles.push(copy);
                }
            }
            if self.verifies {
                let (lists, root) = graph.parts();
                verify::verify_message_or_stop(lists, &self.layouts, root);
            }
        }
        Ok(message)
    }

    /// Takes a message in and gives its value. A safepoint. If the limit forbids it the message is dropped.
    pub fn adopt(&mut self, message: Message, roots: &mut dyn Roots) -> Allocated<Value> {
        match message {
            Message::Immediate(value) | Message::Frozen(value) => Ok(value),
            Message::Shared(value, region) => {
                self.adopt_region(region, roots)?;
                Ok(value)
            }
            Message::Handle {
                class,
                length,
                blob,
            } => {
                self.before_adoption(blob.blob().bytes(), roots)?;
                let handle = match self.layouts.get(class).kind == Kind::Blob
                    && class != class::TRANSFERABLE
                {
                    true => self.adopt_lent(class, blob, length, roots)?,
                    false => self.adopt_blob(class, blob.into_count(), length, roots)?,
                };
                Ok(handle.value())
            }
            Message::Int(value) => self.box_int(value, roots),
            Message::Double(value) => self.box_double(value, roots),
            Message::SendPort(isolate, port) => {
                self.new_raw(class::SEND_PORT, &[isolate, port], roots)
            }
            Message::Capability(id) => self.new_raw(class::CAPABILITY, &[id], roots),
            Message::Text(length, units) => {
                let units = units.get(..usize::from(length)).unwrap_or(&[]);
                self.new_one_byte_string(units, roots)
            }
            Message::Small(graph) => {
                self.before_adoption(graph.bytes(), roots)?;
                let (root, block) = graph.into_parts();
                // SAFETY: the message hands its block over.
                unsafe { block.header() }.owner = self.owner;
                self.young.cohorts.push(block);
                Ok(root)
            }
            Message::Graph(graph) => self.adopt_graph(*graph, roots),
            Message::Made(made) => match *made {
                Made::Text(text) => self.new_string(&text, roots),
                Made::Plain(plain) => self.new_plain(&plain, roots),
                Made::Built(built) => built.build(self, roots),
            },
        }
    }

    /// If frozen copies of this heap's own objects come home before they have replaced the originals, that must be now: the program
    /// may compare them. A safepoint.
    fn meet_own(&mut self, regions: &[Region], roots: &mut dyn Roots) {
        let Some(held) = &self.regions else {
            return;
        };
        if regions.iter().any(|region| held.is_fresh(region.id())) {
            let extent = held.extent_to_replace();
            if extent == Extent::Full {
                // A collection that was prepared replaces no old ones.
                self.abandon_premark();
            }
            self.collect(extent, roots);
        }
    }

    /// Bytes that this heap would be charged for these regions.
    fn bytes_added_by(&self, regions: &[Region]) -> usize {
        match &self.regions {
            Some(held) => held.bytes_added_by(regions),
            None => regions.iter().map(Region::bytes).sum(),
        }
    }

    fn adopt_region(&mut self, region: Region, roots: &mut dyn Roots) -> Allocated<()> {
        let regions = std::slice::from_ref(&region);
        self.meet_own(regions, roots);
        let bytes = self.bytes_added_by(regions);
        self.before_adoption(bytes, roots)?;
        self.regions.get_or_insert_default().hold(region);
        Ok(())
    }

    fn new_raw(&mut self, of: ClassId, words: &[u64], roots: &mut dyn Roots) -> Allocated<Value> {
        let object = self.new_object(of, words.len() + 1, roots)?;
        for (index, &word) in words.iter().enumerate() {
            // SAFETY: fresh.
            unsafe { object.set_word(index + 1, word) };
        }
        Ok(object.value())
    }

    fn adopt_graph(&mut self, mut graph: Graph, roots: &mut dyn Roots) -> Allocated<Value> {
        let bytes = graph.bytes();
        self.meet_own(&graph.regions, roots);
        let shared = self.bytes_added_by(&graph.regions);
        self.before_adoption(bytes + shared, roots)?;
        for region in std::mem::take(&mut graph.regions) {
            self.regions.get_or_insert_default().hold(region);
        }
        // Who takes over many blocks does not touch each: only the verifier asks whose they are.
        if self.verifies || cfg!(test) {
            let (lists, _) = graph.parts();
            for block in lists.into_iter().flat_map(BlockList::iter) {
                // SAFETY: the message hands its blocks over.
                unsafe { block.header() }.owner = self.owner;
            }
        }
        let external_bytes = std::mem::take(&mut graph.external_bytes);
        self.external_bytes += external_bytes;
        if graph.old {
            // All of it was just found alive: there is no reason yet to look at it again.
            self.major_threshold = self.major_threshold.saturating_add(2 * bytes);
            self.old.blocks.join(&mut graph.blocks);
            self.old.large.join(&mut graph.large);
            take_in(&mut self.old_handles, &mut graph.handles);
            self.note_adopted(bytes);
        } else {
            self.external_young_bytes += external_bytes;
            self.young.cohorts.join(&mut graph.blocks);
            self.young.large.join(&mut graph.large);
            take_in(&mut self.young_handles, &mut graph.handles);
        }
        Ok(graph.root)
    }
}

/// Puts what a message brings to what is there: the fewer are moved.
fn take_in(own: &mut Scarce<Vec<ObjRef>>, brought: &mut Vec<ObjRef>) {
    if brought.is_empty() {
        return;
    }
    if own.len() < brought.len() {
        std::mem::swap(&mut **own, brought);
    }
    own.append(brought);
}

/// Gives the other group's type argument vector.
type ForeignTargs<'a> = &'a mut dyn FnMut(u64) -> u64;

/// What may be sent.
#[derive(Clone, Copy)]
struct Rules<'a> {
    layouts: &'a LayoutTable,
    between_groups: bool,
}

impl Rules<'_> {
    /// Whether an object, by itself, must not be sent.
    ///
    /// # Safety
    /// A live object with this header.
    #[inline(always)]
    unsafe fn refuse(self, object: ObjRef, header: Header, layout: &Layout) -> bool {
        // SAFETY: the caller's.
        layout.unsendable
            || unsafe { is_spent_transferable(object, header) }
            || self.between_groups && !is_plain(header.class(), layout)
    }
}

/// Whether objects of a class mean the same in every group.
fn is_plain(of: ClassId, layout: &Layout) -> bool {
    match of {
        class::INT
        | class::DOUBLE
        | class::FIXED_LIST
        | class::IMMUTABLE_LIST
        | class::GROWABLE_LIST
        | class::MAP
        | class::SET
        | class::CONST_MAP
        | class::CONST_SET
        | class::SEND_PORT
        | class::CAPABILITY => true,
        _ => matches!(
            layout.kind,
            Kind::OneByteString | Kind::TwoByteString | Kind::IndexTable | Kind::Blob
        ),
    }
}

/// Whether a value is an object that lives as long as the group.
pub fn is_constant(value: Value) -> bool {
    // SAFETY: the value refers to a live object.
    let header = ObjRef::of(value).map(|object| unsafe { object.header() });
    header.is_some_and(|header| header.has(Header::FROZEN) && !header.has(Header::IN_REGION))
}

fn is_frozen(value: Value) -> bool {
    // SAFETY: the value refers to a live object.
    ObjRef::of(value).is_some_and(|object| unsafe { object.header() }.has(Header::FROZEN))
}

/// A transferable whose buffer was taken out or sent before.
///
/// # Safety
/// A live object with this header.
unsafe fn is_spent_transferable(object: ObjRef, header: Header) -> bool {
    // SAFETY: the caller's; transferables have a blob word.
    header.class() == class::TRANSFERABLE && unsafe { object.word(slot::BLOB) } == 0
}
