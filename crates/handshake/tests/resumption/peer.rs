//! The peer of a session must still be acceptable.

use crate::attempt::{RESUMED, Setting, WAYS, attempt, client_finds, outcome, server_finds};
use crate::support::NOW;
use cairn_handshake::{ClientAuthentication, NotResumed, UnixTime};

#[test]
fn session_is_not_resumed_after_a_peer_certificate_has_expired() {
    for by in WAYS {
        for (not_after, resumed) in
            [(NOW.as_secs() - 1, false), (NOW.as_secs(), true), (NOW.as_secs() + 1, true)]
        {
            let not_after = Some(UnixTime::from_secs(not_after));
            let setting = Setting { mutual: true, not_after, ..Setting::default() };
            let (ours, theirs) = setting.sessions(by);
            assert_eq!((ours.not_after, theirs.not_after), (not_after, not_after));
            let client = attempt(&setting, by, ours.clone(), theirs.clone());
            let mut unaware = ours;
            unaware.not_after = None;
            let server = attempt(&setting, by, unaware, theirs);
            let expired = NotResumed::CertificateExpired;
            assert_eq!(client, if resumed { RESUMED } else { client_finds(expired) }, "{by:?}");
            assert_eq!(server, if resumed { RESUMED } else { server_finds(expired) }, "{by:?}");
        }
    }
}

#[test]
fn session_with_an_unverified_peer_is_resumed_only_if_permitted() {
    for by in WAYS {
        let unverified = Setting { mutual: true, unverified: true, ..Setting::default() };
        let (ours, theirs) = unverified.sessions(by);
        assert!(!ours.evidence.peer_verified && !theirs.evidence.peer_verified);
        assert_eq!(outcome(&unverified, &unverified, by), RESUMED, "{by:?}");
        let client = Setting {
            mutual: true,
            client: Some(&|policy| policy.resumption.as_mut().unwrap().unverified_peers = false),
            ..Setting::default()
        };
        assert_eq!(outcome(&unverified, &client, by), client_finds(NotResumed::PeerNotVerified), "{by:?}");
        let server = Setting {
            mutual: true,
            server: Some(&|policy| {
                policy.resumption.as_mut().unwrap().unverified_peers = false;
                policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
            }),
            ..Setting::default()
        };
        assert_eq!(outcome(&unverified, &server, by), server_finds(NotResumed::PeerNotVerified), "{by:?}");
        // A verified client is resumed.
        let verified = Setting { mutual: true, ..Setting::default() };
        assert_eq!(outcome(&verified, &server, by), RESUMED, "{by:?}");
    }
}
