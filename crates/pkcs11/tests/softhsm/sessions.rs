//! Sessions that end while a key is in use.

use super::hsm::{Hsm, Kind, with_softhsm};
use cairn_pkcs11::{Error, KeyOptions, Pkcs11Key};
use cairn_tls::{
    crypto::{CryptoError, PublicKey, SigningKey},
    default_provider,
};
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error as Cause, RvError},
};
use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

fn sign(key: &Pkcs11Key, public: &PublicKey) {
    let scheme = key.schemes()[0];
    let signature = key.sign_message(scheme, b"a message").unwrap();
    let provider = default_provider();
    provider.verifier(public.kind, scheme).unwrap().verify(&public.bits, b"a message", &signature).unwrap();
}

/// Ends all sessions of the process: those that exist have invalid handles afterwards.
fn restart(hsm: &Hsm) {
    Pkcs11::new(&hsm.path).unwrap().finalize().unwrap();
    hsm.pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
}

/// Signs on several threads at the same time, so that there are several sessions.
fn fill(key: &Pkcs11Key, public: &PublicKey) {
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                (0..5).for_each(|_| sign(key, public));
            });
        }
    });
}

#[test]
fn sessions_that_were_closed_are_opened_again() {
    with_softhsm("sessions::sessions_that_were_closed_are_opened_again", |hsm| {
        let (slot, public) = hsm.token_with("web", Kind::P256);
        let key = hsm.open("web", &public).unwrap();
        fill(&key, &public);
        // A session like those of the key, to see that they really end.
        let session = hsm.pkcs11.open_ro_session(slot).unwrap();
        restart(hsm);
        let ended = session.get_session_info();
        assert!(matches!(ended, Err(Cause::Pkcs11(RvError::SessionHandleInvalid, _))), "{ended:?}");
        fill(&key, &public);
        restart(hsm);
        fill(&key, &public);
    });
}

#[test]
fn a_login_that_ended_is_repeated() {
    with_softhsm("sessions::a_login_that_ended_is_repeated", |hsm| {
        for (label, kind) in [("p256", Kind::P256), ("rsa", Kind::Rsa)] {
            let (slot, public) = hsm.token_with(label, kind);
            let key = hsm.open(label, &public).unwrap();
            let session = hsm.pkcs11.open_ro_session(slot).unwrap();
            for _ in 0..3 {
                fill(&key, &public);
                session.logout().unwrap();
            }
            fill(&key, &public);
        }
    });
}

#[test]
fn a_login_may_end_while_others_sign() {
    with_softhsm("sessions::a_login_may_end_while_others_sign", |hsm| {
        let (slot, public) = hsm.token_with("web", Kind::P256);
        let key = hsm.open_with("web", &public, KeyOptions::default().sessions(3)).unwrap();
        let session = hsm.pkcs11.open_ro_session(slot).unwrap();
        let signed = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        sign(&key, &public);
                        signed.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            // This loop ends even if a thread fails.
            let end = Instant::now() + Duration::from_secs(60);
            while signed.load(Ordering::SeqCst) < 200 && Instant::now() < end {
                thread::yield_now();
            }
            session.logout().unwrap();
        });
        assert_eq!(signed.into_inner(), 600);
    });
}

#[test]
fn a_key_that_was_deleted_is_reported() {
    with_softhsm("sessions::a_key_that_was_deleted_is_reported", |hsm| {
        let slot = hsm.new_token("web");
        let session = hsm.session(slot);
        let (public, _, private) = super::hsm::generate(&session, Kind::P256, "server", &[1], &[]);
        let reported = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reported);
        let options = KeyOptions::default().on_failure(move |error| {
            assert!(matches!(error, Error::NoKey(_)), "{error:?}");
            count.fetch_add(1, Ordering::SeqCst);
        });
        let key = hsm.open_with("web", &public, options).unwrap();
        sign(&key, &public);
        session.destroy_object(private).unwrap();
        let failed = key.sign(key.schemes()[0], b"a message", &mut default_provider().rng());
        assert_eq!(failed, Err(CryptoError::Failed));
        assert_eq!(reported.load(Ordering::SeqCst), 1);
        // Another key in its place is not used.
        super::hsm::generate(&session, Kind::P256, "server", &[1], &[]);
        assert!(matches!(key.sign_message(key.schemes()[0], b"a message"), Err(Error::KeyMismatch)));
    });
}
