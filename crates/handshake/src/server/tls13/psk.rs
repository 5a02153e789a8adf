//! The choice of a PSK (RFC 9846 section 4.3.11), in steps:
//!
//! 1. ask which of the client's identities is known, which uses up nothing;
//! 2. judge it by the policy: an identity that may not be used is passed over;
//! 3. check its binder, and only that one;
//! 4. ask to use it up, in one step, before ServerHello.
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::super::resume;
use super::hello::{self, Choices};
use super::judged::{BoundPsk, Hello, Retry, SelectedPsk};
use super::server_flight;
use super::states::{ChoosingPsk, ConsumingPsk, State};
use crate::error::HandshakeErrorKind;
use crate::ext::{ClientExtensions, pre_shared_key, server_name};
use crate::flight::Event;
use crate::input::{KnownPsk, PskUse};
use crate::policy::{ClientAuthentication, ServerPolicy};
use crate::raw_message::RawMessage;
use crate::resumption::{NotResumed, unless};
use crate::session::{Session, Tls13Reference, Tls13Session};
use crate::trigger::ChosenPsk;
use alloc::vec::Vec;
use cairn_crypto::HashAlgorithm;
use cairn_schedule::Side;
use cairn_schedule::tls13::{Kdf, Psk, PskSecret, Tls13Suite, TruncatedHello};
use cairn_wire::{ClientHello, HandshakeType, PskKeyExchangeMode};

/// The PSKs of a ClientHello, one of which is being chosen.
pub(crate) struct Candidates {
    /// The hello as received.
    pub(super) message: Vec<u8>,
    /// The identities before this place were passed over.
    pub(super) from: u16,
    /// The number of identities that are looked at.
    pub(super) until: u16,
    pub(super) mode: PskKeyExchangeMode,
    pub(super) retry: Option<Retry>,
    /// The first reason why a session is not resumed.
    pub(super) not_resumed: Option<NotResumed>,
}

/// How many identities of a hello are looked at, and the mode to use a PSK in. `None` if the hello has no PSKs,
/// or none that the policy can use.
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
/// MUST NOT select a key exchange mode that is not listed by the client."
pub(super) fn mode(
    extensions: &ClientExtensions<'_>,
    policy: &ServerPolicy,
) -> Result<Option<PskKeyExchangeMode>, HandshakeErrorKind> {
    let Some(modes) = pre_shared_key::modes(extensions)? else { return Ok(None) };
    Ok(if modes.contains(&PskKeyExchangeMode::PSK_DHE_KE) {
        Some(PskKeyExchangeMode::PSK_DHE_KE)
    } else if modes.contains(&PskKeyExchangeMode::PSK_KE) && policy.tls13.psk_ke {
        Some(PskKeyExchangeMode::PSK_KE)
    } else {
        None
    })
}

impl ChoosingPsk {
    pub(super) fn on_psk_chosen(
        self,
        chosen: ChosenPsk,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut candidates = self.candidates;
        let bytes = core::mem::take(&mut candidates.message);
        let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &bytes };
        let (hello, extensions) = ClientExtensions::read(message)?;
        let chosen = chosen.psk.filter(|(index, _)| (candidates.from..candidates.until).contains(index));
        let judged = match chosen {
            Some((index, psk)) => match select(&candidates, index, psk, &hello, &extensions, cx) {
                Ok(selected) => Some(selected),
                Err(Refused::Failed(kind)) => return Err(kind),
                Err(Refused::NotResumed(reason)) => {
                    candidates.not_resumed = candidates.not_resumed.or(Some(reason));
                    candidates.from = index.saturating_add(1);
                    if candidates.from < candidates.until {
                        candidates.message = bytes;
                        return Ok(Self { candidates }.into());
                    }
                    None
                }
            },
            None => {
                candidates.not_resumed = candidates.not_resumed.or(Some(NotResumed::NotFound));
                None
            }
        };
        let Candidates { retry, not_resumed, .. } = *candidates;
        if let (None, Some(reason)) = (&judged, not_resumed) {
            cx.out.event(Event::NotResumed(reason));
        }
        let not_resumed = not_resumed.filter(|_| judged.is_none());
        let (psk, suite) = judged.unzip();
        hello::negotiate(message, &hello, &extensions, Choices { suite, psk, retry, not_resumed }, cx)
    }
}

/// The reason why a PSK is not selected.
enum Refused {
    NotResumed(NotResumed),
    Failed(HandshakeErrorKind),
}

impl From<NotResumed> for Refused {
    fn from(reason: NotResumed) -> Self {
        Self::NotResumed(reason)
    }
}

/// A PSK, and a suite of its hash.
type Selected = (SelectedPsk, (&'static Tls13Suite, Kdf));

/// Judges a known PSK by the policy.
fn select(
    candidates: &Candidates,
    index: u16,
    psk: KnownPsk,
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    cx: &Cx<'_>,
) -> Result<Selected, Refused> {
    let policy = cx.policy;
    let failed = Refused::Failed;
    let (hash, preferred) = match &psk {
        KnownPsk::Session(session) => {
            let tls13 = may_resume(session, extensions, cx)?;
            (tls13.hash(), Some(tls13.suite))
        }
        KnownPsk::External(psk) => {
            // The client has no certificate in such a handshake.
            let must_ask = matches!(policy.client_authentication, ClientAuthentication::Require { .. });
            unless(policy.tls13.external_psks && !must_ask, NotResumed::ClientNotAuthenticated)?;
            (psk.hash(), None)
        }
    };
    let suite = match &candidates.retry {
        Some(retry) => Some(retry.suite).filter(|suite| suite.hash == hash),
        None => suite_for(hash, preferred, hello, policy),
    };
    let suite = suite.ok_or(NotResumed::Suite)?;
    let kdf = match &candidates.retry {
        Some(retry) => retry.kdf.clone(),
        None => Kdf::new(&policy.provider, hash).map_err(|error| failed(error.into()))?,
    };
    let key = match &psk {
        KnownPsk::Session(session) => match session.tls13() {
            Some(tls13) => Psk::resumption(&kdf, tls13.psk.clone()).map_err(|error| failed(error.into()))?,
            None => return Err(NotResumed::OtherVersion.into()),
        },
        KnownPsk::External(psk) => psk.clone(),
    };
    let secret = PskSecret::new(&kdf, &key).map_err(|error| failed(error.into()))?;
    let psks = pre_shared_key::offered(hello, extensions).map_err(failed)?;
    let offered =
        psks.and_then(|psks| psks.identities.iter().nth(index.into())).ok_or(NotResumed::NotFound)?;
    let identity = offered.identity.to_vec();
    let psk = SelectedPsk { index, identity, psk, secret, mode: candidates.mode };
    Ok((psk, (suite, kdf)))
}

/// A suite in common with this hash: the session's own, because early data needs that, or else the first one.
fn suite_for(
    hash: HashAlgorithm,
    preferred: Option<&'static Tls13Suite>,
    hello: &ClientHello<'_>,
    policy: &ServerPolicy,
) -> Option<&'static Tls13Suite> {
    let shared = |suite: &&Tls13Suite| {
        suite.hash == hash && policy.tls13.suites.contains(suite) && hello.cipher_suites.contains(&suite.id)
    };
    preferred
        .filter(|suite| shared(suite))
        .or_else(|| policy.tls13.suites.iter().copied().find(|suite| shared(suite)))
}

/// The part of the session for TLS 1.3 if it can be resumed, and if not, why.
fn may_resume<'a>(
    session: &'a Session,
    extensions: &ClientExtensions<'_>,
    cx: &Cx<'_>,
) -> Result<&'a Tls13Session, Refused> {
    let policy = cx.policy;
    let tls13 = session.tls13().ok_or(NotResumed::OtherVersion)?;
    let resumption = policy.resumption.as_ref().ok_or(NotResumed::NotFound)?;
    unless(session.side.side() == Side::Server, NotResumed::OtherSide)?;
    unless(!matches!(tls13.reference, Tls13Reference::Ticket(_)), NotResumed::OtherId)?;
    let now = cx.connection.now;
    unless(now < tls13.expires, NotResumed::TicketTooOld)?;
    let server_name = server_name::requested(extensions).map_err(Refused::Failed)?;
    resume::check(session, server_name.as_ref(), resumption, now, policy)?;
    Ok(tls13)
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
    let hash = match retry {
        Some(retry) => retry.transcript.truncated_hash(truncated)?,
        None => truncated.hash(kdf)?,
    };
    let binder = psk.secret.binder(&hash)?;
    if !binder.matches(received.0) {
        return Err(HandshakeErrorKind::WrongBinder);
    }
    Ok(BoundPsk { psk, binder })
}

impl ConsumingPsk {
    pub(super) fn on_psk_consumed(self, used: PskUse, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let Self { hello, psk, .. } = self;
        match used {
            PskUse::Permitted => server_flight::with_psk(*hello, psk.psk, cx),
            // A full handshake, as if the client had offered no PSK.
            PskUse::AlreadyUsed => {
                cx.out.event(Event::NotResumed(NotResumed::AlreadyUsed));
                let Hello { message: bytes, retry, .. } = *hello;
                let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &bytes };
                let (hello, extensions) = ClientExtensions::read(message)?;
                let choices =
                    Choices { suite: None, psk: None, retry, not_resumed: Some(NotResumed::AlreadyUsed) };
                hello::negotiate(message, &hello, &extensions, choices, cx)
            }
        }
    }
}
