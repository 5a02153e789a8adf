//! Finding tokens and keys.

use super::hsm::{Kind, PIN, generate, with_softhsm};
use cairn_pkcs11::{Error, KeyFilter, KeyOptions, Pin, Pkcs11Key, TokenFilter, Uri};
use cairn_tls::{crypto::SigningKey, default_provider};
use std::fs;

#[test]
fn a_key_of_another_certificate_is_refused() {
    with_softhsm("keys::a_key_of_another_certificate_is_refused", |hsm| {
        let (_, rsa) = hsm.token_with("rsa", Kind::Rsa);
        let (_, p256) = hsm.token_with("p256", Kind::P256);
        let (_, p384) = hsm.token_with("p384", Kind::P384);
        let (_, ed25519) = hsm.token_with("ed25519", Kind::Ed25519);
        let (_, other) = hsm.token_with("other", Kind::P256);
        let (_, other_rsa) = hsm.token_with("other rsa", Kind::Rsa);
        for (label, public) in [
            ("p256", &other),
            ("rsa", &other_rsa),
            ("p256", &p384),
            ("p384", &p256),
            ("p256", &rsa),
            ("ed25519", &p256),
            ("p256", &ed25519),
        ] {
            let result = hsm.open(label, public);
            assert!(matches!(result, Err(Error::KeyMismatch)), "{label} with {}: {result:?}", public.kind);
        }
        hsm.open("p256", &p256).unwrap();
        let result = hsm.token("p256").key(
            &KeyFilter::any(),
            b"no certificate",
            &default_provider(),
            KeyOptions::default(),
        );
        assert!(matches!(result, Err(Error::Certificate(_))));
    });
}

#[test]
fn two_keys_with_one_label_are_told_apart_by_id() {
    with_softhsm("keys::two_keys_with_one_label_are_told_apart_by_id", |hsm| {
        let slot = hsm.new_token("twins");
        let session = hsm.session(slot);
        let (first, ..) = generate(&session, Kind::P256, "server", &[1], &[]);
        let (second, ..) = generate(&session, Kind::P256, "server", &[2, 0xff], &[]);
        drop(session);
        let error = hsm.open("twins", &first).unwrap_err();
        assert!(matches!(error, Error::SeveralKeys { count: 2, .. }), "{error:?}");
        let words = "the token has 2 private keys with label \"server\"; select one by its id";
        assert_eq!(error.to_string(), words);

        let open = |filter: KeyFilter, public| {
            let token = hsm.token("twins");
            token.key(&filter, &hsm.certify(public), &default_provider(), KeyOptions::default())
        };
        let label = KeyFilter::any().label("server");
        assert_eq!(open(label.clone().id(&[1]), &first).unwrap().public_key(), &first);
        assert_eq!(open(KeyFilter::any().id(&[2, 0xff]), &second).unwrap().public_key(), &second);
        assert!(matches!(open(label.clone().id(&[1]), &second), Err(Error::KeyMismatch)));
        assert!(matches!(open(KeyFilter::any(), &first), Err(Error::SeveralKeys { count: 2, .. })));
        let error = open(label.id(&[3]), &first).unwrap_err();
        assert_eq!(error.to_string(), "the token has no private key with label \"server\", id 03");
    });
}

#[test]
fn tokens_are_found_by_their_properties() {
    with_softhsm("keys::tokens_are_found_by_their_properties", |hsm| {
        let slots = ["same", "same", "other"].map(|label| hsm.new_token(label));
        let info = |number: usize| hsm.pkcs11.get_token_info(slots[number]).unwrap();
        let find = |filter: &TokenFilter| hsm.module.token(filter, None);
        find(&TokenFilter::any().label("other")).unwrap();
        find(&TokenFilter::any().label("same").serial(info(1).serial_number())).unwrap();
        find(&TokenFilter::any().slot(slots[0].id()).label("same")).unwrap();
        let maker = TokenFilter::any().label("other").manufacturer(info(2).manufacturer_id());
        find(&maker.clone().model(info(2).model())).unwrap();

        let error = find(&TokenFilter::any().label("same")).unwrap_err();
        assert_eq!(error.to_string(), "2 tokens have label \"same\"; add the serial number");
        assert!(matches!(find(&TokenFilter::any()), Err(Error::SeveralTokens { count: 3, .. })));
        assert!(matches!(
            find(&TokenFilter::any().slot(slots[2].id()).label("same")),
            Err(Error::NoToken(_))
        ));
        assert!(matches!(find(&maker.model("none")), Err(Error::NoToken(_))));
        let error = find(&TokenFilter::any().label("none")).unwrap_err();
        assert_eq!(error.to_string(), "there is no token with label \"none\"");
    });
}

#[test]
fn a_uri_names_module_token_key_and_pin() {
    with_softhsm("keys::a_uri_names_module_token_key_and_pin", |hsm| {
        let (_, public) = hsm.token_with("web servers", Kind::P256);
        hsm.token_with("others", Kind::P256);
        let certificate = hsm.certify(&public);
        let open = |uri: &str| {
            let uri = Uri::parse(uri).unwrap();
            Pkcs11Key::open(&uri, &certificate, &default_provider(), KeyOptions::default())
        };
        let module = format!("module-path={}", hsm.path.display());
        let pin = hsm.folder.join("pin");
        fs::write(&pin, format!("{PIN}\n")).unwrap();
        let from_file = format!("pin-source=file:{}", pin.display());
        let by_label = "pkcs11:token=web%20servers;object=server;type=private";
        let key = open(&format!("{by_label}?{module}&{from_file}")).unwrap();
        key.sign_message(key.schemes()[0], b"a message").unwrap();
        drop(key);
        open(&format!("pkcs11:token=web%20servers;id=%01?pin-value=user%201234&{module}")).unwrap();

        assert!(matches!(open(by_label), Err(Error::NoModulePath)));
        assert!(matches!(open(&format!("{by_label}?module-path=/none.so")), Err(Error::NoModule { .. })));
        let missing = open(&format!("{by_label}?{module}&pin-source=/no/such/pin"));
        assert!(matches!(missing, Err(Error::PinFile { .. })));
        let other = open(&format!("pkcs11:token=others;object=server?{module}&{from_file}"));
        assert!(matches!(other, Err(Error::KeyMismatch)));
        let none = open(&format!("pkcs11:token=others;object=client?{module}&{from_file}"));
        assert!(matches!(none, Err(Error::NoKey(_))));
    });
}

#[test]
fn a_module_is_loaded_more_than_once() {
    with_softhsm("keys::a_module_is_loaded_more_than_once", |hsm| {
        let (_, public) = hsm.token_with("web", Kind::P256);
        let key = hsm.open("web", &public).unwrap();
        let again = cairn_pkcs11::Module::load(&hsm.path).unwrap();
        again.token(&TokenFilter::any().label("web"), Some(Pin::new(PIN))).unwrap();
        key.sign_message(key.schemes()[0], b"a message").unwrap();
    });
}
