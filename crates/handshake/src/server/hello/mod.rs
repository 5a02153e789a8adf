//! The server's hello stage: it reads ClientHello once, with all its extensions, and chooses the version. The
//! stage of the version continues with the hello.

use super::{context::Cx, tls12, tls13};
use crate::{
    error::HandshakeErrorKind,
    ext::{
        ClientExtensions, quic_transport_parameters,
        supported_versions::{self, Version},
    },
    question::{ChooseConfiguration, Question},
    raw_message::{self, RawMessage},
    table::{self, states, transition_table},
};
use alloc::vec::Vec;
use cairn_wire::{ClientHello, HandshakeType};

transition_table! {
    /// The server until it has chosen the version.
    "server, hello" in None, for Cx, leaving with Chosen:
    Idle,                Start            => on_start;
    AwaitClientHello,    ClientHello      => on_client_hello;
    ChoosingConfiguration, Configured     => on_configured;
}

states!(Idle, AwaitClientHello, ChoosingConfiguration);

/// A state of the stage of the chosen version.
pub(crate) enum Chosen {
    Tls12(tls12::State),
    Tls13(tls13::State),
}

/// To a state of this stage, or to the stage of the chosen version.
type Step = table::Step<State, Chosen>;

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        match self {
            Self::ChoosingConfiguration(state) => {
                Some(Question::ChooseConfiguration(ChooseConfiguration { client_hello: &state.message }))
            }
            Self::Idle(_) | Self::AwaitClientHello(_) => None,
        }
    }
}

/// Not started.
pub(crate) struct Idle;

impl Idle {
    fn on_start(self, (): (), _cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        Ok(AwaitClientHello.into())
    }
}

pub(crate) struct AwaitClientHello;

impl AwaitClientHello {
    fn on_client_hello(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        if cx.policy.ask_for_configuration && !cx.connection.is_complete() {
            // A malformed ClientHello fails before the question. The decoded hello borrows from the message,
            // which must be kept until the answer comes, so it is decoded again then. The cost is a second
            // pass over the message, without an allocation, and only with this option.
            let _valid: ClientHello<'_> = raw_message::read(message)?;
            let message = message.bytes.to_vec();
            return Ok(Step::Stay(ChoosingConfiguration { message }.into()));
        }
        take_client_hello(message, cx)
    }
}

/// The client starts a renegotiation with this ClientHello.
pub(super) fn renegotiate(message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
    AwaitClientHello.on_client_hello(message, cx)
}

/// Asks for the policy before the hello is judged.
pub(crate) struct ChoosingConfiguration {
    /// The ClientHello, header included.
    message: Vec<u8>,
}

impl ChoosingConfiguration {
    fn on_configured(self, (): (), cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &self.message };
        take_client_hello(message, cx)
    }
}

/// Takes a ClientHello under the policy in force.
fn take_client_hello(message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
    let mut extensions = ClientExtensions::default();
    let hello = extensions.read(message)?;
    let is_first = !cx.connection.is_complete();
    let is_quic = cx.connection.quic.is_some();
    let version = supported_versions::choose(&hello, &extensions, cx.policy, is_first, is_quic)?;
    if !is_quic {
        // In a handshake of any version: the rule is about the transport.
        quic_transport_parameters::check_absent(&extensions)?;
    }
    Ok(Step::Leave(match version {
        Version::Tls12 => Chosen::Tls12(tls12::take_client_hello(message, &hello, &extensions, cx)?),
        Version::Tls13 => Chosen::Tls13(tls13::take_client_hello(message, &hello, &extensions, cx)?),
    }))
}
