//! Unwind safety of the types that have trait objects: providers, keys, stores, clocks, logs.
//!
//! Trait objects are not automatically unwind safe, so these types would be neither [`UnwindSafe`] nor
//! [`RefUnwindSafe`], and a server that catches panics could not share a configuration with its requests. In
//! fact they are both:
//!
//! - A configuration does not change after it is built. Each method of a builder consumes and returns it.
//! - The trait objects are `Sync`: their changing parts have locks of their own, which define the effect of a
//!   panic.

use crate::{
    client::{ClientConfig, ClientConfigBuilder},
    connection::ConnectionConfig,
    server::{ServerConfig, ServerConfigBuilder},
};
use core::panic::{RefUnwindSafe, UnwindSafe};

macro_rules! unwind_safe {
    ($($name:ident),*) => {
        $(
            impl UnwindSafe for $name {}
            impl RefUnwindSafe for $name {}
        )*
    };
}

unwind_safe!(ClientConfig, ClientConfigBuilder, ConnectionConfig, ServerConfig, ServerConfigBuilder);
