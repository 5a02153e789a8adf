//! The flags of the runner, as defined in `ssl/test/test_config.h` of BoringSSL.
//!
//! A flag that is not in [`FLAGS`] is for a feature that this stack lacks. A prefix restricts a flag to the
//! first connection of a test, or to the ones after it.

mod connection;
mod table;

use crate::outcome::Failure;
use table::{
    FLAGS,
    Flag::{Alone, With},
};

pub(crate) use connection::{Connection, Credential};

/// The flags of an entire test.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// For the first connection.
    pub(crate) first: Connection,
    /// For the connections after it.
    pub(crate) resumed: Connection,
    /// For the rest of such a connection, once the server has rejected early data.
    pub(crate) retried: Connection,
}

impl Options {
    /// Parses the flags.
    ///
    /// # Errors
    /// [`Failure::Unimplemented`] for an unknown flag, and for versions before TLS 1.2.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let (name, uses) = split_prefix(argument);
            let unknown = || Failure::Unimplemented(format!("flag {argument}"));
            let (_, flag) = FLAGS.iter().find(|(known, _)| *known == name).ok_or_else(unknown)?;
            let value = match flag {
                Alone(_) => None,
                With(_) => arguments.next(),
            };
            let all = [&mut options.first, &mut options.resumed, &mut options.retried];
            for connection in
                all.into_iter().zip(uses).filter_map(|(connection, used)| used.then_some(connection))
            {
                match (flag, value) {
                    (Alone(set), _) => set(connection),
                    (With(set), Some(value)) => set(connection, value)
                        .ok_or_else(|| Failure::check(format!("{argument} {value} is invalid")))?,
                    (With(_), None) => return Err(Failure::check(format!("{argument} lacks its value"))),
                }
            }
        }
        options.first.versions()?;
        options.resumed.versions()?;
        Ok(options)
    }
}

/// `-on-initial-x` is `-x` for the first connection, `-on-resume-x` for the ones after it, and `-on-retry-x`
/// for the rest of such a connection after rejected early data. The second result says to which of the three
/// the flag applies.
fn split_prefix(argument: &str) -> (String, [bool; 3]) {
    if let Some(name) = argument.strip_prefix("-on-initial") {
        (name.to_owned(), [true, false, false])
    } else if let Some(name) = argument.strip_prefix("-on-resume") {
        (name.to_owned(), [false, true, false])
    } else if let Some(name) = argument.strip_prefix("-on-retry") {
        (name.to_owned(), [false, false, true])
    } else {
        (argument.to_owned(), [true; 3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_tls::{Versions, wire::SignatureScheme};

    fn parse(line: &str) -> Result<Options, Failure> {
        let arguments: Vec<String> = line.split_whitespace().map(Into::into).collect();
        Options::parse(&arguments)
    }

    #[test]
    fn prefix_selects_the_connection_of_a_flag() {
        let options = parse("-server -on-initial-verify-fail -on-resume-no-ticket -port 7").unwrap();
        assert!(options.first.server && options.resumed.server);
        assert_eq!((options.first.port, options.resumed.port), (7, 7));
        assert_eq!((options.first.verify_fail, options.resumed.verify_fail), (true, false));
        assert_eq!((options.first.no_ticket, options.resumed.no_ticket), (false, true));
    }

    #[test]
    fn credential_flags_apply_to_the_one_started_last() {
        let options = parse(
            "-cert-file a -new-x509-credential -cert-file b -new-x509-credential -cert-file c \
                 -signing-prefs 1025",
        )
        .unwrap();
        let first = options.first;
        assert_eq!(first.default_credential.cert_file.as_deref(), Some("a"));
        let files: Vec<_> = first.credentials.iter().map(|one| one.cert_file.as_deref()).collect();
        assert_eq!(files, [Some("b"), Some("c")]);
        assert_eq!(first.credentials[1].signing_prefs, [SignatureScheme::RSA_PKCS1_SHA256]);
        assert!(first.default_credential.signing_prefs.is_empty());
    }

    #[test]
    fn unsupported_flags_and_versions_are_reported() {
        for line in ["-dtls", "-on-resume-dtls", "-max-version 770", "-expect-version 770"] {
            assert!(matches!(parse(line), Err(Failure::Unimplemented(_))), "{line}");
        }
    }

    #[test]
    fn flags_select_versions() {
        for (line, versions) in [
            ("", Versions::Both),
            ("-max-version 772 -min-version 769", Versions::Both),
            ("-max-version 771", Versions::Tls12),
            ("-no-tls13", Versions::Tls12),
            ("-min-version 772", Versions::Tls13),
            ("-no-tls12 -no-tls11 -no-tls1", Versions::Tls13),
        ] {
            assert_eq!(parse(line).unwrap().first.versions().unwrap(), versions, "{line}");
        }
    }

    #[test]
    fn values_must_be_present_and_valid() {
        for line in ["-port", "-port x", "-curves 70000", "-advertise-alpn 9"] {
            assert!(matches!(parse(line), Err(Failure::Check(_))), "{line}");
        }
    }

    #[test]
    fn every_flag_is_listed_once() {
        for (place, (name, _)) in FLAGS.iter().enumerate() {
            assert!(FLAGS.iter().skip(place + 1).all(|(other, _)| other != name), "{name}");
        }
    }
}
