//! Modules, and the tokens in their slots.

use crate::{error::Error, pin::Pin, token::Token, uri::Uri};
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

    /// The token that matches. The PIN is used when a key is opened.
    ///
    /// # Errors
    /// [`Error::NoToken`], [`Error::SeveralTokens`], [`Error::Call`].
    pub fn token(&self, filter: &TokenFilter, pin: Option<Pin>) -> Result<Token, Error> {
        Token::find(self, filter, pin)
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

/// The properties by which a token is found. Those that are not set match every token; a token without a PIN and
/// objects yet (that is not initialized) never matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFilter {
    slot: Option<u64>,
    label: Option<String>,
    serial: Option<String>,
    manufacturer: Option<String>,
    model: Option<String>,
}

impl TokenFilter {
    /// A filter that matches every token. With it, the module must have exactly one.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// The number of the slot. In some modules it changes when a token is inserted again.
    #[must_use]
    pub const fn slot(mut self, slot: u64) -> Self {
        self.slot = Some(slot);
        self
    }

    /// The token's label.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(label.to_owned());
        self
    }

    /// The token's serial number.
    #[must_use]
    pub fn serial(mut self, serial: &str) -> Self {
        self.serial = Some(serial.to_owned());
        self
    }

    /// The name of the token's manufacturer.
    #[must_use]
    pub fn manufacturer(mut self, manufacturer: &str) -> Self {
        self.manufacturer = Some(manufacturer.to_owned());
        self
    }

    /// The token's model.
    #[must_use]
    pub fn model(mut self, model: &str) -> Self {
        self.model = Some(model.to_owned());
        self
    }

    /// A filter for exactly this token, so that another one in its place is not used.
    pub(crate) fn exactly(&self, info: &TokenInfo) -> Self {
        Self {
            slot: self.slot,
            label: Some(info.label().to_owned()),
            serial: Some(info.serial_number().to_owned()),
            manufacturer: Some(info.manufacturer_id().to_owned()),
            model: Some(info.model().to_owned()),
        }
    }

    fn matches(&self, slot: Slot, info: &TokenInfo) -> bool {
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        info.token_initialized()
            && self.slot.is_none_or(|wanted| wanted == slot.id())
            && is(&self.label, info.label())
            && is(&self.serial, info.serial_number())
            && is(&self.manufacturer, info.manufacturer_id())
            && is(&self.model, info.model())
    }
}

impl fmt::Display for TokenFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [
            ("label", &self.label),
            ("serial number", &self.serial),
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
        ];
        let texts = texts.into_iter().filter_map(|(what, text)| Some(format!("{what} {:?}", text.as_ref()?)));
        let all: Vec<String> = self.slot.iter().map(|slot| format!("slot {slot}")).chain(texts).collect();
        f.write_str(if all.is_empty() { "any properties" } else { "" })?;
        f.write_str(&all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_its_properties() {
        assert_eq!(TokenFilter::any().to_string(), "any properties");
        let filter = TokenFilter::any().label("web").serial("01").slot(3).manufacturer("Us").model("X");
        let words = "slot 3, label \"web\", serial number \"01\", manufacturer \"Us\", model \"X\"";
        assert_eq!(filter.to_string(), words);
    }

    #[test]
    fn a_missing_module_is_named() {
        let error = Module::load("/no/such/module.so").unwrap_err();
        assert!(matches!(&error, Error::NoModule { path, .. } if path == Path::new("/no/such/module.so")));
        assert!(error.to_string().starts_with("the PKCS #11 module /no/such/module.so cannot be used: "));
    }
}
