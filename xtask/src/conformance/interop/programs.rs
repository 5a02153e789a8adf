//! Real programs on top of a library: curl, nginx and stunnel. Other peers test the libraries in depth; these
//! show that the programs work.

use alloc::collections::BTreeSet;
use std::fs;

use super::case::{Case, Early, FIRST_GROUP, Key, Resumption, Role, USUAL_RSA, Versions};
use super::case13;
use super::debian13::{self, Edition};
use super::openssl_names::group_name;
use super::peer::{Client, Ends, No, Peer, Ready, Server, Word, not_offered};
use super::process::{Launch, PORT};
use super::run::{path, request};
use super::world::{PAGE, PAGE_END, World};
use crate::conformance::suite::Tool;

/// A selection of cipher suites, by IANA's and OpenSSL's names: one for each kind of record protection, with
/// either kind of certificate.
const SUITES: [(&str, &str); 5] = [
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"),
    ("TLS_RSA_WITH_AES_256_CBC_SHA256", "AES256-SHA256"),
];

fn suites() -> BTreeSet<String> {
    SUITES.iter().map(|(iana, _)| (*iana).to_owned()).collect()
}

fn own_name(suite: &str) -> &'static str {
    SUITES.iter().find(|(iana, _)| *iana == suite).map_or("", |(_, own)| own)
}

/// Cases that none of these programs supports.
fn lacks(case: &Case) -> Option<&'static str> {
    if case.external_psk {
        return Some("it cannot be configured with a pre-shared key");
    }
    if case.compression.is_some() {
        return Some("it cannot be configured to compress certificates");
    }
    if case.scheme.is_some() {
        return Some("its signature schemes cannot be configured");
    }
    if case.renegotiation.is_some() {
        return Some("it does not request renegotiation");
    }
    case.limit.is_some().then_some("it cannot limit the record size")
}

/// The version in the output of a program.
fn version(launch: &Launch, before: &str) -> Result<String, String> {
    let text = launch.run("")?.text;
    let rest = text.split_once(before).map(|(_, rest)| rest).unwrap_or_default();
    Ok(rest.split_whitespace().next().unwrap_or_default().to_owned())
}

/// Writes a configuration, with a name that depends on its content.
fn write(world: &World, program: &str, text: &str) -> Result<String, String> {
    let sum = text.bytes().fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(byte));
    let file = world.folder.join(format!("{program}-{sum:08x}.conf"));
    fs::write(&file, text).map_err(|e| format!("{} cannot be written: {e}", file.display()))?;
    Ok(file.display().to_string())
}

/// A shell command that starts a server with this configuration on its port. It is the same for every port,
/// so that cases with the same configuration share a server.
pub(super) fn with_port(file: &str, server: &str) -> String {
    format!("sed s/@PORT@/{PORT}/ {file} > {file}.{PORT} && exec {server} {file}.{PORT}")
}

/// curl, of this edition.
#[derive(Debug)]
pub(super) struct Curl(pub(super) Edition);

impl Curl {
    fn lacks(&self, case: &Case) -> Option<&'static str> {
        if case.raw_keys.is_some() {
            return Some("curl has no raw public keys");
        }
        if case.early_data.is_some() {
            return Some("curl with OpenSSL sends no early data");
        }
        if case.key_update.is_some() {
            return Some("curl sends no KeyUpdate");
        }
        if case.suite == "TLS_AES_128_CCM_8_SHA256" && self.0 == Edition::Debian13 {
            return Some("it cannot lower OpenSSL's security level, which excludes short tags");
        }
        let hybrid = case.group.is_some_and(|group| group.contains("MLKEM"));
        (hybrid && self.0 == Edition::Installed).then_some("OpenSSL 3.0 has no ML-KEM")
    }
}

impl Peer for Curl {
    fn name(&self) -> &'static str {
        "curl"
    }

    fn edition(&self) -> Edition {
        self.0
    }

    fn letter(&self) -> char {
        match self.0 {
            Edition::Installed => 'c',
            Edition::Debian13 => 'd',
        }
    }

    fn tools(&self) -> &'static [Tool] {
        match self.0 {
            Edition::Installed => &[Tool { program: "curl", package: "curl" }],
            Edition::Debian13 => &debian13::TOOLS,
        }
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        self.0.bring(world, &["curl"])?;
        version(&self.0.launch(world, "curl").args(["--version"]), "curl ")
    }

    fn suites(&self, _: &World, ours: Role) -> Result<BTreeSet<String>, String> {
        let of_tls13 = case13::SUITES.map(str::to_owned);
        Ok(if ours == Role::Server {
            suites().into_iter().chain(of_tls13).collect()
        } else {
            BTreeSet::new()
        })
    }

    fn speaks_tls13(&self) -> bool {
        true
    }

    fn own_words(&self, case: &Case, _: Role) -> Vec<Word> {
        if !case.concerns_tls13() {
            return Vec::new();
        }
        let told = if case.is_tls13() {
            format!("SSL connection using TLSv1.3 / {}", case.suite)
        } else {
            format!("SSL connection using TLSv1.2 / {}", own_name(&case.suite))
        };
        vec![Word::once(told)]
    }

    fn server(&self, _: &World, _: &Case) -> Result<Server, No> {
        not_offered("curl is a client")
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if let Some(why) = lacks(case).or_else(|| self.lacks(case)) {
            return not_offered(why);
        }
        let url = format!("https://localhost:{port}{}", path(case, self.long_path()));
        let mut launch =
            self.0.launch(world, "curl").args(["--silent", "--show-error", "--cacert", &world.ca()]);
        launch = launch.args(["--resolve", &format!("localhost:{port}:127.0.0.1"), "--http1.0"]);
        launch = launch.args(match case.theirs {
            Versions::Tls12 => ["--tlsv1.2", "--tls-max", "1.2"],
            Versions::Tls13 => ["--tlsv1.3", "--tls-max", "1.3"],
            Versions::Both => ["--tlsv1.2", "--tls-max", "1.3"],
        });
        if case.is_tls13() {
            launch = launch.args(["--tls13-ciphers", &case.suite]);
        } else {
            launch = launch.args(["--ciphers", own_name(&case.suite)]);
        }
        launch = launch.args_if(case.concerns_tls13(), &["--verbose"]);
        if let Some(group) = case.group {
            let first = if case.retry { format!("{}:", group_name(FIRST_GROUP)) } else { String::new() };
            launch = launch.args(["--curves", &format!("{first}{}", group_name(group))]);
        }
        if let Some(key) = case.client_key {
            let (cert, private) = world.identity(Role::Client, key);
            launch = launch.args(["--cert", &cert, "--key", &private]);
        }
        // Cairn's server closes each connection, so the second page uses another one.
        launch = launch.args_if(case.resumption.is_some(), &[&url]).args([&url]);
        Ok(Client::Run { launches: vec![launch], command: None, input: String::new(), ends: Ends::AtOnce })
    }
}

/// nginx, of this edition.
#[derive(Debug)]
pub(super) struct Nginx(pub(super) Edition);

/// The variables of nginx that describe a connection, for a header of its answer.
const NGINX_TOLD: &str = "version=$ssl_protocol suite=$ssl_cipher reused=$ssl_session_reused \
                         client=$ssl_client_s_dn";

impl Nginx {
    fn lacks(&self, case: &Case) -> Option<&'static str> {
        if case.raw_keys.is_some() {
            return Some("nginx has no raw public keys");
        }
        if case.later {
            return Some("nginx asks for certificates only in the handshake");
        }
        if case.early_data == Some(Early::Refused) && !case.retry {
            return Some("nginx accepts early data if its tickets permit it");
        }
        if case.key_update.is_some() {
            return Some("nginx reports no KeyUpdate");
        }
        let hybrid = case.group.is_some_and(|group| group.contains("MLKEM"));
        (hybrid && self.0 == Edition::Installed).then_some("OpenSSL 3.0 has no ML-KEM")
    }
}

impl Peer for Nginx {
    fn name(&self) -> &'static str {
        "nginx"
    }

    fn edition(&self) -> Edition {
        self.0
    }

    fn letter(&self) -> char {
        match self.0 {
            Edition::Installed => 'x',
            Edition::Debian13 => 'y',
        }
    }

    fn tools(&self) -> &'static [Tool] {
        match self.0 {
            Edition::Installed => &[Tool { program: "nginx", package: "nginx-light" }],
            Edition::Debian13 => &debian13::TOOLS,
        }
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        self.0.bring(world, &["nginx"])?;
        version(&self.0.launch(world, "nginx").args(["-v"]), "nginx/")
    }

    fn suites(&self, _: &World, ours: Role) -> Result<BTreeSet<String>, String> {
        let of_tls13 = case13::SUITES.map(str::to_owned);
        Ok(if ours == Role::Client {
            suites().into_iter().chain(of_tls13).collect()
        } else {
            BTreeSet::new()
        })
    }

    fn speaks_tls13(&self) -> bool {
        true
    }

    fn own_words(&self, case: &Case, _: Role) -> Vec<Word> {
        if !case.concerns_tls13() {
            return Vec::new();
        }
        let told = if case.is_tls13() {
            format!("version=TLSv1.3 suite={} ", case.suite)
        } else {
            format!("version=TLSv1.2 suite={} ", own_name(&case.suite))
        };
        let reused = if case.resumption.is_some() { "reused=r " } else { "reused=. " };
        let client = case.client_key.map(|key| format!("client=CN=Interop_client_{}", key.name()));
        [told, reused.to_owned()].into_iter().chain(client).map(Word::once).collect()
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if let Some(why) = lacks(case) {
            return not_offered(why);
        }
        if let Some(why) = self.lacks(case) {
            return not_offered(why);
        }
        let versions = match case.theirs {
            Versions::Tls12 => "TLSv1.2",
            Versions::Tls13 => "TLSv1.3",
            Versions::Both => "TLSv1.2 TLSv1.3",
        };
        let mut text = format!("ssl_protocols {versions};\nssl_ciphers ALL:@SECLEVEL=0;\n");
        if case.is_tls13() {
            text += &format!("ssl_conf_command Ciphersuites {};\n", case.suite);
        }
        for key in case.keys {
            let (cert, private) = world.identity(Role::Server, *key);
            text += &format!("ssl_certificate {cert};\nssl_certificate_key {private};\n");
        }
        text += match case.resumption {
            None => "ssl_session_cache off;\nssl_session_tickets off;\n",
            Some(Resumption::Id) => "ssl_session_cache shared:all:1m;\nssl_session_tickets off;\n",
            Some(Resumption::Ticket) => "ssl_session_cache none;\nssl_session_tickets on;\n",
        };
        if case.early_data.is_some() {
            text += "ssl_early_data on;\n";
        }
        if let Some(group) = case.group {
            text += &format!("ssl_ecdh_curve {};\n", group_name(group));
        }
        if case.client_key.is_some() {
            text += &format!("ssl_verify_client on;\nssl_client_certificate {};\n", world.ca());
        }
        let folder = world.folder.display();
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|what| format!("{what}_temp_path {folder}/nginx-{what};\n"))
            .concat();
        let text = format!(
            "daemon off;\nmaster_process off;\nerror_log stderr;\npid {folder}/nginx-@PORT@.pid;\n\
             events {{}}\nhttp {{\n\
             access_log off;\nadd_header Told '{NGINX_TOLD}';\n{paths}\
             server {{\nlisten 127.0.0.1:@PORT@ ssl;\nroot {folder};\n{text}}}\n}}\n"
        );
        let script = with_port(&write(world, "nginx", &text)?, "nginx -c");
        Ok(Server {
            launch: self.0.launch(world, "sh").args(["-c", &script]),
            ready: Ready::Connects,
            request: format!("GET /{PAGE} HTTP/1.0\r\n\r\n"),
            answer: PAGE_END.to_owned(),
            prompts: Vec::new(),
            closes: true,
        })
    }

    fn client(&self, _: &World, _: &Case, _: u16) -> Result<Client, No> {
        not_offered("nginx is a server here")
    }
}

#[derive(Debug)]
pub(super) struct Stunnel;

impl Stunnel {
    fn lacks(case: &Case) -> Option<&'static str> {
        if case.raw_keys.is_some() || case.early_data.is_some() || case.later {
            return Some("stunnel has no option for it");
        }
        if case.key_update.is_some() {
            return Some("stunnel sends KeyUpdate only in answer to one, and reports none");
        }
        if case.external_psk {
            return Some("stunnel's pre-shared keys are not tested yet");
        }
        case.group.is_some_and(|group| group.contains("MLKEM")).then_some("OpenSSL 3.0 has no ML-KEM")
    }

    /// The configuration of both sides.
    fn common(world: &World, case: &Case, own: Role, key: Option<Key>) -> String {
        let mut text = String::from("foreground = yes\npid =\ndebug = err\n[interop]\n");
        text += match case.theirs {
            Versions::Tls12 => "sslVersion = TLSv1.2\n",
            Versions::Tls13 => "sslVersion = TLSv1.3\n",
            Versions::Both => "sslVersionMin = TLSv1.2\n",
        };
        if case.is_tls13() {
            text += &format!("ciphersuites = {}\n", case.suite);
        }
        if let Some(group) = case.group {
            let first = if case.retry && own == Role::Client { FIRST_GROUP } else { group };
            let second = if first == group { String::new() } else { format!(":{}", group_name(group)) };
            text += &format!("curves = {}{second}\n", group_name(first));
        }
        if let Some(key) = key {
            let (cert, private) = world.identity(own, key);
            text += &format!("cert = {cert}\nkey = {private}\n");
        }
        text + if case.resumption == Some(Resumption::Ticket) { "" } else { "options = NO_TICKET\n" }
    }
}

impl Peer for Stunnel {
    fn name(&self) -> &'static str {
        "stunnel"
    }

    fn letter(&self) -> char {
        's'
    }

    fn tools(&self) -> &'static [Tool] {
        &[Tool { program: "stunnel4", package: "stunnel4" }]
    }

    fn prepare(&self, _: &World) -> Result<String, String> {
        version(&Launch::new("stunnel4").args(["-version"]), "stunnel ")
    }

    fn suites(&self, _: &World, _: Role) -> Result<BTreeSet<String>, String> {
        Ok(suites().into_iter().chain(case13::SUITES.map(str::to_owned)).collect())
    }

    fn speaks_tls13(&self) -> bool {
        true
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if let Some(why) = Self::lacks(case).or_else(|| lacks(case)) {
            return not_offered(why);
        }
        let ecdsa = case.suite.contains("_ECDSA_");
        let key = case.keys.iter().copied().find(|key| key.is_rsa() != ecdsa);
        let mut text = Self::common(world, case, Role::Server, key);
        text += "ciphers = ALL:@SECLEVEL=0\nexec = /bin/cat\nexecArgs = cat\n";
        if case.client_key.is_some() {
            text += &format!("verifyChain = yes\nCAfile = {}\n", world.ca());
        }
        text += "accept = 127.0.0.1:@PORT@\n";
        let script = with_port(&write(world, "stunnel", &text)?, "stunnel4");
        Ok(Server {
            launch: Launch::new("sh").args(["-c", &script]),
            ready: Ready::Connects,
            request: request(case, self.long_path()),
            answer: format!("GET {}", path(case, self.long_path())),
            prompts: Vec::new(),
            closes: false,
        })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if let Some(why) = Self::lacks(case).or_else(|| lacks(case)) {
            return not_offered(why);
        }
        if case.resumption.is_some() {
            return not_offered("stunnel, started for one connection, has no session to resume");
        }
        let mut text = Self::common(world, case, Role::Client, case.client_key);
        text += &format!(
            "client = yes\nconnect = 127.0.0.1:{port}\nciphers = {}:@SECLEVEL=0\n",
            if case.is_tls13() { own_name(USUAL_RSA) } else { own_name(&case.suite) }
        );
        text +=
            &format!("verifyChain = yes\ncheckHost = localhost\nsni = localhost\nCAfile = {}\n", world.ca());
        // Without a port to listen on, it serves standard input and output.
        let text = text.replace("[interop]\n", "").replace("foreground = yes\n", "");
        let file = write(world, "stunnel", &text)?;
        Ok(Client::Run {
            launches: vec![Launch::new("stunnel4").args([&file])],
            command: None,
            input: request(case, self.long_path()),
            ends: Ends::WhenAnswered,
        })
    }
}
