//! The properties by which tokens and keys are found.

use core::fmt;
use cryptoki::slot::{Slot, TokenInfo};

/// The properties by which a token is found. Those that are not set match every token. A token
/// that is not initialized never matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFilter {
    pub(crate) slot: Option<u64>,
    pub(crate) label: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) manufacturer: Option<String>,
    pub(crate) model: Option<String>,
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

    pub(crate) fn matches(&self, slot: Slot, info: &TokenInfo) -> bool {
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
        let texts = texts.into_iter().filter_map(|(name, text)| Some(format!("{name} {:?}", text.as_ref()?)));
        let all: Vec<String> = self.slot.iter().map(|slot| format!("slot {slot}")).chain(texts).collect();
        f.write_str(if all.is_empty() { "any properties" } else { "" })?;
        f.write_str(&all.join(", "))
    }
}

/// The label (CKA_LABEL) and id (CKA_ID) by which a private key is found. Exactly one key of the token must
/// match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    pub(crate) label: Option<String>,
    pub(crate) id: Option<Vec<u8>>,
}

impl KeyFilter {
    /// A filter that matches every private key. With it, the token must have exactly one.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// The key's label.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(label.to_owned());
        self
    }

    /// The key's id.
    #[must_use]
    pub fn id(mut self, id: &[u8]) -> Self {
        self.id = Some(id.to_vec());
        self
    }
}

impl fmt::Display for KeyFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.label.iter().map(|label| format!("label {label:?}"));
        let id = self.id.iter().map(|id| match id.as_slice() {
            [] => "id (empty)".to_owned(),
            id => id.iter().fold("id ".to_owned(), |all, byte| all + &format!("{byte:02x}")),
        });
        let all: Vec<String> = label.chain(id).collect();
        f.write_str(if all.is_empty() { "any label and id" } else { "" })?;
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
}
