//! The second ClientHello, after HelloRetryRequest (RFC 9846 section 4.2.2).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::hello::choose_psk;
use super::judged::FirstHello;
use super::states::{AwaitSecondClientHello, State};
use crate::error::HandshakeErrorKind;
use crate::ext::ClientExtensions;
use crate::raw_message::{self, RawMessage};
use cairn_wire::{ClientHello, ExtensionType, HandshakeType};

impl AwaitSecondClientHello {
    pub(super) fn on_client_hello(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let FirstHello { message: first, retry } = *self.first;
        let mut extensions = ClientExtensions::default();
        let hello = extensions.read(message)?;
        let first = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &first };
        let first: ClientHello<'_> = raw_message::read(first)?;
        check_unchanged(&first, &hello)?;
        choose_psk(message, &hello, &extensions, Some(retry), cx)
    }
}

/// The extensions in which the second hello may differ: key_share; early_data, which goes; pre_shared_key,
/// whose binders and ages are new; and padding (RFC 9846 section 4.2.2). A cookie comes only if
/// HelloRetryRequest has one, and ours has none.
const CHANGING: [ExtensionType; 4] = [
    ExtensionType::KEY_SHARE,
    ExtensionType::EARLY_DATA,
    ExtensionType::PRE_SHARED_KEY,
    ExtensionType::PADDING,
];

/// "the client MUST send the same ClientHello without modification, except as follows".
fn check_unchanged(first: &ClientHello<'_>, second: &ClientHello<'_>) -> Result<(), HandshakeErrorKind> {
    let same = first.client_version == second.client_version
        && first.random == second.random
        && first.session_id == second.session_id
        && first.cipher_suites == second.cipher_suites
        && first.compression_methods == second.compression_methods
        && kept(first).eq(kept(second));
    // "Removing the "early_data" extension if one was present. Early data is not permitted after a
    // HelloRetryRequest."
    let has_early_data =
        second.extensions.is_some_and(|extensions| extensions.contains(ExtensionType::EARLY_DATA));
    if same && !has_early_data { Ok(()) } else { Err(HandshakeErrorKind::ClientHelloChanged) }
}

/// The extensions that must stay, as they were received.
fn kept<'a>(hello: &ClientHello<'a>) -> impl Iterator<Item = (ExtensionType, &'a [u8])> + use<'a> {
    let extensions = hello.extensions.and_then(|extensions| extensions.raw());
    extensions
        .into_iter()
        .flatten()
        .filter(|extension| !CHANGING.contains(&extension.extension_type))
        .map(|extension| (extension.extension_type, extension.data))
}
