//! Two machines in memory, with answers to their questions.
#![allow(
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod delegation;
mod end;
mod outcome;
mod pairs;
mod settings;

pub mod compression;
pub mod edit;
pub mod legacy;
pub mod names;
pub mod raw;
pub mod tls13_flows;
pub mod walk;

pub use delegation::{
    Fields, client_accepts, delegated, delegated_mutual_pair, delegated_pair, server_accepts, to_client,
    to_server,
};
pub use end::{End, NOW, TICKET, Wire};
pub use outcome::{agree, certificate_body, cipher_key, encrypts_then_macs, ticket_mut, tls12_mut};
pub use pairs::{
    certificate_with_psk_pair, external_psk_pair, go_on, later_pair, mutual_pair, pair, resuming_pair,
    retried_pair, run, sessions, staple, ticket_pair, tls13_mutual_pair, tls13_pair, tls13_resuming_pair,
    tls13_ticket_pair,
};
pub use settings::{
    KEY_SPECS, OCSP_RESPONSE, TIMESTAMPS, client_policy, client_provider, credential, modern_suites,
    provider, server_policy, server_provider,
};
pub use tls13_flows::early_data_pair;
