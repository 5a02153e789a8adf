//! Conversion of flags to a configuration.

use alloc::sync::Arc;
use core::net::{IpAddr, Ipv4Addr};

use cairn_tls::{
    CertificateCompression, ClientAuthentication, ClientConfig, ClientConfigBuilder, Clock, Limits, Provider,
    RecordLimits, Renegotiation, RenegotiationLimits, ServerConfig, ServerConfigBuilder, ServerName,
    SuiteOrder, Versions,
    wire::{CertificateType, NamedGroup, SignatureScheme},
    x509::ocsp::Stapling,
};

use crate::{
    certificate_compression, ciphers,
    credentials::Ready,
    flags,
    outcome::Failure,
    sessions::{PersistentState, TestClock},
};

/// The early data that BoringSSL's servers accept, in bytes, on which tests of the limit rely.
const MAX_EARLY_DATA: u32 = 14_336;

/// The name of the server to which a client connects.
pub(crate) fn server_name(options: &flags::Connection) -> Result<ServerName, Failure> {
    match &options.host_name {
        Some(name) => ServerName::parse(name).map_err(|error| Failure::check(error.to_string())),
        None => Ok(ServerName::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST))),
    }
}

/// The versions that the flags permit and that the configuration can speak. BoringSSL drops a version for
/// which it has no credential, group or signature algorithm; here such a configuration is an error.
fn versions(options: &flags::Connection, credentials: &[Ready]) -> Result<Versions, Failure> {
    let versions = options.versions()?;
    let only_for_tls13 = |group: &NamedGroup| group.is_post_quantum();
    let no_group = !options.curves.is_empty() && options.curves.iter().all(only_for_tls13);
    let no_suite = !options.verify_prefs.is_empty()
        && ciphers::with_schemes(&options.verify_prefs, options.psk.is_some()).is_empty();
    let tls12 = versions != Versions::Tls13 && !no_group && !no_suite && !options.quic;
    // The flag -psk is a pre-shared key of TLS 1.2. It is not an external PSK of TLS 1.3.
    let psk_alone = options.server && options.psk.is_some() && credentials.is_empty();
    let tls13 = versions != Versions::Tls12 && !psk_alone;
    match (tls12, tls13) {
        (true, true) => Ok(Versions::Both),
        (true, false) => Ok(Versions::Tls12),
        (false, true) => Ok(Versions::Tls13),
        (false, false) => Err(Failure::Unimplemented("a configuration that suits no version".into())),
    }
}

/// Sessions of the same flags are always shared, so the context is never empty.
fn context_id(options: &flags::Connection) -> Vec<u8> {
    [b"bogo", options.session_id_context.as_bytes()].concat()
}

/// The algorithms for the compression of certificates.
fn compression(options: &flags::Connection) -> Vec<Arc<dyn CertificateCompression>> {
    match options.one_cert_compression_alg {
        Some(code) => certificate_compression::one(code),
        None if options.cert_compression_algs => certificate_compression::all(),
        None => Vec::new(),
    }
}

fn provider(persistent: &PersistentState) -> Provider {
    (*persistent.provider).clone()
}

fn clock(persistent: &PersistentState) -> Arc<dyn Clock> {
    let clock: Arc<TestClock> = Arc::clone(&persistent.clock);
    clock
}

/// The configuration of a client that the flags describe, without the parts of a transport. Almost every
/// decision is left to [`crate::answers`], so that it can be made late and also checked.
pub(crate) fn client(
    options: &flags::Connection,
    credentials: &[Ready],
    persistent: &PersistentState,
) -> Result<ClientConfigBuilder, Failure> {
    let mut builder = ClientConfig::builder_with(provider(persistent))
        .clock(clock(persistent))
        .policy(ciphers::POLICY)
        .versions(versions(options, credentials)?)
        .certificate_compression(compression(options))
        .ask_for_verification()
        .ask_for_credentials()
        .ask_for_sessions()
        .context_id(&context_id(options))
        .limits(limits(options))
        .renegotiation_limits(renegotiation_limits(options))
        .signature_schemes(&schemes(credentials))
        .renegotiation(renegotiation(options))
        .stapling(if options.enable_ocsp_stapling { Stapling::Check } else { Stapling::Ignore })
        .alpn(&options.advertise_alpn);
    if let Some(rule) = &options.cipher {
        builder = builder.suites(&ciphers::after_tls13(ciphers::by_rule(rule)?))?;
    } else if options.quic {
        builder = builder.suites(&ciphers::after_tls13(Vec::new()))?;
    }
    if !options.curves.is_empty() {
        builder = builder.groups(&options.curves);
    }
    if !options.verify_prefs.is_empty() {
        let suites = ciphers::with_schemes(&options.verify_prefs, options.psk.is_some());
        builder = builder.signature_schemes(&options.verify_prefs).suites(&ciphers::after_tls13(suites))?;
    }
    if options.psk.is_some() {
        builder = builder.ask_for_psks();
    }
    if accepts_raw_public_keys(options)? {
        builder = builder.accept_raw_public_keys();
    }
    builder = builder.credential_types(&credential_types(options, credentials));
    if options.enable_grease {
        builder = builder.grease();
    }
    if options.enable_signed_cert_timestamps {
        builder = builder.ask_for_certificate_timestamps();
    }
    if options.no_ticket {
        builder = builder.no_tickets();
    }
    if options.enable_early_data {
        builder = builder.early_data();
    }
    // BoringSSL, and therefore the runner, accepts servers without RFC 5746 unless a flag says otherwise.
    if !options.no_legacy_server_connect {
        builder = builder.allow_insecure_renegotiation_peers();
    }
    Ok(builder)
}

/// As [`client`], of a server.
pub(crate) fn server(
    options: &flags::Connection,
    credentials: &[Ready],
    persistent: &PersistentState,
) -> Result<ServerConfigBuilder, Failure> {
    let mut builder = ServerConfig::builder_with(provider(persistent))
        .clock(clock(persistent))
        .policy(ciphers::POLICY)
        .versions(versions(options, credentials)?)
        .certificate_compression(compression(options))
        .suite_order(SuiteOrder::Client)
        .ask_for_sessions()
        .context_id(&context_id(options))
        .limits(limits(options))
        .renegotiation_limits(renegotiation_limits(options))
        .signature_schemes(&schemes(credentials));
    if let Some(rule) = &options.cipher {
        builder =
            builder.suites(&ciphers::after_tls13(ciphers::by_rule(rule)?))?.suite_order(SuiteOrder::Server);
    } else if options.quic {
        builder = builder.suites(&ciphers::after_tls13(Vec::new()))?;
    }
    if options.server_preference {
        builder = builder.suite_order(SuiteOrder::Server);
    }
    if !options.curves.is_empty() {
        builder = builder.groups(&options.curves);
    }
    if !options.verify_prefs.is_empty() {
        builder = builder.signature_schemes(&options.verify_prefs);
    }
    if !credentials.is_empty() || options.psk.is_none() {
        builder = builder.ask_for_credentials();
    }
    if let Some(authentication) = client_authentication(options) {
        builder = builder.ask_for_client_verification(authentication);
        if accepts_raw_public_keys(options)? {
            builder = builder.accept_client_raw_public_keys();
        }
    }
    if options.psk.is_some() {
        builder = builder.ask_for_psks();
        if let Some(hint) = &options.psk_identity {
            builder = builder.psk_identity_hint(hint.as_bytes());
        }
    }
    let selected = options.select_alpn.as_ref().filter(|protocol| !protocol.is_empty());
    match selected.filter(|_| !options.decline_alpn) {
        // A server rejects ALPN by accepting none of the client's protocols. Over QUIC it must have some, so
        // one that selects none does the same.
        None if options.quic => builder = builder.alpn(["no client offers this"]),
        _ if options.reject_alpn && !options.decline_alpn => {
            builder = builder.alpn(["no client offers this"]);
        }
        Some(protocol) => builder = builder.alpn([protocol]),
        None => {}
    }
    if !options.no_ticket {
        builder = if options.use_ticket_callback || options.r#async {
            builder.ask_for_tickets()
        } else {
            builder.tickets(persistent.ticket_keys())
        };
    }
    if options.enable_early_data {
        builder = builder.early_data(MAX_EARLY_DATA).replay_window(Arc::clone(&persistent.replay_window));
        builder = builder.half_rtt_data();
    }
    Ok(builder)
}

/// The certificate types that a client can present: those in the flags, or those of its credentials.
fn credential_types(options: &flags::Connection, credentials: &[Ready]) -> Vec<CertificateType> {
    if !options.available_client_cert_types.is_empty() {
        return options.available_client_cert_types.clone();
    }
    let mut types = Vec::new();
    for ready in credentials {
        let shown = ready.credential.chain.certificate_type();
        if !types.contains(&shown) {
            types.push(shown);
        }
    }
    if types.is_empty() { vec![CertificateType::X509] } else { types }
}

/// If the caller verifies certificates, raw public keys are either preferred to certificates or not accepted.
/// No other list is possible.
fn accepts_raw_public_keys(options: &flags::Connection) -> Result<bool, Failure> {
    match options.accepted_peer_cert_types.as_slice() {
        [] | [CertificateType::X509] => Ok(false),
        [CertificateType::RAW_PUBLIC_KEY, CertificateType::X509] => Ok(true),
        other => Err(Failure::Unimplemented(format!("certificates of the types {other:?}, in this order"))),
    }
}

fn client_authentication(options: &flags::Connection) -> Option<ClientAuthentication> {
    let authorities = options.use_client_ca_list.clone();
    if options.verify_peer {
        Some(ClientAuthentication::Request { authorities })
    } else if options.require_any_client_certificate {
        Some(ClientAuthentication::Require { authorities })
    } else {
        None
    }
}

const fn renegotiation(options: &flags::Connection) -> Renegotiation {
    if options.renegotiate_freely || options.renegotiate_once {
        Renegotiation::Allowed
    } else {
        Renegotiation::Never
    }
}

fn limits(options: &flags::Connection) -> Limits {
    let mut limits = Limits::default();
    // The limit of BoringSSL, which its tests exceed by one.
    limits.max_skipped_early_data = 16_384;
    if let Some(longest) = options.max_cert_list {
        limits.max_certificate_message = longest;
    }
    limits
}

fn renegotiation_limits(options: &flags::Connection) -> RenegotiationLimits {
    let mut limits = RenegotiationLimits::default();
    if options.renegotiate_once {
        limits.max_renegotiations = 1;
    }
    limits
}

/// The limits of the records of TLS over TCP.
pub(crate) fn record_limits(options: &flags::Connection) -> RecordLimits {
    let mut limits = RecordLimits::default();
    if let Some(longest) = options.max_send_fragment {
        limits.max_plaintext = longest;
    }
    limits
}

/// The default signature schemes. A policy permits SHA-1 for both signing and verification, or for neither.
/// If the shim's own key could sign with ECDSA and SHA-1, the policy therefore permits it.
fn schemes(credentials: &[Ready]) -> Vec<SignatureScheme> {
    let mut schemes = VERIFY_PREFS.to_vec();
    if credentials.iter().any(|ready| ready.credential.schemes.contains(&SignatureScheme::ECDSA_SHA1)) {
        schemes.push(SignatureScheme::ECDSA_SHA1);
    }
    schemes
}

/// The default signature schemes of BoringSSL, on which tests of the defaults rely.
const VERIFY_PREFS: [SignatureScheme; 9] = [
    SignatureScheme::ECDSA_SECP256R1_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::ECDSA_SECP384R1_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::RSA_PKCS1_SHA1,
];
