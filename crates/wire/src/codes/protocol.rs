//! The registries of content types, versions, handshake message types and alerts.

use super::registry::{code_points, grease};

code_points! {
    /// The content type of a record (RFC 5246 section 6.2.1, IANA "TLS ContentType").
    pub struct ContentType(u8);
    CHANGE_CIPHER_SPEC = 20, "change_cipher_spec"; "RFC 5246"
    ALERT = 21, "alert"; "RFC 5246"
    HANDSHAKE = 22, "handshake"; "RFC 5246"
    APPLICATION_DATA = 23, "application_data"; "RFC 5246"
    HEARTBEAT = 24, "heartbeat"; "RFC 6520"
    TLS12_CID = 25, "tls12_cid"; "RFC 9146"
    ACK = 26, "ACK"; "RFC 9147"
    RETURN_ROUTABILITY_CHECK = 27, "return_routability_check"; "IANA"
}

code_points! {
    /// A protocol version in a record or hello (RFC 5246 section 6.2.1).
    ///
    /// Later TLS versions compare greater; DTLS versions count downwards.
    pub struct ProtocolVersion(u16);
    SSL_3_0 = 0x0300, "SSL 3.0"; "RFC 6101"
    TLS_1_0 = 0x0301, "TLS 1.0"; "RFC 2246"
    TLS_1_1 = 0x0302, "TLS 1.1"; "RFC 4346"
    TLS_1_2 = 0x0303, "TLS 1.2"; "RFC 5246"
    TLS_1_3 = 0x0304, "TLS 1.3"; "RFC 8446"
    DTLS_1_0 = 0xfeff, "DTLS 1.0"; "RFC 4347"
    DTLS_1_2 = 0xfefd, "DTLS 1.2"; "RFC 6347"
    DTLS_1_3 = 0xfefc, "DTLS 1.3"; "RFC 9147"
}

grease!(ProtocolVersion);

code_points! {
    /// The type of a handshake message (RFC 5246 section 7.4, IANA "TLS HandshakeType").
    pub struct HandshakeType(u8);
    HELLO_REQUEST = 0, "hello_request"; "RFC 5246"
    CLIENT_HELLO = 1, "client_hello"; "RFC 5246"
    SERVER_HELLO = 2, "server_hello"; "RFC 5246"
    HELLO_VERIFY_REQUEST = 3, "hello_verify_request"; "RFC 6347"
    NEW_SESSION_TICKET = 4, "new_session_ticket"; "RFC 5077"
    END_OF_EARLY_DATA = 5, "end_of_early_data"; "RFC 8446"
    HELLO_RETRY_REQUEST = 6, "hello_retry_request"; "reserved by RFC 8446"
    ENCRYPTED_EXTENSIONS = 8, "encrypted_extensions"; "RFC 8446"
    REQUEST_CONNECTION_ID = 9, "request_connection_id"; "RFC 9147"
    NEW_CONNECTION_ID = 10, "new_connection_id"; "RFC 9147"
    CERTIFICATE = 11, "certificate"; "RFC 5246"
    SERVER_KEY_EXCHANGE = 12, "server_key_exchange"; "RFC 5246"
    CERTIFICATE_REQUEST = 13, "certificate_request"; "RFC 5246"
    SERVER_HELLO_DONE = 14, "server_hello_done"; "RFC 5246"
    CERTIFICATE_VERIFY = 15, "certificate_verify"; "RFC 5246"
    CLIENT_KEY_EXCHANGE = 16, "client_key_exchange"; "RFC 5246"
    CLIENT_CERTIFICATE_REQUEST = 17, "client_certificate_request"; "RFC 9261"
    FINISHED = 20, "finished"; "RFC 5246"
    CERTIFICATE_URL = 21, "certificate_url"; "RFC 6066"
    CERTIFICATE_STATUS = 22, "certificate_status"; "RFC 6066"
    SUPPLEMENTAL_DATA = 23, "supplemental_data"; "RFC 4680"
    KEY_UPDATE = 24, "key_update"; "RFC 8446"
    COMPRESSED_CERTIFICATE = 25, "compressed_certificate"; "RFC 8879"
    EKT_KEY = 26, "ekt_key"; "RFC 8870"
    MESSAGE_HASH = 254, "message_hash"; "RFC 8446"
}

code_points! {
    /// The level of an alert (RFC 5246 section 7.2).
    pub struct AlertLevel(u8);
    WARNING = 1, "warning"; "RFC 5246"
    FATAL = 2, "fatal"; "RFC 5246"
}

code_points! {
    /// The description of an alert (RFC 5246 section 7.2, IANA "TLS Alerts").
    pub struct AlertDescription(u8);
    CLOSE_NOTIFY = 0, "close_notify"; "RFC 5246"
    UNEXPECTED_MESSAGE = 10, "unexpected_message"; "RFC 5246"
    BAD_RECORD_MAC = 20, "bad_record_mac"; "RFC 5246"
    DECRYPTION_FAILED = 21, "decryption_failed"; "reserved by RFC 5246"
    RECORD_OVERFLOW = 22, "record_overflow"; "RFC 5246"
    DECOMPRESSION_FAILURE = 30, "decompression_failure"; "RFC 5246"
    HANDSHAKE_FAILURE = 40, "handshake_failure"; "RFC 5246"
    NO_CERTIFICATE = 41, "no_certificate"; "reserved by RFC 5246"
    BAD_CERTIFICATE = 42, "bad_certificate"; "RFC 5246"
    UNSUPPORTED_CERTIFICATE = 43, "unsupported_certificate"; "RFC 5246"
    CERTIFICATE_REVOKED = 44, "certificate_revoked"; "RFC 5246"
    CERTIFICATE_EXPIRED = 45, "certificate_expired"; "RFC 5246"
    CERTIFICATE_UNKNOWN = 46, "certificate_unknown"; "RFC 5246"
    ILLEGAL_PARAMETER = 47, "illegal_parameter"; "RFC 5246"
    UNKNOWN_CA = 48, "unknown_ca"; "RFC 5246"
    ACCESS_DENIED = 49, "access_denied"; "RFC 5246"
    DECODE_ERROR = 50, "decode_error"; "RFC 5246"
    DECRYPT_ERROR = 51, "decrypt_error"; "RFC 5246"
    TOO_MANY_CIDS_REQUESTED = 52, "too_many_cids_requested"; "RFC 9147"
    EXPORT_RESTRICTION = 60, "export_restriction"; "reserved by RFC 5246"
    PROTOCOL_VERSION = 70, "protocol_version"; "RFC 5246"
    INSUFFICIENT_SECURITY = 71, "insufficient_security"; "RFC 5246"
    INTERNAL_ERROR = 80, "internal_error"; "RFC 5246"
    INAPPROPRIATE_FALLBACK = 86, "inappropriate_fallback"; "RFC 7507"
    USER_CANCELED = 90, "user_canceled"; "RFC 5246"
    NO_RENEGOTIATION = 100, "no_renegotiation"; "RFC 5246"
    MISSING_EXTENSION = 109, "missing_extension"; "RFC 8446"
    UNSUPPORTED_EXTENSION = 110, "unsupported_extension"; "RFC 5246"
    CERTIFICATE_UNOBTAINABLE = 111, "certificate_unobtainable"; "RFC 6066"
    UNRECOGNIZED_NAME = 112, "unrecognized_name"; "RFC 6066"
    BAD_CERTIFICATE_STATUS_RESPONSE = 113, "bad_certificate_status_response"; "RFC 6066"
    BAD_CERTIFICATE_HASH_VALUE = 114, "bad_certificate_hash_value"; "RFC 6066"
    UNKNOWN_PSK_IDENTITY = 115, "unknown_psk_identity"; "RFC 4279"
    CERTIFICATE_REQUIRED = 116, "certificate_required"; "RFC 8446"
    GENERAL_ERROR = 117, "general_error"; "RFC 8446 as revised"
    NO_APPLICATION_PROTOCOL = 120, "no_application_protocol"; "RFC 7301"
    ECH_REQUIRED = 121, "ech_required"; "IANA"
}
