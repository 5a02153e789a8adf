//! The values of the flags, for each connection of a test.

use crate::outcome::Failure;
use cairn_tls::{
    Versions,
    wire::{CertificateType, NamedGroup, SignatureScheme},
};

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
    pub(crate) quic: bool,
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

    pub(crate) quic_transport_params: Vec<u8>,
    pub(crate) quic_use_legacy_codepoint: u8,

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
    pub(crate) quic_early_data_context: String,

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
    pub(crate) expect_quic_transport_params: Vec<u8>,
    pub(crate) expect_msg_callback: Option<String>,
}

/// The number of TLS 1.2 in the flags.
const TLS_1_2: u16 = 0x0303;

/// The number of TLS 1.3 in the flags.
const TLS_1_3: u16 = 0x0304;

impl Connection {
    /// The credential to which the flags apply: the one started last, or the default one.
    pub(super) fn credential(&mut self) -> &mut Credential {
        self.credentials.last_mut().unwrap_or(&mut self.default_credential)
    }

    /// The data that the shim writes at once if it speaks first.
    pub(crate) fn greeting(&self) -> &[u8] {
        self.shim_initial_write.as_deref().map_or(b"hello", str::as_bytes)
    }

    /// The number of bytes that the shim echoes at once.
    pub(crate) fn read_size(&self) -> usize {
        self.read_size.unwrap_or(512)
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
