//! The inputs of path validation.

use crate::{name::ServerName, trust::Roots, verifiers::PkixAlgorithm};
use cairn_wire::SignatureScheme;

/// The purpose that the end-entity certificate must serve.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    Server(&'a ServerName),
    Client,
}

/// The inputs of path validation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) roots: &'a Roots,
    pub(crate) algorithms: &'a [PkixAlgorithm],
    /// The schemes permitted for the signatures of a path; if `None`, all that can be verified.
    pub(crate) schemes: Option<&'a [SignatureScheme]>,
    pub(crate) purpose: Purpose<'a>,
    /// In seconds since 1970.
    pub(crate) now: u64,
}
