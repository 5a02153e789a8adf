//! A process with tokens of its own.

use cairn_pkcs11::{Error, KeyFilter, KeyOptions, Module, Pin, Pkcs11Key, Token, TokenFilter};
use cairn_tls::{
    Provider,
    crypto::{KeyKind, KeySpec, PublicKey},
    default_provider,
    x509::issue::{Identity, Template},
};
use cryptoki::{
    context::Pkcs11,
    mechanism::Mechanism,
    object::{Attribute, AttributeType, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{self, Command},
};

/// The PIN of every token.
pub(crate) const PIN: &str = "user 1234";

const SO_PIN: &str = "officer 5678";

/// The places of the module in distributions of Linux.
const PLACES: [&str; 2] = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"];

/// In the process of a test: its folder.
const FOLDER: &str = "CAIRN_PKCS11_TEST_FOLDER";

/// Runs a test in a process of its own, which has a new folder of tokens. `name` is the path of the test in
/// this program.
pub(crate) fn with_softhsm(name: &str, test: impl FnOnce(&Hsm)) {
    let Some(path) = installed(name) else { return };
    if let Some(folder) = env::var_os(FOLDER) {
        let module = Module::load(path).unwrap();
        // The same module: the library is loaded once.
        let pkcs11 = Pkcs11::new(path).unwrap();
        let ca = Template::authority("CA").valid(0, 4_000_000_000);
        let ca = ca.self_signed(&default_provider(), KeySpec::EcP256).unwrap();
        let folder = PathBuf::from(folder);
        test(&Hsm { path: path.to_owned(), folder: folder.clone(), module, pkcs11, ca });
        fs::write(folder.join("done"), name).unwrap();
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("softhsm");
    let folder = folder.join(format!("{}-{}", process::id(), name.replace("::", "-")));
    let tokens = folder.join("tokens");
    fs::create_dir_all(&tokens).unwrap();
    let config = folder.join("softhsm2.conf");
    fs::write(&config, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display())).unwrap();
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    let output = child.env(FOLDER, &folder).env("SOFTHSM2_CONF", config).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}, {}: {shown}", output.status);
    // A wrong name would run nothing.
    assert!(folder.join("done").exists(), "there is no test {name}: {shown}");
    fs::remove_dir_all(&folder).unwrap();
}

/// The path of the module. If there is none, reports that, or fails if peers are required.
fn installed(test: &str) -> Option<&'static Path> {
    let path = PLACES.map(Path::new).into_iter().find(|path| path.exists());
    // `xtask/tests/not_tested.rs`, which runs last in the workspace, lists these tests as ignored.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-tested");
    let note = folder.join(format!("{}--{}", env!("CARGO_PKG_NAME"), test.replace("::", "--")));
    if path.is_some() {
        let _there_was_none = fs::remove_file(note);
    } else {
        assert!(
            env::var_os("CAIRN_REQUIRE_PEERS").is_none_or(|value| value != "1"),
            "there is no SoftHSM, and CAIRN_REQUIRE_PEERS=1 says that there must be"
        );
        fs::create_dir_all(&folder).unwrap();
        fs::write(note, "there is no SoftHSM").unwrap();
        // Not with a macro: the test harness captures its output.
        let loud = format!("\n*** NOT TESTED: there is no SoftHSM, so {test} tests nothing ***\n\n");
        let _ = std::io::stderr().write_all(loud.as_bytes());
    }
    path
}

pub(crate) struct Hsm {
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) module: Module,
    pub(crate) pkcs11: Pkcs11,
    pub(crate) ca: Identity,
}

/// The kinds of keys.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
}

impl Hsm {
    /// Creates a token, and returns its slot.
    pub(crate) fn new_token(&self, label: &str) -> Slot {
        let slots = self.pkcs11.get_slots_with_token().unwrap();
        let is_empty = |slot: &Slot| !self.pkcs11.get_token_info(*slot).unwrap().token_initialized();
        let slot = slots.into_iter().find(is_empty).unwrap();
        let officer = AuthPin::from(SO_PIN);
        self.pkcs11.init_token(slot, &officer, label).unwrap();
        let session = self.pkcs11.open_rw_session(slot).unwrap();
        session.login(UserType::So, Some(&officer)).unwrap();
        session.init_pin(&AuthPin::from(PIN)).unwrap();
        slot
    }

    /// A session that may write. The login ends with it, unless there are others.
    pub(crate) fn session(&self, slot: Slot) -> Session {
        let session = self.pkcs11.open_rw_session(slot).unwrap();
        session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
        session
    }

    /// Generates a key in a new token.
    pub(crate) fn token_with(&self, label: &str, kind: Kind) -> (Slot, PublicKey) {
        let slot = self.new_token(label);
        let (public, ..) = generate(&self.session(slot), kind, "server", &[1], &[]);
        (slot, public)
    }

    pub(crate) fn token(&self, label: &str) -> Token {
        self.module.token(&TokenFilter::any().label(label), Some(Pin::new(PIN))).unwrap()
    }

    /// A certificate for a key.
    pub(crate) fn certify(&self, public: &PublicKey) -> Vec<u8> {
        let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
        self.ca.sign(&template, &default_provider(), public).unwrap()
    }

    /// Opens the key `server` of a token.
    pub(crate) fn open(&self, label: &str, public: &PublicKey) -> Result<Pkcs11Key, Error> {
        self.open_with(label, public, KeyOptions::default())
    }

    pub(crate) fn open_with(
        &self,
        label: &str,
        public: &PublicKey,
        options: KeyOptions,
    ) -> Result<Pkcs11Key, Error> {
        let filter = KeyFilter::any().label("server");
        self.token(label).key(&filter, &self.certify(public), &default_provider(), options)
    }
}

/// Both providers.
pub(crate) fn providers() -> [Provider; 2] {
    [cairn_provider_aws_lc::provider(), cairn_provider_rustcrypto::provider()]
}

/// Generates a key pair with a label and an id: its public key, and the handles of both halves.
pub(crate) fn generate(
    session: &Session,
    kind: Kind,
    label: &str,
    id: &[u8],
    more: &[Attribute],
) -> (PublicKey, ObjectHandle, ObjectHandle) {
    let mechanism = match kind {
        Kind::Rsa => Mechanism::RsaPkcsKeyPairGen,
        Kind::P256 | Kind::P384 | Kind::P521 => Mechanism::EccKeyPairGen,
        Kind::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
    };
    let names = [Attribute::Token(true), Attribute::Label(label.into()), Attribute::Id(id.to_vec())];
    let of_public = match kind {
        Kind::Rsa => {
            vec![Attribute::ModulusBits(2048.into()), Attribute::PublicExponent(vec![1, 0, 1])]
        }
        Kind::P256 => vec![Attribute::EcParams(hex_literal::hex!("06082a8648ce3d030107").to_vec())],
        Kind::P384 => vec![Attribute::EcParams(hex_literal::hex!("06052b81040022").to_vec())],
        Kind::P521 => vec![Attribute::EcParams(hex_literal::hex!("06052b81040023").to_vec())],
        Kind::Ed25519 => vec![Attribute::EcParams([&[0x13, 12][..], b"edwards25519"].concat())],
    };
    let of_public = [&names[..], &of_public].concat();
    let of_private = [&names[..], &[Attribute::Private(true), Attribute::Sensitive(true)], more].concat();
    let (public, private) = session.generate_key_pair(&mechanism, &of_public, &of_private).unwrap();
    (read_public(session, kind, public), public, private)
}

fn read_public(session: &Session, kind: Kind, object: ObjectHandle) -> PublicKey {
    let get = |which| session.get_attributes(object, &[which]).unwrap().remove(0);
    let kind = match kind {
        Kind::Rsa => {
            let (Attribute::Modulus(modulus), Attribute::PublicExponent(exponent)) =
                (get(AttributeType::Modulus), get(AttributeType::PublicExponent))
            else {
                panic!("not an RSA key")
            };
            assert_eq!((modulus.len(), &exponent[..]), (256, &[1, 0, 1][..]));
            // `RSAPublicKey` for a modulus of 2048 bits and this exponent.
            let bits = [&hex_literal::hex!("3082010a0282010100")[..], &modulus, &[2, 3, 1, 0, 1]].concat();
            return PublicKey { kind: KeyKind::Rsa, bits };
        }
        Kind::P256 => KeyKind::EcP256,
        Kind::P384 => KeyKind::EcP384,
        Kind::P521 => KeyKind::EcP521,
        Kind::Ed25519 => KeyKind::Ed25519,
    };
    let Attribute::EcPoint(point) = get(AttributeType::EcPoint) else { panic!("no point") };
    // An OCTET STRING; its length has two bytes for P-521.
    let header = if kind == KeyKind::EcP521 { 3 } else { 2 };
    PublicKey { kind, bits: point[header..].to_vec() }
}
