//! Encryption of a stream socket.

use std::fs::File;
use std::io;

use eyot_runtime::heap::message::Plain;

use super::endpoints::Endpoints;
use super::operation::{Answer, Arguments};

pub struct Session {}

impl Session {
    pub fn read(&mut self, _file: &File, _bytes: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
    pub fn write(&mut self, _file: &File, _bytes: &[u8]) -> io::Result<usize> {
        Ok(0)
    }
    pub fn available(&mut self, _file: &File) -> io::Result<usize> {
        Ok(0)
    }
    pub fn ready(&mut self, _bits: u8) -> u8 {
        0
    }
    pub fn wants_write(&self) -> bool {
        false
    }
}

pub fn perform(_number: i64, _endpoints: &mut Endpoints, _arguments: &Arguments) -> Answer {
    let _ = Plain::Null;
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
