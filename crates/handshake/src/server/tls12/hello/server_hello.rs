//! ServerHello (RFC 5246 section 7.4.1.3), in a full handshake and in a resumption.

use super::judge::Hello;
use crate::{
    error::HandshakeErrorKind,
    ext,
    kx::KeyExchange,
    negotiated::Negotiated,
    resumption::Resumption,
    server::context::Cx,
    session::SessionSide,
    tls12::negotiated::{SessionStorage, Tls12Negotiated},
};
use alloc::{boxed::Box, vec::Vec};
use cairn_schedule::{Direction, Randoms, Tls12Suite};
use cairn_wire::{
    CompressionMethod, Extensions, ProtocolVersion, Random, SerializedSct, ServerExtension, ServerHello,
    SessionId,
};
use smallvec::SmallVec;

/// The parts of ServerHello that a resumption omits.
#[derive(Default)]
pub(super) struct Responses<'a> {
    /// ec_point_formats (RFC 8422 section 5.2).
    pub(super) points: Option<ServerExtension<'static>>,
    /// Whether CertificateStatus will follow (RFC 6066 section 8).
    pub(super) staples: bool,
    /// Signed certificate timestamps (RFC 6962 section 3.3.1).
    pub(super) timestamps: &'a [Vec<u8>],
    /// The server's certificate type, and the type that the client must present (RFC 7250 section 4.2).
    pub(super) server_type: Option<ServerExtension<'static>>,
    pub(super) client_type: Option<ServerExtension<'static>>,
}

/// The session of the handshake.
pub(super) struct SessionChoice {
    /// ServerHello.session_id.
    pub(super) session_id: SessionId,
    pub(super) resumption: Resumption,
    pub(super) storage: SessionStorage,
}

/// Sends ServerHello and starts the transcript's hash. From here to the end of a renegotiation, we send no
/// application data. RFC 5246 permits it until our ChangeCipherSpec, but peers accept it only up to the
/// hello.
#[allow(clippy::boxed_local, reason = "moving the hello out of its box would copy it")]
pub(super) fn send_server_hello(
    hello: Box<Hello>,
    (suite, kx): (&'static Tls12Suite, KeyExchange),
    session: SessionChoice,
    responses: &Responses<'_>,
    cx: &mut Cx<'_>,
) -> Result<Box<Tls12Negotiated>, HandshakeErrorKind> {
    let SessionChoice { session_id, resumption, storage } = session;
    let mut random = Random([0; 32]);
    cx.policy.provider.random.fill(&mut random.0)?;
    ext::supported_versions::mark_downgrade(&mut random, cx.policy);
    let sessions = cx.policy.resumption.as_ref();
    let mut negotiated = Box::new(Tls12Negotiated {
        common: Negotiated {
            record_size_limits: hello.record_size_limits,
            server_name: hello.server_name,
            alpn: hello.alpn,
            ..Negotiated::new(
                SessionSide::Server { tls_server_end_point: None },
                resumption,
                sessions,
                cx.connection.now,
            )
        },
        suite,
        kx,
        client_version: hello.client_version,
        randoms: Randoms { client: hello.random, server: random },
        session_id,
        transcript: hello.transcript,
        extended_master_secret: hello.extended_master_secret,
        protection: ext::encrypt_then_mac::choose(suite, hello.encrypt_then_mac),
        epoch: cx.connection.next_epoch()?,
        max_fragment_length: hello.max_fragment_length,
        secure_renegotiation: hello.secure_renegotiation,
        storage,
        psk_identity: None,
    });
    let last = cx.connection.last_tls12();
    ext::encrypt_then_mac::check_kept(last, negotiated.protection)?;
    let both_verify_data = ext::renegotiation_info::both_verify_data(last);
    // A resumption omits these extensions (RFC 6066 sections 1.1 and 3, RFC 8422 section 4).
    let fragment_length = negotiated.max_fragment_length.filter(|_| !resumption.is_resumed());
    let server_name = negotiated.common.server_name.as_deref().filter(|_| !resumption.is_resumed());
    let timestamps: SmallVec<[_; 4]> =
        responses.timestamps.iter().map(|bytes| SerializedSct(bytes)).collect();
    let mut extensions = SmallVec::<[ServerExtension<'_>; 16]>::new();
    let mut add = |extension: Option<_>| {
        if let Some(extension) = extension {
            extensions.push(extension);
        }
    };
    add(ext::server_name::response(server_name));
    add(ext::extended_master_secret::response(negotiated.extended_master_secret));
    add(ext::encrypt_then_mac::response(negotiated.protection.is_encrypt_then_mac()));
    add(ext::renegotiation_info::response(negotiated.secure_renegotiation, &both_verify_data));
    add(responses.server_type);
    add(responses.client_type);
    add(ext::status_request::response(responses.staples));
    add(ext::signed_certificate_timestamp::response(&timestamps));
    add(ext::max_fragment_length::response(fragment_length));
    add(ext::record_size_limit::response(negotiated.common.record_size_limits));
    add(ext::session_ticket::response(negotiated.storage.is_ticket_announced()));
    add(responses.points);
    add(ext::alpn::response(negotiated.common.alpn.as_deref()));
    cx.out.close_gate(Direction::Write);
    negotiated.limit_records_at_once(&mut cx.out);
    cx.out.send(
        &mut negotiated.transcript,
        &ServerHello {
            server_version: ProtocolVersion::TLS_1_2,
            random,
            session_id,
            cipher_suite: suite.id,
            compression_method: CompressionMethod::NULL,
            // A client that sent no extensions gets no extension block.
            extensions: (!extensions.is_empty()).then(|| Extensions::from_items(&extensions)),
        },
    )?;
    drop(extensions);
    negotiated.choose_hash(&cx.policy.provider)?;
    Ok(negotiated)
}
