//! Errors.

use crate::filter::{KeyFilter, TokenFilter};
use cairn_crypto::CryptoError;
use cairn_wire::SignatureScheme;
use cairn_x509::CertificateError;
use core::{fmt, time::Duration};
use cryptoki::{
    context::Function,
    error::{Error as Cause, RvError},
};
use std::{io, path::PathBuf};

/// The reason why a key in a token cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The module could not be loaded or initialized.
    NoModule {
        /// The path of the module.
        path: PathBuf,
        /// The reason.
        reason: CallError,
    },
    /// The URI names no module: it has no `module-path`.
    NoModulePath,
    /// No token matches.
    NoToken(TokenFilter),
    /// More than one token matches.
    SeveralTokens {
        /// The filter.
        filter: TokenFilter,
        /// The number of tokens.
        count: usize,
    },
    /// The login needs a PIN, or the PIN was refused.
    Pin(PinError),
    /// The file with the PIN could not be read.
    PinFile {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// No private key matches.
    NoKey(KeyFilter),
    /// More than one private key matches.
    SeveralKeys {
        /// The filter.
        filter: KeyFilter,
        /// The number of keys.
        count: usize,
    },
    /// The key may not sign: its attribute CKA_SIGN is false.
    MayNotSign,
    /// The key requires the PIN for each signature (CKA_ALWAYS_AUTHENTICATE), and the token has no mechanism
    /// with which that is supported: one that hashes the message too.
    PinForEachSignature,
    /// The token, the key and this crate have no signature scheme in common.
    NoScheme,
    /// The key does not support this scheme.
    Scheme(SignatureScheme),
    /// The certificate cannot be parsed, or TLS cannot use its key.
    Certificate(CertificateError),
    /// The private key in the token does not belong to the certificate.
    KeyMismatch,
    /// The provider failed, or lacks a hash or a verifier.
    Provider(CryptoError),
    /// All sessions were in use during this time.
    Busy(Duration),
    /// The token did not answer within this time.
    TimedOut(Duration),
    /// The runtime is shutting down.
    ShutDown,
    /// The token returned a signature that is not one of this scheme.
    BadSignature(SignatureScheme),
    /// A call of the module failed.
    Call(CallError),
}

/// The reason why a login was not possible.
///
/// After the token has refused a PIN, it is not tried again, because wrong PINs lock tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinError {
    /// The token requires a PIN and none was given.
    Missing,
    /// The token refused the PIN.
    Wrong,
    /// The PIN is locked.
    Locked,
    /// The token permits only one more attempt, and a wrong PIN would lock it. This attempt is left to a
    /// person.
    LastAttempt,
    /// The PIN must be changed first.
    Expired,
    /// The token has no PIN yet.
    NotSet,
    /// The login failed with a code of the vendor, which can mean a wrong PIN.
    VendorCode,
}

/// A call of a PKCS #11 module that failed.
#[derive(Debug)]
pub struct CallError(Cause);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoModule { path, reason } => {
                write!(f, "the PKCS #11 module {} cannot be used: {reason}", path.display())
            }
            Self::NoModulePath => f.write_str("the PKCS #11 URI has no module-path"),
            Self::NoToken(filter) => write!(f, "there is no token with {filter}"),
            Self::SeveralTokens { filter, count } => {
                write!(f, "{count} tokens have {filter}; add the serial number")
            }
            Self::Pin(error) => error.fmt(f),
            Self::PinFile { path, reason } => {
                write!(f, "the PIN cannot be read from {}: {reason}", path.display())
            }
            Self::NoKey(filter) => write!(f, "the token has no private key with {filter}"),
            Self::SeveralKeys { filter, count } => {
                write!(f, "the token has {count} private keys with {filter}; select one by its id")
            }
            Self::MayNotSign => f.write_str("the key may not sign: its attribute CKA_SIGN is false"),
            Self::PinForEachSignature => f.write_str(
                "the key requires the PIN for each signature (CKA_ALWAYS_AUTHENTICATE), which is supported \
                 only with mechanisms that also hash (CKM_ECDSA_SHA256, CKM_SHA256_RSA_PKCS_PSS and their \
                 like), and the token has none for this key",
            ),
            Self::NoScheme => {
                f.write_str("the token has no mechanism for the signature schemes of this kind of key")
            }
            Self::Scheme(scheme) => write!(f, "the key in the token does not support {scheme}"),
            Self::Certificate(error) => error.fmt(f),
            Self::KeyMismatch => {
                f.write_str("the private key in the token does not belong to the certificate")
            }
            Self::Provider(error) => error.fmt(f),
            Self::Busy(time) => write!(f, "all sessions of the token were in use for {time:?}"),
            Self::TimedOut(time) => write!(f, "the token did not sign within {time:?}"),
            Self::ShutDown => f.write_str("the runtime is shutting down"),
            Self::BadSignature(scheme) => {
                write!(f, "the token returned a signature that is not one of {scheme}")
            }
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::NoModule { reason, .. } | Self::Call(reason) => Some(reason),
            Self::PinFile { reason, .. } => Some(reason),
            Self::Certificate(error) => Some(error),
            Self::Provider(error) => Some(error),
            Self::Pin(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for PinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the token requires a PIN",
            Self::Wrong => "the token refused the PIN; it is not tried again, because wrong PINs lock tokens",
            Self::Locked => "the PIN of the token is locked",
            Self::LastAttempt => {
                "the token permits only one more attempt before its PIN is locked; log in once by other means"
            }
            Self::Expired => "the PIN of the token has expired and must be changed",
            Self::NotSet => "the token has no user PIN yet",
            Self::VendorCode => {
                "the login failed with a code of the vendor; it is not repeated, because the PIN may be wrong"
            }
        })
    }
}

impl core::error::Error for PinError {}

impl PinError {
    /// The refusal in the error of a login. After it, the login is not repeated.
    pub(crate) const fn of(error: &Cause) -> Option<Self> {
        Some(match error {
            Cause::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
                Self::Wrong
            }
            Cause::Pkcs11(RvError::VendorDefined(_) | RvError::UnknownErrorCode(_), _) => Self::VendorCode,
            Cause::Pkcs11(RvError::PinLocked, _) => Self::Locked,
            Cause::Pkcs11(RvError::PinExpired, _) => Self::Expired,
            Cause::Pkcs11(RvError::UserPinNotInitialized, _) => Self::NotSet,
            _ => return None,
        })
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Pkcs11(RvError::VendorDefined(code), function) => {
                write!(f, "C_{function:?} failed with the vendor's code {code:#x}")
            }
            Cause::Pkcs11(reason, function) => write!(f, "C_{function:?} failed: {reason:?}"),
            Cause::LibraryLoading(reason) => reason.fmt(f),
            Cause::MissingSymbol(name) => write!(f, "it has no function {name}"),
            reason => reason.fmt(f),
        }
    }
}

impl core::error::Error for CallError {}

impl From<Cause> for CallError {
    fn from(cause: Cause) -> Self {
        Self(cause)
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self::Call(CallError(cause))
    }
}

impl From<PinError> for Error {
    fn from(error: PinError) -> Self {
        Self::Pin(error)
    }
}

impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Self {
        Self::Provider(error)
    }
}

impl Error {
    /// Whether the session, the login or the token can be gone, so that a new session can help.
    pub(crate) const fn is_lost_session(&self) -> bool {
        match self {
            // A failed login is not repeated.
            Self::Call(CallError(Cause::Pkcs11(_, Function::Login))) => false,
            Self::Call(CallError(Cause::Pkcs11(reason, _))) => matches!(
                reason,
                RvError::SessionHandleInvalid
                    | RvError::SessionClosed
                    | RvError::DeviceRemoved
                    | RvError::DeviceError
                    | RvError::TokenNotPresent
                    | RvError::UserNotLoggedIn
                    // The handles of private objects end with the login, and so can operations.
                    | RvError::KeyHandleInvalid
                    | RvError::ObjectHandleInvalid
                    | RvError::OperationNotInitialized
                    // Modules report a connection that broke, or a login that ended during a call, in this
                    // way.
                    | RvError::GeneralError
                    | RvError::FunctionFailed
            ),
            // Without a login, private keys are invisible.
            Self::NoKey(_) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(reason: RvError) -> Error {
        Cause::Pkcs11(reason, Function::Sign).into()
    }

    #[test]
    fn a_lost_session_is_recognized_by_its_code() {
        for reason in [
            RvError::SessionHandleInvalid,
            RvError::SessionClosed,
            RvError::DeviceRemoved,
            RvError::DeviceError,
            RvError::TokenNotPresent,
            RvError::UserNotLoggedIn,
            RvError::KeyHandleInvalid,
            RvError::ObjectHandleInvalid,
            RvError::OperationNotInitialized,
            RvError::GeneralError,
            RvError::FunctionFailed,
        ] {
            assert!(call(reason).is_lost_session(), "{reason:?}");
        }
        for reason in [
            RvError::KeyFunctionNotPermitted,
            RvError::KeyTypeInconsistent,
            RvError::MechanismInvalid,
            RvError::DataLenRange,
            RvError::ArgumentsBad,
            RvError::HostMemory,
            RvError::PinIncorrect,
            RvError::VendorDefined(0x8000_0001),
        ] {
            assert!(!call(reason).is_lost_session(), "{reason:?}");
        }
        assert!(Error::NoKey(KeyFilter::any()).is_lost_session());
        assert!(!Error::KeyMismatch.is_lost_session());
    }

    #[test]
    fn a_failed_login_is_not_repeated() {
        for reason in [RvError::DeviceError, RvError::GeneralError, RvError::SessionHandleInvalid] {
            assert!(!Error::from(Cause::Pkcs11(reason, Function::Login)).is_lost_session(), "{reason:?}");
        }
    }

    #[test]
    fn a_refused_pin_is_recognized_by_its_code() {
        let of = |reason| PinError::of(&Cause::Pkcs11(reason, Function::Login));
        for reason in [RvError::PinIncorrect, RvError::PinInvalid, RvError::PinLenRange] {
            assert_eq!(of(reason), Some(PinError::Wrong), "{reason:?}");
        }
        for reason in [RvError::VendorDefined(0x8000_0001), RvError::UnknownErrorCode(0x7000_0000)] {
            assert_eq!(of(reason), Some(PinError::VendorCode), "{reason:?}");
        }
        assert_eq!(of(RvError::PinExpired), Some(PinError::Expired));
        assert_eq!(of(RvError::PinLocked), Some(PinError::Locked));
        assert_eq!(of(RvError::UserPinNotInitialized), Some(PinError::NotSet));
        assert_eq!(of(RvError::DeviceError), None);
        assert_eq!(of(RvError::SessionHandleInvalid), None);
    }

    #[test]
    fn a_failed_call_is_named() {
        assert_eq!(call(RvError::DeviceError).to_string(), "C_Sign failed: DeviceError");
        let vendor = call(RvError::VendorDefined(0x8000_0001));
        assert_eq!(vendor.to_string(), "C_Sign failed with the vendor's code 0x80000001");
    }
}
