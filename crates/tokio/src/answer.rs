//! The answers to the questions of a connection.

use alloc::{boxed::Box, sync::Arc};
use cairn_tls::{Answer, Notice, Question, ServerConfig};
use core::{fmt, future::Future, pin::Pin};

/// The reason why a question could not be answered.
pub type AnswerError = Box<dyn core::error::Error + Send + Sync>;

/// Answers the questions that the configuration leaves open: a signature with a key elsewhere, a session in a
/// shared store, the choice of a certificate, or the verification of a chain.
///
/// The configuration decides which questions come: for example `credential_elsewhere`,
/// `ServerConfigBuilder::ask_for_credentials` or `ask_for_sessions`.
///
/// An answer comes at once or from a future. A [`Question`] borrows from the connection, so a
/// future needs copies of its parts, or an independent question ([`Question::into_owned`]).
///
/// Answerers are combined by concern: [`Answerer::or`].
///
/// ```
/// use cairn_tokio::{Answerer, Reply, tls::{Answer, Question}};
/// # #[derive(Clone, Debug)] struct Signer;
/// # impl Signer { async fn sign(&self, _: &[u8]) -> std::io::Result<Vec<u8>> { Ok(vec![]) } }
///
/// impl Answerer for Signer {
///     fn answer(&self, question: &Question<'_>) -> Reply {
///         let Question::Sign(sign) = question else { return Reply::Declined };
///         let (signer, message) = (self.clone(), sign.message.to_vec());
///         Reply::later(async move { Ok(Answer::Signature(signer.sign(&message).await?)) })
///     }
/// }
/// ```
pub trait Answerer: Send + Sync {
    /// Answers a question, or leaves it to another answerer: [`Reply::Declined`]. This must not block.
    fn answer(&self, question: &Question<'_>) -> Reply;

    /// Takes notice of an event, for example a session to be saved. This must not block: a store that is
    /// elsewhere is written in a task of its own.
    ///
    /// The notices of a connection come here if it has an answerer. Otherwise they are in
    /// [`TlsStream::next_notice`](crate::TlsStream::next_notice).
    fn notice(&self, notice: &Notice) {
        let _not_needed = notice;
    }

    /// Combines two answerers: `next` answers the questions that this one declines.
    fn or<A: Answerer>(self, next: A) -> Or<Self, A>
    where
        Self: Sized,
    {
        Or { first: self, next }
    }
}

impl<A: Answerer + ?Sized> Answerer for Arc<A> {
    fn answer(&self, question: &Question<'_>) -> Reply {
        (**self).answer(question)
    }

    fn notice(&self, notice: &Notice) {
        (**self).notice(notice);
    }
}

/// Two answerers: see [`Answerer::or`].
#[derive(Clone, Copy, Debug)]
pub struct Or<A, B> {
    first: A,
    next: B,
}

impl<A: Answerer, B: Answerer> Answerer for Or<A, B> {
    fn answer(&self, question: &Question<'_>) -> Reply {
        match self.first.answer(question) {
            Reply::Declined => self.next.answer(question),
            reply => reply,
        }
    }

    fn notice(&self, notice: &Notice) {
        self.first.notice(notice);
        self.next.notice(notice);
    }
}

/// A future that an answer comes from.
pub type AnswerFuture = Pin<Box<dyn Future<Output = Result<Response, AnswerError>> + Send>>;

/// The reply of an [`Answerer`] to a question.
#[non_exhaustive]
pub enum Reply {
    /// The question is for another answerer. If all decline, the handshake fails.
    Declined,
    /// The answer. An error ends the handshake with `internal_error`.
    Now(Result<Response, AnswerError>),
    /// The answer comes later.
    Later(AnswerFuture),
}

impl Reply {
    /// The answer: an [`Answer`], or the configuration for this client (a [`ServerConfig`]).
    pub fn now(response: impl Into<Response>) -> Self {
        Self::Now(Ok(response.into()))
    }

    /// The question is for this answerer, but it has no answer.
    pub fn failed(reason: impl Into<AnswerError>) -> Self {
        Self::Now(Err(reason.into()))
    }

    /// The answer comes from a future. It runs in the task that waits for the connection, and is dropped with
    /// it.
    pub fn later<R: Into<Response>>(
        answer: impl Future<Output = Result<R, AnswerError>> + Send + 'static,
    ) -> Self {
        Self::Later(Box::pin(async { answer.await.map(Into::into) }))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declined => "Declined",
            Self::Now(Ok(_)) => "Now(..)",
            Self::Now(Err(_)) => "Now(failed)",
            Self::Later(_) => "Later(..)",
        })
    }
}

/// The content of an answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Response {
    /// The answer to any question. [`Answer::Configured`] keeps the server's configuration.
    Answer(Answer),
    /// To [`Question::ChooseConfiguration`]: the configuration for this client.
    Configuration(Box<ServerConfig>),
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

impl From<ServerConfig> for Response {
    fn from(config: ServerConfig) -> Self {
        Self::Configuration(Box::new(config))
    }
}

/// A question was not answered. It is inside the [`std::io::Error`] of the handshake.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unanswered {
    /// The name of the question: [`Question::name`].
    pub question: &'static str,
    /// The reason, from the answerer.
    pub reason: AnswerError,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the question {} was not answered: {}", self.question, self.reason)
    }
}

impl core::error::Error for Unanswered {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&*self.reason)
    }
}
