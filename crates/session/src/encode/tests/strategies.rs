//! Sessions of all kinds.

use super::*;

fn any_chain() -> impl Strategy<Value = Arc<CertificateChain>> {
    bytes(bytes(any::<u8>(), 1..200), 1..4).prop_map(|certificates| {
        let certificates: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
        Arc::new(match certificates[..] {
            [key] if key.first() == Some(&0x30) || key.len() % 2 == 0 => {
                CertificateChain::raw_public_key(key).unwrap()
            }
            _ => CertificateChain::new(&certificates).unwrap(),
        })
    })
}

fn any_proof() -> impl Strategy<Value = Option<Proof>> {
    let scheme = option::of((1..=u16::MAX).prop_map(SignatureScheme));
    option::of((any::<u16>(), scheme, any::<bool>()).prop_map(|(key_bits, scheme, delegated)| Proof {
        key_bits,
        scheme,
        delegated,
    }))
}

prop_compose! {
    fn any_evidence()(
        group in option::of((1..=u16::MAX).prop_map(NamedGroup)),
        key_exchange_bits in any::<u16>(),
        server_proof in any_proof(),
        client_proof in any_proof(),
        psk_bits in option::of(any::<u16>()),
        peer_verified in any::<bool>(),
    ) -> KeyExchangeEvidence {
        KeyExchangeEvidence { group, key_exchange_bits, server_proof, client_proof, psk_bits, peer_verified }
    }
}

fn any_side() -> impl Strategy<Value = SessionSide> {
    let endpoint = (bytes(any::<u8>(), 0..=255), any::<u16>())
        .prop_map(|(host, port)| Endpoint { host: host.into(), port: NonZeroU16::new(port) });
    let hash = bytes(any::<u8>(), 1..=64).prop_map(Into::into);
    prop_oneof![
        option::of(endpoint).prop_map(|endpoint| SessionSide::Client { endpoint }),
        option::of(hash).prop_map(|tls_server_end_point| SessionSide::Server { tls_server_end_point }),
    ]
}

fn any_reference() -> impl Strategy<Value = Tls12Reference> {
    let id = || bytes(any::<u8>(), 0..=32).prop_map(|id| SessionId::new(&id).unwrap());
    let ticket = (bytes(any::<u8>(), 0..300), id(), option::of(any::<u64>().prop_map(UnixTime::from_millis)));
    prop_oneof![
        id().prop_map(Tls12Reference::SessionId),
        ticket.prop_map(|(ticket, session_id, expires)| {
            Tls12Reference::Ticket(Tls12Ticket { ticket, session_id, expires })
        }),
        Just(Tls12Reference::InTicket),
    ]
}

prop_compose! {
    fn any_tls13()(
        suite in select(cairn_schedule::tls13::SUITES),
        secret in any::<u8>(),
        times in any::<(u64, u64)>(),
        numbers in any::<(u32, u32)>(),
        ticket in bytes(any::<u8>(), 1..300),
        id in bytes(any::<u8>(), 0..=32),
        reference in 0..3,
        quic in option::of((any::<NonZeroU32>(), bytes(any::<u8>(), 0..=255))),
    ) -> SessionState {
        SessionState::Tls13(Tls13Session {
            suite: cairn_schedule::tls13::suite(suite.id).unwrap(),
            psk: SecretBytes::from(vec![secret; suite.hash.output_len()]),
            issued_at: UnixTime::from_millis(times.0),
            expires: UnixTime::from_millis(times.1),
            age_add: numbers.0,
            max_early_data: numbers.1,
            quic: quic.map(|(version, settings)| QuicSession { version, settings: settings.into() }),
            reference: match reference {
                0 => Tls13Reference::Ticket(ticket),
                1 => Tls13Reference::Stored(SessionId::new(&id).unwrap()),
                _ => Tls13Reference::InTicket,
            },
        })
    }
}

prop_compose! {
    pub(super) fn any_session()(
        tls13 in option::of(any_tls13()),
        reference in any_reference(),
        suite in select(SUITES),
        secret in any::<[u8; 32]>(),
        flags in any::<(bool, bool)>(),
        server_name in option::of(bytes(any::<u8>(), 1..=255)),
        alpn in option::of(bytes(any::<u8>(), 1..=255)),
        max_fragment_length in option::of(select(&MaxFragmentLength::ALL[..])),
        peer_chain in option::of(any_chain()),
        psk_identity in option::of(bytes(any::<u8>(), 0..=255)),
        evidence in any_evidence(),
        authenticated_at in any::<u64>(),
        not_after in option::of(any::<u64>()),
        digests in any::<([u8; Digest::LEN], [u8; Digest::LEN])>(),
        side in any_side(),
    ) -> Session {
        let mut master = [0x5a; 48];
        master[..32].copy_from_slice(&secret);
        let suite = cairn_schedule::suite(suite.id).unwrap();
        let with_encrypt_then_mac = suite.protection.with_encrypt_then_mac().unwrap_or(suite.protection);
        Session {
            server_name: server_name.map(Into::into),
            alpn: alpn.map(Into::into),
            peer_chain,
            psk_identity,
            evidence,
            authenticated_at: UnixTime::from_millis(authenticated_at),
            not_after: not_after.map(UnixTime::from_millis),
            context: Digest(digests.0),
            verified_with: Digest(digests.1),
            side,
            state: tls13.unwrap_or(SessionState::Tls12(Tls12Session {
                reference,
                suite,
                protection: if flags.1 { with_encrypt_then_mac } else { suite.protection },
                master_secret: MasterSecret::try_from(&master[..]).unwrap(),
                extended_master_secret: flags.0,
                max_fragment_length,
            })),
        }
    }
}
