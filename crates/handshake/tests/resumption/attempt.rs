//! A full handshake, and an attempt to resume its session in another setting.

use crate::support::{End, agree, mutual_pair, pair, run};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, ClientPolicy, NotResumed, ServerPolicy, Session, UnixTime};
use cairn_schedule::{SUITES, Tls12Suite};
use cairn_wire::KeyExchangeAlgorithm;

/// How a session is resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Id,
    Ticket,
}

pub(crate) const WAYS: [By; 2] = [By::Id, By::Ticket];

/// The changes of a test between the full handshake and the resumption.
#[derive(Default)]
pub(crate) struct Setting<'a> {
    pub(crate) suite: Option<&'static Tls12Suite>,
    pub(crate) client: Option<&'a dyn Fn(&mut ClientPolicy)>,
    pub(crate) server: Option<&'a dyn Fn(&mut ServerPolicy)>,
    /// Whether client authentication takes place.
    pub(crate) mutual: bool,
    /// Whether the peer is unverified.
    pub(crate) unverified: bool,
    pub(crate) not_after: Option<UnixTime>,
}

impl Setting<'_> {
    pub(crate) fn pair(&self, by: By) -> (End, End) {
        let client = |policy: &mut ClientPolicy| {
            policy.resumption.as_mut().unwrap().tickets = by == By::Ticket;
            policy.tls12.suites.extend(self.suite);
            policy.tls12.suites.retain(|suite| self.suite.is_none_or(|only| suite.id == only.id));
            if let Some(change) = self.client {
                change(policy);
            }
        };
        let server = |policy: &mut ServerPolicy| {
            policy.resumption.as_mut().unwrap().tickets = by == By::Ticket;
            policy.tls12.suites.extend(self.suite);
            if self.mutual {
                policy.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            }
            if let Some(change) = self.server {
                change(policy);
            }
        };
        let (mut client, mut server) = if self.mutual {
            mutual_pair(KeySpec::EcP256, KeySpec::EcP256, client, server)
        } else {
            pair(KeySpec::EcP256, client, server)
        };
        for end in [&mut client, &mut server] {
            end.credulous = self.unverified;
            end.not_after = self.not_after;
        }
        (client, server)
    }

    /// The sessions of both sides after a full handshake: the client's saved session, and the server's saved
    /// or sealed one.
    pub(crate) fn sessions(&self, by: By) -> (Box<Session>, Box<Session>) {
        let (mut client, mut server) = self.pair(by);
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
        (client.saved.unwrap(), server.saved.or(server.sealed).unwrap())
    }
}

/// A resumption under `after` of sessions created under `before`: the reasons why the client and the server
/// do not resume.
pub(crate) fn outcome(before: &Setting<'_>, after: &Setting<'_>, by: By) -> [Option<NotResumed>; 2] {
    let (ours, theirs) = before.sessions(by);
    attempt(after, by, ours, theirs)
}

pub(crate) fn attempt(
    setting: &Setting<'_>,
    by: By,
    ours: Box<Session>,
    theirs: Box<Session>,
) -> [Option<NotResumed>; 2] {
    let (mut client, mut server) = setting.pair(by);
    (client.session, server.session) = (Some(ours), Some(theirs));
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    let events = [client.not_resumed, server.not_resumed];
    let (client, server) = (client.complete.unwrap(), server.complete.unwrap());
    let reasons = [client.resumption.not_resumed(), server.resumption.not_resumed()];
    assert_eq!(events, reasons);
    assert_eq!(client.is_resumed(), reasons == [None, None], "{reasons:?}");
    assert_eq!(client.is_resumed(), server.is_resumed());
    reasons
}

pub(crate) const RESUMED: [Option<NotResumed>; 2] = [None, None];

/// The client finds the reason, and offers nothing.
pub(crate) const fn client_finds(reason: NotResumed) -> [Option<NotResumed>; 2] {
    [Some(reason), None]
}

/// The server finds the reason, and the client sees a full handshake.
pub(crate) const fn server_finds(reason: NotResumed) -> [Option<NotResumed>; 2] {
    [Some(NotResumed::DeclinedByServer), Some(reason)]
}

pub(crate) fn suite_with(algorithm: KeyExchangeAlgorithm) -> &'static Tls12Suite {
    SUITES.iter().find(|suite| suite.key_exchange == algorithm).unwrap()
}
