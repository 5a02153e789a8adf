//! Prints the summary of a certificate.

use super::{CertificateFacts, KeyUsage};
use crate::time::Time;
use alloc::string::{String, ToString};
use core::fmt;

/// The maximum number of names in a summary.
const MAX_NAMES: usize = 20;

/// The maximum length of a name in a summary, in characters. A DNS name has at most 253.
const MAX_NAME: usize = 256;

/// The maximum length of a serial number in a summary, in bytes. RFC 5280 section 4.1.2.2 permits 20.
const MAX_SERIAL: usize = 40;

/// A name with its end left out if it is too long for a summary.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX_NAME) {
            None => f.write_str(self.0),
            Some((end, _)) => {
                let (start, rest) = self.0.split_at_checked(end).unwrap_or((self.0, ""));
                write!(f, "{start}… and {} more characters", rest.chars().count())
            }
        }
    }
}

/// A name of a certificate for a summary: if it is long, the number of further characters stands for its end.
#[must_use]
pub fn shortened(name: &str) -> String {
    Short(name).to_string()
}

impl fmt::Display for CertificateFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "subject:    {}", Short(&self.subject))?;
        write!(f, "issuer:     {}", Short(&self.issuer))?;
        writeln!(f, "{}", if self.self_issued { " (self-issued)" } else { "" })?;
        writeln!(f, "valid:      {} to {}", Time(self.not_before), Time(self.not_after))?;
        write!(f, "serial:     ")?;
        for byte in self.serial.iter().take(MAX_SERIAL) {
            write!(f, "{byte:02x}")?;
        }
        match self.serial.len().checked_sub(MAX_SERIAL) {
            None | Some(0) => writeln!(f)?,
            Some(more) => writeln!(f, "… and {more} more bytes")?,
        }
        writeln!(f, "key:        {}", self.key_description)?;
        writeln!(f, "signature:  {}", self.signature_algorithm)?;
        write!(f, "names:     ")?;
        if self.dns_names.is_empty() && self.ip_addresses.is_empty() {
            write!(f, " no DNS name or address")?;
        }
        for name in self.dns_names.iter().take(MAX_NAMES) {
            write!(f, " {}", Short(name))?;
        }
        for address in self.ip_addresses.iter().take(MAX_NAMES.saturating_sub(self.dns_names.len())) {
            write!(f, " {address}")?;
        }
        let more = self.dns_names.len().saturating_add(self.ip_addresses.len()).saturating_sub(MAX_NAMES);
        if more > 0 {
            write!(f, " and {more} more")?;
        }
        if self.is_ca {
            write!(f, "\nauthority:  yes")?;
            if let Some(path_len) = self.path_len {
                write!(f, ", with at most {path_len} below it")?;
            }
        }
        if self.key_usage != KeyUsage::ANY {
            write!(f, "\nkey usage: ")?;
            let usage = self.key_usage;
            for (allowed, name) in [
                (usage.digital_signature, "digitalSignature"),
                (usage.key_encipherment, "keyEncipherment"),
                (usage.key_agreement, "keyAgreement"),
                (usage.key_cert_sign, "keyCertSign"),
                (usage.crl_sign, "cRLSign"),
            ] {
                if allowed {
                    write!(f, " {name}")?;
                }
            }
        }
        if let Some(usage) = self.extended_key_usage {
            write!(f, "\nfor:       ")?;
            for (allowed, name) in [
                (usage.server_auth, "serverAuth"),
                (usage.client_auth, "clientAuth"),
                (usage.ocsp_signing, "OCSPSigning"),
                (usage.any, "anyExtendedKeyUsage"),
                (usage.others, "others"),
            ] {
                if allowed {
                    write!(f, " {name}")?;
                }
            }
        }
        if self.must_staple {
            write!(f, "\nstaples:    always")?;
        }
        if self.delegation_usage {
            write!(f, "\ndelegates:  yes")?;
        }
        Ok(())
    }
}
