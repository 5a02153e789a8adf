//! Runs the calls of a non-blocking stream, and answers its questions meanwhile.

use crate::{
    answer::{AnswerError, AnswerFuture, Answerer, Reply, Response, Unanswered},
    bridge::Bridge,
    observe::{ObservedQuestion, Observer},
};
use alloc::{boxed::Box, format, sync::Arc};
use cairn_tls::{Answer, Misuse, QuestionId, QuestionPending, ReadHalf, Reader, Stream, tls_error};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};
use std::{
    io::{self, Read, Write},
    sync::{Mutex, PoisonError},
    time::Instant,
};
use tokio::time::{Sleep, sleep, timeout};

/// A stream, or its reading half: the part that gets questions.
pub(crate) trait Asks {
    fn reader_mut(&mut self) -> &mut Reader;

    /// Answers the pending question of the reader.
    fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse>;
}

impl<IO> Asks for Stream<Bridge<IO>>
where
    Bridge<IO>: Read + Write,
{
    fn reader_mut(&mut self) -> &mut Reader {
        Self::reader_mut(self)
    }

    fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse> {
        Self::answer(self, id, answer)
    }
}

impl<R> Asks for ReadHalf<Bridge<R>> {
    fn reader_mut(&mut self) -> &mut Reader {
        Self::reader_mut(self)
    }

    fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse> {
        Self::answer(self, id, answer)
    }
}

/// The answerer of a connection, the question that it is answering, and the time limits after the first
/// handshake.
pub(crate) struct Driver {
    answerer: Option<Arc<dyn Answerer>>,
    observer: Option<Arc<dyn Observer>>,
    /// The time limit of each answer.
    limit: Option<Duration>,
    /// Whether renegotiations have a timer.
    times_renegotiations: bool,
    /// The end of the time for the renegotiation in progress, from the first call that waited for it.
    renegotiation: Option<Pin<Box<Sleep>>>,
    pending: Option<Pending>,
    /// The question whose failure ends the connection.
    failure: Option<Unanswered>,
}

struct Pending {
    id: QuestionId,
    question: &'static str,
    /// The lock makes a stream `Sync` although a future need not be. It is never contended, because only
    /// `get_mut` is used.
    answer: Mutex<AnswerFuture>,
    /// The time of the question, if it is observed.
    since: Option<Instant>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("pending", &self.pending()).finish_non_exhaustive()
    }
}

impl Driver {
    pub(crate) fn new(
        answerer: Option<Arc<dyn Answerer>>,
        observer: Option<Arc<dyn Observer>>,
        limit: Option<Duration>,
        times_renegotiations: bool,
    ) -> Self {
        Self {
            answerer,
            observer,
            limit,
            times_renegotiations,
            renegotiation: None,
            pending: None,
            failure: None,
        }
    }

    /// Calls `call` until it has a result, and answers the questions that it meets. Whatever is awaited wakes
    /// `waker`. A renegotiation ends at its time limit, also if the peer is silent.
    pub(crate) fn run<C: Asks, T>(
        &mut self,
        connection: &mut C,
        waker: &Waker,
        mut call: impl FnMut(&mut C) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            let polled = self.call(connection, waker, &mut call);
            let reader = connection.reader_mut();
            if !reader.is_renegotiating() {
                self.renegotiation = None;
                return polled;
            }
            if polled.is_ready() || !self.times_renegotiations {
                return polled;
            }
            let limit = || Box::pin(sleep(reader.renegotiation_time_limit()));
            let end = self.renegotiation.get_or_insert_with(limit);
            ready!(end.as_mut().poll(&mut Context::from_waker(waker)));
            self.renegotiation = None;
            if reader.expire_renegotiation().is_err() {
                // The next call reports the error. An answer is not needed any more.
                self.pending = None;
            }
        }
    }

    /// Calls `call` until it has a result, and answers the questions that it meets.
    fn call<C: Asks, T>(
        &mut self,
        connection: &mut C,
        waker: &Waker,
        call: &mut impl FnMut(&mut C) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        loop {
            let result = call(connection);
            self.pass_notices(connection.reader_mut());
            match ready!(poll(result)) {
                Err(error) if is_question(&error) => ready!(self.answer(connection, waker)),
                Err(error) => return Poll::Ready(Err(self.failure.take().map_or(error, io::Error::other))),
                done => return Poll::Ready(done),
            }
        }
    }

    /// The name of the question that is being answered.
    pub(crate) fn pending(&self) -> Option<&'static str> {
        self.pending.as_ref().map(|pending| pending.question)
    }

    /// Answers the pending question.
    pub(crate) fn answer<C: Asks>(&mut self, connection: &mut C, waker: &Waker) -> Poll<()> {
        let mut pending = match self.pending.take() {
            Some(pending) => pending,
            None => {
                let Some((id, question)) = connection.reader_mut().question() else { return Poll::Ready(()) };
                let name = question.name();
                let since = self.observer.as_ref().map(|_| Instant::now());
                let reply = self.answerer.as_ref().map_or(Reply::Declined, |all| all.answer(&question));
                match reply {
                    Reply::Later(answer) => {
                        let answer = Mutex::new(limited(answer, self.limit));
                        Pending { id, question: name, answer, since }
                    }
                    Reply::Now(response) => {
                        self.settle(connection, (id, name, since), response);
                        return Poll::Ready(());
                    }
                    Reply::Declined => {
                        let reason = "no answerer is set that answers it".into();
                        self.settle(connection, (id, name, since), Err(reason));
                        return Poll::Ready(());
                    }
                }
            }
        };
        let answer = pending.answer.get_mut().unwrap_or_else(PoisonError::into_inner);
        match answer.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Ready(response) => {
                let question = (pending.id, pending.question, pending.since);
                self.settle(connection, question, response);
                Poll::Ready(())
            }
            Poll::Pending => {
                self.pending = Some(pending);
                Poll::Pending
            }
        }
    }

    fn settle<C: Asks>(
        &mut self,
        connection: &mut C,
        (id, question, since): (QuestionId, &'static str, Option<Instant>),
        response: Result<Response, AnswerError>,
    ) {
        let answered = response.and_then(|response| {
            let answer = match response {
                Response::Answer(answer) => answer,
                Response::Configuration(config) => {
                    connection.reader_mut().set_server_config(&config)?;
                    Answer::Configured
                }
            };
            Ok(connection.answer(id, answer)?)
        });
        if let (Some(observer), Some(since)) = (&self.observer, since) {
            let (time, is_answered) = (since.elapsed(), answered.is_ok());
            observer.question(&ObservedQuestion { question, time, is_answered });
        }
        if let Err(reason) = answered {
            // This answer fits every question.
            let _always = connection.answer(id, Answer::Failed);
            // The handshake goes on after this question in any case, so that the failure is not observable.
            if question != "DecryptPremaster" {
                self.failure = Some(Unanswered { question, reason });
            }
        }
    }

    fn pass_notices(&self, reader: &mut Reader) {
        if let Some(answerer) = &self.answerer {
            while let Some(notice) = reader.next_notice() {
                answerer.notice(&notice);
            }
        }
    }
}

fn limited(answer: AnswerFuture, limit: Option<Duration>) -> AnswerFuture {
    let Some(limit) = limit else { return answer };
    Box::pin(async move {
        let late = |_| Err(format!("there was no answer within {limit:?}").into());
        timeout(limit, answer).await.unwrap_or_else(late)
    })
}

/// The result of a call. It is pending if the call waits for the transport, or for the other half.
pub(crate) fn poll<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock && tls_error(&error).is_none() => {
            Poll::Pending
        }
        done => Poll::Ready(done),
    }
}

fn is_question(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<QuestionPending>())
}
