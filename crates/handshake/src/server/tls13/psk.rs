//! The choice of a PSK (RFC 9846 section 4.3.11), in steps:
//!
//! 1. ask which of the client's identities is known, which uses up nothing;
//! 2. judge it by the policy: an identity that may not be used is passed over;
//! 3. check its binder, and only that one;
//! 4. ask to use it up, in one step, before ServerHello.
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::super::resume;
use super::hello;
use super::judged::{Candidates, Choices, Hello, Selected, SelectedPsk};
use super::server_flight;
use super::states::{ChoosingPsk, ConsumingPsk, State};
use crate::error::HandshakeErrorKind;
use crate::ext::{ClientExtensions, pre_shared_key, server_name};
use crate::flight::Event;
use crate::input::{KnownPsk, PskUse};
use crate::policy::{ClientAuthentication, ExternalPskUse, ServerPolicy};
use crate::quic;
use crate::raw_message::RawMessage;
use crate::resumption::{NotResumed, unless};
use crate::session::{Session, Tls13Reference, Tls13Session};
use crate::trigger::ChosenPsk;
use cairn_crypto::{HashAlgorithm, SecretBytes};
use cairn_schedule::Side;
use cairn_schedule::tls13::{Kdf, Psk, PskSecret, Tls13Suite};
use cairn_wire::{ClientHello, HandshakeType};

impl ChoosingPsk {
    pub(super) fn on_psk_chosen(
        self,
        chosen: ChosenPsk,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut candidates = self.candidates;
        let bytes = core::mem::take(&mut candidates.message);
        let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &bytes };
        let mut extensions = ClientExtensions::default();
        let hello = extensions.read(message)?;
        let chosen = chosen.psk.filter(|(index, _)| (candidates.from..candidates.until).contains(index));
        // In any case, because the time should not tell whether an identity is known.
        let made_up = cx.policy.tls13.only_psks.map(|hash| make_up(hash, cx)).transpose()?;
        let selected = candidates.selected.take();
        let judged = match chosen {
            // RFC 8773 section 5.1: "If a resumption PSK is listed along with the "tls_cert_with_extern_psk"
            // extension, the server MUST abort the handshake with an "illegal_parameter" alert."
            Some((_, KnownPsk::Session(_))) if candidates.with_certificate => {
                return Err(HandshakeErrorKind::SessionWithCertificate);
            }
            Some((index, psk)) => {
                let judged = match selected {
                    Some(selected) => Ok(selected),
                    None => select(&candidates, index, psk, &hello, &extensions, cx),
                };
                let (selected, is_last) = match judged {
                    // The others must not be those of sessions, so the question comes again.
                    Ok(selected) => (Some(selected), !candidates.with_certificate),
                    Err(Refused::Failed(kind)) => return Err(kind),
                    Err(Refused::NotResumed(reason)) => {
                        candidates.not_resumed = candidates.not_resumed.or(Some(reason));
                        (None, false)
                    }
                };
                candidates.from = index.saturating_add(1);
                if !is_last && candidates.from < candidates.until {
                    candidates.message = bytes;
                    candidates.selected = selected;
                    return Ok(Self { candidates }.into());
                }
                selected
            }
            None => {
                candidates.not_resumed = candidates.not_resumed.or(Some(NotResumed::NotFound));
                selected
            }
        };
        if let (None, Some(reason)) = (&judged, candidates.not_resumed) {
            cx.out.event(Event::NotResumed(reason));
        }
        // RFC 9846 appendix F.6: "Servers which solely support PSK handshakes may be able to resist this form
        // of attack by treating the cases where there is no valid PSK identity and where there is an identity
        // but it has an invalid binder identically."
        let judged = match (judged, made_up) {
            (None, Some(psk)) => Some(with_made_up(&candidates, psk, &hello, &extensions, cx)?),
            (judged, _) => judged,
        };
        let Candidates { retry, not_resumed, .. } = *candidates;
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

/// A random PSK in place of an unknown one.
fn make_up(hash: HashAlgorithm, cx: &Cx<'_>) -> Result<Psk, HandshakeErrorKind> {
    let random = &cx.policy.provider.random;
    let key = SecretBytes::try_with(hash.output_len(), |key| random.fill(key))?;
    Ok(Psk::external(key, hash)?)
}

/// Selects a made-up PSK for the first identity, whose binder will be wrong.
fn with_made_up(
    candidates: &Candidates,
    psk: Psk,
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    cx: &Cx<'_>,
) -> Result<Selected, HandshakeErrorKind> {
    let (suite, kdf) = match &candidates.retry {
        Some(retry) => (retry.suite, retry.kdf.clone()),
        None => {
            let suite = suite_for(psk.hash(), None, hello, cx.policy);
            let suite = suite.ok_or(HandshakeErrorKind::NoSharedCipherSuite)?;
            (suite, Kdf::new(&cx.policy.provider, suite.hash)?)
        }
    };
    // HelloRetryRequest may have fixed another hash.
    let psk = if psk.hash() == suite.hash { psk } else { make_up(suite.hash, cx)? };
    let psks = pre_shared_key::offered(hello, extensions)?.ok_or(HandshakeErrorKind::WrongBinder)?;
    let first = psks.identities.iter().next().ok_or(HandshakeErrorKind::WrongBinder)?;
    let (identity, obfuscated_age) = (first.identity.to_vec(), first.obfuscated_ticket_age);
    let secret = PskSecret::new(&kdf, &psk)?;
    let (psk, mode) = (KnownPsk::External(psk), candidates.mode);
    let with_certificate = false;
    Ok((
        SelectedPsk { index: 0, identity, psk, secret, obfuscated_age, mode, with_certificate },
        (suite, kdf),
    ))
}

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
            // Without tls_cert_with_extern_psk, the client has no certificate in such a handshake.
            let must_ask = matches!(policy.client_authentication, ClientAuthentication::Require { .. });
            let alone = policy.tls13.external_psk_use == ExternalPskUse::Alone;
            unless(alone || candidates.with_certificate, NotResumed::PskWithoutCertificate)?;
            let is_permitted = candidates.with_certificate || !must_ask;
            unless(policy.tls13.external_psks && is_permitted, NotResumed::ClientNotAuthenticated)?;
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
    let (identity, obfuscated_age) = (offered.identity.to_vec(), offered.obfuscated_ticket_age);
    let (mode, with_certificate) = (candidates.mode, candidates.with_certificate);
    let psk = SelectedPsk { index, identity, psk, secret, obfuscated_age, mode, with_certificate };
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
    unless(quic::is_of_transport(session, cx.connection.quic.as_deref()), NotResumed::OtherTransport)?;
    unless(!matches!(tls13.reference, Tls13Reference::Ticket(_)), NotResumed::OtherId)?;
    let now = cx.connection.now;
    unless(now < tls13.expires, NotResumed::TicketTooOld)?;
    let server_name = server_name::requested(extensions).map_err(Refused::Failed)?;
    resume::check(session, server_name.as_ref(), resumption, now, policy)?;
    Ok(tls13)
}

impl ConsumingPsk {
    pub(super) fn on_psk_consumed(self, used: PskUse, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let Self { hello, psk, early_data, .. } = self;
        match used {
            PskUse::Permitted => server_flight::with_psk(*hello, *psk, early_data, cx),
            PskUse::WithoutEarlyData => server_flight::with_psk(*hello, *psk, None, cx),
            // A full handshake, as if the client had offered no PSK.
            PskUse::AlreadyUsed => {
                cx.out.event(Event::NotResumed(NotResumed::AlreadyUsed));
                let Hello { message: bytes, retry, .. } = *hello;
                let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &bytes };
                let mut extensions = ClientExtensions::default();
                let hello = extensions.read(message)?;
                let choices =
                    Choices { suite: None, psk: None, retry, not_resumed: Some(NotResumed::AlreadyUsed) };
                hello::negotiate(message, &hello, &extensions, choices, cx)
            }
        }
    }
}
