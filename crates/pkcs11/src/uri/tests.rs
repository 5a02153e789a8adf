use super::*;
use proptest::prelude::*;

/// The parts of a URI as text.
fn read(uri: &str) -> Result<String, UriError> {
    let uri = Uri::parse(uri)?;
    let pin = match &uri.pin {
        None => "no PIN".to_owned(),
        Some(PinFrom::Value(_)) => "a PIN".to_owned(),
        Some(PinFrom::File(path)) => format!("PIN in {}", path.display()),
    };
    let module = uri.module_path().map(|path| format!(" | {}", path.display()));
    let (token, key) = (uri.token_filter(), uri.key_filter());
    Ok(format!("{token} | {key} | {pin}{}", module.unwrap_or_default()))
}

#[test]
fn uris_are_parsed() {
    for (uri, expected) in [
        ("pkcs11:", "any properties | any label and id | no PIN"),
        ("PKCS11:token=a", "label \"a\" | any label and id | no PIN"),
        ("pkcs11:object=a;type=private", "any properties | label \"a\" | no PIN"),
        ("pkcs11:id=%00%aB%Ff", "any properties | id 00abff | no PIN"),
        ("pkcs11:id=ab", "any properties | id 6162 | no PIN"),
        ("pkcs11:object=;id=", "any properties | label \"\", id (empty) | no PIN"),
        ("pkcs11:token=My%20token%3b1&2", "label \"My token;1&2\" | any label and id | no PIN"),
        ("pkcs11:token=Stra%C3%9Fe", "label \"Straße\" | any label and id | no PIN"),
        (
            "pkcs11:manufacturer=Snake%20Oil,%20Inc.;serial=01;model=1.0;token=t;slot-id=7",
            "slot 7, label \"t\", serial number \"01\", manufacturer \"Snake Oil, Inc.\", model \"1.0\" \
             | any label and id | no PIN",
        ),
        ("pkcs11:object=a=b", "any properties | label \"a=b\" | no PIN"),
        ("pkcs11:?pin-value=1234", "any properties | any label and id | a PIN"),
        ("pkcs11:?pin-value=", "any properties | any label and id | a PIN"),
        ("pkcs11:?pin-source=/a/b?c", "any properties | any label and id | PIN in /a/b?c"),
        ("pkcs11:?pin-source=file:/etc/pin", "any properties | any label and id | PIN in /etc/pin"),
        ("pkcs11:?pin-source=FILE:///etc/a%20b", "any properties | any label and id | PIN in /etc/a b"),
        ("pkcs11:?pin-source=file://localhost/pin", "any properties | any label and id | PIN in /pin"),
        (
            "pkcs11:object=k?module-path=/usr/lib/p11.so&pin-source=/p",
            "any properties | label \"k\" | PIN in /p | /usr/lib/p11.so",
        ),
    ] {
        assert_eq!(read(uri).as_deref(), Ok(expected), "{uri}");
    }
}

#[test]
fn bad_uris_are_refused() {
    let unknown = |name: &str| UriError::UnknownAttribute(name.to_owned());
    for (uri, expected) in [
        ("", UriError::Scheme),
        ("pkcs11", UriError::Scheme),
        ("file:token=a", UriError::Scheme),
        (" pkcs11:token=a", UriError::Scheme),
        ("pkcs11:token", UriError::NoValue),
        ("pkcs11:token=a;", UriError::NoValue),
        ("pkcs11:;token=a", UriError::NoValue),
        ("pkcs11:?module-path=/a&", UriError::NoValue),
        ("pkcs11:?pin-value=1&", UriError::AfterPin),
        ("pkcs11:?pin-value=1&2=3", UriError::AfterPin),
        ("pkcs11:=a", unknown("")),
        ("pkcs11:Token=a", unknown("Token")),
        ("pkcs11:x-vendor=a", unknown("x-vendor")),
        ("pkcs11:library-version=3", unknown("library-version")),
        ("pkcs11:slot-description=a", unknown("slot-description")),
        ("pkcs11:?module-name=softhsm", unknown("module-name")),
        // An attribute of the other part.
        ("pkcs11:pin-value=1", unknown("pin-value")),
        ("pkcs11:?token=a", unknown("token")),
        ("pkcs11:token=a;token=b", UriError::Twice("token")),
        ("pkcs11:?module-path=/a&module-path=/a", UriError::Twice("module-path")),
        ("pkcs11:token=a b", UriError::Character("token")),
        ("pkcs11:token=a/b", UriError::Character("token")),
        ("pkcs11:token=ß", UriError::Character("token")),
        ("pkcs11:token=a#b", UriError::Character("token")),
        ("pkcs11:?pin-value=a#b", UriError::Character("pin-value")),
        ("pkcs11:id=%", UriError::PercentEncoding("id")),
        ("pkcs11:id=%a", UriError::PercentEncoding("id")),
        ("pkcs11:id=%g0", UriError::PercentEncoding("id")),
        ("pkcs11:id=%+1", UriError::PercentEncoding("id")),
        ("pkcs11:object=%ff", UriError::NotUtf8("object")),
        ("pkcs11:slot-id=", UriError::SlotId),
        ("pkcs11:slot-id=+1", UriError::SlotId),
        ("pkcs11:slot-id=18446744073709551616", UriError::SlotId),
        ("pkcs11:type=cert", UriError::Type),
        ("pkcs11:type=", UriError::Type),
        ("pkcs11:?pin-value=1&pin-source=/a", UriError::TwoPins),
        ("pkcs11:?pin-source=/a&pin-value=1", UriError::TwoPins),
        ("pkcs11:?pin-source=%7C/bin/pin", UriError::PinSource),
        ("pkcs11:?pin-source=|/bin/pin", UriError::PinSource),
        ("pkcs11:?pin-source=pin", UriError::PinSource),
        ("pkcs11:?pin-source=", UriError::PinSource),
        ("pkcs11:?pin-source=file://host/pin", UriError::PinSource),
        ("pkcs11:?pin-source=https://host/pin", UriError::PinSource),
    ] {
        assert_eq!(read(uri), Err(expected), "{uri}");
    }
}

#[test]
fn an_unknown_attribute_is_named() {
    let error = Uri::parse("pkcs11:x-vendor=a").unwrap_err();
    assert_eq!(error.to_string(), "the attribute \"x-vendor\" of the PKCS #11 URI is not supported here");
}

#[test]
fn the_pin_is_not_printed() {
    let uri = Uri::parse("pkcs11:object=k?pin-value=%31234").unwrap();
    let shown = format!("{uri:?}");
    assert!(!shown.contains("1234"), "{shown}");
    // Nor in errors.
    for uri in [
        "pkcs11:?pin-value=1234%",
        "pkcs11:?pin-value=12 34",
        "pkcs11:?pin-value=12&34",
        "pkcs11:?pin-value=12&34=5",
    ] {
        let error = Uri::parse(uri).unwrap_err();
        let shown = format!("{error:?} {error}");
        assert!(!shown.contains("1234") && !shown.contains("34"), "{shown}");
    }
}

#[test]
fn a_pin_file_that_is_missing_is_named() {
    let uri = Uri::parse("pkcs11:?pin-source=/no/such/pin").unwrap();
    let error = uri.pin().unwrap_err();
    assert!(matches!(&error, Error::PinFile { path, .. } if path == Path::new("/no/such/pin")), "{error}");
    assert!(Uri::parse("pkcs11:").unwrap().pin().unwrap().is_none());
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC*") {
        let _ = Uri::parse(&text);
        let _ = Uri::parse(&format!("pkcs11:{text}"));
        let _ = Uri::parse(&format!("pkcs11:?{text}"));
    }

    #[test]
    fn any_attributes_are_parsed_or_refused(
        path in "((token|id|type|slot-id|x)=[a-z0-9%;& ]{0,6};?){0,4}",
        query in "(\\?(pin-(value|source)=[/:|a-z%]{0,9}&?){0,3})?",
    ) {
        let _ = Uri::parse(&format!("pkcs11:{path}{query}"));
    }

    #[test]
    fn percent_encoded_values_are_decoded(
        label in "\\PC{0,20}",
        id in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let encode = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let uri = format!("pkcs11:object={};id={}", encode(label.as_bytes()), encode(&id));
        let uri = Uri::parse(&uri).unwrap();
        prop_assert_eq!(uri.key_filter(), &KeyFilter::any().label(&label).id(&id));
    }
}
