//! Keying material exporters (RFC 5705).

#[cfg(test)]
mod tests;

use crate::error::ScheduleError;
use crate::master_secret::Randoms;
use crate::prf::Prf;
use zeroize::Zeroizing;

/// The labels that TLS itself uses with the master secret. Exporting with one of them would reveal keys of
/// the connection. RFC 5705 section 6: "These entries are reserved and MUST NOT be used for the purpose
/// described in RFC 5705"; RFC 7627 adds the last one.
pub(crate) const RESERVED: [&[u8]; 5] =
    [b"client finished", b"server finished", b"master secret", b"key expansion", b"extended master secret"];

/// Fills `out` with keying material for an application (RFC 5705 section 4). An empty context differs from no
/// context.
///
/// `prf` is the PRF with the master secret. Without the extended master secret, the result is not bound to
/// the whole handshake; the connection then refuses to export (RFC 7627 section 5.4).
///
/// # Errors
/// [`ScheduleError::LabelReserved`], [`ScheduleError::ContextTooLong`], or [`ScheduleError::Crypto`] if the
/// provider fails.
pub fn export_keying_material(
    prf: &Prf,
    randoms: &Randoms,
    label: &[u8],
    context: Option<&[u8]>,
    out: &mut [u8],
) -> Result<(), ScheduleError> {
    if RESERVED.contains(&label) {
        return Err(ScheduleError::LabelReserved);
    }
    let mut seed = Zeroizing::new(alloc::vec::Vec::new());
    seed.extend_from_slice(&randoms.client.0);
    seed.extend_from_slice(&randoms.server.0);
    if let Some(context) = context {
        let length = u16::try_from(context.len())
            .map_err(|_| ScheduleError::ContextTooLong { length: context.len() })?;
        seed.extend_from_slice(&length.to_be_bytes());
        seed.extend_from_slice(context);
    }
    prf.expand(label, [&seed, &[]], out)
}
