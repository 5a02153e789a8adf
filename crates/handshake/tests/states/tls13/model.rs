//! The state machines of RFC 9846 appendix A, with what sections 4 and 5 add to them, in the language of
//! [`automaton`](crate::automaton). They are independent of the machine's tables.
//!
//! Appendix A has a figure for each side, so there are two here as well. The words without a sender are:
//!
//! - `send=K` and `recv=K`: "K_send = K" and "K_recv = K". `next` are the keys after KeyUpdate, and
//!   `send=none` ends the keys of early data after HelloRetryRequest;
//! - `data-in` and `data-out`: from here on, application data may be received, or sent ("Can send app data
//!   after here"). It ends with the keys, or with `no-data-in` and `no-data-out`;
//! - `skip`: "Skip decrypt errors";
//! - `Complete`: CONNECTED; `Identified`: an authentication after the handshake is complete.

use crate::automaton::Language;
use cairn_schedule::Side;

/// The server's answer to early data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Early {
    NotOffered,
    Accepted,
    Rejected,
}

/// One configuration of two sides.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub name: &'static str,
    /// The server sends HelloRetryRequest.
    pub retried: bool,
    /// The server selects a PSK.
    pub psk: bool,
    pub early: Early,
    /// The server requests a certificate in the handshake.
    pub request: bool,
    /// Both sides offer to decompress certificates.
    pub compression: bool,
    /// The client can use tickets.
    pub tickets: bool,
    /// The client offers post_handshake_auth, and the server may request a certificate later.
    pub later: bool,
}

/// A full handshake and nothing more.
const fn full(name: &'static str) -> Config {
    Config {
        name,
        retried: false,
        psk: false,
        early: Early::NotOffered,
        request: false,
        compression: false,
        tickets: false,
        later: false,
    }
}

const fn psk(name: &'static str) -> Config {
    Config { psk: true, tickets: true, ..full(name) }
}

const fn early(name: &'static str, early: Early) -> Config {
    Config { early, ..psk(name) }
}

const fn retried(config: Config) -> Config {
    Config { retried: true, ..config }
}

const fn request(name: &'static str) -> Config {
    Config { request: true, ..full(name) }
}

const fn later(name: &'static str) -> Config {
    Config { later: true, ..full(name) }
}

const fn compressed(config: Config) -> Config {
    Config { compression: true, ..config }
}

/// Every configuration that is explored.
pub const CONFIGS: [Config; 17] = [
    full(""),
    full(", configured"),
    retried(full(", retried")),
    request(", with client authentication"),
    request(", with a client that has no certificate"),
    compressed(request(", with compressed certificates")),
    Config { tickets: true, ..full(", with a ticket") },
    psk(", resumed"),
    retried(psk(", resumed after a retry")),
    Config { tickets: true, ..full(", with a used ticket") },
    retried(Config { tickets: true, ..full(", with a used ticket, retried") }),
    psk(", with an external PSK"),
    early(", with early data", Early::Accepted),
    early(", with early data that is rejected", Early::Rejected),
    retried(early(", with early data that is rejected by a retry", Early::Rejected)),
    later(", authenticated later"),
    compressed(later(", with a compressed certificate, authenticated later")),
];

/// The messages that can be sent to a side: those of both versions, so that a message of TLS 1.2 is tried
/// after the choice of TLS 1.3 too. `EmptyCertificate` is the client's Certificate without a certificate
/// (section 4.5.1), `KeyUpdateRequested` is KeyUpdate with update_requested (section 4.7.3), and `Unknown` a
/// message of a type that no version has.
pub const LETTERS: [&str; 22] = [
    "HelloRequest",
    "ClientHello",
    "ServerHello",
    "HelloRetryRequest",
    "NewSessionTicket",
    "EndOfEarlyData",
    "EncryptedExtensions",
    "Certificate",
    "EmptyCertificate",
    "CompressedCertificate",
    "CertificateStatus",
    "ServerKeyExchange",
    "CertificateRequest",
    "ServerHelloDone",
    "CertificateVerify",
    "ClientKeyExchange",
    "Finished",
    "KeyUpdate",
    "KeyUpdateRequested",
    "MessageHash",
    "Unknown",
    // Sent for compatibility with middleboxes (appendix E.4). A receiver's record layer drops it.
    "ChangeCipherSpec",
];

/// The language of these figures.
pub const LANGUAGE: Language = Language {
    letters: &LETTERS,
    acts: &[
        "send=none",
        "send=early",
        "send=handshake",
        "send=application",
        "send=next",
        "recv=early",
        "recv=handshake",
        "recv=application",
        "recv=next",
        "data-in",
        "no-data-in",
        "data-out",
        "no-data-out",
        "skip",
        "Complete",
        "Identified",
    ],
    // Section 4: any message that is not expected is an error.
    ignores: |_, _| false,
};

/// A Certificate message with a certificate (RFC 8879 section 4: it may be compressed if the receiver has
/// offered that).
const fn certificate(config: &Config, from_client: bool) -> &'static str {
    match (config.compression, from_client) {
        (true, true) => "( C:Certificate | C:CompressedCertificate )",
        (true, false) => "( S:Certificate | S:CompressedCertificate )",
        (false, true) => "C:Certificate",
        (false, false) => "S:Certificate",
    }
}

/// The response to CertificateRequest. Section 4.5.1: a client without a suitable certificate sends a
/// Certificate message without certificates, and then no CertificateVerify.
fn client_authentication(config: &Config) -> String {
    format!("( {} C:CertificateVerify | C:EmptyCertificate )", certificate(config, true))
}

/// Appendix A.1.
fn client(config: &Config) -> String {
    let is_early = config.early != Early::NotOffered;
    // Appendix E.4: ChangeCipherSpec precedes the second flight, or follows ClientHello before early data.
    let (after_hello, before_flight) =
        if is_early { ("C:ChangeCipherSpec send=early data-out", "") } else { ("", "C:ChangeCipherSpec") };
    let drop_early = if is_early { "send=none" } else { "" };
    // A server may ask for another hello or not.
    let hello = format!(
        "( S:HelloRetryRequest {drop_early} {before_flight} C:ClientHello S:ServerHello
         | S:ServerHello {before_flight} )"
    );
    // "clients [...] SHOULD first rekey to the handshake keys if possible": without early data that is at
    // once, and after a rejection when EncryptedExtensions tells it.
    let (at_hello, at_extensions) = match config.early {
        Early::Rejected if !config.retried => ("recv=handshake", "send=handshake"),
        Early::Accepted => ("recv=handshake", ""),
        Early::Rejected | Early::NotOffered => ("recv=handshake send=handshake", ""),
    };
    let end_of_early_data = match config.early {
        Early::Accepted => "no-data-out C:EndOfEarlyData send=handshake",
        Early::Rejected | Early::NotOffered => "",
    };
    let finished = format!("S:Finished recv=application {end_of_early_data}");
    let flight = if config.psk {
        format!("{finished} C:Finished")
    } else {
        let server = format!("{} S:CertificateVerify {finished}", certificate(config, false));
        let client = client_authentication(config);
        format!("( {server} C:Finished | S:CertificateRequest {server} {client} C:Finished )")
    };
    // Section 4.7: these come at any time after the handshake, and only there. Section 4.7.2: "All of the
    // client's messages for a given response MUST appear consecutively".
    let later = if config.later {
        format!("| S:CertificateRequest {} C:Finished Identified", client_authentication(config))
    } else {
        String::new()
    };
    let (theirs, ours) = (their_updates("S", "C"), our_updates("C"));
    // A client that can still negotiate TLS 1.2 ignores HelloRequest (RFC 5246 section 7.4.1.1).
    format!(
        "C:ClientHello {after_hello} S:HelloRequest * {hello} {at_hello}
         S:EncryptedExtensions {at_extensions} {flight}
         send=application data-out data-in Complete
         ( S:NewSessionTicket | {theirs} | {ours} {later} ) *"
    )
}

/// Appendix A.2.
fn server(config: &Config) -> String {
    let retry = match (config.retried, config.early) {
        (true, Early::NotOffered) => "S:HelloRetryRequest S:ChangeCipherSpec C:ClientHello",
        // Section 4.3.10: after HelloRetryRequest, the server skips what it cannot read.
        (true, _) => "S:HelloRetryRequest S:ChangeCipherSpec skip C:ClientHello",
        (false, _) => "",
    };
    // Appendix E.4: immediately after the server's first handshake message.
    let compatible = if config.retried { "" } else { "S:ChangeCipherSpec" };
    let keys = match config.early {
        Early::Accepted => "recv=early data-in send=handshake",
        Early::Rejected if !config.retried => "send=handshake recv=handshake skip",
        Early::Rejected | Early::NotOffered => "send=handshake recv=handshake",
    };
    let request = if config.request { "S:CertificateRequest" } else { "" };
    let own_certificate = if config.psk {
        String::new()
    } else {
        format!("{request} {} S:CertificateVerify", certificate(config, false))
    };
    let end_of_early_data =
        if config.early == Early::Accepted { "C:EndOfEarlyData recv=handshake" } else { "" };
    let client = if config.request { client_authentication(config) } else { String::new() };
    // Section 4.7.1: "At any time after the server has received the client Finished message".
    let tickets = if config.tickets { "S:NewSessionTicket *" } else { "" };
    format!(
        "C:ClientHello {retry} S:ServerHello {compatible} {keys} S:EncryptedExtensions {own_certificate}
         S:Finished send=application {end_of_early_data} {client} C:Finished recv=application {tickets}
         data-out data-in Complete {}",
        after_server(config)
    )
}

/// What follows a server's handshake, with up to two requests for a certificate.
fn after_server(config: &Config) -> String {
    let own = format!("( {} ) *", our_updates("S"));
    let idle = format!("( {} | {} ) *", our_updates("S"), their_updates("C", "S"));
    if !config.later {
        return idle;
    }
    let certificate = certificate(config, true);
    // In a response, only the server's own messages may intervene: those at `first` and `second`.
    let response = |first: &str, second: &str| {
        format!(
            "( {certificate} no-data-in {first} C:CertificateVerify {second} C:Finished data-in Identified )"
        )
    };
    let declined =
        |between: &str| format!("( C:EmptyCertificate no-data-in {between} C:Finished data-in Identified )");
    let any = format!("( {} | {} )", response(&own, &own), declined(&own));
    let request = "S:CertificateRequest";
    let again = format!("{own} {request} {own}");
    let with_request =
        format!("( {} | {} | {} )", response(&again, &own), response(&own, &again), declined(&again));
    format!(
        "{idle} ( {request} {idle}
            ( {any} {idle} ( {request} {idle} {any} {idle} ) ?
            | {request} {idle} {any} {idle} {any} {idle}
            | {with_request} {idle} {any} {idle} ) ) ?"
    )
}

/// KeyUpdate of the other side. Section 4.7.3: update_requested is answered with KeyUpdate; the tests' sides
/// answer at once, as if data followed.
fn their_updates(peer: &str, own: &str) -> String {
    format!(
        "{peer}:KeyUpdate recv=next data-in
         | {peer}:KeyUpdateRequested recv=next data-in {own}:KeyUpdate send=next data-out"
    )
}

/// KeyUpdate of this side.
fn our_updates(own: &str) -> String {
    format!("{own}:KeyUpdate send=next data-out | {own}:KeyUpdateRequested send=next data-out")
}

/// The figure of one side.
pub fn figure(config: &Config, own: Side) -> String {
    match own {
        Side::Client => client(config),
        Side::Server => server(config),
    }
}
