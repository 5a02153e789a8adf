//! The table of the flags.

use super::connection::{Connection, Credential};
use crate::encoding::{base64, hex_list, protocols, timestamps};
use cairn_tls::wire::{CertificateType, NamedGroup, SignatureScheme};
use core::str::FromStr;

/// The effect of a flag.
pub(super) enum Flag {
    /// A flag without a value.
    Alone(fn(&mut Connection)),
    /// A flag with a value; `None` if the value is invalid.
    With(fn(&mut Connection, &str) -> Option<()>),
}

use Flag::{Alone, With};

/// Every known flag, by its name.
pub(super) const FLAGS: &[(&str, Flag)] = &[
    ("-port", With(|o, v| number(&mut o.port, v))),
    ("-ipv6", Alone(|o| o.ipv6 = true)),
    ("-shim-id", With(|o, v| number(&mut o.shim_id, v))),
    ("-quic", Alone(|o| o.quic = true)),
    ("-resume-count", With(|o, v| number(&mut o.resume_count, v))),
    ("-resumption-delay", With(|o, v| number(&mut o.resumption_delay, v))),
    ("-server", Alone(|o| o.server = true)),
    ("-min-version", With(|o, v| number(&mut o.min_version, v))),
    ("-max-version", With(|o, v| some_number(&mut o.max_version, v))),
    // Versions before TLS 1.2 are not supported, so they need not be disabled.
    ("-no-tls1", Alone(|_| ())),
    ("-no-tls11", Alone(|_| ())),
    ("-no-tls12", Alone(|o| o.no_tls12 = true)),
    ("-no-tls13", Alone(|o| o.no_tls13 = true)),
    ("-cipher", With(|o, v| text(&mut o.cipher, v))),
    ("-server-preference", Alone(|o| o.server_preference = true)),
    ("-curves", With(|o, v| push(&mut o.curves, NamedGroup(v.parse().ok()?)))),
    ("-verify-prefs", With(|o, v| push(&mut o.verify_prefs, scheme(v)?))),
    ("-install-cert-compression-algs", Alone(|o| o.cert_compression_algs = true)),
    ("-install-one-cert-compression-alg", With(|o, v| some_number(&mut o.one_cert_compression_alg, v))),
    ("-host-name", With(|o, v| text(&mut o.host_name, v))),
    ("-advertise-alpn", With(|o, v| set(&mut o.advertise_alpn, protocols(v.as_bytes())?))),
    ("-select-alpn", With(|o, v| text(&mut o.select_alpn, v))),
    ("-decline-alpn", Alone(|o| o.decline_alpn = true)),
    ("-reject-alpn", Alone(|o| o.reject_alpn = true)),
    ("-psk", With(|o, v| text(&mut o.psk, v))),
    ("-psk-identity", With(|o, v| text(&mut o.psk_identity, v))),
    ("-no-legacy-server-connect", Alone(|o| o.no_legacy_server_connect = true)),
    ("-max-cert-list", With(|o, v| some_number(&mut o.max_cert_list, v))),
    ("-max-send-fragment", With(|o, v| some_number(&mut o.max_send_fragment, v))),
    ("-quic-transport-params", With(|o, v| set(&mut o.quic_transport_params, base64(v)?))),
    ("-quic-use-legacy-codepoint", With(|o, v| number(&mut o.quic_use_legacy_codepoint, v))),
    // Flags of a credential apply to the one started last.
    ("-new-x509-credential", Alone(|o| o.credentials.push(Credential::default()))),
    (
        "-new-rpk-credential",
        Alone(|o| o.credentials.push(Credential { raw_public_key: true, ..Credential::default() })),
    ),
    // The delegated credential itself follows as a flag of its own.
    ("-new-delegated-credential", Alone(|o| o.credentials.push(Credential::default()))),
    ("-delegated-credential", With(|o, v| set(&mut o.credential().delegated, Some(base64(v)?)))),
    ("-cert-file", With(|o, v| text(&mut o.credential().cert_file, v))),
    ("-key-file", With(|o, v| text(&mut o.credential().key_file, v))),
    ("-signing-prefs", With(|o, v| push(&mut o.credential().signing_prefs, scheme(v)?))),
    ("-must-match-issuer", Alone(|o| o.credential().must_match_issuer = true)),
    ("-ocsp-response", With(|o, v| set(&mut o.credential().ocsp_response, base64(v)?))),
    (
        "-signed-cert-timestamps",
        With(|o, v| set(&mut o.credential().signed_cert_timestamps, timestamps(&base64(v)?)?)),
    ),
    // Selects which of BoringSSL's callbacks chooses a credential; here a single question serves for all of
    // them.
    ("-use-early-callback", Alone(|_| ())),
    ("-use-old-client-cert-callback", Alone(|_| ())),
    ("-install-ddos-callback", Alone(|_| ())),
    ("-fail-early-callback", Alone(|o| o.fail_early_callback = true)),
    ("-fail-cert-callback", Alone(|o| o.fail_cert_callback = true)),
    // The trust anchor of the runner's chains. The flags determine the verdict, so it is not used.
    ("-trust-cert", With(|_, _| Some(()))),
    ("-verify-peer", Alone(|o| o.verify_peer = true)),
    ("-require-any-client-certificate", Alone(|o| o.require_any_client_certificate = true)),
    ("-verify-fail", Alone(|o| o.verify_fail = true)),
    ("-use-custom-verify-callback", Alone(|o| o.use_custom_verify_callback = true)),
    ("-use-client-ca-list", With(|o, v| set(&mut o.use_client_ca_list, authorities(v)?))),
    (
        "-accepted-peer-cert-types",
        With(|o, v| push(&mut o.accepted_peer_cert_types, CertificateType(v.parse().ok()?))),
    ),
    (
        "-available-client-cert-types",
        With(|o, v| push(&mut o.available_client_cert_types, CertificateType(v.parse().ok()?))),
    ),
    ("-enable-grease", Alone(|o| o.enable_grease = true)),
    ("-enable-ocsp-stapling", Alone(|o| o.enable_ocsp_stapling = true)),
    ("-enable-signed-cert-timestamps", Alone(|o| o.enable_signed_cert_timestamps = true)),
    ("-use-ocsp-callback", Alone(|o| o.use_ocsp_callback = true)),
    // When BoringSSL provides the response that it staples; here it is always part of the credential.
    ("-set-ocsp-in-callback", Alone(|_| ())),
    ("-decline-ocsp-callback", Alone(|o| o.decline_ocsp_callback = true)),
    ("-fail-ocsp-callback", Alone(|o| o.fail_ocsp_callback = true)),
    ("-no-ticket", Alone(|o| o.no_ticket = true)),
    // Two ways to seal tickets in BoringSSL; here there is one.
    ("-use-ticket-callback", Alone(|o| o.use_ticket_callback = true)),
    ("-use-ticket-aead-callback", Alone(|o| o.use_ticket_callback = true)),
    ("-renew-ticket", Alone(|o| o.renew_ticket = true)),
    ("-skip-ticket", Alone(|o| o.skip_ticket = true)),
    ("-session-id-context", With(|o, v| set(&mut o.session_id_context, v.into()))),
    ("-enable-early-data", Alone(|o| o.enable_early_data = true)),
    ("-early-write-after-message", With(|o, v| some_number(&mut o.early_write_after_message, v))),
    ("-quic-early-data-context", With(|o, v| set(&mut o.quic_early_data_context, v.into()))),
    ("-renegotiate-freely", Alone(|o| o.renegotiate_freely = true)),
    ("-renegotiate-once", Alone(|o| o.renegotiate_once = true)),
    // Unwanted renegotiation is refused, which changes nothing.
    ("-renegotiate-ignore", Alone(|_| ())),
    ("-async", Alone(|o| o.r#async = true)),
    ("-implicit-handshake", Alone(|o| o.implicit_handshake = true)),
    ("-handshake-twice", Alone(|o| o.handshake_twice = true)),
    ("-no-op-extra-handshake", Alone(|o| o.handshake_twice = true)),
    ("-shim-writes-first", Alone(|o| o.shim_writes_first = true)),
    ("-shim-initial-write", With(|o, v| text(&mut o.shim_initial_write, v))),
    ("-repeat-shim-initial-write", With(|o, v| some_number(&mut o.repeat_shim_initial_write, v))),
    ("-read-with-unfinished-write", Alone(|o| o.read_with_unfinished_write = true)),
    ("-write-different-record-sizes", Alone(|o| o.write_different_record_sizes = true)),
    ("-read-size", With(|o, v| some_number(&mut o.read_size, v))),
    ("-shim-shuts-down", Alone(|o| o.shim_shuts_down = true)),
    ("-check-close-notify", Alone(|o| o.check_close_notify = true)),
    ("-export-keying-material", With(|o, v| number(&mut o.export_keying_material, v))),
    ("-export-label", With(|o, v| set(&mut o.export_label, v.into()))),
    ("-export-context", With(|o, v| set(&mut o.export_context, v.into()))),
    ("-use-export-context", Alone(|o| o.use_export_context = true)),
    ("-use-exporter-between-reads", Alone(|o| o.use_exporter_between_reads = true)),
    ("-key-update", Alone(|o| o.key_update = true)),
    ("-key-update-before-read", Alone(|o| o.key_update_before_read = true)),
    ("-tls-unique", Alone(|o| o.tls_unique = true)),
    ("-handshake-never-done", Alone(|o| o.handshake_never_done = true)),
    ("-expect-server-name", With(|o, v| text(&mut o.expect_server_name, v))),
    ("-expect-no-server-name", Alone(|o| o.expect_no_server_name = true)),
    ("-expect-alpn", With(|o, v| text(&mut o.expect_alpn, v))),
    ("-expect-advertised-alpn", With(|o, v| set(&mut o.expect_advertised_alpn, protocols(v.as_bytes())?))),
    ("-expect-certificate-types", With(|o, v| set(&mut o.expect_certificate_types, base64(v)?))),
    ("-expect-client-ca-list", With(|o, v| set(&mut o.expect_client_ca_list, authorities(v)?))),
    ("-expect-peer-verify-pref", With(|o, v| push(&mut o.expect_peer_verify_prefs, scheme(v)?))),
    (
        "-expect-peer-signature-algorithm",
        With(|o, v| set(&mut o.expect_peer_signature_algorithm, Some(scheme(v)?))),
    ),
    ("-expect-hrr", Alone(|o| o.expect_hrr = Some(true))),
    ("-expect-no-hrr", Alone(|o| o.expect_hrr = Some(false))),
    ("-expect-peer-cert-file", With(|o, v| text(&mut o.expect_peer_cert_file, v))),
    ("-expect-peer-certificate-type", With(|o, v| some_number(&mut o.expect_peer_certificate_type, v))),
    ("-expect-peer-rpk-sha256", With(|o, v| set(&mut o.expect_peer_rpk_sha256, base64(v)?))),
    ("-expect-ocsp-response", With(|o, v| set(&mut o.expect_ocsp_response, base64(v)?))),
    (
        "-expect-signed-cert-timestamps",
        With(|o, v| set(&mut o.expect_signed_cert_timestamps, timestamps(&base64(v)?)?)),
    ),
    ("-expect-no-peer-cert", Alone(|o| o.expect_no_peer_cert = true)),
    ("-expect-selected-credential", With(|o, v| some_number(&mut o.expect_selected_credential, v))),
    ("-expect-curve-id", With(|o, v| some_number(&mut o.expect_curve_id, v))),
    ("-expect-cipher", With(|o, v| some_number(&mut o.expect_cipher, v))),
    ("-expect-version", With(|o, v| some_number(&mut o.expect_version, v))),
    ("-expect-extended-master-secret", Alone(|o| o.expect_extended_master_secret = true)),
    ("-expect-secure-renegotiation", Alone(|o| o.expect_secure_renegotiation = true)),
    ("-expect-no-secure-renegotiation", Alone(|o| o.expect_no_secure_renegotiation = true)),
    ("-expect-session-miss", Alone(|o| o.expect_session_miss = true)),
    ("-expect-session-id", Alone(|o| o.expect_session_id = true)),
    ("-expect-no-session-id", Alone(|o| o.expect_no_session_id = true)),
    ("-expect-no-session", Alone(|o| o.expect_no_session = true)),
    ("-expect-ticket-renewal", Alone(|o| o.expect_ticket_renewal = true)),
    ("-expect-ticket-supports-early-data", Alone(|o| o.expect_ticket_supports_early_data = true)),
    ("-expect-no-offer-early-data", Alone(|o| o.expect_no_offer_early_data = true)),
    ("-expect-accept-early-data", Alone(|o| o.expect_accept_early_data = true)),
    ("-expect-reject-early-data", Alone(|o| o.expect_reject_early_data = true)),
    ("-expect-early-data-reason", With(|o, v| text(&mut o.expect_early_data_reason, v))),
    ("-expect-verify-result", Alone(|o| o.expect_verify_result = true)),
    ("-expect-total-renegotiations", With(|o, v| number(&mut o.expect_total_renegotiations, v))),
    ("-expect-quic-transport-params", With(|o, v| set(&mut o.expect_quic_transport_params, base64(v)?))),
    ("-expect-msg-callback", With(|o, v| text(&mut o.expect_msg_callback, v))),
];

#[allow(clippy::unnecessary_wraps, reason = "the table's functions may fail")]
fn set<T>(place: &mut T, value: T) -> Option<()> {
    *place = value;
    Some(())
}

fn push<T>(place: &mut Vec<T>, value: T) -> Option<()> {
    place.push(value);
    Some(())
}

fn text(place: &mut Option<String>, value: &str) -> Option<()> {
    set(place, Some(value.to_owned()))
}

fn number<T: FromStr>(place: &mut T, value: &str) -> Option<()> {
    set(place, value.parse().ok()?)
}

fn some_number<T: FromStr>(place: &mut Option<T>, value: &str) -> Option<()> {
    set(place, Some(value.parse().ok()?))
}

fn scheme(value: &str) -> Option<SignatureScheme> {
    Some(SignatureScheme(value.parse().ok()?))
}

/// Distinguished names in DER. Both `<NULL>` and `<EMPTY>` mean that there are none.
fn authorities(value: &str) -> Option<Vec<Vec<u8>>> {
    if matches!(value, "<NULL>" | "<EMPTY>") { Some(Vec::new()) } else { hex_list(value) }
}
