//! The stacks that are compared, by the names of their columns.

use crate::measure::Row;
use crate::setup::{Material, Setup, Stack};
use crate::{cairn, openssl_peer, rustls_peer, s2n_peer};

/// The stack of a column. `None` if it does not support the task.
pub(crate) fn stack(column: &str, setup: &Setup, material: &Material) -> Option<Box<dyn Stack>> {
    Some(match column {
        Row::CAIRN => Box::new(cairn::Cairn::new(setup, material, cairn_tls::default_provider())),
        Row::RUSTCRYPTO => Box::new(cairn::Cairn::new(setup, material, cairn_tls::rustcrypto_provider())),
        Row::RUSTLS => Box::new(rustls_peer::Rustls::new(setup, material)?),
        Row::OPENSSL => Box::new(openssl_peer::OpenSsl::new(setup, material)?),
        Row::S2N => Box::new(s2n_peer::S2n::new(setup, material)?),
        _ => return None,
    })
}

/// Their columns.
pub(crate) const STACKS: [&str; 5] = [Row::CAIRN, Row::RUSTLS, Row::OPENSSL, Row::S2N, Row::RUSTCRYPTO];
