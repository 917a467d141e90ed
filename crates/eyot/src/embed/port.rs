//! Ports: sending to isolates from any thread, and getting their messages.

use std::sync::{Arc, Mutex, PoisonError};

use eyot_corelib::natives::native_port;
use eyot_corelib::natives::parcel::{Item, Parcel};
use eyot_runtime::isolate::{Group, numbered};

use super::error::PostError;
use super::group;
use super::message::Message;

/// A port that messages can be sent to from any thread. Copies are the same port, and it may be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SendPort {
    number: i64,
}

impl SendPort {
    pub(super) fn of_number(number: i64) -> SendPort {
        SendPort { number }
    }

    /// The port with that number, which Dart code has from `SendPort.nativePort` of `dart:ffi`, and C from its ports; none if it is closed.
    pub fn from_id(id: i64) -> Option<SendPort> {
        numbered::port(id).map(|_| SendPort { number: id })
    }

    /// Its number. No other port of the process ever has it.
    pub fn id(self) -> i64 {
        self.number
    }

    /// Sends a message. It is taken apart here and made objects of in the receiver's heap; typed data that is not small stays where it is.
    ///
    /// # Errors
    ///
    /// If the port is closed, or the message is none that can be sent.
    pub fn post(self, message: impl Into<Message>) -> Result<(), PostError> {
        let parcel = message.into().into_parcel();
        self.send(parcel.map_err(PostError::Unsendable)?)
    }

    /// Sends a `Uint8List` over the memory of `owner`, which is dropped when Dart needs the bytes no more, or when this fails. Dart may
    /// write to them.
    ///
    /// # Errors
    ///
    /// If the port is closed.
    pub fn post_external(self, owner: impl AsMut<[u8]> + Send + 'static) -> Result<(), PostError> {
        let mut parcel = Parcel::new();
        parcel.root = parcel.add(Item::of_owner(owner));
        self.send(parcel)
    }

    fn send(self, parcel: Parcel) -> Result<(), PostError> {
        let sent = numbered::send(self.number, parcel.into_message());
        sent.map_err(|_| PostError::Closed)
    }
}

/// A port whose messages a function of the host gets; see [`super::Group::native_port`].
#[derive(Debug)]
pub struct NativePort {
    port: SendPort,
}

impl NativePort {
    pub(super) fn open(
        group: &Arc<Group>,
        shared: &Arc<group::Shared>,
        name: &str,
        handler: impl FnMut(Message) + Send + 'static,
    ) -> NativePort {
        let (handler, shared) = (Mutex::new(handler), shared.clone());
        let call = move |_, parcel| {
            let message = Message::of_parcel(parcel);
            // A panic in the last call is none of this one's.
            let mut handler = handler.lock().unwrap_or_else(PoisonError::into_inner);
            shared.guarded(|| handler(message));
        };
        NativePort {
            port: SendPort::of_number(native_port::open(group, name, Arc::new(call))),
        }
    }

    /// Where to send to.
    pub fn send_port(&self) -> SendPort {
        self.port
    }

    /// Closes it, as dropping this does. A message that is being handled is handled to its end; others that wait are lost.
    pub fn close(self) {}
}

impl Drop for NativePort {
    fn drop(&mut self) {
        native_port::close(self.port.id());
    }
}
