//! Unwind safety of the halves of a connection, which have trait objects: providers, keys, stores, clocks,
//! logs.
//!
//! Trait objects are not automatically unwind safe, so the halves would be neither [`UnwindSafe`] nor
//! [`RefUnwindSafe`]. In fact they are both:
//!
//! - A reader and a writer change only through `&mut`, which is never unwind safe. If a panic of the caller's
//!   code passes through one, the unfinished connection is dropped with the closure that owned it.
//! - The trait objects are `Sync`: their changing parts have locks of their own, which define the effect of a
//!   panic.

use crate::connection::{Reader, Writer};
use core::panic::{RefUnwindSafe, UnwindSafe};

macro_rules! unwind_safe {
    ($($name:ident),*) => {
        $(
            impl UnwindSafe for $name {}
            impl RefUnwindSafe for $name {}
        )*
    };
}

unwind_safe!(Reader, Writer);
