//! GnuTLS: `gnutls-cli` and `gnutls-serv`.

use alloc::collections::BTreeSet;

use super::case::{Asker, Case, Limit, Resumption, Role};
use super::peer::{Client, Ends, No, Peer, Ready, Server, not_offered};
use super::process::{Launch, PORT};
use super::run::request;
use super::world::{PSK, PSK_IDENTITY, World};
use crate::conformance::suite::Tool;

#[derive(Debug)]
pub(super) struct GnuTls;

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

/// The part that does not depend on the suite.
fn common(case: &Case) -> String {
    let mut text = String::new();
    text += match case.group {
        None => ":+GROUP-ALL",
        Some("x25519") => ":+GROUP-X25519",
        Some("secp256r1") => ":+GROUP-SECP256R1",
        Some("secp384r1") => ":+GROUP-SECP384R1",
        Some(_) => ":+GROUP-SECP521R1",
    };
    match case.scheme {
        None => text += ":+SIGN-ALL",
        Some(scheme) => {
            let own = match scheme {
                "rsa_pkcs1_sha256" => "RSA-SHA256",
                "rsa_pkcs1_sha384" => "RSA-SHA384",
                "rsa_pkcs1_sha512" => "RSA-SHA512",
                "rsa_pss_rsae_sha256" => "RSA-PSS-RSAE-SHA256",
                "rsa_pss_rsae_sha384" => "RSA-PSS-RSAE-SHA384",
                "rsa_pss_rsae_sha512" => "RSA-PSS-RSAE-SHA512",
                "rsa_pss_pss_sha256" => "RSA-PSS-SHA256",
                "rsa_pss_pss_sha384" => "RSA-PSS-SHA384",
                "rsa_pss_pss_sha512" => "RSA-PSS-SHA512",
                "ecdsa_secp384r1_sha384" => "ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SHA384",
                "ecdsa_secp521r1_sha512" => "ECDSA-SECP521R1-SHA512:+SIGN-ECDSA-SHA512",
                "ed25519" => "EDDSA-ED25519",
                _ => "ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SHA256",
            };
            // The authority's scheme as well.
            let authority = if scheme.starts_with("rsa") { "ECDSA-SHA256" } else { "RSA-SHA256" };
            text += &format!(":+SIGN-{own}:+SIGN-{authority}");
        }
    }
    if !case.etm {
        text += ":%NO_ETM";
    }
    if case.limit.is_some() {
        text += ":%ALLOW_SMALL_RECORDS";
    }
    text
}

impl Peer for GnuTls {
    fn name(&self) -> &'static str {
        "GnuTLS"
    }

    fn letter(&self) -> char {
        'G'
    }

    fn tools(&self) -> &'static [Tool] {
        &[
            Tool { program: "gnutls-cli", package: "gnutls-bin" },
            Tool { program: "gnutls-serv", package: "gnutls-bin" },
        ]
    }

    fn prepare(&self, _: &World) -> Result<String, String> {
        let version = Launch::new("gnutls-cli").args(["--version"]).run("")?.text;
        let first = version.lines().next().unwrap_or_default();
        Ok(first.rsplit(' ').next().unwrap_or_default().to_owned())
    }

    fn suites(&self, world: &World, _: Role) -> Result<BTreeSet<String>, String> {
        let list = Launch::new("gnutls-cli").args(["--list"]).run("")?.text;
        let theirs: BTreeSet<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
        let both = world
            .suites
            .iter()
            .filter(|suite| own_name(suite).is_some_and(|own| theirs.contains(own.as_str())));
        Ok(both.cloned().collect())
    }

    fn in_depth(&self, _: &str) -> bool {
        true
    }

    fn long_path(&self) -> usize {
        // gnutls-cli sends only as much of an input line as fits into one record.
        20
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
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
        let mut launch = Launch::new("gnutls-serv").args(["--port", PORT, "--priority", &priority, "--http"]);
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
        let mut launch =
            Launch::new("gnutls-cli").args(["--port", &port.to_string(), "--priority", &priority]);
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
