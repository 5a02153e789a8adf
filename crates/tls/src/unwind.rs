//! Unwind safety of what holds trait objects: providers, keys, stores, clocks, logs.
//!
//! The compiler concludes nothing about a trait object, so these types would be neither [`UnwindSafe`] nor
//! [`RefUnwindSafe`], and a server that catches the panics of its requests could not share a configuration with them.
//! They are both in truth:
//!
//! - A configuration is not changed once it is built. A builder is consumed and returned by each of its methods.
//! - A reader and a writer change by `&mut` alone, which is never unwind safe. Where a panic of a caller's own code
//!   passes through one, what is left is a connection that has not finished a step, and it is dropped with the closure that
//!   owned it.
//! - Behind the trait objects everything is `Sync`: what changes there has its own lock, and says itself what a panic
//!   under that lock means.

use crate::{ClientConfig, ClientConfigBuilder, Reader, ServerConfig, ServerConfigBuilder, Writer};
use core::panic::{RefUnwindSafe, UnwindSafe};

macro_rules! unwind_safe {
    ($($name:ident),*) => {
        $(
            impl UnwindSafe for $name {}
            impl RefUnwindSafe for $name {}
        )*
    };
}

unwind_safe!(ClientConfig, ClientConfigBuilder, Reader, ServerConfig, ServerConfigBuilder, Writer);
