//! The PSKs that a ClientHello offers, and their binders (RFC 9846 section 4.3.11).

use crate::{
    client::context::Cx,
    error::HandshakeErrorKind,
    input::KnownPsk,
    policy::{ClientPolicy, ExternalPskUse, OfferedPsk},
    session::{Session, Tls13Session},
    time::UnixTime,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{HashAlgorithm, MAX_HASH_LEN};
use cairn_schedule::tls13::{Binder, Kdf, Psk, PskSecret, RetryTranscript, TruncatedHello};
use cairn_wire::{PskBinderEntry, PskIdentity};
use smallvec::SmallVec;

/// A PSK that a ClientHello offers.
pub(crate) struct ClientPsk {
    pub(crate) identity: Vec<u8>,
    pub(crate) psk: KnownPsk,
    pub(crate) kdf: Kdf,
    pub(crate) secret: PskSecret,
}

/// Most clients offer one.
type Few<T> = SmallVec<[T; 2]>;

/// The PSKs of a client, most preferred first: the session's, and the external ones.
pub(super) fn all(session: Option<&Arc<Session>>, cx: &Cx<'_>) -> Result<Vec<ClientPsk>, HandshakeErrorKind> {
    let mut psks = Vec::new();
    // RFC 8773 section 5.1: "All of the listed PSKs MUST be external PSKs."
    let session = session.filter(|_| cx.policy.tls13.external_psk_use == ExternalPskUse::Alone);
    if let Some(session) = session
        && let Some(tls13) = session.tls13()
        && let Some(ticket) = tls13.ticket()
    {
        let kdf = Kdf::new(&cx.policy.provider, tls13.hash())?;
        let key = Psk::resumption(&kdf, tls13.psk.clone())?;
        let secret = PskSecret::new(&kdf, &key)?;
        let psk = KnownPsk::Session(Arc::clone(session));
        psks.push(ClientPsk { identity: ticket.to_vec(), psk, kdf, secret });
    }
    for OfferedPsk { identity, psk } in &cx.policy.tls13.external_psks {
        let kdf = Kdf::new(&cx.policy.provider, psk.hash())?;
        let secret = PskSecret::new(&kdf, psk)?;
        let (identity, psk) = (identity.clone(), KnownPsk::External(psk.clone()));
        psks.push(ClientPsk { identity, psk, kdf, secret });
    }
    Ok(psks)
}

impl ClientPsk {
    pub(crate) fn hash(&self) -> HashAlgorithm {
        self.kdf.algorithm()
    }

    /// The session, if the PSK is that of a ticket.
    fn session(&self) -> Option<&Tls13Session> {
        match &self.psk {
            KnownPsk::Session(session) => session.tls13(),
            KnownPsk::External(_) => None,
        }
    }
}

/// The session of the first PSK, if early data can be sent with it. RFC 9846 section 4.3.10: "The PSK used to
/// encrypt the early data MUST be the first PSK listed in the client's "pre_shared_key" extension." The early
/// data uses the suite and the application protocol of the session, so both must be offered.
pub(super) fn for_early_data<'a>(
    psks: &'a [ClientPsk],
    policy: &ClientPolicy,
) -> Option<(&'a ClientPsk, &'a Tls13Session)> {
    let psk = psks.first().filter(|_| policy.tls13.early_data)?;
    let KnownPsk::Session(session) = &psk.psk else { return None };
    let tls13 = session.tls13()?;
    let offers_protocol = match &session.alpn {
        Some(protocol) => policy.alpn_protocols.iter().any(|offered| **offered == **protocol),
        None => true,
    };
    let may = tls13.max_early_data > 0 && policy.tls13.suites.contains(&tls13.suite) && offers_protocol;
    may.then_some((psk, tls13))
}

/// A value in place of each binder, while the hello is written.
const NO_BINDER: [u8; MAX_HASH_LEN] = [0; MAX_HASH_LEN];

/// The identities, and values as long as the binders in their place.
#[inline]
pub(super) fn entries(psks: &[ClientPsk], now: UnixTime) -> (Few<PskIdentity<'_>>, Few<PskBinderEntry<'_>>) {
    if psks.is_empty() {
        return (Few::new(), Few::new());
    }
    let identities = psks.iter().map(|psk| PskIdentity {
        identity: &psk.identity,
        // RFC 9846 section 4.3.11: "For identities established externally, an obfuscated_ticket_age of 0
        // SHOULD be used".
        obfuscated_ticket_age: psk.session().map_or(0, |session| session.obfuscated_age(now)),
    });
    let binders = psks.iter().map(|psk| NO_BINDER.get(..psk.hash().output_len()).unwrap_or(&NO_BINDER));
    (identities.collect(), binders.map(PskBinderEntry).collect())
}

/// Writes the binders into a hello that has other values of their length.
pub(super) fn bind(
    hello: &mut [u8],
    psks: &[ClientPsk],
    retry: Option<&RetryTranscript>,
) -> Result<(), HandshakeErrorKind> {
    if psks.is_empty() {
        return Ok(());
    }
    let lengths = psks.iter().map(|psk| psk.hash().output_len().saturating_add(1));
    let length = lengths.fold(0, usize::saturating_add);
    let truncated = TruncatedHello::new(hello, u16::try_from(length).unwrap_or(u16::MAX))?;
    let binders = psks.iter().map(|psk| {
        let hash = match retry {
            Some(retry) => retry.truncated_hash(truncated)?,
            None => truncated.hash(&psk.kdf)?,
        };
        psk.secret.binder(&hash)
    });
    let binders: Few<Binder> = binders.collect::<Result<_, _>>()?;
    let start = hello.len().saturating_sub(length);
    let mut rest = hello.get_mut(start..).unwrap_or_default();
    for binder in &binders {
        let Some((_, entry)) = rest.split_first_mut() else { break };
        let Some((place, others)) = entry.split_at_mut_checked(binder.as_bytes().len()) else { break };
        place.copy_from_slice(binder.as_bytes());
        rest = others;
    }
    Ok(())
}
