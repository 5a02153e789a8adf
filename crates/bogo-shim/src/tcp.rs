//! One connection of a test over TCP: the handshake, the checks after it, and the echo that the runner
//! expects.

use alloc::{collections::VecDeque, sync::Arc};

use cairn_tls::{
    ChannelBinding, Connection, Error, Misuse, Notice, Progress, QuestionId, Trace, wire::KeyUpdateRequest,
};

use crate::{
    answers::Answers, checks, config, credentials, flags, link::Link, messages::Lines, outcome::Failure,
    sessions::PersistentState,
};

/// Lengths of writes around the maximum of a record.
const RECORD_SIZES: [usize; 11] = [0, 1, 255, 256, 257, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769];

/// Runs one connection. After rejected early data, the flags in `retried` apply.
pub(crate) fn run(
    options: &flags::Connection,
    retried: &flags::Connection,
    is_resume: bool,
    persistent: &mut PersistentState,
) -> Result<(), Failure> {
    if is_resume && !options.server && persistent.sessions.is_empty() {
        return Err(Failure::check("there is no session to offer"));
    }
    let credentials = credentials::load(options, &persistent.provider)?;
    let limits = config::record_limits(options);
    let mut connection = if options.server {
        let config = config::server(options, &credentials, persistent)?.build()?;
        Connection::server_with_limits(&config, limits)
    } else {
        let config = config::client(options, &credentials, persistent)?.build()?;
        Connection::client_with_limits(&config, config::server_name(options)?, limits)
    };
    let lines = Arc::new(Lines::default());
    let trace: Arc<dyn Trace> = lines.clone();
    connection.set_trace(&trace);
    let mut exchange = Exchange {
        options,
        retried,
        is_resume,
        link: Link::connect(options)?,
        connection,
        answers: Answers::new(options, &credentials, persistent),
        lines: Arc::clone(&lines),
        greeted: 0,
        input: Vec::new(),
        out: Vec::new(),
        asked_before: None,
        handshake: 0,
        data: VecDeque::new(),
    };
    let outcome = exchange.run();
    exchange.link.close();
    outcome?;
    let lines = lines.text();
    // Without -check-close-notify BoringSSL does not answer close_notify, although RFC 5246 section 7.2.1
    // requires it.
    let answer = (!options.check_close_notify).then_some("write alert 1 0\n");
    let without_answer = answer.and_then(|answer| lines.strip_suffix(answer)).unwrap_or(&lines);
    match &options.expect_msg_callback {
        Some(expected) if expected != without_answer => {
            Err(Failure::check(format!("unexpected messages:\n{lines}")))
        }
        _ => Ok(()),
    }
}

struct Exchange<'a> {
    options: &'a flags::Connection,
    retried: &'a flags::Connection,
    is_resume: bool,
    link: Link,
    connection: Connection,
    answers: Answers<'a>,
    lines: Arc<Lines>,
    /// The number of bytes written of the data with which the shim speaks first.
    greeted: usize,
    /// Received bytes that are not consumed yet.
    input: Vec<u8>,
    /// Bytes to send.
    out: Vec<u8>,
    /// A question that was left pending once, to be answered late.
    asked_before: Option<QuestionId>,
    /// The number of the handshake that asked the last question: 0 for the first.
    handshake: u8,
    /// Received while there was something to write, and not processed yet.
    data: VecDeque<Vec<u8>>,
}

/// The result of a step.
enum Came {
    Nothing,
    Data(Vec<u8>),
    EarlyData(Vec<u8>),
    /// The peer sent close_notify.
    Closed,
    /// The transport ended, with the verdict of the connection on that.
    Ended(Result<(), Error>),
}

impl Exchange<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        self.connection.start(&mut self.out)?;
        self.link.send(&mut self.out)?;
        self.handshake()?;
        if self.options.handshake_never_done {
            return Err(Failure::Broken("the handshake completed twice".into()));
        }
        if let Some(summary) = self.connection.summary() {
            if self.is_resume && !self.options.server {
                checks::offer(self.options, summary)?;
                if self.options.expect_reject_early_data {
                    self.options = self.retried;
                    self.greeted = 0;
                }
            }
            checks::summary(self.options, self.is_resume, summary, &self.answers)?;
        }
        if self.options.handshake_twice {
            self.handshake()?;
        }
        self.answers.saved = false;
        self.talk()?;
        let renegotiations = self.connection.reader().renegotiations();
        match self.connection.summary() {
            Some(summary) if summary.tls13().is_some() => checks::tickets(self.options, &self.answers)?,
            _ if renegotiations == 0 && !self.options.server && self.answers.saved => {
                return Err(Failure::check("a session was saved after the handshake"));
            }
            _ => {}
        }
        self.shut_down()?;
        if renegotiations != self.options.expect_total_renegotiations {
            return Err(Failure::check(format!("{renegotiations} renegotiations")));
        }
        Ok(())
    }

    fn handshake(&mut self) -> Result<(), Failure> {
        while !self.connection.is_complete() {
            self.write_early()?;
            match self.step()? {
                Came::Nothing => {}
                Came::EarlyData(data) => self.respond_early(data)?,
                Came::Data(_) => return Err(Failure::Broken("early application data".into())),
                Came::Closed => return Err(Failure::check("closed during the handshake")),
                Came::Ended(Err(error)) => return Err(error.into()),
                Came::Ended(Ok(())) => return Err(Failure::Broken("truncation was not reported".into())),
            }
        }
        Ok(())
    }

    /// The data with which the shim speaks first, as far as it has not been written yet.
    fn rest_of_greeting(&self) -> Vec<u8> {
        let mut all = self.options.greeting().repeat(self.options.repeat_shim_initial_write.unwrap_or(1));
        all.split_off(self.greeted.min(all.len()))
    }

    /// Speaks first in early data, if the flags demand it and the ticket permits it.
    fn write_early(&mut self) -> Result<(), Failure> {
        let options = self.options;
        let is_due = options.early_write_after_message.is_none_or(|after| self.lines.ends_with_read(after));
        if options.server || !options.shim_writes_first || !is_due {
            return Ok(());
        }
        if options.export_keying_material > 0 && self.connection.writer().early_data_left() > 0 {
            // Exporters need the complete handshake, so this fails.
            return self.export(options.export_label.as_bytes(), None, &mut [0]);
        }
        let once = options.greeting().len().max(1);
        for chunk in self.rest_of_greeting().chunks(once) {
            self.greeted += self.connection.write_early(chunk, &mut self.out)?;
        }
        if options.read_with_unfinished_write {
            self.link.send_one_byte_of(&mut self.out)?;
        } else {
            self.link.send(&mut self.out)?;
        }
        Ok(())
    }

    /// Echoes early data at once, in 0.5-RTT data, as BoringSSL does; or later, if the shim speaks first.
    fn respond_early(&mut self, mut data: Vec<u8>) -> Result<(), Failure> {
        let options = self.options;
        let speaks_first = options.shim_writes_first || options.export_keying_material > 0;
        if speaks_first || !self.connection.writer().is_open_for_half_rtt() {
            self.data.push_back(data);
            return Ok(());
        }
        data.iter_mut().for_each(|byte| *byte ^= 0xff);
        for chunk in data.chunks(options.read_size()) {
            if self.connection.write_half_rtt(chunk, &mut self.out)? != chunk.len() {
                return Err(Failure::Broken("0.5-RTT data was not sent".into()));
            }
        }
        self.link.send(&mut self.out)?;
        Ok(())
    }

    fn talk(&mut self) -> Result<(), Failure> {
        let options = self.options;
        if options.export_keying_material > 0 {
            let mut material = vec![0; options.export_keying_material];
            let context = options.use_export_context.then_some(options.export_context.as_bytes());
            self.export(options.export_label.as_bytes(), context, &mut material)?;
            self.write(&material)?;
        }
        if options.tls_unique {
            let unique = self.connection.reader().channel_binding(ChannelBinding::TlsUnique);
            let unique = unique.map_err(|error| Failure::check(format!("tls-unique: {error}")))?;
            self.write(&unique)?;
        }
        if options.write_different_record_sizes {
            for size in RECORD_SIZES {
                self.write(&vec![0x42; size])?;
            }
            return Ok(());
        }
        if options.read_with_unfinished_write {
            let greeting = self.rest_of_greeting();
            self.connection.write(&greeting, &mut self.out)?;
            self.link.send_one_byte_of(&mut self.out)?;
        } else if options.shim_writes_first {
            let greeting = self.rest_of_greeting();
            self.write(&greeting)?;
        }
        if options.shim_shuts_down { Ok(()) } else { self.echo() }
    }

    /// Echoes received data with each bit inverted until the peer closes. If the flags do not check it, the
    /// transport may end without close_notify.
    fn echo(&mut self) -> Result<(), Failure> {
        let size = self.options.read_size();
        loop {
            if self.options.key_update_before_read {
                self.update_keys()?;
            }
            let came = match self.data.pop_front() {
                Some(data) => Came::Data(data),
                None => self.step()?,
            };
            if self.options.use_exporter_between_reads {
                self.export(b"", None, &mut [0])?;
            }
            match came {
                Came::Nothing => {}
                Came::Data(mut data) | Came::EarlyData(mut data) => {
                    if self.options.key_update {
                        self.update_keys()?;
                    }
                    data.iter_mut().for_each(|byte| *byte ^= 0xff);
                    for chunk in data.chunks(size) {
                        self.write(chunk)?;
                    }
                }
                Came::Closed | Came::Ended(Ok(())) => return Ok(()),
                Came::Ended(Err(error)) if self.options.check_close_notify => return Err(error.into()),
                Came::Ended(Err(_)) => return Ok(()),
            }
        }
    }

    /// Sends close_notify and waits for the peer's, if the flags check that.
    fn shut_down(&mut self) -> Result<(), Failure> {
        if !self.options.check_close_notify {
            return Ok(());
        }
        self.connection.close(&mut self.out)?;
        self.link.send(&mut self.out)?;
        loop {
            match self.step()? {
                Came::Nothing | Came::Data(_) | Came::EarlyData(_) => {}
                Came::Closed | Came::Ended(Ok(())) => return Ok(()),
                Came::Ended(Err(error)) => return Err(error.into()),
            }
        }
    }

    /// Writes data; during another handshake, waits until that completes.
    fn write(&mut self, data: &[u8]) -> Result<(), Failure> {
        while self.connection.reader().is_renegotiating() && !self.connection.writer().is_open() {
            match self.step()? {
                Came::Nothing => {}
                Came::Data(data) | Came::EarlyData(data) => self.data.push_back(data),
                Came::Closed | Came::Ended(Ok(())) => {
                    return Err(Failure::check("closed during a handshake"));
                }
                Came::Ended(Err(error)) => return Err(error.into()),
            }
        }
        self.connection.write(data, &mut self.out)?;
        self.link.send(&mut self.out)?;
        Ok(())
    }

    /// Updates our keys. KeyUpdate is sent before the next data.
    fn update_keys(&mut self) -> Result<(), Failure> {
        let updated = self.connection.update_keys(KeyUpdateRequest::UpdateNotRequested, &mut self.out);
        updated.map_err(|misuse| Failure::check(format!("the update of keys: {misuse}")))
    }

    fn export(&self, label: &[u8], context: Option<&[u8]>, out: &mut [u8]) -> Result<(), Failure> {
        let exported = self.connection.reader().export_keying_material(label, context, out);
        exported.map_err(Failure::Misuse)
    }

    /// Processes one record, answers one question, or waits for more bytes.
    fn step(&mut self) -> Result<Came, Failure> {
        let received = match self.connection.receive(&mut self.input, &mut self.out) {
            Ok(received) => received,
            Err(error) => return Err(self.failed(error)),
        };
        while let Some(notice) = self.connection.reader_mut().next_notice() {
            match notice {
                Notice::SaveSession(session) => self.answers.save(session),
                Notice::ForgetSession(id) => self.answers.persistent.forget(&id),
                // The shim never initiates a renegotiation, so none can be refused.
                _ => {}
            }
        }
        self.link.send(&mut self.out)?;
        let came = match received.progress {
            Progress::Data(range) => Came::Data(self.input.get(range).unwrap_or_default().to_vec()),
            Progress::Closed => Came::Closed,
            Progress::EarlyData(range) => Came::EarlyData(self.input.get(range).unwrap_or_default().to_vec()),
            Progress::Handled | Progress::ClientAuthentication => Came::Nothing,
            Progress::Question(id) => {
                self.answer(id)?;
                Came::Nothing
            }
            Progress::NeedMore { .. } => {
                if self.link.fill(&mut self.input)? {
                    Came::Nothing
                } else {
                    Came::Ended(self.connection.transport_ended())
                }
            }
        };
        self.input.drain(..received.consumed);
        Ok(came)
    }

    fn answer(&mut self, id: QuestionId) -> Result<(), Failure> {
        if self.options.r#async && self.asked_before != Some(id) {
            self.asked_before = Some(id);
            return Ok(());
        }
        let handshake = self.connection.reader().renegotiations();
        if core::mem::replace(&mut self.handshake, handshake) != handshake {
            // A later handshake verifies its own chain.
            self.answers.verified = None;
        }
        let Some((_, question)) = self.connection.question() else {
            return Err(Failure::Broken("the connection waits for an answer but has no question".into()));
        };
        let answer = self.answers.to(&question)?;
        match self.connection.answer(id, answer, &mut self.out) {
            Ok(()) => {}
            // `receive` reports its error.
            Err(Misuse::Failed(_)) => {}
            Err(misuse) => return Err(Failure::Broken(format!("an answer was rejected: {misuse}"))),
        }
        self.link.send(&mut self.out)?;
        Ok(())
    }

    /// Sends the alert of a failed connection, and checks that the error is final.
    fn failed(&mut self, error: Error) -> Failure {
        // The runner may have stopped reading.
        let _gone = self.link.send(&mut self.out);
        match self.connection.receive(&mut [], &mut self.out) {
            Err(again) if again == error && self.out.is_empty() => error.into(),
            again => Failure::Broken(format!("{error}, and then {again:?}")),
        }
    }
}
