//! Exporters and key logs.

use crate::support::{Kind, Pair, Secrets, client, server};
use cairn_tls::{KeyLogFile, Misuse};
use std::{fs, sync::Arc};

fn export(pair: &Pair, label: &[u8], context: Option<&[u8]>, length: usize) -> [Result<Vec<u8>, Misuse>; 2] {
    [&pair.client, &pair.server].map(|end| {
        let mut out = vec![0; length];
        end.conn.reader().export_keying_material(label, context, &mut out).map(|()| out)
    })
}

#[test]
fn exporters_of_both_ends_are_equal() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let mut seen = Vec::new();
    for _fresh_and_resumed in 0..2 {
        let pair = Pair::ready(&client, &server);
        let contexts = [None, Some(&b""[..]), Some(b"context")];
        for context in contexts {
            for (label, length) in [(&b"EXPORTER-a"[..], 32), (b"EXPORTER-b", 32), (b"EXPORTER-b", 100)] {
                let [at_client, at_server] = export(&pair, label, context, length);
                let exported = at_client.unwrap();
                assert_eq!(at_server.unwrap(), exported);
                seen.push(exported[..32].to_vec());
            }
        }
    }
    // Label, context, the absence of one, and the connection all matter; the length does not.
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 2 * 3 * 2);
}

#[test]
fn exporters_are_unavailable_before_completion_and_for_reserved_labels() {
    let pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
    assert_eq!(export(&pair, b"EXPORTER-a", None, 8), [Err(Misuse::NotComplete), Err(Misuse::NotComplete)]);
    let pair = Pair::ready(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
    for label in [&b"client finished"[..], b"server finished", b"master secret", b"key expansion"] {
        let exported = export(&pair, label, None, 8);
        assert!(exported.iter().all(|exported| matches!(exported, Err(Misuse::Schedule(_)))), "{exported:?}");
    }
}

#[test]
fn key_logs_of_both_ends_are_equal() {
    let (at_client, at_server) = (Arc::new(Secrets::default()), Arc::new(Secrets::default()));
    let client = client().key_log(at_client.clone()).build().unwrap();
    let server = server(Kind::P256).key_log(at_server.clone()).build().unwrap();
    for _fresh_and_resumed in 0..2 {
        drop(Pair::ready(&client, &server));
    }
    let (at_client, at_server) = (at_client.lines(), at_server.lines());
    assert_eq!((at_client.len(), at_server.len()), (2, 2));
    for (ours, theirs) in at_client.iter().zip(&*at_server) {
        assert_eq!((ours.label, ours.client_random), (theirs.label, theirs.client_random));
        assert_eq!(ours.secret.expose(), theirs.secret.expose());
    }
    assert_eq!(at_client[0].label, "CLIENT_RANDOM");
    assert_ne!(at_client[0].client_random, at_client[1].client_random);
    assert_eq!(at_client[0].secret, at_client[1].secret);
    assert_ne!(at_client[0].secret.expose(), [0; 48]);
}

#[test]
fn key_log_file_has_the_nss_format_and_is_readable_by_its_owner_only() {
    let folder = std::env::temp_dir().join(format!("cairn-tls-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("keys.log");
    let _from_before = fs::remove_file(&path);

    // The environment variable alone, without opt-in, has no effect.
    drop(Pair::ready(&client().build().unwrap(), &server(Kind::P256).build().unwrap()));
    assert!(!path.exists());

    let keys = Arc::new(Secrets::default());
    for _appended in 0..2 {
        let log = Arc::new(KeyLogFile::open(&path).unwrap());
        let client = client().key_log(log).build().unwrap();
        let server = server(Kind::P256).key_log(keys.clone()).build().unwrap();
        drop(Pair::ready(&client, &server));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let expected: String = keys
        .lines()
        .iter()
        .map(|line| format!("{} {} {}\n", line.label, hex(&line.client_random.0), hex(line.secret.expose())))
        .collect();
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    assert_eq!(expected.lines().next().unwrap().len(), 13 + 1 + 64 + 1 + 96);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn secrets_are_not_printed() {
    let keys = Arc::new(Secrets::default());
    let client = client().key_log(keys.clone()).build().unwrap();
    let server = server(Kind::P256).ask_for_sessions().build().unwrap();
    let mut pair = Pair::new(&client, &server);
    pair.run();
    let mut printed = format!("{:?} {:?} {client:?} {server:?}", pair.client.conn, pair.server.conn);
    printed += &format!("{:?}", pair.server.conn.reader_mut().next_notice().unwrap());
    let lines = keys.lines();
    let secret = lines[0].secret.expose();
    for form in [
        format!("{:?}", &secret[..4]),
        format!("{:02x?}", &secret[..4]),
        format!("{:02x}{:02x}{:02x}", secret[0], secret[1], secret[2]),
    ] {
        let inner = form.trim_matches(['[', ']']);
        assert!(!printed.contains(inner), "{inner} in {printed}");
    }
}
