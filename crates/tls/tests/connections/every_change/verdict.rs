//! The result of a peer's action, and the check that a failed connection stays failed.

use crate::every_change::{
    flows::Flow,
    peer::{Peer, Plan, Stop},
};
use cairn_tls::wire::{Alert, AlertDescription};
use core::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The handshake is complete, and data has been exchanged in both directions.
    Accepted,
    /// The same, and a session was resumed.
    Resumed,
    /// It fails with this fatal alert.
    Alert(AlertDescription),
    /// It waits for more, and reports an end of the transport as a truncation.
    Waits,
    /// The connection continues, but the two sides have different keys, so the next record cannot be
    /// decrypted.
    OtherKeys,
    /// It ends without a fault of its own, because the peer has closed.
    Ends,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Resumed => f.write_str("resumed"),
            Self::Alert(alert) => write!(f, "{alert}"),
            Self::Waits => f.write_str("waits"),
            Self::OtherKeys => f.write_str("other keys"),
            Self::Ends => f.write_str("ends"),
        }
    }
}

/// Plays a flow with this plan and returns the result, or a violation by the side under test.
pub(crate) fn judge(flow: &Flow, plan: Plan) -> Result<Verdict, String> {
    let mut peer = Peer::new(flow, plan);
    let stop = peer.play().and_then(|()| exchange_data(&mut peer));
    if !peer.has_done_its_deed() {
        return Err("the change was never made".into());
    }
    let fatal: Vec<&Alert> = peer.alerts.iter().filter(|alert| alert.level.0 == 2).collect();
    if let Some(error) = peer.victim.error {
        match error.alert {
            None if fatal.is_empty() => {}
            Some(AlertDescription::CLOSE_NOTIFY) if fatal.is_empty() => {}
            Some(alert) if *fatal == [&Alert::fatal(alert)] && peer.alerts.last() == Some(fatal[0]) => {}
            _ => return Err(format!("{error} and these alerts: {:?}", peer.alerts)),
        }
        says_no_secret(&peer)?;
        is_dead(&mut peer)?;
        return Ok(match error.alert {
            None | Some(AlertDescription::CLOSE_NOTIFY) => Verdict::Ends,
            Some(alert) => Verdict::Alert(alert),
        });
    }
    if !fatal.is_empty() {
        return Err(format!("no fault and these alerts: {:?}", peer.alerts));
    }
    if peer.victim.closed {
        return is_dead(&mut peer).map(|()| Verdict::Ends);
    }
    match stop {
        Ok(()) if peer.victim.data != b"ping" || peer.data != b"pong" => Err("other data".into()),
        Ok(()) if peer.victim.summary().is_resumed() => Ok(Verdict::Resumed),
        Ok(()) => Ok(Verdict::Accepted),
        Err(Stop::OtherKeys) => Ok(Verdict::OtherKeys),
        Err(_) => match peer.victim.conn.transport_ended() {
            Err(error) if error.is_truncation() => Ok(Verdict::Waits),
            other => Err(format!("the transport ended while it waited: {other:?}")),
        },
    }
}

fn exchange_data(peer: &mut Peer<'_>) -> Result<(), Stop> {
    peer.victim.write(b"pong");
    peer.send_data(b"ping")
}

/// Nothing more is accepted or sent, and an incomplete handshake stays incomplete.
fn is_dead(peer: &mut Peer<'_>) -> Result<(), String> {
    let may_be_complete = peer.was_complete();
    let _refused = peer.send_data(b"more");
    let victim = &mut peer.victim;
    if victim.conn.is_complete() && !may_be_complete {
        return Err("it counts as complete".into());
    }
    let mut out = Vec::new();
    let written = victim.conn.write(b"more", &mut out).is_ok() || victim.conn.renegotiate(&mut out).is_ok();
    // Once more, unprotected: `take` checks that the fault is the same.
    victim.take(b"\x16\x03\x03\x00\x04\x00\x00\x00\x00");
    if written || !out.is_empty() || !victim.outbox.is_empty() || !victim.data.is_empty() {
        return Err(format!("it goes on: {out:?} {:?} {:?}", victim.outbox, victim.data));
    }
    let error = victim.conn.reader().error();
    if victim.conn.writer().is_open() || error != victim.error.as_ref() {
        return Err(format!("it is open: {error:?}"));
    }
    Ok(())
}

fn says_no_secret(peer: &Peer<'_>) -> Result<(), String> {
    let error = peer.victim.error.as_ref().unwrap();
    let text = format!("{error} {error:?}").to_lowercase();
    for secret in peer.secrets() {
        for part in secret.chunks_exact(8) {
            let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            if text.contains(&hex) || text.contains(format!("{part:?}").trim_matches(['[', ']'])) {
                return Err(format!("a secret in {text}"));
            }
        }
    }
    Ok(())
}
