//! Under construction.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod codec;
mod error;
mod hex;
mod list;
mod reader;
mod writer;

pub mod alert;
pub mod codes;
pub mod ext;
pub mod handshake;
pub mod record;
pub mod tree;

pub use codec::{Decode, Encode};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use list::{List, ListIter};
pub use reader::Reader;
pub use writer::Writer;

#[doc(no_inline)]
pub use {alert::*, codes::*, ext::*, handshake::*, record::*};
