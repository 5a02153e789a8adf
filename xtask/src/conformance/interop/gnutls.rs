//! GnuTLS: `gnutls-cli` and `gnutls-serv`.

use alloc::collections::BTreeSet;

use super::case::{Asker, Case, Limit, Resumption, Role};
use super::debian13::{self, Edition};
use super::gnutls_names::common;
use super::gnutls13 as tls13;
use super::peer::{Client, Ends, No, Peer, Ready, Server, Word, not_offered};
use super::process::PORT;
use super::run::request;
use super::world::{PSK, PSK_IDENTITY, World};
use crate::conformance::suite::Tool;

#[derive(Debug)]
pub(super) struct GnuTls {
    edition: Edition,
}

impl GnuTls {
    pub(super) const fn new(edition: Edition) -> Self {
        Self { edition }
    }

    /// The edition of this machine, for tests.
    #[cfg(test)]
    pub(super) const fn installed() -> Self {
        Self::new(Edition::Installed)
    }
}

/// The parts of a cipher suite's name: key exchange, cipher, hash; `None` for a name of another form.
fn parts(suite: &str) -> Option<(&str, &str, &str)> {
    let (exchange, rest) = suite.strip_prefix("TLS_")?.split_once("_WITH_")?;
    if rest.ends_with("_CCM") || rest.ends_with("_CCM_8") {
        return Some((exchange, rest, ""));
    }
    let (cipher, hash) = rest.rsplit_once('_')?;
    if cipher.ends_with("_CCM") || cipher.ends_with("_CCM_8") {
        Some((exchange, cipher, ""))
    } else {
        Some((exchange, cipher, hash))
    }
}

/// GnuTLS's name of a cipher suite.
fn own_name(suite: &str) -> Option<String> {
    let (exchange, cipher, hash) = parts(suite)?;
    let exchange = match exchange {
        "DH_anon" => "DH_ANON",
        "ECDH_anon" => "ECDH_ANON",
        "PSK_DHE" => "DHE_PSK",
        other => other,
    };
    let hash = match hash {
        "SHA" => "_SHA1".to_owned(),
        _ if cipher.contains("CHACHA20") => String::new(),
        "" => String::new(),
        other => format!("_{other}"),
    };
    Some(format!("TLS_{exchange}_{cipher}{hash}"))
}

/// A priority string for this case alone.
fn priority(case: &Case) -> Option<String> {
    let (exchange, cipher, hash) = parts(&case.suite)?;
    let exchange = match exchange {
        "DH_anon" => "ANON-DH".to_owned(),
        "ECDH_anon" => "ANON-ECDH".to_owned(),
        "PSK_DHE" => "DHE-PSK".to_owned(),
        other => other.replace('_', "-"),
    };
    let mac = match hash {
        _ if cipher.contains("GCM") || cipher.contains("CHACHA20") => "AEAD",
        "" => "AEAD",
        "SHA" => "SHA1",
        other => other,
    };
    let cipher = cipher.replace("_EDE", "").replace('_', "-");
    let mut text = format!("NONE:+VERS-TLS1.2:+COMP-NULL:+CTYPE-ALL:+{exchange}:+{cipher}:+MAC-ALL:+{mac}");
    text += &common(case);
    Some(text)
}

impl Peer for GnuTls {
    fn name(&self) -> &'static str {
        "GnuTLS"
    }

    fn edition(&self) -> Edition {
        self.edition
    }

    fn letter(&self) -> char {
        match self.edition {
            Edition::Installed => 'G',
            Edition::Debian13 => 'H',
        }
    }

    fn tools(&self) -> &'static [Tool] {
        match self.edition {
            Edition::Installed => &[
                Tool { program: "gnutls-cli", package: "gnutls-bin" },
                Tool { program: "gnutls-serv", package: "gnutls-bin" },
            ],
            Edition::Debian13 => &debian13::TOOLS,
        }
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        self.edition.bring(world, &["gnutls-bin"])?;
        let version = self.edition.launch(world, "gnutls-cli").args(["--version"]).run("")?.text;
        let first = version.lines().next().unwrap_or_default();
        Ok(first.rsplit(' ').next().unwrap_or_default().to_owned())
    }

    fn suites(&self, world: &World, _: Role) -> Result<BTreeSet<String>, String> {
        let list = self.edition.launch(world, "gnutls-cli").args(["--list"]).run("")?.text;
        let theirs: BTreeSet<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
        let both = world
            .suites
            .iter()
            .filter(|suite| own_name(suite).is_some_and(|own| theirs.contains(own.as_str())));
        // Those of TLS 1.3 have their IANA names.
        let of_tls13 = world.suites13.iter().filter(|suite| theirs.contains(suite.as_str()));
        Ok(both.chain(of_tls13).cloned().collect())
    }

    fn in_depth(&self, _: &str) -> bool {
        // The older edition is.
        self.edition == Edition::Installed
    }

    fn speaks_tls13(&self) -> bool {
        true
    }

    fn own_words(&self, case: &Case, ours: Role) -> Vec<Word> {
        if case.concerns_tls13() { tls13::own_words(case, ours) } else { Vec::new() }
    }

    fn long_path(&self) -> usize {
        // gnutls-cli sends only as much of an input line as fits into one record.
        20
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        let serving = self.edition.launch(world, "gnutls-serv").args(["--port", PORT]);
        if case.concerns_tls13() {
            return tls13::server(serving, world, case);
        }
        let exchanges =
            "+RSA:+DHE-RSA:+ECDHE-RSA:+ECDHE-ECDSA:+ANON-DH:+ANON-ECDH:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA-PSK";
        let priority = format!(
            "NONE:+VERS-TLS1.2:+COMP-NULL:+CTYPE-ALL:{exchanges}:+CIPHER-ALL:+AES-128-CCM-8:+AES-256-CCM-8:\
             +3DES-CBC:+NULL:\
             +MAC-ALL:+SHA256:+SHA384{}",
            common(case)
        );
        if case.renegotiation == Some(Asker::Server) {
            return not_offered("gnutls-serv does not request renegotiation");
        }
        let mut launch = serving.args(["--http", "--priority", &priority]);
        launch = launch.args(["--pskpasswd", &world.file("psk.txt"), "--dhparams", &world.file("dh.pem")]);
        for key in case.keys {
            let (cert, private) = world.identity(Role::Server, *key);
            launch = launch.args(["--x509certfile", &cert, "--x509keyfile", &private]);
        }
        launch = launch.args_if(case.resumption != Some(Resumption::Ticket), &["--noticket"]);
        launch = match case.client_key {
            None => launch.args(["--disable-client-cert"]),
            Some(_) => {
                launch.args(["--require-client-cert", "--verify-client-cert", "--x509cafile", &world.ca()])
            }
        };
        if let Some(Limit::RecordSize(_)) = case.limit {
            launch = launch.args(["--recordsize", "4096"]);
        }
        Ok(Server {
            launch,
            ready: Ready::AtPort("done\n"),
            request: "GET / HTTP/1.0\r\n\r\n".to_owned(),
            answer: "</HTML>".to_owned(),
            prompts: Vec::new(),
            closes: true,
        })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        let connecting = self.edition.launch(world, "gnutls-cli").args(["--port", &port.to_string()]);
        if case.concerns_tls13() {
            return tls13::client(self.edition, connecting, world, (case, port), self.long_path());
        }
        let Some(priority) = priority(case) else { return not_offered("GnuTLS has no name for this suite") };
        if let Some(Limit::MaxFragmentLength(_)) = case.limit {
            return not_offered("gnutls-cli requests record_size_limit instead of max_fragment_length");
        }
        if case.suite.contains("DHE_PSK_") || case.suite.contains("PSK_DHE_") {
            // It crashes with a segmentation fault when it prints the parameters of the handshake.
            return not_offered(
                "gnutls-cli of GnuTLS 3.7 crashes after such a handshake, with OpenSSL's server too",
            );
        }
        let mut launch = connecting.args(["--priority", &priority]);
        launch = launch.args(["--x509cafile", &world.ca(), "--pskusername", PSK_IDENTITY, "--pskkey", PSK]);
        launch = launch.args(["--sni-hostname", "localhost", "--verify-hostname", "localhost"]);
        launch = launch.args_if(case.resumption == Some(Resumption::Id), &["--noticket"]);
        launch = launch.args_if(case.resumption.is_some(), &["--resume"]);
        launch = launch.args_if(case.renegotiation == Some(Asker::Client), &["--rehandshake"]);
        if let Some(key) = case.client_key {
            let (cert, private) = world.identity(Role::Client, key);
            launch = launch.args(["--x509certfile", &cert, "--x509keyfile", &private]);
        }
        launch = launch.args(["127.0.0.1"]);
        Ok(Client::Run {
            launches: vec![launch],
            command: None,
            input: request(case, self.long_path()),
            ends: Ends::WhenAnswered,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_has_a_unique_name_and_priority() {
        for (iana, own, priority) in [
            ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_AES_128_CBC_SHA1", "+RSA:+AES-128-CBC:+MAC-ALL:+SHA1:"),
            (
                "TLS_PSK_DHE_WITH_AES_128_CCM_8",
                "TLS_DHE_PSK_AES_128_CCM_8",
                "+DHE-PSK:+AES-128-CCM-8:+MAC-ALL:+AEAD:",
            ),
            (
                "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA",
                "TLS_DH_ANON_3DES_EDE_CBC_SHA1",
                "+ANON-DH:+3DES-CBC:+MAC-ALL:+SHA1:",
            ),
            (
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_CHACHA20_POLY1305",
                "+ECDHE-RSA:+CHACHA20-POLY1305:+MAC-ALL:+AEAD:",
            ),
        ] {
            assert_eq!(own_name(iana).as_deref(), Some(own));
            let all = super::priority(&Case::of_suite(iana)).unwrap();
            assert!(all.contains(priority), "{all}");
        }
    }
}
