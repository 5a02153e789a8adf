//! Keying material exporters (RFC 5705).

#[cfg(test)]
mod tests;

use crate::{Prf, Randoms, ScheduleError};
use zeroize::Zeroizing;

/// Labels that TLS itself feeds to the PRF under the master secret: an application that exported under one of them
/// would learn keys of the connection (RFC 5705 section 4).
const RESERVED: [&[u8]; 5] =
    [b"client finished", b"server finished", b"master secret", b"key expansion", b"extended master secret"];

/// Fills `out` with keying material for an application (RFC 5705 section 4). An empty context differs from none.
///
/// `prf` is that of the master secret. Without the extended master secret the result does not bind the whole
/// handshake, so the connection refuses to export then (RFC 7627 section 5.4).
///
/// # Errors
/// [`ScheduleError::LabelReserved`], [`ScheduleError::ContextTooLong`], or [`ScheduleError::Crypto`] when the
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
