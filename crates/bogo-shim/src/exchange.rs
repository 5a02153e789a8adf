//! One connection of a test: the handshake, the checks after it, and the echo that the runner expects.

use alloc::{collections::VecDeque, sync::Arc};

use cairn_tls::{
    ChannelBinding, Connection, Error, Misuse, Progress, QuestionId, Trace, wire::KeyUpdateRequest,
};

use crate::{
    answers::Answers,
    checks, config, credentials,
    flags::{self},
    link::Link,
    messages::Lines,
    outcome::Failure,
    sessions::PersistentState,
};

/// The data that the shim sends if it speaks first.
const GREETING: &[u8] = b"hello";

/// Lengths of writes around the maximum of a record.
const RECORD_SIZES: [usize; 11] = [0, 1, 255, 256, 257, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769];

/// The default read size.
const READ_SIZE: usize = 512;

/// Runs one connection.
pub(crate) fn run(
    options: &flags::Connection,
    is_resume: bool,
    persistent: &mut PersistentState,
) -> Result<(), Failure> {
    if is_resume && persistent.negotiated_tls13 {
        return Err(Failure::Unimplemented("resumption in TLS 1.3".into()));
    }
    if is_resume && !options.server && persistent.sessions.is_empty() {
        return Err(Failure::check("there is no session to offer"));
    }
    let credentials = credentials::load(options, &persistent.provider)?;
    let mut connection = config::connection(options, &credentials, persistent)?;
    let lines = Arc::new(Lines::default());
    let trace: Arc<dyn Trace> = lines.clone();
    connection.set_trace(&trace);
    let mut exchange = Exchange {
        options,
        is_resume,
        link: Link::connect(options)?,
        connection,
        answers: Answers::new(options, &credentials, persistent),
        input: Vec::new(),
        out: Vec::new(),
        asked_before: None,
        handshake: 0,
        data: VecDeque::new(),
    };
    let outcome = exchange.run();
    let is_tls13 = exchange.connection.summary().is_some_and(|summary| summary.tls13().is_some());
    exchange.answers.persistent.negotiated_tls13 = is_tls13;
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
    is_resume: bool,
    link: Link,
    connection: Connection,
    answers: Answers<'a>,
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
            checks::summary(self.options, self.is_resume, summary, &self.answers)?;
        }
        if self.options.handshake_twice {
            self.handshake()?;
        }
        self.answers.saved = false;
        self.talk()?;
        let renegotiations = self.connection.reader().renegotiations();
        if renegotiations == 0 && !self.options.server && self.answers.saved {
            return Err(Failure::check("a session was saved after the handshake"));
        }
        self.shut_down()?;
        if renegotiations != self.options.expect_total_renegotiations {
            return Err(Failure::check(format!("{renegotiations} renegotiations")));
        }
        Ok(())
    }

    fn handshake(&mut self) -> Result<(), Failure> {
        while !self.connection.is_complete() {
            match self.step()? {
                Came::Nothing => {}
                Came::Data(_) => return Err(Failure::Broken("early application data".into())),
                Came::Closed => return Err(Failure::check("closed during the handshake")),
                Came::Ended(Err(error)) => return Err(error.into()),
                Came::Ended(Ok(())) => return Err(Failure::Broken("truncation was not reported".into())),
            }
        }
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
            self.connection.write(GREETING, &mut self.out)?;
            self.link.send_one_byte_of(&mut self.out)?;
        } else if options.shim_writes_first {
            self.write(GREETING)?;
        }
        if options.shim_shuts_down { Ok(()) } else { self.echo() }
    }

    /// Echoes received data with each bit inverted until the peer closes. If the flags do not check it, the
    /// transport may end without close_notify.
    fn echo(&mut self) -> Result<(), Failure> {
        let size = self.options.read_size.unwrap_or(READ_SIZE);
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
                Came::Data(mut data) => {
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
                Came::Nothing | Came::Data(_) => {}
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
                Came::Data(data) => self.data.push_back(data),
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
        exported.map_err(|misuse| Failure::check(format!("keying material: {misuse}")))
    }

    /// Processes one record, answers one question, or waits for more bytes.
    fn step(&mut self) -> Result<Came, Failure> {
        let received = match self.connection.receive(&mut self.input, &mut self.out) {
            Ok(received) => received,
            Err(error) => return Err(self.failed(error)),
        };
        while let Some(notice) = self.connection.reader_mut().next_notice() {
            self.answers.note(notice);
        }
        self.link.send(&mut self.out)?;
        let came = match received.progress {
            Progress::Data(range) => Came::Data(self.input.get(range).unwrap_or_default().to_vec()),
            Progress::Closed => Came::Closed,
            Progress::EarlyData(_) | Progress::Handled | Progress::ClientAuthentication => Came::Nothing,
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
