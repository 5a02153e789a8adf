//! A proxy between real clients and upstreams.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod early_data;
mod forwarding;
mod limits;
mod reloading;
mod support;
