//! The PSKs of a ClientHello: which of them may be looked at, and the binder of the selected one (RFC 9846
//! sections 4.3.9 and 4.3.11).

use super::judged::{BoundPsk, Retry, SelectedPsk};
use crate::error::HandshakeErrorKind;
use crate::ext::{ClientExtensions, pre_shared_key};
use crate::policy::ServerPolicy;
use crate::raw_message::RawMessage;
use cairn_schedule::tls13::{Kdf, TruncatedHello};
use cairn_wire::{ClientHello, PskKeyExchangeMode};

/// The number of identities of a hello that are read, and the mode to use a PSK in. `None` if the hello has
/// no PSKs, or none that the policy can use.
pub(super) fn usable(
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    policy: &ServerPolicy,
) -> Result<Option<(u16, PskKeyExchangeMode)>, HandshakeErrorKind> {
    let Some(psks) = pre_shared_key::offered(hello, extensions)? else { return Ok(None) };
    if policy.resumption.is_none() && !policy.tls13.external_psks {
        return Ok(None);
    }
    let Some(mode) = mode(extensions, policy)? else { return Ok(None) };
    let limit = u16::from(policy.limits.max_psk_identities);
    let count = u16::try_from(psks.identities.len()).map_or(limit, |count| count.min(limit));
    Ok((count > 0).then_some((count, mode)))
}

/// The mode in which the client can use PSKs, now and with later tickets. RFC 9846 section 4.3.9: "Servers
/// MUST NOT select a key exchange mode that is not listed by the client." A floor that requires forward
/// secrecy excludes psk_ke.
pub(super) fn mode(
    extensions: &ClientExtensions<'_>,
    policy: &ServerPolicy,
) -> Result<Option<PskKeyExchangeMode>, HandshakeErrorKind> {
    let Some(modes) = pre_shared_key::modes(extensions)? else { return Ok(None) };
    Ok(if modes.contains(&PskKeyExchangeMode::PSK_DHE_KE) {
        Some(PskKeyExchangeMode::PSK_DHE_KE)
    } else if modes.contains(&PskKeyExchangeMode::PSK_KE)
        && policy.tls13.psk_ke
        && !policy.floor.forward_secrecy
    {
        Some(PskKeyExchangeMode::PSK_KE)
    } else {
        None
    })
}

/// Checks the binder of the selected PSK. RFC 9846 section 4.3.11: "Prior to accepting PSK key establishment,
/// the server MUST validate the corresponding binder value (see Section 4.3.11.2 below). If this value is not
/// present or does not validate, the server MUST abort the handshake."
pub(super) fn check_binder(
    message: RawMessage<'_>,
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    psk: SelectedPsk,
    kdf: &Kdf,
    retry: Option<&Retry>,
) -> Result<BoundPsk, HandshakeErrorKind> {
    let psks = pre_shared_key::offered(hello, extensions)?.ok_or(HandshakeErrorKind::WrongBinder)?;
    let received = psks.binders.iter().nth(psk.index.into()).ok_or(HandshakeErrorKind::WrongBinder)?;
    let length = u16::try_from(psks.binders_size().saturating_sub(2)).unwrap_or_default();
    let truncated = TruncatedHello::new(message.bytes, length)?;
    let (hash, transcript) = match retry {
        Some(retry) => (retry.transcript.truncated_hash(truncated)?, None),
        None => {
            let (hash, transcript) = truncated.hash_and_transcript(kdf)?;
            (hash, Some(transcript))
        }
    };
    let binder = psk.secret.binder(&hash)?;
    if !binder.matches(received.0) {
        // RFC 8773 section 5.1: "if the binder does not validate, the server MUST abort the handshake with an
        // "illegal_parameter" alert."
        return Err(match psk.with_certificate {
            true => HandshakeErrorKind::WrongExternalBinder,
            false => HandshakeErrorKind::WrongBinder,
        });
    }
    Ok(BoundPsk { psk, binder, transcript })
}
