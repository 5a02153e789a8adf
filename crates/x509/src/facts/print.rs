//! Prints the summary of a certificate.

use super::{CertificateFacts, KeyUsage};
use crate::time::Time;
use core::fmt;

impl fmt::Display for CertificateFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "subject:    {}", self.subject)?;
        write!(f, "issuer:     {}", self.issuer)?;
        writeln!(f, "{}", if self.self_issued { " (self-issued)" } else { "" })?;
        writeln!(f, "valid:      {} to {}", Time(self.not_before), Time(self.not_after))?;
        write!(f, "serial:     ")?;
        for byte in &self.serial {
            write!(f, "{byte:02x}")?;
        }
        writeln!(f)?;
        writeln!(f, "key:        {}", self.key_description)?;
        writeln!(f, "signature:  {}", self.signature_algorithm)?;
        write!(f, "names:     ")?;
        if self.dns_names.is_empty() && self.ip_addresses.is_empty() {
            write!(f, " none")?;
        }
        for name in &self.dns_names {
            write!(f, " {name}")?;
        }
        for address in &self.ip_addresses {
            write!(f, " {address}")?;
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
