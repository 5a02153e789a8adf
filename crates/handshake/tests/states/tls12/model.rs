//! The message order of RFC 5246 section 7.3 and of the RFCs that extend its figures, in the language of
//! [`automaton`](crate::automaton). It is independent of the machine's tables. At `Complete` a side considers
//! the handshake complete.

use crate::automaton::Language;
use cairn_schedule::Side;

/// The key exchange, as far as it affects the order of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// RSA: no ServerKeyExchange (RFC 5246 section 7.4.3).
    Rsa,
    /// DHE and ECDHE with a certificate.
    Signed,
    /// DH_anon and ECDH_anon: no certificate, and no request for one (sections 7.4.2 and 7.4.4).
    Anonymous,
    /// PSK: ServerKeyExchange only for a hint (RFC 4279 section 2).
    Psk,
    /// DHE_PSK and ECDHE_PSK (RFC 4279 section 3, RFC 5489 section 2).
    DhePsk,
    /// RSA_PSK: a certificate, ServerKeyExchange only for a hint (RFC 4279 section 4).
    RsaPsk,
}

/// One configuration of two sides.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub name: &'static str,
    pub exchange: Exchange,
    /// The first handshake is the abbreviated one.
    pub resumed: bool,
    /// ServerHello announces a ticket.
    pub ticket: bool,
    /// ServerHello announces CertificateStatus.
    pub status: bool,
    /// Both sides permit renegotiation.
    pub renegotiation: bool,
}

/// A full handshake with the key exchange and nothing more.
const fn full(name: &'static str, exchange: Exchange) -> Config {
    Config { name, exchange, resumed: false, ticket: false, status: false, renegotiation: false }
}

const fn ticket(config: Config) -> Config {
    Config { ticket: true, ..config }
}

const fn status(config: Config) -> Config {
    Config { status: true, ..config }
}

const fn resumed(config: Config) -> Config {
    Config { resumed: true, ..config }
}

const fn again(config: Config) -> Config {
    Config { renegotiation: true, ..config }
}

/// Every configuration that is explored.
pub const CONFIGS: [Config; 36] = {
    use Exchange::{Anonymous, DhePsk, Psk, Rsa, RsaPsk, Signed};
    [
        full("full", Signed),
        full("with short fragments", Signed),
        full("with client authentication", Signed),
        full("with a client that has no certificate", Signed),
        ticket(full("with a ticket", Signed)),
        ticket(full("with a ticket and client authentication", Signed)),
        ticket(full("with a ticket and a client that has no certificate", Signed)),
        status(full("with a stapled response", Signed)),
        status(ticket(full("with everything", Signed))),
        full("session not found", Signed),
        full("without a session store", Signed),
        resumed(full("resumed", Signed)),
        resumed(full("resumed by ticket", Signed)),
        ticket(resumed(full("resumed by an old ticket", Signed))),
        full("TLS_RSA_WITH_AES_128_GCM_SHA256", Rsa),
        full("TLS_RSA_WITH_AES_128_GCM_SHA256, client authentication", Rsa),
        full("TLS_RSA_WITH_AES_128_GCM_SHA256, request", Rsa),
        ticket(full("TLS_RSA_WITH_AES_128_GCM_SHA256, ticket", Rsa)),
        status(full("TLS_RSA_WITH_AES_128_GCM_SHA256, stapled", Rsa)),
        full("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Signed),
        full("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Anonymous),
        ticket(full("TLS_DH_anon_WITH_AES_128_GCM_SHA256, ticket", Anonymous)),
        full("TLS_PSK_WITH_AES_128_GCM_SHA256", Psk),
        full("TLS_PSK_WITH_AES_128_GCM_SHA256, hint", Psk),
        ticket(full("TLS_PSK_WITH_AES_128_GCM_SHA256, ticket", Psk)),
        full("TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", DhePsk),
        full("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", DhePsk),
        full("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint", RsaPsk),
        status(full("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, stapled", RsaPsk)),
        status(full("TLS_RSA_WITH_AES_128_GCM_SHA256, request, stapled", Rsa)),
        status(full("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint, stapled", RsaPsk)),
        again(full("renegotiation", Signed)),
        again(full("renegotiation with client authentication", Signed)),
        again(resumed(full("renegotiation after a resumed session", Signed))),
        full("TLS 1.2, which the server chooses from a hello of both versions", Signed),
        full("TLS 1.2, which a server of both versions chooses from a hello of it", Signed),
    ]
};

/// The words that can be sent to a side: the messages of both versions, so that a message of TLS 1.3 is tried
/// in each state of TLS 1.2 too. `EmptyCertificate` is the client's Certificate without a certificate (RFC
/// 5246 section 7.4.6), and `Unknown` a handshake message of a type that no version has.
pub const LETTERS: [&str; 20] = [
    "HelloRequest",
    "ClientHello",
    "ServerHello",
    "NewSessionTicket",
    "Certificate",
    "EmptyCertificate",
    "CertificateStatus",
    "ServerKeyExchange",
    "CertificateRequest",
    "ServerHelloDone",
    "CertificateVerify",
    "ClientKeyExchange",
    "Finished",
    "ChangeCipherSpec",
    "NoRenegotiation",
    "EncryptedExtensions",
    "CompressedCertificate",
    "EndOfEarlyData",
    "KeyUpdate",
    "Unknown",
];

/// The messages after ClientHello in a full handshake: figure 1.
fn figure_1(config: &Config) -> String {
    use Exchange::{Anonymous, DhePsk, Psk, Rsa, RsaPsk, Signed};
    // RFC 6066 section 8: immediately after Certificate, and a server that announced it may still omit it.
    let status = if config.status { "S:CertificateStatus ?" } else { "" };
    let certificate = match config.exchange {
        Rsa | Signed | RsaPsk => format!("S:Certificate {status}"),
        Anonymous | Psk | DhePsk => String::new(),
    };
    let key_exchange = match config.exchange {
        Rsa => "",
        Signed | Anonymous | DhePsk => "S:ServerKeyExchange",
        Psk | RsaPsk => "S:ServerKeyExchange ?",
    };
    // RFC 5246 section 7.4.4: an anonymous server must not send CertificateRequest. RFC 4279 section 2:
    // neither does a server with a PSK suite. Section 7.4.8: CertificateVerify follows a certificate that can
    // sign.
    let client = match config.exchange {
        Rsa | Signed => {
            "( S:ServerHelloDone C:ClientKeyExchange
             | S:CertificateRequest S:ServerHelloDone
               ( C:Certificate C:ClientKeyExchange C:CertificateVerify
               | C:EmptyCertificate C:ClientKeyExchange ) )"
        }
        Anonymous | Psk | DhePsk | RsaPsk => "S:ServerHelloDone C:ClientKeyExchange",
    };
    let ticket = new_session_ticket(config);
    format!(
        "S:ServerHello {certificate} {key_exchange} {client} C:ChangeCipherSpec C:Finished
         {ticket} S:ChangeCipherSpec S:Finished Complete"
    )
}

/// The messages after ClientHello in an abbreviated handshake: figure 2, and figure 2 of RFC 5077 section
/// 3.1.
fn figure_2(config: &Config) -> String {
    let ticket = new_session_ticket(config);
    format!("S:ServerHello {ticket} S:ChangeCipherSpec S:Finished C:ChangeCipherSpec C:Finished Complete")
}

/// RFC 5077 section 3.3: before the server's ChangeCipherSpec, if and only if ServerHello announced it.
const fn new_session_ticket(config: &Config) -> &'static str {
    if config.ticket { "S:NewSessionTicket" } else { "" }
}

/// The complete language of a configuration.
pub fn figure(config: &Config) -> String {
    let first = if config.resumed { figure_2(config) } else { figure_1(config) };
    // Sections 7.4.1.1 and 7.2.2: a renegotiation is refused with no_renegotiation.
    let later = if config.renegotiation {
        let again = figure_1(config);
        format!(
            "( S:HelloRequest ? C:ClientHello ( S:NoRenegotiation | {again} )
             | S:HelloRequest C:NoRenegotiation ) *"
        )
    } else {
        "( S:HelloRequest C:NoRenegotiation | C:ClientHello S:NoRenegotiation ) *".to_owned()
    };
    format!("C:ClientHello {first} {later}")
}

/// The language of these figures.
pub const LANGUAGE: Language = Language {
    letters: &LETTERS,
    acts: &["Complete"],
    // RFC 5246 section 7.4.1.1: a client that is negotiating ignores HelloRequest. Section 7.2: a warning
    // without a meaning here has no effect.
    ignores: |own, letter| (letter == "HelloRequest" && own == Side::Client) || letter == "NoRenegotiation",
};
