//! Compares the reports of both sides about a connection with the expectations of a case.

use super::case::{Case, Early, Limit, RawKeys, Resumption, Role};
use super::peer::{Peer, Word};
use super::world::PSK_IDENTITY;

/// Cairn's report that each side has sent one KeyUpdate.
const KEYS_UPDATED: &str = "keys updated: 1 KeyUpdate sent, 1 received";

/// The first of the peer's expected words that its output lacks.
pub(super) fn missing(words: &[Word], text: &str) -> Option<String> {
    let lacks = |word: &&Word| text.matches(&word.text).count() < word.times;
    words.iter().find(lacks).map(|word| word.text.clone())
}

/// Compares Cairn's report of the connection, and its trace, with the expected parameters.
pub(super) fn check(case: &Case, ours: Role, peer: &dyn Peer, text: &str) -> Result<(), String> {
    let report = Report::last_in(text);
    report.expect("version", Some(if case.is_tls13() { "TLS 1.3" } else { "TLS 1.2" }))?;
    report.expect("cipher suite", Some(&case.suite))?;
    if let Some(group) = case.group {
        report.expect("group", Some(group))?;
    }
    if let Some(scheme) = case.scheme {
        report.expect("server signed", Some(scheme))?;
    }
    let resumed = match report.value("session") {
        Some(session) => session.starts_with("resumed"),
        // In TLS 1.3: the page of the server, and the end of the client's output.
        None => report.value("resumed") == Some("yes") || text.contains("reconnect 1 of 1: resumed"),
    };
    if resumed != case.resumption.is_some() {
        return Err(format!("the session was {}resumed", if resumed { "" } else { "not " }));
    }
    if case.is_tls13() { tls13(case, ours, &report, text) } else { tls12(case, ours, peer, &report, text) }
}

fn tls12(case: &Case, ours: Role, peer: &dyn Peer, report: &Report, text: &str) -> Result<(), String> {
    if case.client_key.is_some() && report.value("client signed").is_none() {
        return Err("the client was not authenticated".to_owned());
    }
    let etm = case.is_cbc() && case.etm && peer.knows_etm();
    if report.value("integrity").is_some_and(|told| told.contains("over the ciphertext")) != etm {
        return Err(format!("encrypt_then_mac was {}negotiated", if etm { "not " } else { "" }));
    }
    if ours == Role::Client && case.resumption.is_some() {
        let ticket = text.contains("<- NewSessionTicket");
        if ticket != (case.resumption == Some(Resumption::Ticket)) {
            return Err(format!("there was {} ticket", if ticket { "a" } else { "no" }));
        }
    }
    if ours == Role::Client && case.renegotiation.is_some() && text.matches("-> ClientHello").count() != 2 {
        return Err("there was no renegotiation".to_owned());
    }
    let size = report.value("record size").unwrap_or_default();
    match case.limit {
        // A server may accept the record_size_limit that Cairn's client also offers.
        Some(Limit::MaxFragmentLength(bytes))
            if size != format!("at most {bytes} bytes") && !size.contains(&format!(" {bytes} received")) =>
        {
            Err(format!("the record size is {size:?}"))
        }
        Some(Limit::RecordSize(bytes)) if !size.contains(&format!(" {bytes} received")) => {
            Err(format!("the record size is {size:?}"))
        }
        _ => Ok(()),
    }
}

fn tls13(case: &Case, ours: Role, report: &Report, text: &str) -> Result<(), String> {
    let retried = report.value("hello retry").is_some_and(|told| told.starts_with("HelloRetryRequest"));
    if retried != case.retry {
        return Err(format!("there was {} HelloRetryRequest", if retried { "a" } else { "no" }));
    }
    // Only a full handshake has signatures. In a resumed one the session names the peer.
    let signed = report.value("client signed").is_some();
    let authenticates = case.client_key.is_some() || case.raw_keys == Some(RawKeys::Both);
    // Our client reports the parameters before it is asked again.
    let told = ours == Role::Server || !case.later;
    if told && signed != (authenticates && case.resumption.is_none()) {
        return Err(format!("the client has {}signed", if signed { "" } else { "not " }));
    }
    if case.later {
        let word = match ours {
            Role::Client => "the server asked for a certificate after the handshake: presented",
            Role::Server => ", authenticated later",
        };
        if signed && !told || !text.contains(word) {
            return Err("the client was not authenticated after the handshake".to_owned());
        }
    }
    let session = report.value("session").unwrap_or_default();
    let early = match (session.contains("early data accepted"), session.contains("early data rejected")) {
        (false, false) => None,
        (accepted, _) => Some(if accepted { Early::Accepted } else { Early::Refused }),
    };
    // After HelloRetryRequest the client offers none again.
    if early != case.early_data && !(case.retry && ours == Role::Server && early.is_none()) {
        return Err(format!("the early data: {early:?}"));
    }
    if ours == Role::Server && report.value("early data").is_some() != (early == Some(Early::Accepted)) {
        return Err("the request did not come as early data".to_owned());
    }
    // In other cases it depends on the peer's defaults.
    if let Some(algorithm) = case.compression {
        report.expect("compressed", Some(&compressed(case, algorithm)))?;
    }
    if session.contains("with an external PSK") != case.external_psk {
        return Err(format!("the session is {session:?}"));
    }
    report.expect("PSK identity", case.external_psk.then_some(PSK_IDENTITY))?;
    if authenticates && ours == Role::Server && report.value("client") == Some("sent no certificate") {
        return Err("the client was not authenticated".to_owned());
    }
    let peer = match ours {
        Role::Client => report.value("server"),
        Role::Server => report.value("client"),
    };
    let raw = peer.is_some_and(|told| told.starts_with("raw public key"));
    let expected = match ours {
        Role::Client => case.raw_keys.is_some(),
        Role::Server => case.raw_keys == Some(RawKeys::Both),
    };
    if raw != expected {
        return Err(format!("the peer presented {peer:?}"));
    }
    if ours == Role::Server && case.resumption.is_some() {
        let stored = text.contains("-> NewSessionTicket") && text.contains("ticket of 32 bytes");
        if stored != case.is_stored() {
            return Err(format!("the session is {}stored by the server", if stored { "" } else { "not " }));
        }
    }
    // Our client answers the server's request, and our server that of the client.
    if case.key_update.is_some() && !text.contains(KEYS_UPDATED) {
        return Err("the keys were not updated by both sides".to_owned());
    }
    Ok(())
}

/// Cairn's report of compressed certificates.
fn compressed(case: &Case, algorithm: &str) -> String {
    let of_server = format!("the server's certificate, with {algorithm}");
    match case.client_key {
        Some(_) => format!("{of_server}; the client's certificate, with {algorithm}"),
        None => of_server,
    }
}

/// A report of Cairn: labels and values.
#[derive(Debug)]
pub(super) struct Report(Vec<(String, String)>);

impl Report {
    /// The last report in a text; empty if there is none. It may have passed through a program that prefixes
    /// each line with `| `.
    pub(super) fn last_in(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("| ").unwrap_or(line)).collect();
        let Some(first) = lines.iter().rposition(|line| line.starts_with("  version  ")) else {
            return Self(Vec::new());
        };
        let rows = lines.iter().skip(first).map_while(|line| {
            let (label, value) = line.strip_prefix("  ")?.split_once("  ")?;
            Some((label.to_owned(), value.trim().to_owned()))
        });
        Self(rows.collect())
    }

    /// The value with this label.
    pub(super) fn value(&self, label: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == label).map(|(_, value)| value.as_str())
    }

    /// Returns `true` if a value ends with this text.
    pub(super) fn has_end(&self, end: &str) -> bool {
        self.0.iter().any(|(_, value)| value.ends_with(end))
    }

    /// Compares the value with this label with the expected one.
    pub(super) fn expect(&self, label: &str, wanted: Option<&str>) -> Result<(), String> {
        let value = self.value(label);
        if value == wanted { Ok(()) } else { Err(format!("{label} is {value:?}, expected {wanted:?}")) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        case::{Asker, Key, Versions},
        gnutls::GnuTls,
    };
    use super::*;

    #[test]
    fn last_report_counts() {
        let text = "CONNECTED\n  version        TLS 1.2\n  cipher suite   A\nmore\n\
                    | Cairn: this connection\n| \n|   version        TLS 1.2\n|   cipher suite   B\n\
                    |   session        new, 01\n|   request        GET /x\nclosed\n";
        let report = Report::last_in(text);
        assert_eq!(report.0.len(), 4);
        assert_eq!(report.value("cipher suite"), Some("B"));
        assert!(report.has_end("/x") && !report.has_end("/y"));
        assert!(Report::last_in("nothing").0.is_empty());
    }

    const TEXT: &str = "  version  TLS 1.3\n  cipher suite  TLS_AES_128_GCM_SHA256\n  group  x25519\n\
                        \x20 hello retry  none\n  client  sent no certificate\n  resumed  no\n";

    fn tried(change: impl Fn(Case) -> Case) -> Result<(), String> {
        let case = Case::of_suite("TLS_AES_128_GCM_SHA256");
        let case = change(Case { ours: Versions::Tls13, theirs: Versions::Both, ..case });
        check(&case, Role::Server, &GnuTls::installed(), TEXT)
    }

    #[test]
    fn report_that_differs_from_the_case_is_a_failure() {
        assert_eq!(tried(|case| case), Ok(()));
        let ends = |change: fn(Case) -> Case, end: &str| {
            let why = tried(change).unwrap_err();
            assert!(why.ends_with(end), "{why}");
        };
        ends(|case| Case { theirs: Versions::Tls12, ..case }, "expected Some(\"TLS 1.2\")");
        ends(|case| Case { group: Some("secp256r1"), ..case }, "expected Some(\"secp256r1\")");
        ends(|case| Case { retry: true, ..case }, "no HelloRetryRequest");
        ends(|case| Case { resumption: Some(Resumption::Id), ..case }, "not resumed");
        ends(|case| Case { raw_keys: Some(RawKeys::Both), ..case }, "not signed");
        ends(|case| Case { key_update: Some(Asker::Client), ..case }, "not updated by both sides");
        ends(|case| Case { early_data: Some(Early::Accepted), ..case }, "early data: None");
        ends(|case| Case { later: true, client_key: Some(Key::Rsa), ..case }, "not signed");
        ends(
            |case| Case { compression: Some("zlib"), ..case },
            "expected Some(\"the server's certificate, with zlib\")",
        );
        ends(|case| Case { external_psk: true, ..case }, "the session is \"\"");
    }

    #[test]
    fn words_of_the_peer_are_counted() {
        let words = [Word::once("a"), Word { text: "b".to_owned(), times: 2 }];
        assert_eq!(missing(&words, "abb"), None);
        assert_eq!(missing(&words, "ab"), Some("b".to_owned()));
        assert_eq!(missing(&words, "bb"), Some("a".to_owned()));
    }
}
