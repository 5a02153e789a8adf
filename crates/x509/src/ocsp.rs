//! OCSP responses (RFC 6960), as servers staple them (RFC 6066 section 8).
//!
//! Nothing is fetched: the response arrives in the handshake. It must be signed by the certificate's issuer
//! or by a responder whose certificate that issuer signed for the purpose (section 4.2.2.2). The revocation
//! status of the responder's certificate is not checked; such certificates are meant to be short-lived.

mod check;
pub(crate) mod error;
mod read;
mod statement;

use alloc::vec::Vec;

pub use check::TOLERANCE;
pub(crate) use check::{Issuer, Tools, check};
pub use error::OcspError;
pub use statement::{MAX_AGE, State, Statement};

/// A client's treatment of stapled OCSP responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stapling {
    /// The client does not request one.
    Ignore,
    /// The client requests one and rejects the connection if it is not good (RFC 6066 section 8). A response
    /// is required only if the certificate promises one (RFC 7633).
    #[default]
    Check,
    /// The client requests one and requires it to be present and good.
    Require,
}

/// The statements of a response, parsed and not verified.
///
/// # Errors
/// [`OcspError::BadEncoding`], [`OcspError::NotSuccessful`], [`OcspError::UnknownType`],
/// [`OcspError::UnknownCriticalExtension`].
pub fn statements(response: &[u8]) -> Result<Vec<Statement>, OcspError> {
    let mut all = Vec::new();
    let basic = read::basic(response)?;
    basic
        .find(|single| {
            all.push(single.statement);
            None::<()>
        })
        .map_err(|_| OcspError::BadEncoding)?;
    Ok(all)
}

#[cfg(test)]
mod tests;
