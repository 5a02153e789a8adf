//! Modules, and the tokens in their slots.

use crate::{error::Error, filter::TokenFilter, uri::Uri};
use alloc::sync::Arc;
use core::fmt;
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error as Cause, RvError},
    slot::{Slot, TokenInfo},
};
use std::path::Path;

/// A loaded PKCS #11 module. It is cheap to clone.
///
/// It stays loaded and initialized until the process ends, because other parts of the program can use it too.
#[derive(Clone)]
pub struct Module {
    pkcs11: Pkcs11,
    path: Arc<Path>,
}

impl Module {
    /// Loads the module from its shared library and initializes it, unless the process has already done so.
    ///
    /// The library runs in this process with all its rights, so load only trusted ones.
    ///
    /// # Errors
    /// [`Error::NoModule`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let fail = |reason: Cause| Error::NoModule { path: path.to_owned(), reason: reason.into() };
        let pkcs11 = Pkcs11::new(path).map_err(fail)?;
        match pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Cause::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(reason) => return Err(fail(reason)),
        }
        Ok(Self { pkcs11, path: path.into() })
    }

    /// Loads the module of a URI's `module-path`.
    ///
    /// # Errors
    /// [`Error::NoModulePath`], [`Error::NoModule`].
    pub fn of_uri(uri: &Uri) -> Result<Self, Error> {
        Self::load(uri.module_path().ok_or(Error::NoModulePath)?)
    }

    pub(crate) const fn pkcs11(&self) -> &Pkcs11 {
        &self.pkcs11
    }

    /// The only slot whose token matches.
    pub(crate) fn slot(&self, filter: &TokenFilter) -> Result<(Slot, TokenInfo), Error> {
        let mut found = None;
        let mut count = 0;
        for slot in self.pkcs11.get_slots_with_token()? {
            // Another token, or one that has just been removed, must not prevent the use of this one.
            let Ok(info) = self.pkcs11.get_token_info(slot) else { continue };
            if filter.matches(slot, &info) {
                found = Some((slot, info));
                count += 1;
            }
        }
        match found {
            Some(found) if count == 1 => Ok(found),
            Some(_) => Err(Error::SeveralTokens { filter: filter.clone(), count }),
            None => Err(Error::NoToken(filter.clone())),
        }
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Module({})", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_module_is_named() {
        let error = Module::load("/no/such/module.so").unwrap_err();
        assert!(matches!(&error, Error::NoModule { path, .. } if path == Path::new("/no/such/module.so")));
        assert!(error.to_string().starts_with("the PKCS #11 module /no/such/module.so cannot be used: "));
    }
}
