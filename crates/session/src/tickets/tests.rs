use super::*;
use crate::testing::{NOW, NoRandom, after, provider, provider_with, session, ticket_key, without_id};
use crate::{TicketKey, TicketKeyName};
use alloc::format;

/// The simplest source of keys.
struct One(Arc<TicketKey>);

impl TicketKeys for One {
    fn sealing_key(&self, _now: UnixTime) -> Option<Arc<TicketKey>> {
        Some(Arc::clone(&self.0))
    }

    fn opening_key(&self, name: &TicketKeyName, _now: UnixTime) -> Option<Arc<TicketKey>> {
        (self.0.name() == name).then(|| Arc::clone(&self.0))
    }
}

/// A server that opens tickets by key name, but has no key to seal with.
struct OpensOnly;

impl TicketKeys for OpensOnly {
    fn sealing_key(&self, _now: UnixTime) -> Option<Arc<TicketKey>> {
        None
    }

    fn opening_key(&self, name: &TicketKeyName, now: UnixTime) -> Option<Arc<TicketKey>> {
        One(ticket_key(1)).opening_key(name, now)
    }
}

fn tickets() -> Tickets {
    Tickets::new(provider(), Arc::new(One(ticket_key(1))))
}

fn opened(n: u32, renew: bool) -> Option<Opened> {
    Some(Opened { session: without_id(session(n)).into(), renew })
}

#[test]
fn ticket_can_be_opened_repeatedly() {
    let ticket = tickets().seal(&session(1), NOW).unwrap();
    for _ in 0..3 {
        assert_eq!(tickets().open(&ticket.ticket, NOW), opened(1, false));
    }
    let other = Tickets::new(provider(), Arc::new(One(ticket_key(2))));
    assert_eq!(other.open(&ticket.ticket, NOW), None);
    assert_eq!(tickets().open(&[], NOW), None);
}

#[test]
fn ticket_lives_no_longer_than_the_certificates_of_its_session() {
    let short = Session { not_after: Some(after(60)), ..session(1) };
    let ticket = tickets().seal(&short, NOW).unwrap();
    assert_eq!(ticket.lifetime_hint, 61, "the last second is included");
    assert!(tickets().open(&ticket.ticket, after(60)).is_some());
    assert_eq!(tickets().open(&ticket.ticket, after(61)), None);
    assert_eq!(tickets().seal(&short, after(60)).unwrap().lifetime_hint, 1);
    assert_eq!(tickets().seal(&short, after(61)), None);
}

#[test]
fn lifetime_hint_is_the_remaining_lifetime_of_the_session() {
    let day = u64::from(Tickets::LIFETIME);
    let hint = |tickets: &Tickets, age| tickets.seal(&session(1), after(age)).map(|t| t.lifetime_hint);
    assert_eq!(hint(&tickets(), 0), Some(Tickets::LIFETIME));
    assert_eq!(hint(&tickets(), 100), Some(Tickets::LIFETIME - 100));
    assert_eq!(hint(&tickets(), day - 1), Some(1));
    assert_eq!(hint(&tickets(), day), None);
    assert_eq!(hint(&tickets(), u64::MAX - NOW.as_secs()), None);
    let hour = tickets().with_lifetime(3600);
    assert_eq!(hint(&hour, 3599), Some(1));
    assert_eq!(hint(&hour, 3600), None);
    assert_eq!(hint(&tickets().with_lifetime(0), 0), None);
    assert_eq!(
        tickets().seal(&session(1), UnixTime::from_secs(NOW.as_secs() - 1)),
        None,
        "a session from the future"
    );
}

#[test]
fn session_lives_for_24_hours_regardless_of_ticket_renewals() {
    let day = u64::from(Tickets::LIFETIME);
    let tickets = tickets();
    let mut ticket = tickets.seal(&session(1), NOW).unwrap();
    for hour in 1..24 {
        let now = after(hour * 3600);
        let opened = tickets.open(&ticket.ticket, now).unwrap();
        ticket = tickets.seal(&opened.session, now).unwrap();
        assert_eq!(u64::from(ticket.lifetime_hint), day - hour * 3600);
    }
    assert!(tickets.open(&ticket.ticket, after(day - 1)).is_some());
    assert!(tickets.open(&ticket.ticket, after(day)).is_none());
    assert!(
        tickets.open(&ticket.ticket, UnixTime::from_secs(NOW.as_secs() - 1)).is_none(),
        "the clock was set back"
    );
    assert!(tickets.open(&ticket.ticket, UnixTime::from_secs(u64::MAX)).is_none());
}

#[test]
fn no_tickets_are_issued_without_keys_or_randomness() {
    let ticket = tickets().seal(&session(1), NOW).unwrap();
    let opens_only = Tickets::new(provider(), Arc::new(OpensOnly));
    assert_eq!(opens_only.seal(&session(1), NOW), None);
    assert_eq!(opens_only.open(&ticket.ticket, NOW), opened(1, false), "there is no key for a renewal");
    let no_random = Tickets::new(provider_with(NoRandom), Arc::new(Arc::new(One(ticket_key(1)))));
    assert_eq!(no_random.seal(&session(1), NOW), None);
    assert_eq!(no_random.open(&ticket.ticket, NOW), opened(1, false));
}

#[test]
fn debug_output_contains_no_secrets() {
    let shown = format!("{:?}", tickets());
    assert!(shown.contains("TicketKeys"), "{shown}");
    let shown = format!("{:?}", tickets().open(&tickets().seal(&session(1), NOW).unwrap().ticket, NOW));
    assert!(shown.contains("MasterSecret([48 bytes])"), "{shown}");
}

#[cfg(feature = "std")]
mod with_rings;
