//! Tokens: sessions and logins.

use crate::{
    error::{Error, PinError},
    filter::TokenFilter,
    module::Module,
    pin::Pin,
};
use alloc::sync::Arc;
use cryptoki::{
    error::{Error as Cause, RvError},
    session::{Session, SessionState, UserType},
    slot::{Limit, Slot, TokenInfo},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A token in a slot of a module: an HSM, a partition of it, or a smart card. It is cheap to clone.
#[derive(Clone, Debug)]
pub struct Token(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    module: Module,
    /// Matches only this token.
    filter: TokenFilter,
    pin: Option<Pin>,
    /// The reason for which the token refused the PIN, if it did. One thread at a time logs in.
    refused: Mutex<Option<PinError>>,
}

impl Module {
    /// The token that matches. The PIN is used when a key is opened.
    ///
    /// # Errors
    /// [`Error::NoToken`], [`Error::SeveralTokens`], [`Error::Call`].
    pub fn token(&self, filter: &TokenFilter, pin: Option<Pin>) -> Result<Token, Error> {
        let (_, info) = self.slot(filter)?;
        let (module, filter) = (self.clone(), filter.exactly(&info));
        Ok(Token(Arc::new(Inner { module, filter, pin, refused: Mutex::new(None) })))
    }
}

impl Token {
    pub(crate) fn module(&self) -> &Module {
        &self.0.module
    }

    /// The slot that the token is in now.
    pub(crate) fn slot(&self) -> Result<(Slot, TokenInfo), Error> {
        self.0.module.slot(&self.0.filter)
    }

    /// The number of sessions that the token permits.
    pub(crate) fn max_sessions(&self) -> Result<usize, Error> {
        Ok(max_sessions(self.slot()?.1.max_session_count()))
    }

    /// A new session, logged in if the token requires it.
    pub(crate) fn open_session(&self) -> Result<Session, Error> {
        let (slot, _) = self.slot()?;
        let session = self.0.module.pkcs11().open_ro_session(slot)?;
        self.log_in(slot, &session)?;
        Ok(session)
    }

    /// A login holds for all sessions of the process with the token.
    fn log_in(&self, slot: Slot, session: &Session) -> Result<(), Error> {
        let mut refused = self.refused();
        if matches!(session.get_session_info()?.session_state(), SessionState::RoUser | SessionState::RwUser)
        {
            return Ok(());
        }
        let status = PinStatus::of(&self.0.module.pkcs11().get_token_info(slot)?);
        self.send_pin(&mut refused, status, session, UserType::User)
    }

    /// Logs in for the signature that has begun in this session.
    pub(crate) fn log_in_for_signature(&self, session: &Session) -> Result<(), Error> {
        let mut refused = self.refused();
        let slot = session.get_session_info()?.slot_id();
        let status = PinStatus::of(&self.0.module.pkcs11().get_token_info(slot)?);
        // The key requires it, whether or not the token does.
        let status = PinStatus { login_required: true, ..status };
        self.send_pin(&mut refused, status, session, UserType::ContextSpecific)
    }

    fn refused(&self) -> MutexGuard<'_, Option<PinError>> {
        // A thread that panicked has left nothing half done.
        self.0.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send_pin(
        &self,
        refused: &mut Option<PinError>,
        status: PinStatus,
        session: &Session,
        user: UserType,
    ) -> Result<(), Error> {
        if let Some(refused) = *refused {
            return Err(refused.into());
        }
        let pin = match status.login(self.0.pin.as_ref())? {
            Login::NotRequired => return Ok(()),
            Login::AtTheToken => None,
            Login::With(pin) => Some(pin.to_auth_pin()),
        };
        match session.login(user, pin.as_ref()) {
            Ok(()) | Err(Cause::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => {
                *refused = PinError::of(&error);
                Err(refused.map_or_else(|| error.into(), Error::Pin))
            }
        }
    }
}

/// The number of sessions that a token permits: at least one, so that a signature is tried.
fn max_sessions(limit: Limit) -> usize {
    match limit {
        Limit::Max(most) => usize::try_from(most).unwrap_or(usize::MAX).max(1),
        Limit::Unavailable | Limit::Infinite => usize::MAX,
    }
}

/// The flags of a token that concern its PIN.
#[derive(Clone, Copy)]
struct PinStatus {
    login_required: bool,
    initialized: bool,
    locked: bool,
    last_attempt: bool,
    at_the_token: bool,
}

/// The way to log in.
#[derive(Debug)]
enum Login<'a> {
    NotRequired,
    /// The PIN is entered on a keypad of the token or its reader.
    AtTheToken,
    With(&'a Pin),
}

impl PinStatus {
    fn of(info: &TokenInfo) -> Self {
        Self {
            login_required: info.login_required(),
            initialized: info.user_pin_initialized(),
            locked: info.user_pin_locked(),
            last_attempt: info.user_pin_final_try(),
            at_the_token: info.protected_authentication_path(),
        }
    }

    fn login(self, pin: Option<&Pin>) -> Result<Login<'_>, PinError> {
        match pin {
            _ if !self.login_required => Ok(Login::NotRequired),
            _ if !self.initialized => Err(PinError::NotSet),
            _ if self.locked => Err(PinError::Locked),
            _ if self.last_attempt => Err(PinError::LastAttempt),
            Some(pin) => Ok(Login::With(pin)),
            None if self.at_the_token => Ok(Login::AtTheToken),
            None => Err(PinError::Missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: PinStatus = PinStatus {
        login_required: true,
        initialized: true,
        locked: false,
        last_attempt: false,
        at_the_token: false,
    };

    #[test]
    fn the_sessions_of_a_token_are_limited() {
        let limits = [Limit::Max(0), Limit::Max(3), Limit::Infinite, Limit::Unavailable];
        assert_eq!(limits.map(max_sessions), [1, 3, usize::MAX, usize::MAX]);
    }

    #[test]
    fn the_token_decides_how_to_log_in() {
        let pin = Pin::new("1234");
        assert!(matches!(READY.login(Some(&pin)), Ok(Login::With(_))));
        assert!(matches!(READY.login(None), Err(PinError::Missing)));
        let keypad = PinStatus { at_the_token: true, ..READY };
        assert!(matches!(keypad.login(None), Ok(Login::AtTheToken)));
        assert!(matches!(keypad.login(Some(&pin)), Ok(Login::With(_))));
        let open = PinStatus { login_required: false, ..READY };
        assert!(matches!(open.login(None), Ok(Login::NotRequired)));
    }

    #[test]
    fn a_login_that_could_lock_the_pin_is_not_tried() {
        let pin = Pin::new("1234");
        let locked = PinStatus { locked: true, ..READY };
        assert!(matches!(locked.login(Some(&pin)), Err(PinError::Locked)));
        let last = PinStatus { last_attempt: true, ..READY };
        assert!(matches!(last.login(Some(&pin)), Err(PinError::LastAttempt)));
        let new = PinStatus { initialized: false, ..READY };
        assert!(matches!(new.login(Some(&pin)), Err(PinError::NotSet)));
    }
}
