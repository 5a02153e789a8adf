//! One connection of a test over QUIC: the handshake, the checks after it, and the echo that the runner
//! expects. The runner carries the contents of frames in records of its own.

mod records;

use alloc::{collections::VecDeque, sync::Arc};

use cairn_quic::{Connection, Error, ErrorKind, Event, Keys, Level, Parameters, Side, Version};
use cairn_tls::{
    Misuse,
    wire::{AlertDescription, AlertLevel, ContentType},
};

use crate::{
    answers::Answers, checks, config, credentials, flags, link::Link, outcome::Failure,
    sessions::PersistentState,
};
use records::{Levels, Record, Secrets};

/// Runs one connection. After rejected early data, the flags in `retried` apply.
pub(crate) fn run(
    options: &flags::Connection,
    retried: &flags::Connection,
    is_resume: bool,
    persistent: &mut PersistentState,
) -> Result<(), Failure> {
    let lacks_hook = options.expect_msg_callback.is_some() || options.early_write_after_message.is_some();
    if lacks_hook || options.tls_unique || options.check_close_notify || options.key_update {
        return Err(Failure::Unimplemented("a flag that QUIC has no counterpart of".into()));
    }
    if options.quic_use_legacy_codepoint != 0 {
        return Err(Failure::Unimplemented("the number of quic_transport_parameters before RFC 9001".into()));
    }
    if is_resume && !options.server && persistent.sessions.is_empty() {
        return Err(Failure::check("there is no session to offer"));
    }
    let credentials = credentials::load(options, &persistent.provider)?;
    let secrets = Arc::new(Secrets::default());
    let mut exchange = Exchange {
        options,
        retried,
        is_resume,
        connection: connection(options, &credentials, persistent, &secrets)?,
        link: Link::connect(options)?,
        answers: Answers::new(options, &credentials, persistent),
        secrets,
        read: Levels::default(),
        write: Levels::default(),
        input: Vec::new(),
        has_greeted: false,
        parameters: None,
        data: VecDeque::new(),
    };
    let outcome = exchange.run();
    exchange.link.close();
    outcome
}

fn connection(
    options: &flags::Connection,
    credentials: &[credentials::Ready],
    persistent: &PersistentState,
    secrets: &Arc<Secrets>,
) -> Result<Connection, Failure> {
    let log = Arc::clone(secrets);
    let parameters = Parameters::new(Version::V1, &options.quic_transport_params);
    if options.server {
        let config = config::server(options, credentials, persistent)?.key_log(log).build()?;
        let settings = options.quic_early_data_context.as_bytes();
        Ok(Connection::server(&config, parameters.application_settings(settings))?)
    } else {
        let config = config::client(options, credentials, persistent)?.key_log(log).build()?;
        Ok(Connection::client(&config, config::server_name(options)?, parameters)?)
    }
}

struct Exchange<'a> {
    options: &'a flags::Connection,
    retried: &'a flags::Connection,
    is_resume: bool,
    link: Link,
    connection: Connection,
    answers: Answers<'a>,
    secrets: Arc<Secrets>,
    /// The levels with keys, for each direction.
    read: Levels,
    write: Levels,
    /// Received bytes that are not consumed yet.
    input: Vec<u8>,
    /// Whether the data with which the shim speaks first has been written.
    has_greeted: bool,
    /// The peer's transport parameters.
    parameters: Option<Arc<[u8]>>,
    /// Received data that is not echoed yet.
    data: VecDeque<Vec<u8>>,
}

impl Exchange<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        let started = self.connection.start();
        self.follow(started)?;
        while !self.connection.is_complete() {
            self.write_early()?;
            if !self.step()? {
                return Err(Failure::check("the runner ended the connection during the handshake"));
            }
            if !self.options.shim_writes_first && self.options.export_keying_material == 0 {
                self.echo()?;
            }
        }
        self.check()?;
        self.answers.saved = false;
        self.talk()?;
        checks::tickets(self.options, &self.answers)
    }

    /// Checks the complete handshake.
    fn check(&mut self) -> Result<(), Failure> {
        let Some(summary) = self.connection.summary() else { return Ok(()) };
        if self.is_resume && !self.options.server {
            checks::offer(self.options, summary)?;
            if self.options.expect_reject_early_data {
                self.options = self.retried;
            }
        }
        checks::summary(self.options, self.is_resume, summary, &self.answers)?;
        let expected = &self.options.expect_quic_transport_params;
        let theirs = self.parameters.as_deref().unwrap_or_default();
        if !expected.is_empty() && theirs != expected {
            return Err(Failure::check(format!("the peer's transport parameters are {theirs:?}")));
        }
        Ok(())
    }

    /// Speaks first in early data, if the flags demand it and there are keys.
    fn write_early(&mut self) -> Result<(), Failure> {
        if self.options.server || !self.write.has(Level::EarlyData) {
            return Ok(());
        }
        // Exporters need the complete handshake, so this fails.
        self.export()?;
        if self.options.shim_writes_first { self.greet() } else { Ok(()) }
    }

    /// Sends exported keying material, if the flags demand it.
    fn export(&mut self) -> Result<(), Failure> {
        let options = self.options;
        if options.export_keying_material == 0 {
            return Ok(());
        }
        let mut material = vec![0; options.export_keying_material];
        // Without a context the result is that of an empty one (RFC 9846 section 7.5).
        let context = if options.use_export_context { options.export_context.as_bytes() } else { b"" };
        let label = options.export_label.as_bytes();
        self.connection.export_keying_material(label, context, &mut material).map_err(Failure::Misuse)?;
        self.send_data(&material)
    }

    fn greet(&mut self) -> Result<(), Failure> {
        if !core::mem::replace(&mut self.has_greeted, true) {
            for _ in 0..self.options.repeat_shim_initial_write.unwrap_or(1) {
                self.send_data(self.options.greeting())?;
            }
        }
        Ok(())
    }

    fn talk(&mut self) -> Result<(), Failure> {
        let options = self.options;
        self.export()?;
        if options.shim_writes_first {
            self.greet()?;
        }
        if options.shim_shuts_down {
            return Ok(());
        }
        self.echo()?;
        while self.step()? {
            self.echo()?;
        }
        Ok(())
    }

    /// Echoes received data with each bit inverted, once there are keys.
    fn echo(&mut self) -> Result<(), Failure> {
        while self.write.has(Level::OneRtt)
            && let Some(mut data) = self.data.pop_front()
        {
            data.iter_mut().for_each(|byte| *byte ^= 0xff);
            for chunk in data.chunks(self.options.read_size()) {
                self.send_data(chunk)?;
            }
        }
        Ok(())
    }

    /// Sends application data with the newest keys for it.
    fn send_data(&mut self, data: &[u8]) -> Result<(), Failure> {
        let level = if self.write.has(Level::OneRtt) { Level::OneRtt } else { Level::EarlyData };
        self.send(ContentType::APPLICATION_DATA, level, data)
    }

    fn send(&mut self, content_type: ContentType, level: Level, data: &[u8]) -> Result<(), Failure> {
        let mut out = Vec::new();
        self.write.write(content_type, level, data, &mut out)?;
        Ok(self.link.send(&mut out)?)
    }

    /// Processes one record, answers one question, or waits for more bytes. Returns `false` at the end of the
    /// stream.
    fn step(&mut self) -> Result<bool, Failure> {
        if self.connection.question().is_some() {
            self.answer()?;
            return Ok(true);
        }
        let Some(Record { content_type, level, data }) = self.read.read(&mut self.input)? else {
            return Ok(self.link.fill(&mut self.input)?);
        };
        match content_type {
            ContentType::HANDSHAKE => {
                // With `-async`, questions wait while the rest of the record arrives.
                let size = if self.options.r#async { 1 } else { data.len().max(1) };
                for bytes in data.chunks(size) {
                    let outcome = self.connection.read_crypto(level, bytes);
                    self.follow(outcome)?;
                }
            }
            ContentType::APPLICATION_DATA if level == Level::EarlyData => self.data.push_back(data),
            // RFC 9001 section 5.7 forbids to process 1-RTT packets before the handshake is complete.
            ContentType::APPLICATION_DATA if level == Level::OneRtt && self.connection.is_complete() => {
                self.data.push_back(data);
            }
            other => return Err(Failure::check(format!("a record with {other} at the {level} level"))),
        }
        Ok(true)
    }

    fn answer(&mut self) -> Result<(), Failure> {
        let Some((id, question)) = self.connection.question() else { return Ok(()) };
        let answer = self.answers.to(&question)?;
        match self.connection.answer(id, answer) {
            // A failure is the connection's error.
            Ok(()) | Err(Misuse::Failed(_)) => {}
            Err(misuse) => return Err(Failure::Broken(format!("an answer was rejected: {misuse}"))),
        }
        let outcome = self.connection.error().map_or(Ok(()), Err);
        self.follow(outcome)
    }

    /// Executes the events after a call, and ends the connection after an error.
    fn follow(&mut self, outcome: Result<(), Error>) -> Result<(), Failure> {
        while let Some(event) = self.connection.poll_event() {
            self.execute(event)?;
        }
        let Err(error) = outcome else { return Ok(()) };
        let alert = [AlertLevel::FATAL.0, alert_of(&error).0];
        // The runner may have stopped reading.
        let _gone = self.send(ContentType::ALERT, self.write.highest(), &alert);
        match self.connection.read_crypto(self.connection.read_level(), &[0]) {
            Err(again) if again == error && self.connection.poll_event().is_none() => {
                Err(Failure::Quic(error))
            }
            again => Err(Failure::Broken(format!("{error}, and then {again:?}"))),
        }
    }

    fn execute(&mut self, event: Event) -> Result<(), Failure> {
        match event {
            Event::Crypto { level, bytes } => self.send(ContentType::HANDSHAKE, level, &bytes)?,
            Event::EarlyDataKeys(early) => {
                let protection =
                    self.secrets.protection(Level::EarlyData, false, early.keys.packet.aead())?;
                let direction = if self.options.server { &mut self.read } else { &mut self.write };
                direction.insert(Level::EarlyData, protection);
            }
            Event::HandshakeKeys(keys) => self.install(Level::Handshake, &keys)?,
            Event::OneRtt(secrets) => {
                let (keys, _later) = secrets.secrets().map_err(|error| Failure::Broken(error.to_string()))?;
                self.install(Level::OneRtt, &keys)?;
            }
            Event::TransportParameters(theirs) => self.parameters = Some(theirs),
            Event::EarlyDataRejected => self.has_greeted = false,
            Event::SaveSession(session) => self.answers.save(session),
            Event::ForgetSession(id) => self.answers.persistent.forget(&id),
            // The summary has the rest.
            _ => {}
        }
        Ok(())
    }

    /// Takes the keys of a level in both directions.
    fn install(&mut self, level: Level, keys: &Keys) -> Result<(), Failure> {
        let is_server = self.connection.side() == Side::Server;
        self.write.insert(level, self.secrets.protection(level, is_server, keys.local.packet.aead())?);
        self.read.insert(level, self.secrets.protection(level, !is_server, keys.remote.packet.aead())?);
        Ok(())
    }
}

/// The alert that tells the runner of an error. Its records have no transport error codes.
fn alert_of(error: &Error) -> AlertDescription {
    let of_handshake = match error.kind {
        ErrorKind::Handshake(error) => error.alert(),
        _ => None,
    };
    error.alert().or(of_handshake).unwrap_or(AlertDescription::UNEXPECTED_MESSAGE)
}
