//! The secrets of a handshake as moving types (RFC 9846 section 7.1): before the server's Finished, and after
//! it.

use super::{
    connection::Tls13Connection, finished, negotiated::Tls13Negotiated, post_handshake::MainHandshake,
    tickets::ClientTickets, write_keys::WriteKeys,
};
use crate::{
    error::HandshakeErrorKind,
    flight::{Event, KeyLogLine},
    out::Out,
    raw_message::RawMessage,
};
use alloc::boxed::Box;
use cairn_crypto::HashOutput;
use cairn_schedule::{
    Direction, Epoch, KeyChange, Keys, Side,
    tls13::{
        ApplicationTrafficSecret, EarlyExporterSecret, EarlySecret, ExporterSecret, HandshakeSecret,
        HandshakeTrafficSecret, MainSecret, PskSecret, ResumptionSecret, Sides, Tls13Suite,
    },
};
use cairn_wire::{Finished, Random};

/// The secrets between ServerHello and the server's Finished.
pub(crate) struct HandshakeSecrets {
    secret: HandshakeSecret,
    traffic: Sides<HandshakeTrafficSecret>,
}

/// The secrets between the server's Finished and the client's.
pub(crate) struct ApplicationSecrets {
    main: MainSecret,
    established: FinalSecrets,
    /// The base key of the client's Finished.
    client: HandshakeTrafficSecret,
}

/// The secrets of a connection after both Finished.
pub(crate) struct FinalSecrets {
    application: Sides<ApplicationTrafficSecret>,
    exporter: ExporterSecret,
}

/// The sender of a direction.
const fn sender(side: Side, direction: Direction) -> Side {
    match direction {
        Direction::Write => side,
        Direction::Read => side.peer(),
    }
}

/// Writes a secret to the key log (RFC 9850 section 2).
fn log(negotiated: &Tls13Negotiated, label: &'static str, secret: &[u8], out: &mut Out<'_>) {
    out.event(Event::KeyLog(KeyLogLine {
        label,
        client_random: negotiated.client_random,
        secret: secret.into(),
    }));
}

impl HandshakeSecrets {
    /// Derives them from the Early Secret, which may have a PSK, and from the result of the key exchange, if
    /// there is one. The transcript ends with ServerHello.
    pub(crate) fn derive(
        early: EarlySecret,
        shared_secret: Option<&[u8]>,
        negotiated: &Tls13Negotiated,
        key_log: bool,
        out: &mut Out<'_>,
    ) -> Result<Self, HandshakeErrorKind> {
        let secret = early.into_handshake_secret(shared_secret)?;
        let traffic = secret.traffic_secrets(&negotiated.transcript.hash()?)?;
        if key_log {
            log(negotiated, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", traffic.client.expose(), out);
            log(negotiated, "SERVER_HANDSHAKE_TRAFFIC_SECRET", traffic.server.expose(), out);
        }
        Ok(Self { secret, traffic })
    }

    /// Protects the handshake messages of a direction from now on.
    pub(crate) fn change_keys(
        &self,
        direction: Direction,
        negotiated: &Tls13Negotiated,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        let secret = self.traffic.of(sender(negotiated.common.side.side(), direction));
        let keys = Keys::Tls13(secret.for_suite(negotiated.suite)?);
        out.change_keys(KeyChange { epoch: Epoch::Handshake, direction, keys });
        Ok(())
    }

    /// Sends the server's Finished.
    pub(crate) fn send_server_finished(
        self,
        negotiated: &mut Tls13Negotiated,
        key_log: bool,
        out: &mut Out<'_>,
    ) -> Result<ApplicationSecrets, HandshakeErrorKind> {
        let ours = self.traffic.server.verify_data(&negotiated.transcript.hash()?)?;
        out.send(&mut negotiated.transcript, &Finished { verify_data: ours.as_bytes() })?;
        self.after_server_finished(negotiated, key_log, out)
    }

    /// Receives the server's Finished.
    pub(crate) fn check_server_finished(
        self,
        message: RawMessage<'_>,
        negotiated: &mut Tls13Negotiated,
        key_log: bool,
        out: &mut Out<'_>,
    ) -> Result<ApplicationSecrets, HandshakeErrorKind> {
        let theirs = self.traffic.server.verify_data(&negotiated.transcript.hash()?)?;
        finished::receive(&theirs, message, &mut negotiated.transcript)?;
        self.after_server_finished(negotiated, key_log, out)
    }

    fn after_server_finished(
        self,
        negotiated: &Tls13Negotiated,
        key_log: bool,
        out: &mut Out<'_>,
    ) -> Result<ApplicationSecrets, HandshakeErrorKind> {
        let hash = negotiated.transcript.hash()?;
        let main = self.secret.into_main_secret()?;
        let application = main.traffic_secrets(&hash)?;
        let exporter = main.exporter_secret(&hash)?;
        if key_log {
            log(negotiated, "CLIENT_TRAFFIC_SECRET_0", application.client.expose(), out);
            log(negotiated, "SERVER_TRAFFIC_SECRET_0", application.server.expose(), out);
            log(negotiated, "EXPORTER_SECRET", exporter.expose(), out);
        }
        let established = FinalSecrets { application, exporter };
        Ok(ApplicationSecrets { main, established, client: self.traffic.client })
    }
}

/// Uses the keys of early data (RFC 9846 section 4.3.10), and returns its exporter. `client_hello` is the
/// transcript hash of ClientHello.
pub(crate) fn start_early_data(
    psk: &PskSecret,
    client_hello: &HashOutput,
    early: &EarlyParameters,
    key_log: bool,
    out: &mut Out<'_>,
) -> Result<Box<EarlyExporterSecret>, HandshakeErrorKind> {
    let EarlyParameters { suite, client_random, direction, max_bytes } = *early;
    let secret = psk.client_traffic_secret(client_hello)?;
    let exporter = psk.exporter_secret(client_hello)?;
    if key_log {
        let mut log = |label, secret: &[u8]| {
            out.event(Event::KeyLog(KeyLogLine { label, client_random, secret: secret.into() }));
        };
        log("CLIENT_EARLY_TRAFFIC_SECRET", secret.expose());
        log("EARLY_EXPORTER_SECRET", exporter.expose());
    }
    let keys = Keys::Tls13(secret.for_suite(suite)?);
    out.start_early_data(KeyChange { epoch: Epoch::EarlyData, direction, keys }, max_bytes);
    Ok(Box::new(exporter))
}

/// The parameters that protect early data.
pub(crate) struct EarlyParameters {
    /// The suite of the session.
    pub(crate) suite: &'static Tls13Suite,
    pub(crate) client_random: Random,
    pub(crate) direction: Direction,
    /// max_early_data_size of the ticket.
    pub(crate) max_bytes: u32,
}

impl ApplicationSecrets {
    /// Protects the client's messages after its early data from now on.
    pub(crate) fn end_early_data(
        &self,
        direction: Direction,
        negotiated: &Tls13Negotiated,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        let keys = Keys::Tls13(self.client.for_suite(negotiated.suite)?);
        out.change_keys(KeyChange { epoch: Epoch::Handshake, direction, keys });
        Ok(())
    }

    /// Protects the application data of a direction from now on.
    pub(crate) fn change_keys(
        &self,
        direction: Direction,
        negotiated: &Tls13Negotiated,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        out.change_keys(self.key_change(direction, negotiated)?);
        Ok(())
    }

    /// Gives the transport the keys of application data of a direction, which are not in use yet.
    pub(crate) fn give_keys(
        &self,
        direction: Direction,
        negotiated: &Tls13Negotiated,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        out.give_keys(self.key_change(direction, negotiated)?);
        Ok(())
    }

    fn key_change(
        &self,
        direction: Direction,
        negotiated: &Tls13Negotiated,
    ) -> Result<KeyChange, HandshakeErrorKind> {
        let secret = self.established.application.of(sender(negotiated.common.side.side(), direction));
        let keys = Keys::Tls13(secret.for_suite(negotiated.suite)?);
        Ok(KeyChange { epoch: Epoch::Application(0), direction, keys })
    }

    /// Sends the client's Finished.
    pub(crate) fn send_client_finished(
        &self,
        negotiated: &mut Tls13Negotiated,
        out: &mut Out<'_>,
    ) -> Result<(), HandshakeErrorKind> {
        let ours = self.client.verify_data(&negotiated.transcript.hash()?)?;
        out.send(&mut negotiated.transcript, &Finished { verify_data: ours.as_bytes() })
    }

    /// Receives the client's Finished.
    pub(crate) fn check_client_finished(
        &self,
        message: RawMessage<'_>,
        negotiated: &mut Tls13Negotiated,
    ) -> Result<(), HandshakeErrorKind> {
        let theirs = self.client.verify_data(&negotiated.transcript.hash()?)?;
        finished::receive(&theirs, message, &mut negotiated.transcript)
    }

    /// The secrets after both Finished, without that of tickets.
    pub(crate) fn without_resumption(self) -> FinalSecrets {
        self.established
    }

    /// The secrets after both Finished, and that of tickets. The transcript ends with the client's Finished.
    pub(crate) fn with_resumption(
        self,
        negotiated: &Tls13Negotiated,
    ) -> Result<(FinalSecrets, ResumptionSecret), HandshakeErrorKind> {
        let Self { main, established, client: _ } = self;
        Ok((established, main.into_resumption_secret(&negotiated.transcript.hash()?)?))
    }
}

impl FinalSecrets {
    /// Completes the handshake. Application data may pass in both directions. `tickets` has the data with
    /// which a client makes sessions of the server's tickets. Also returns the part of the handshake that
    /// later authentications of the client need, if there can be any.
    pub(crate) fn complete(
        self,
        negotiated: Tls13Negotiated,
        tickets: Option<Box<ClientTickets>>,
        out: &mut Out<'_>,
    ) -> (Tls13Connection, Option<MainHandshake>) {
        let Self { application: Sides { client, server }, exporter } = self;
        let (read, write) = match negotiated.common.side.side() {
            Side::Client => (server, client),
            Side::Server => (client, server),
        };
        let connection = Tls13Connection::new(negotiated.suite, read, exporter, tickets);
        out.write_keys(WriteKeys::new(write, negotiated.suite, Epoch::Application(0)));
        out.open_gate(Direction::Write);
        out.open_gate(Direction::Read);
        let (summary, main) = negotiated.into_summary();
        out.event(Event::Complete(Box::new(summary)));
        (connection, main)
    }
}
