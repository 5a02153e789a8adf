//! One message of a connection, described for display.

use super::{certificate, gist};
use cairn_tls::{
    Direction, Epoch, Traced,
    wire::{
        HandshakeType, ServerHelloForm,
        tree::{HandshakeTree, Negotiated},
    },
};

/// A message that was sent or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The time in microseconds since the start.
    pub(crate) at: u64,
    /// Whether we sent it.
    pub(crate) sent: bool,
    /// Whether it was encrypted.
    pub(crate) protected: bool,
    /// The kind of message.
    pub(crate) kind: Kind,
    /// Its name, as in the figures of RFC 5246 and RFC 9846.
    pub(crate) name: String,
    /// Its size as plaintext, in bytes; for a handshake message including its header.
    pub(crate) size: usize,
    /// A short description of its contents; may be empty.
    pub(crate) gist: String,
    /// The fields of a handshake message, line by line and indented; may be empty.
    pub(crate) tree: String,
}

/// The kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Handshake,
    ChangeCipherSpec,
    Alert,
    ApplicationData,
}

impl Event {
    /// Describes a message. `negotiated` are the parameters that the messages so far have negotiated, this
    /// one included.
    pub(crate) fn new(
        at: u64,
        direction: Direction,
        epoch: Epoch,
        message: Traced<'_>,
        negotiated: Negotiated,
    ) -> Self {
        let (kind, name, size, gist) = match message {
            Traced::Handshake { msg_type, message } => (
                Kind::Handshake,
                name_of(msg_type, message),
                message.len(),
                gist::of(msg_type, message, negotiated).unwrap_or_default(),
            ),
            Traced::ChangeCipherSpec => {
                let gist = match negotiated {
                    Negotiated::Tls12(_) => "encrypted from here on",
                    // RFC 9846 appendix E.4.
                    Negotiated::Tls13 => "without meaning, for middleboxes",
                    // With early data it comes before ServerHello, which a capture may lack.
                    Negotiated::Unknown => "without meaning in TLS 1.3, for middleboxes",
                };
                (Kind::ChangeCipherSpec, "ChangeCipherSpec".into(), 1, gist.into())
            }
            Traced::Alert(alert) => {
                (Kind::Alert, "Alert".into(), 2, format!("{} ({})", alert.description, alert.level))
            }
            Traced::ApplicationData(size) => {
                (Kind::ApplicationData, "ApplicationData".into(), size, String::new())
            }
            _ => (Kind::Handshake, "?".into(), 0, String::new()),
        };
        let sent = direction == Direction::Write;
        // TLS 1.3 sends ChangeCipherSpec in the clear, whichever keys are in use (RFC 9846 section 5).
        let protected = epoch != Epoch::Initial
            && (kind != Kind::ChangeCipherSpec || matches!(negotiated, Negotiated::Tls12(_)));
        Self { at, sent, protected, kind, name, size, gist, tree: String::new() }
    }
}

/// Converts `server_hello_done` to ServerHelloDone, as in the figures. HelloRetryRequest has the type of
/// ServerHello.
fn name_of(msg_type: HandshakeType, message: &[u8]) -> String {
    let body = message.get(4..).unwrap_or_default();
    if msg_type == HandshakeType::SERVER_HELLO
        && ServerHelloForm::of(body) == ServerHelloForm::HelloRetryRequest
    {
        return "HelloRetryRequest".into();
    }
    let mut name = String::new();
    for word in msg_type.to_string().split('_') {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

/// The fields of a handshake message, line by line and indented. `before` are the parameters negotiated
/// before it. A compressed certificate is followed by the certificate.
pub(crate) fn tree(message: &[u8], before: Negotiated) -> String {
    let mut text = fields(message, before);
    if let Some(certificate) = gist::decompressed(message, before) {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str("  decompressed Certificate:\n");
        for line in fields(&certificate, before).lines() {
            text.extend(["  ", line, "\n"]);
        }
    }
    text
}

fn fields(message: &[u8], before: Negotiated) -> String {
    let tree = HandshakeTree::new(message).after(before);
    let tree = tree.describing_certificates(certificate::brief).to_string();
    tree.split_once('\n').map(|(_, fields)| fields.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_names_of_the_rfc_figures() {
        assert_eq!(name_of(HandshakeType::SERVER_HELLO_DONE, &[]), "ServerHelloDone");
        assert_eq!(name_of(HandshakeType::FINISHED, &[]), "Finished");
        let tls12 = Negotiated::Tls12(None);
        let event = Event::new(7, Direction::Write, Epoch::tls12(1), Traced::ApplicationData(12), tls12);
        assert_eq!(
            (event.name.as_str(), event.size, event.protected, event.sent),
            ("ApplicationData", 12, true, true)
        );
    }

    #[test]
    fn change_cipher_spec_before_early_data_is_not_protected() {
        let traced = || Traced::ChangeCipherSpec;
        let event = |epoch, negotiated| Event::new(0, Direction::Write, epoch, traced(), negotiated);
        assert!(!event(Epoch::EarlyData, Negotiated::Unknown).protected);
        assert!(event(Epoch::tls12(1), Negotiated::Tls12(None)).protected);
    }

    #[test]
    fn malformed_message_has_its_name() {
        let message = [2, 0, 0, 1, 9];
        let traced = Traced::Handshake { msg_type: HandshakeType::SERVER_HELLO, message: &message };
        let event = Event::new(0, Direction::Read, Epoch::Initial, traced, Negotiated::Unknown);
        assert_eq!((event.name.as_str(), event.gist.as_str(), event.size), ("ServerHello", "", 5));
    }
}
