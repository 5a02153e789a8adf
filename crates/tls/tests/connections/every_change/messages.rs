//! The structure of each message, written from the RFCs and not from `cairn-wire`, and the values to try in
//! its fields.

use crate::every_change::flows::FFDHE2048;
use crate::every_change::shape::{
    Inner::{self, Items, One, Opaque, Values},
    Shape::{self, Extensions, Fixed, Struct, Vector},
    Tries,
};
use cairn_tls::wire::KeyExchangeAlgorithm as Kx;

const VERSIONS: Tries = &[
    ("SSL 3.0", &[3, 0]),
    ("TLS 1.1", &[3, 2]),
    ("TLS 1.3", &[3, 4]),
    ("version 5.5", &[5, 5]),
    ("version 0", &[0, 0]),
];
/// GREASE values, and supported values that are not offered here.
const SUITES: Tries = &[
    ("unknown", &[0x5a, 0x5a]),
    ("not offered", &[0xc0, 0x13]),
    ("TLS_NULL_WITH_NULL_NULL", &[0, 0]),
    ("TLS_EMPTY_RENEGOTIATION_INFO_SCSV", &[0, 0xff]),
    ("TLS_FALLBACK_SCSV", &[0x56, 0]),
];
const GROUPS: Tries = &[("unknown", &[0x5a, 0x5a]), ("ffdhe2048", &[1, 0]), ("secp384r1", &[0, 24])];
const COMPRESSIONS: Tries = &[("DEFLATE", &[1]), ("unknown", &[0xfa])];
const POINT_FORMATS: Tries = &[("compressed", &[1]), ("unknown", &[0xfa])];
const SCHEMES: Tries = &[
    ("unknown", &[0xfa, 0xce]),
    ("rsa_pkcs1_sha1", &[2, 1]),
    ("ecdsa_sha1", &[2, 3]),
    ("ecdsa_secp256r1_sha256", &[4, 3]),
    ("rsa_pkcs1_sha256", &[4, 1]),
];
const CERTIFICATE_TYPES: Tries = &[("OpenPGP", &[1]), ("unknown", &[0xfa])];
const FRAGMENT_LENGTHS: Tries = &[("0", &[0]), ("2^9", &[1]), ("2^12", &[4]), ("unknown", &[5])];
const SIZE_LIMITS: Tries = &[
    ("0", &[0, 0]),
    ("63", &[0, 63]),
    ("64", &[0, 64]),
    ("2^14 + 1", &[0x40, 1]),
    ("2^16 - 1", &[0xff, 0xff]),
];

/// Invalid points: empty, of order 1 and 8 on Curve25519, in another form, not on P-256.
const NO_POINTS: Tries = &[
    ("infinity", &[0]),
    ("0 of Curve25519", &[0; 32]),
    ("low order of Curve25519", &LOW_ORDER),
    ("compressed", &COMPRESSED),
    ("(0; 0)", &ORIGIN),
];
const LOW_ORDER: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
    0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];
/// The generator of P-256 in compressed form (ANSI X9.62).
const COMPRESSED: [u8; 33] = [
    3, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
    0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
];
const ORIGIN: [u8; 65] = {
    let mut point = [0; 65];
    point[0] = 4;
    point
};
/// Invalid generators, and values out of range.
const NO_NUMBERS: Tries = &[("0", &[0]), ("1", &[1]), ("p - 1", &P_MINUS_1), ("p", &FFDHE2048)];
const P_MINUS_1: [u8; 256] = {
    let mut number = FFDHE2048;
    number[255] -= 1;
    number
};

const HOST_NAMES: Tries = &[
    ("an address", b"192.0.2.7"),
    ("with a dot at its end", b"server.test."),
    ("256 letters", &[b'a'; 256]),
];
const RANDOM: Shape = Fixed(32, &[]);
const SESSION_ID: Shape = Vector(1, 0, 32, Opaque);
const SUITE: Shape = Fixed(2, SUITES);
const COMPRESSION: Shape = Fixed(1, COMPRESSIONS);
const SCHEME: Shape = Fixed(2, SCHEMES);
const NOTHING: Inner = One(&Struct(&[]));
const POINTS: Inner =
    One(&Struct(&[("ec_point_format_list", Vector(1, 1, 0xff, Items(&Fixed(1, POINT_FORMATS))))]));
const GROUP_LIST: Inner =
    One(&Struct(&[("named_group_list", Vector(2, 2, 0xffff, Items(&Fixed(2, GROUPS))))]));
const PROTOCOLS: Inner =
    One(&Struct(&[("protocol_name_list", Vector(2, 2, 0xffff, Items(&Vector(1, 1, 0xff, Opaque))))]));
const SCHEME_LIST: Inner =
    One(&Struct(&[("supported_signature_algorithms", Vector(2, 2, 0xfffe, Items(&SCHEME)))]));
const LIMIT: Inner = One(&Struct(&[("record_size_limit", Fixed(2, SIZE_LIMITS))]));
const FRAGMENT_LENGTH: Inner = One(&Struct(&[("max_fragment_length", Fixed(1, FRAGMENT_LENGTHS))]));
const RENEGOTIATED: Inner = One(&Struct(&[("renegotiated_connection", Vector(1, 0, 0xff, Opaque))]));

/// RFC 5246 section 7.4.1.2.
pub(crate) const CLIENT_HELLO: Shape = Struct(&[
    ("client_version", Fixed(2, VERSIONS)),
    ("random", RANDOM),
    ("session_id", SESSION_ID),
    ("cipher_suites", Vector(2, 2, 0xfffe, Items(&SUITE))),
    ("compression_methods", Vector(1, 1, 0xff, Items(&COMPRESSION))),
    ("extensions", Extensions(client_extension)),
]);

fn client_extension(extension_type: u16) -> (&'static str, Inner) {
    match extension_type {
        // RFC 6066 section 3.
        0 => (
            "server_name",
            One(&Struct(&[(
                "server_name_list",
                Vector(
                    2,
                    1,
                    0xffff,
                    Items(&Struct(&[
                        ("name_type", Fixed(1, &[("unknown", &[0xfa])])),
                        ("host_name", Vector(2, 1, 0xffff, Values(HOST_NAMES))),
                    ])),
                ),
            )])),
        ),
        // RFC 6066 section 4.
        1 => ("max_fragment_length", FRAGMENT_LENGTH),
        // RFC 6066 section 8.
        5 => (
            "status_request",
            One(&Struct(&[
                ("status_type", Fixed(1, &[("unknown", &[0xfa])])),
                ("responder_id_list", Vector(2, 0, 0xffff, Items(&Vector(2, 1, 0xffff, Opaque)))),
                ("request_extensions", Vector(2, 0, 0xffff, Opaque)),
            ])),
        ),
        // RFC 8422 sections 5.1.1 and 5.1.2.
        10 => ("supported_groups", GROUP_LIST),
        11 => ("ec_point_formats", POINTS),
        // RFC 5246 section 7.4.1.4.1.
        13 => ("signature_algorithms", SCHEME_LIST),
        // RFC 7301 section 3.1.
        16 => ("application_layer_protocol_negotiation", PROTOCOLS),
        // RFC 6962 section 3.3.1.
        18 => ("signed_certificate_timestamp", NOTHING),
        // RFC 7250 section 3.
        19 => ("client_certificate_type", TYPES),
        20 => ("server_certificate_type", TYPES),
        // RFC 7685 section 3.
        21 => ("padding", Opaque),
        // RFC 7366, RFC 7627.
        22 => ("encrypt_then_mac", NOTHING),
        23 => ("extended_master_secret", NOTHING),
        // RFC 8449 section 4.
        28 => ("record_size_limit", LIMIT),
        // RFC 5077 section 3.2.
        35 => ("session_ticket", Opaque),
        // RFC 9846 sections 4.3.1 and 4.3.3.
        43 => (
            "supported_versions",
            One(&Struct(&[("versions", Vector(1, 2, 254, Items(&Fixed(2, VERSIONS))))])),
        ),
        50 => ("signature_algorithms_cert", SCHEME_LIST),
        // RFC 5746 section 3.2.
        0xff01 => ("renegotiation_info", RENEGOTIATED),
        _ => ("unknown", Opaque),
    }
}

const TYPES: Inner =
    One(&Struct(&[("certificate_types", Vector(1, 1, 0xff, Items(&Fixed(1, CERTIFICATE_TYPES))))]));

/// RFC 5246 section 7.4.1.3.
pub(crate) const SERVER_HELLO: Shape = Struct(&[
    ("server_version", Fixed(2, VERSIONS)),
    ("random", RANDOM),
    ("session_id", SESSION_ID),
    ("cipher_suite", SUITE),
    ("compression_method", COMPRESSION),
    ("extensions", Extensions(server_extension)),
]);

fn server_extension(extension_type: u16) -> (&'static str, Inner) {
    match extension_type {
        0 => ("server_name", NOTHING),
        1 => ("max_fragment_length", FRAGMENT_LENGTH),
        5 => ("status_request", NOTHING),
        10 => ("supported_groups", GROUP_LIST),
        11 => ("ec_point_formats", POINTS),
        16 => ("application_layer_protocol_negotiation", PROTOCOLS),
        18 => (
            "signed_certificate_timestamp",
            One(&Struct(&[("sct_list", Vector(2, 1, 0xffff, Items(&Vector(2, 1, 0xffff, Opaque))))])),
        ),
        19 => ("client_certificate_type", TYPE),
        20 => ("server_certificate_type", TYPE),
        22 => ("encrypt_then_mac", NOTHING),
        23 => ("extended_master_secret", NOTHING),
        28 => ("record_size_limit", LIMIT),
        35 => ("session_ticket", NOTHING),
        0xff01 => ("renegotiation_info", RENEGOTIATED),
        _ => ("unknown", Opaque),
    }
}

const TYPE: Inner = One(&Struct(&[("certificate_type", Fixed(1, CERTIFICATE_TYPES))]));

/// RFC 5246 section 7.4.2.
pub(crate) const CERTIFICATE: Shape =
    Struct(&[("certificate_list", Vector(3, 0, 0xff_ffff, Items(&Vector(3, 1, 0xff_ffff, Opaque))))]);

/// RFC 7250 section 3.
pub(crate) const RAW_PUBLIC_KEY: Shape =
    Struct(&[("ASN.1_subjectPublicKeyInfo", Vector(3, 1, 0xff_ffff, Opaque))]);

/// RFC 6066 section 8.
pub(crate) const CERTIFICATE_STATUS: Shape = Struct(&[
    ("status_type", Fixed(1, &[("unknown", &[0xfa])])),
    ("response", Vector(3, 1, 0xff_ffff, Opaque)),
]);

/// RFC 5246 section 7.4.4.
pub(crate) const CERTIFICATE_REQUEST: Shape = Struct(&[
    ("certificate_types", Vector(1, 1, 0xff, Items(&Fixed(1, &[("rsa_sign", &[1]), ("unknown", &[0xfa])])))),
    ("supported_signature_algorithms", Vector(2, 2, 0xfffe, Items(&SCHEME))),
    ("certificate_authorities", Vector(2, 0, 0xffff, Items(&Vector(2, 1, 0xffff, Opaque)))),
]);

/// RFC 5246 section 7.4.5; RFC 5246 section 7.4.1.1.
pub(crate) const EMPTY: Shape = Struct(&[]);

/// RFC 5077 section 3.3.
pub(crate) const NEW_SESSION_TICKET: Shape = Struct(&[
    ("ticket_lifetime_hint", Fixed(4, &[("0", &[0; 4]), ("2^32 - 1", &[0xff; 4])])),
    ("ticket", Vector(2, 0, 0xffff, Opaque)),
]);

/// RFC 5246 section 7.4.8.
pub(crate) const CERTIFICATE_VERIFY: Shape = Struct(&[("signed", SIGNED)]);

/// RFC 5246 section 7.4.9.
pub(crate) const FINISHED: Shape = Struct(&[("verify_data", Fixed(12, &[]))]);

/// RFC 5246 section 7.1.
pub(crate) const CHANGE_CIPHER_SPEC: Shape =
    Struct(&[("type", Fixed(1, &[("0", &[0]), ("2", &[2]), ("255", &[255])]))]);

/// RFC 5246 section 7.2: a warning of `user_canceled`.
pub(crate) const ALERT: Shape = Struct(&[
    ("level", Fixed(1, &[("0", &[0]), ("fatal", &[2]), ("3", &[3])])),
    (
        "description",
        Fixed(
            1,
            &[
                ("close_notify", &[0]),
                ("handshake_failure", &[40]),
                ("no_renegotiation", &[100]),
                ("unknown", &[0xfa]),
            ],
        ),
    ),
]);

/// RFC 5246 section 6.2.1, and section 6.2.3 for a protected one.
pub(crate) const RECORD: Shape = Struct(&[
    (
        "type",
        Fixed(
            1,
            &[
                ("change_cipher_spec", &[20]),
                ("alert", &[21]),
                ("application_data", &[23]),
                ("heartbeat", &[24]),
                ("unknown", &[0xfa]),
            ],
        ),
    ),
    (
        "version",
        Fixed(2, &[("2.0", &[2, 0]), ("3.0", &[3, 0]), ("3.2", &[3, 2]), ("3.4", &[3, 4]), ("4.0", &[4, 0])]),
    ),
    ("fragment", Vector(2, 0, 0x4000, Opaque)),
]);

const SIGNED: Shape = Struct(&[("algorithm", SCHEME), ("signature", Vector(2, 0, 0xffff, Opaque))]);
const HINT: (&str, Shape) = ("psk_identity_hint", Vector(2, 0, 0xffff, Opaque));
const IDENTITY: (&str, Shape) = ("psk_identity", Vector(2, 0, 0xffff, Opaque));

/// RFC 8422 section 5.4.
const ECDH: Shape = Struct(&[
    ("curve_type", Fixed(1, &[("explicit_prime", &[1]), ("unknown", &[0xfa])])),
    ("namedcurve", Fixed(2, GROUPS)),
    ("public", Vector(1, 1, 0xff, Values(NO_POINTS))),
]);
/// RFC 5246 section 7.4.3.
const DH: Shape = Struct(&[
    ("dh_p", Vector(2, 1, 0xffff, Opaque)),
    ("dh_g", Vector(2, 1, 0xffff, Values(NO_NUMBERS))),
    ("dh_Ys", Vector(2, 1, 0xffff, Values(NO_NUMBERS))),
]);

/// RFC 5246 section 7.4.3, RFC 8422 section 5.4, RFC 4279 sections 2 to 4, RFC 5489 section 2.
pub(crate) const fn server_key_exchange(kx: Kx) -> Shape {
    match kx {
        Kx::Ecdhe => Struct(&[("params", ECDH), ("signed_params", SIGNED)]),
        Kx::EcdhAnon => Struct(&[("params", ECDH)]),
        Kx::EcdhePsk => Struct(&[HINT, ("params", ECDH)]),
        Kx::Dhe => Struct(&[("params", DH), ("signed_params", SIGNED)]),
        Kx::DhAnon => Struct(&[("params", DH)]),
        Kx::DhePsk => Struct(&[HINT, ("params", DH)]),
        _ => Struct(&[HINT]),
    }
}

const YC: (&str, Shape) = ("dh_Yc", Vector(2, 1, 0xffff, Values(NO_NUMBERS)));
const ECDH_YC: (&str, Shape) = ("ecdh_Yc", Vector(1, 1, 0xff, Values(NO_POINTS)));
const ENCRYPTED: (&str, Shape) = ("EncryptedPreMasterSecret", Vector(2, 0, 0xffff, Opaque));

/// RFC 5246 section 7.4.7, RFC 8422 section 5.7, RFC 4279 sections 2 to 4, RFC 5489 section 2.
pub(crate) const fn client_key_exchange(kx: Kx) -> Shape {
    match kx {
        Kx::Ecdhe | Kx::EcdhAnon => Struct(&[ECDH_YC]),
        Kx::EcdhePsk => Struct(&[IDENTITY, ECDH_YC]),
        Kx::Dhe | Kx::DhAnon => Struct(&[YC]),
        Kx::DhePsk => Struct(&[IDENTITY, YC]),
        Kx::Rsa => Struct(&[ENCRYPTED]),
        Kx::RsaPsk => Struct(&[IDENTITY, ENCRYPTED]),
        _ => Struct(&[IDENTITY]),
    }
}
