//! PINs.

use super::hsm::{Hsm, Kind, PIN, generate, with_softhsm};
use cairn_pkcs11::{Error, KeyFilter, KeyOptions, Pin, PinError, Pkcs11Key, Token, TokenFilter};
use cairn_tls::{
    crypto::{PublicKey, SigningKey},
    default_provider,
};
use cryptoki::{object::Attribute, session::UserType, slot::Slot, types::AuthPin};

fn token(hsm: &Hsm, pin: Option<&str>) -> Token {
    hsm.module.token(&TokenFilter::any().label("web"), pin.map(Pin::new)).unwrap()
}

fn open(hsm: &Hsm, token: &Token, public: &PublicKey) -> Result<Pkcs11Key, Error> {
    token.key(
        &KeyFilter::any().label("server"),
        &hsm.certify(public),
        &default_provider(),
        KeyOptions::default(),
    )
}

/// Whether a wrong PIN was tried since the last login.
fn was_tried(hsm: &Hsm, slot: Slot) -> bool {
    hsm.pkcs11.get_token_info(slot).unwrap().user_pin_count_low()
}

#[test]
fn a_wrong_pin_is_tried_once() {
    with_softhsm("pins::a_wrong_pin_is_tried_once", |hsm| {
        let (slot, public) = hsm.token_with("web", Kind::P256);
        let wrong = token(hsm, Some("wrong 1234"));
        assert!(!was_tried(hsm, slot));
        assert!(matches!(open(hsm, &wrong, &public), Err(Error::Pin(PinError::Wrong))));
        assert!(was_tried(hsm, slot));
        // A login with the right PIN, which also resets the mark.
        drop(hsm.session(slot));
        assert!(!was_tried(hsm, slot));
        for _ in 0..3 {
            assert!(matches!(open(hsm, &wrong, &public), Err(Error::Pin(PinError::Wrong))));
            assert!(!was_tried(hsm, slot), "the PIN was tried again");
        }
        // Another token with the right PIN is not concerned.
        open(hsm, &token(hsm, Some(PIN)), &public).unwrap();
    });
}

#[test]
fn a_pin_that_was_changed_is_tried_once_by_many_signatures() {
    with_softhsm("pins::a_pin_that_was_changed_is_tried_once_by_many_signatures", |hsm| {
        let (slot, public) = hsm.token_with("web", Kind::P256);
        let key = hsm.open("web", &public).unwrap();
        let sign = || key.sign_message(key.schemes()[0], b"a message");
        sign().unwrap();

        // While the process is logged in, the PIN changes. Then the login ends.
        let session = hsm.pkcs11.open_rw_session(slot).unwrap();
        let new = AuthPin::from("new 1234");
        session.set_pin(&AuthPin::from(PIN), &new).unwrap();
        sign().unwrap();
        session.logout().unwrap();
        assert!(matches!(sign(), Err(Error::Pin(PinError::Wrong))));
        assert!(was_tried(hsm, slot));
        session.login(UserType::User, Some(&new)).unwrap();
        session.logout().unwrap();
        assert!(!was_tried(hsm, slot));
        std::thread::scope(|scope| {
            let signing: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..5).all(|_| sign().is_err()))).collect();
            assert!(signing.into_iter().all(|thread| thread.join().unwrap()));
        });
        assert!(!was_tried(hsm, slot), "the PIN was tried again");
        // A login by another part of the program suffices.
        session.login(UserType::User, Some(&new)).unwrap();
        sign().unwrap();
    });
}

#[test]
fn a_wrong_pin_for_a_signature_is_tried_once() {
    with_softhsm("pins::a_wrong_pin_for_a_signature_is_tried_once", |hsm| {
        let slot = hsm.new_token("web");
        let session = hsm.session(slot);
        let attribute = Attribute::AlwaysAuthenticate(true);
        let (public, ..) = generate(&session, Kind::Rsa, "server", &[1], &[attribute]);
        let key = hsm.open("web", &public).unwrap();
        let sign = || key.sign_message(key.schemes()[0], b"a message");
        sign().unwrap();

        // The process stays logged in.
        let new = AuthPin::from("new 1234");
        session.set_pin(&AuthPin::from(PIN), &new).unwrap();
        assert!(matches!(sign(), Err(Error::Pin(PinError::Wrong))));
        assert!(was_tried(hsm, slot));
        session.logout().unwrap();
        session.login(UserType::User, Some(&new)).unwrap();
        assert!(!was_tried(hsm, slot));
        for _ in 0..3 {
            assert!(matches!(sign(), Err(Error::Pin(PinError::Wrong))));
        }
        assert!(!was_tried(hsm, slot), "the PIN was tried again");
        let changed = open(hsm, &token(hsm, Some("new 1234")), &public).unwrap();
        changed.sign_message(changed.schemes()[0], b"a message").unwrap();
    });
}

#[test]
fn a_missing_pin_is_an_error() {
    with_softhsm("pins::a_missing_pin_is_an_error", |hsm| {
        let (slot, public) = hsm.token_with("web", Kind::P256);
        let error = open(hsm, &token(hsm, None), &public).unwrap_err();
        assert!(matches!(error, Error::Pin(PinError::Missing)), "{error:?}");
        assert_eq!(error.to_string(), "the token requires a PIN");
        assert!(!was_tried(hsm, slot));
    });
}
