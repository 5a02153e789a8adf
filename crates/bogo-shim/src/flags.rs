//! The flags of the runner, as defined in `ssl/test/test_config.h` of BoringSSL.
//!
//! A flag that is not in [`FLAGS`] is for a feature that this stack lacks. A prefix restricts a flag to the
//! first connection of a test, or to the ones after it.

use core::str::FromStr;

use cairn_tls::{
    Versions,
    wire::{CertificateType, NamedGroup, SignatureScheme},
};

use crate::{
    encoding::{base64, hex_list, protocols, timestamps},
    outcome::Failure,
};

/// The flags of an entire test.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// For the first connection.
    pub(crate) first: Connection,
    /// For the connections after it.
    pub(crate) resumed: Connection,
    /// For what follows on such a connection once the server has rejected early data.
    pub(crate) retried: Connection,
}

/// A chain, its key, and related data.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credential {
    /// Only the public key is presented, without a certificate (RFC 7250).
    pub(crate) raw_public_key: bool,
    /// The delegated credential whose key this is (RFC 9345), encoded.
    pub(crate) delegated: Option<Vec<u8>>,
    pub(crate) cert_file: Option<String>,
    pub(crate) key_file: Option<String>,
    pub(crate) signing_prefs: Vec<SignatureScheme>,
    pub(crate) must_match_issuer: bool,
    pub(crate) ocsp_response: Vec<u8>,
    pub(crate) signed_cert_timestamps: Vec<Vec<u8>>,
}

/// The flags of one connection, by their own names.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "the runner defines these flags")]
pub(crate) struct Connection {
    // Port and number of connections.
    pub(crate) port: u16,
    pub(crate) ipv6: bool,
    pub(crate) shim_id: u64,
    pub(crate) resume_count: u32,
    pub(crate) resumption_delay: u64,

    // Role and offered parameters.
    pub(crate) server: bool,
    pub(crate) min_version: u16,
    pub(crate) max_version: Option<u16>,
    pub(crate) no_tls12: bool,
    pub(crate) no_tls13: bool,
    pub(crate) cipher: Option<String>,
    pub(crate) server_preference: bool,
    pub(crate) curves: Vec<NamedGroup>,
    pub(crate) verify_prefs: Vec<SignatureScheme>,
    pub(crate) cert_compression_algs: bool,
    pub(crate) one_cert_compression_alg: Option<u16>,
    pub(crate) host_name: Option<String>,
    pub(crate) advertise_alpn: Vec<Vec<u8>>,
    pub(crate) select_alpn: Option<String>,
    pub(crate) decline_alpn: bool,
    pub(crate) reject_alpn: bool,
    pub(crate) psk: Option<String>,
    pub(crate) psk_identity: Option<String>,
    pub(crate) no_legacy_server_connect: bool,
    pub(crate) max_cert_list: Option<u32>,
    pub(crate) max_send_fragment: Option<u16>,

    // Credentials.
    pub(crate) default_credential: Credential,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) fail_early_callback: bool,
    pub(crate) fail_cert_callback: bool,

    // The peer's certificates.
    pub(crate) verify_peer: bool,
    pub(crate) require_any_client_certificate: bool,
    pub(crate) verify_fail: bool,
    pub(crate) use_custom_verify_callback: bool,
    pub(crate) use_client_ca_list: Vec<Vec<u8>>,
    pub(crate) accepted_peer_cert_types: Vec<CertificateType>,
    pub(crate) available_client_cert_types: Vec<CertificateType>,
    pub(crate) enable_grease: bool,
    pub(crate) enable_ocsp_stapling: bool,
    pub(crate) enable_signed_cert_timestamps: bool,
    pub(crate) use_ocsp_callback: bool,
    pub(crate) decline_ocsp_callback: bool,
    pub(crate) fail_ocsp_callback: bool,

    // Sessions.
    pub(crate) no_ticket: bool,
    pub(crate) use_ticket_callback: bool,
    pub(crate) renew_ticket: bool,
    pub(crate) skip_ticket: bool,
    pub(crate) session_id_context: String,

    // Early data.
    pub(crate) enable_early_data: bool,
    pub(crate) early_write_after_message: Option<u8>,

    // Renegotiation.
    pub(crate) renegotiate_freely: bool,
    pub(crate) renegotiate_once: bool,

    // Use of the connection.
    pub(crate) r#async: bool,
    pub(crate) implicit_handshake: bool,
    pub(crate) handshake_twice: bool,
    pub(crate) shim_writes_first: bool,
    pub(crate) shim_initial_write: Option<String>,
    pub(crate) repeat_shim_initial_write: Option<usize>,
    pub(crate) read_with_unfinished_write: bool,
    pub(crate) write_different_record_sizes: bool,
    pub(crate) read_size: Option<usize>,
    pub(crate) shim_shuts_down: bool,
    pub(crate) check_close_notify: bool,
    pub(crate) export_keying_material: usize,
    pub(crate) export_label: String,
    pub(crate) export_context: String,
    pub(crate) use_export_context: bool,
    pub(crate) use_exporter_between_reads: bool,
    pub(crate) key_update: bool,
    pub(crate) key_update_before_read: bool,
    pub(crate) tls_unique: bool,

    // Expected results.
    pub(crate) handshake_never_done: bool,
    pub(crate) expect_server_name: Option<String>,
    pub(crate) expect_no_server_name: bool,
    pub(crate) expect_alpn: Option<String>,
    pub(crate) expect_advertised_alpn: Vec<Vec<u8>>,
    pub(crate) expect_certificate_types: Vec<u8>,
    pub(crate) expect_client_ca_list: Vec<Vec<u8>>,
    pub(crate) expect_peer_verify_prefs: Vec<SignatureScheme>,
    pub(crate) expect_peer_signature_algorithm: Option<SignatureScheme>,
    pub(crate) expect_peer_cert_file: Option<String>,
    pub(crate) expect_no_peer_cert: bool,
    pub(crate) expect_peer_certificate_type: Option<u8>,
    pub(crate) expect_peer_rpk_sha256: Vec<u8>,
    pub(crate) expect_ocsp_response: Vec<u8>,
    pub(crate) expect_signed_cert_timestamps: Vec<Vec<u8>>,
    pub(crate) expect_selected_credential: Option<i32>,
    pub(crate) expect_curve_id: Option<u16>,
    pub(crate) expect_hrr: Option<bool>,
    pub(crate) expect_cipher: Option<u16>,
    pub(crate) expect_version: Option<u16>,
    pub(crate) expect_extended_master_secret: bool,
    pub(crate) expect_secure_renegotiation: bool,
    pub(crate) expect_no_secure_renegotiation: bool,
    pub(crate) expect_session_miss: bool,
    pub(crate) expect_session_id: bool,
    pub(crate) expect_no_session_id: bool,
    pub(crate) expect_no_session: bool,
    pub(crate) expect_ticket_renewal: bool,
    pub(crate) expect_ticket_supports_early_data: bool,
    pub(crate) expect_no_offer_early_data: bool,
    pub(crate) expect_accept_early_data: bool,
    pub(crate) expect_reject_early_data: bool,
    pub(crate) expect_early_data_reason: Option<String>,
    pub(crate) expect_verify_result: bool,
    pub(crate) expect_total_renegotiations: u8,
    pub(crate) expect_msg_callback: Option<String>,
}

/// The effect of a flag.
enum Flag {
    /// A flag without a value.
    Alone(fn(&mut Connection)),
    /// A flag with a value; `None` if the value is invalid.
    With(fn(&mut Connection, &str) -> Option<()>),
}

use Flag::{Alone, With};

const FLAGS: &[(&str, Flag)] = &[
    ("-port", With(|o, v| number(&mut o.port, v))),
    ("-ipv6", Alone(|o| o.ipv6 = true)),
    ("-shim-id", With(|o, v| number(&mut o.shim_id, v))),
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
    ("-expect-msg-callback", With(|o, v| text(&mut o.expect_msg_callback, v))),
];

impl Options {
    /// Parses the flags.
    ///
    /// # Errors
    /// [`Failure::Unimplemented`] for an unknown flag, and for versions before TLS 1.2.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let (name, uses) = split_prefix(argument);
            let unknown = || Failure::Unimplemented(format!("flag {argument}"));
            let (_, flag) = FLAGS.iter().find(|(known, _)| *known == name).ok_or_else(unknown)?;
            let value = match flag {
                Alone(_) => None,
                With(_) => arguments.next(),
            };
            let all = [&mut options.first, &mut options.resumed, &mut options.retried];
            for connection in
                all.into_iter().zip(uses).filter_map(|(connection, used)| used.then_some(connection))
            {
                match (flag, value) {
                    (Alone(set), _) => set(connection),
                    (With(set), Some(value)) => set(connection, value)
                        .ok_or_else(|| Failure::check(format!("{argument} {value} is invalid")))?,
                    (With(_), None) => return Err(Failure::check(format!("{argument} lacks its value"))),
                }
            }
        }
        options.first.versions()?;
        options.resumed.versions()?;
        Ok(options)
    }
}

/// `-on-initial-x` is `-x` for the first connection, `-on-resume-x` for the ones after it, and `-on-retry-x`
/// for what follows on such a connection after rejected early data. The second result says to which of the
/// three the flag applies.
fn split_prefix(argument: &str) -> (String, [bool; 3]) {
    if let Some(name) = argument.strip_prefix("-on-initial") {
        (name.to_owned(), [true, false, false])
    } else if let Some(name) = argument.strip_prefix("-on-resume") {
        (name.to_owned(), [false, true, false])
    } else if let Some(name) = argument.strip_prefix("-on-retry") {
        (name.to_owned(), [false, false, true])
    } else {
        (argument.to_owned(), [true; 3])
    }
}

/// The number of TLS 1.2 in the flags.
const TLS_1_2: u16 = 0x0303;

/// The number of TLS 1.3 in the flags.
const TLS_1_3: u16 = 0x0304;

impl Connection {
    /// The credential to which the flags apply: the one started last, or the default one.
    fn credential(&mut self) -> &mut Credential {
        self.credentials.last_mut().unwrap_or(&mut self.default_credential)
    }

    /// The versions that the flags permit.
    ///
    /// # Errors
    /// [`Failure::Unimplemented`] if they are all older than TLS 1.2, or the expected one is.
    pub(crate) fn versions(&self) -> Result<Versions, Failure> {
        let highest = self.max_version.unwrap_or(TLS_1_3);
        let speaks = |version: u16, is_off: bool| (self.min_version..=highest).contains(&version) && !is_off;
        if self.expect_version.is_some_and(|expected| expected < TLS_1_2) {
            return Err(Failure::Unimplemented("versions before TLS 1.2".into()));
        }
        match (speaks(TLS_1_2, self.no_tls12), speaks(TLS_1_3, self.no_tls13)) {
            (true, true) => Ok(Versions::Both),
            (true, false) => Ok(Versions::Tls12),
            (false, true) => Ok(Versions::Tls13),
            (false, false) => Err(Failure::Unimplemented("versions before TLS 1.2".into())),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, Failure> {
        let arguments: Vec<String> = line.split_whitespace().map(Into::into).collect();
        Options::parse(&arguments)
    }

    #[test]
    fn prefix_selects_the_connection_of_a_flag() {
        let options = parse("-server -on-initial-verify-fail -on-resume-no-ticket -port 7").unwrap();
        assert!(options.first.server && options.resumed.server);
        assert_eq!((options.first.port, options.resumed.port), (7, 7));
        assert_eq!((options.first.verify_fail, options.resumed.verify_fail), (true, false));
        assert_eq!((options.first.no_ticket, options.resumed.no_ticket), (false, true));
    }

    #[test]
    fn credential_flags_apply_to_the_one_started_last() {
        let options = parse(
            "-cert-file a -new-x509-credential -cert-file b -new-x509-credential -cert-file c \
                 -signing-prefs 1025",
        )
        .unwrap();
        let first = options.first;
        assert_eq!(first.default_credential.cert_file.as_deref(), Some("a"));
        let files: Vec<_> = first.credentials.iter().map(|one| one.cert_file.as_deref()).collect();
        assert_eq!(files, [Some("b"), Some("c")]);
        assert_eq!(first.credentials[1].signing_prefs, [SignatureScheme::RSA_PKCS1_SHA256]);
        assert!(first.default_credential.signing_prefs.is_empty());
    }

    #[test]
    fn unsupported_flags_and_versions_are_reported() {
        for line in ["-quic", "-on-resume-dtls", "-max-version 770", "-expect-version 770"] {
            assert!(matches!(parse(line), Err(Failure::Unimplemented(_))), "{line}");
        }
    }

    #[test]
    fn flags_select_versions() {
        for (line, versions) in [
            ("", Versions::Both),
            ("-max-version 772 -min-version 769", Versions::Both),
            ("-max-version 771", Versions::Tls12),
            ("-no-tls13", Versions::Tls12),
            ("-min-version 772", Versions::Tls13),
            ("-no-tls12 -no-tls11 -no-tls1", Versions::Tls13),
        ] {
            assert_eq!(parse(line).unwrap().first.versions().unwrap(), versions, "{line}");
        }
    }

    #[test]
    fn values_must_be_present_and_valid() {
        for line in ["-port", "-port x", "-curves 70000", "-advertise-alpn 9"] {
            assert!(matches!(parse(line), Err(Failure::Check(_))), "{line}");
        }
    }

    #[test]
    fn every_flag_is_listed_once() {
        for (place, (name, _)) in FLAGS.iter().enumerate() {
            assert!(FLAGS.iter().skip(place + 1).all(|(other, _)| other != name), "{name}");
        }
    }
}
