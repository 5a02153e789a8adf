//! The cases of NIST's PKITS: a folder `certs` with end-entity certificates (`*EE.crt`), authorities and one
//! trust anchor, and a folder `crls`.

use cairn_x509::{CertificateFacts, ChainVerifier, CrlPolicy, Crls, Roots, UnknownStatus};
use core::error::Error;
use std::fs;
use std::path::Path;

/// The first second of 2020, when all certificates that should be valid are.
const NOW: u64 = 1_577_836_800;

/// The name of a file without its extension, and its contents.
type File = (String, Vec<u8>);

/// A certificate with the canonical forms of its names.
struct Named {
    der: Vec<u8>,
    subject: String,
    issuer: String,
}

/// Prints the result for each end-entity certificate of the folder.
pub(super) fn judge(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (mut authorities, mut entities) = (Vec::new(), Vec::new());
    let mut roots = Roots::new();
    for (name, der) in files(&folder.join("certs"), "crt")? {
        if name.starts_with("TrustAnchorRoot") {
            roots.add_authority_der(&der)?;
        } else if name.ends_with("EE") {
            entities.push((name, der));
        } else if let Ok(facts) = CertificateFacts::from_der(&der) {
            authorities.push(Named { der, subject: form(&facts.subject), issuer: form(&facts.issuer) });
        }
    }
    let mut crls = Crls::new();
    for (_, crl) in files(&folder.join("crls"), "crl")? {
        // An unusable CRL counts as missing.
        let _ = crls.add_der(&crl);
    }
    let verifier = ChainVerifier::new(&cairn_provider_aws_lc::provider(), roots)
        .with_crls(crls, CrlPolicy::default().unknown(UnknownStatus::RefuseAny));
    for (name, entity) in &entities {
        let chain = chain(entity, &authorities);
        match verifier.verify_client(&chain, NOW) {
            Ok(_) => println!("{name}\taccepted\t"),
            Err(why) => println!("{name}\trefused\t{why}"),
        }
    }
    Ok(())
}

/// An end-entity certificate with all authorities that its path may contain.
fn chain<'a>(entity: &'a [u8], authorities: &'a [Named]) -> Vec<&'a [u8]> {
    let mut chain = vec![entity];
    let mut wanted: Vec<String> =
        CertificateFacts::from_der(entity).iter().map(|facts| form(&facts.issuer)).collect();
    let mut next = 0;
    while let Some(name) = wanted.get(next).cloned() {
        next += 1;
        for authority in authorities.iter().filter(|authority| authority.subject == name) {
            chain.push(&authority.der);
            if !wanted.contains(&authority.issuer) {
                wanted.push(authority.issuer.clone());
            }
        }
    }
    chain
}

fn form(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").replace("= ", "=").replace(" ,", ",").to_lowercase()
}

/// The files of a folder with this extension, with their names without it, sorted.
fn files(folder: &Path, extension: &str) -> Result<Vec<File>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|known| known == extension)
            && let Some(name) = path.file_stem().and_then(|name| name.to_str())
        {
            found.push((name.to_owned(), fs::read(&path)?));
        }
    }
    found.sort();
    Ok(found)
}
