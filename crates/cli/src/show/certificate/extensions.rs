//! The extensions of a certificate in words.

use super::{
    line::{Line, colons},
    timestamps,
};
use cairn_tls::x509::facts::{self, CertificateExtension, general_name, general_names};
use der::{
    Decode, Encode,
    asn1::{ObjectIdentifier, OctetString},
    oid::db::DB,
};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages, NameConstraints,
    constraints::name::GeneralSubtree,
    name::{DistributionPointName, GeneralName},
};

/// The bytes shown of an extension that is not known.
const SHOWN: usize = 32;

/// A line for each extension. A critical one says so.
pub(super) fn lines(der: &[u8]) -> Vec<Line> {
    let extensions = facts::extensions(der).unwrap_or_default();
    extensions.iter().map(line).collect()
}

fn line(extension: &CertificateExtension) -> Line {
    let value = extension.value.as_slice();
    let (label, words) = match extension.oid.as_str() {
        "2.5.29.14" => ("key ID", OctetString::from_der(value).ok().map(|id| vec![colons(id.as_bytes())])),
        "2.5.29.15" => ("key usage", key_usage(value)),
        "2.5.29.17" => ("names", general_names(value).ok()),
        "2.5.29.18" => ("issuer names", general_names(value).ok()),
        "2.5.29.19" => ("authority", basic_constraints(value)),
        "2.5.29.30" => ("name constraints", name_constraints(value)),
        "2.5.29.31" => ("CRLs", crl_distribution_points(value)),
        "2.5.29.32" => ("policies", policies(value)),
        "2.5.29.35" => ("issuer key ID", authority_key_id(value)),
        "2.5.29.37" => ("extended usage", extended_key_usage(value)),
        "1.3.6.1.5.5.7.1.1" => ("authority info", access(value)),
        "1.3.6.1.5.5.7.1.24" => ("TLS features", features(value)),
        "1.3.6.1.4.1.11129.2.4.2" => ("timestamps", embedded_timestamps(value)),
        "1.3.6.1.4.1.11129.2.4.3" => {
            ("precertificate", Some(vec!["yes: it must not be accepted (RFC 6962 section 3.1)".into()]))
        }
        "1.3.6.1.4.1.44363.44" => {
            ("delegation", Some(vec!["it may issue delegated credentials (RFC 9345)".into()]))
        }
        _ => ("", None),
    };
    let mut values = words.unwrap_or_else(|| vec![unread(value)]);
    // No extension is left out because its list is empty.
    if values.iter().all(String::is_empty) {
        values = vec!["none".into()];
    }
    if extension.is_critical
        && let Some(last) = values.last_mut()
    {
        last.push_str(" (critical)");
    }
    if label.is_empty() {
        let name = extension.name.map_or_else(|| extension.oid.clone(), ToOwned::to_owned);
        return Line::many(name, values);
    }
    Line::many(label, values)
}

/// The first bytes of an extension that is not known, or is malformed.
fn unread(value: &[u8]) -> String {
    let start: String = value.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    let more = if value.len() > SHOWN { "…" } else { "" };
    format!("{start}{more} ({})", crate::show::count(value.len(), "byte"))
}

/// All bits of RFC 5280 section 4.2.1.3.
fn key_usage(value: &[u8]) -> Option<Vec<String>> {
    const NAMES: [(KeyUsages, &str); 9] = [
        (KeyUsages::DigitalSignature, "digitalSignature"),
        (KeyUsages::NonRepudiation, "nonRepudiation"),
        (KeyUsages::KeyEncipherment, "keyEncipherment"),
        (KeyUsages::DataEncipherment, "dataEncipherment"),
        (KeyUsages::KeyAgreement, "keyAgreement"),
        (KeyUsages::KeyCertSign, "keyCertSign"),
        (KeyUsages::CRLSign, "cRLSign"),
        (KeyUsages::EncipherOnly, "encipherOnly"),
        (KeyUsages::DecipherOnly, "decipherOnly"),
    ];
    let usage = KeyUsage::from_der(value).ok()?;
    let set = NAMES.iter().filter(|(bit, _)| usage.0.contains(*bit)).map(|(_, name)| *name);
    Some(vec![set.collect::<Vec<_>>().join(", ")])
}

fn extended_key_usage(value: &[u8]) -> Option<Vec<String>> {
    let purposes = ExtendedKeyUsage::from_der(value).ok()?;
    Some(vec![purposes.0.iter().map(purpose).collect::<Vec<_>>().join(", ")])
}

/// The name of an identifier without its prefix: `serverAuth` for `id-kp-serverAuth`.
fn purpose(oid: &ObjectIdentifier) -> String {
    let name = DB.by_oid(oid).map(|name| name.strip_prefix("id-kp-").unwrap_or(name));
    name.map_or_else(|| oid.to_string(), ToOwned::to_owned)
}

fn basic_constraints(value: &[u8]) -> Option<Vec<String>> {
    let BasicConstraints { ca, path_len_constraint } = BasicConstraints::from_der(value).ok()?;
    Some(vec![match (ca, path_len_constraint) {
        (false, _) => "no".into(),
        (true, None) => "yes".into(),
        (true, Some(below)) => format!("yes, with at most {below} below it"),
    }])
}

fn name_constraints(value: &[u8]) -> Option<Vec<String>> {
    let constraints = NameConstraints::from_der(value).ok()?;
    let words = |word: &'static str, trees: Option<Vec<GeneralSubtree>>| {
        let trees = trees.unwrap_or_default().into_iter();
        trees.map(move |tree| format!("{word} {}", name(&tree.base))).collect::<Vec<_>>()
    };
    let permitted = words("permitted", constraints.permitted_subtrees);
    Some(permitted.into_iter().chain(words("excluded", constraints.excluded_subtrees)).collect())
}

fn crl_distribution_points(value: &[u8]) -> Option<Vec<String>> {
    let points = CrlDistributionPoints::from_der(value).ok()?;
    let names = points.0.iter().filter_map(|point| match point.distribution_point.as_ref()? {
        DistributionPointName::FullName(names) => Some(names.iter().map(name).collect::<Vec<_>>()),
        DistributionPointName::NameRelativeToCRLIssuer(_) => Some(vec!["relative to the issuer".into()]),
    });
    Some(names.flatten().collect())
}

fn policies(value: &[u8]) -> Option<Vec<String>> {
    let policies = CertificatePolicies::from_der(value).ok()?;
    let name = |oid: &ObjectIdentifier| match oid.to_string().as_str() {
        "2.23.140.1.1" => "extended validation (2.23.140.1.1)".into(),
        "2.23.140.1.2.1" => "domain validated (2.23.140.1.2.1)".into(),
        "2.23.140.1.2.2" => "organization validated (2.23.140.1.2.2)".into(),
        "2.23.140.1.2.3" => "individual validated (2.23.140.1.2.3)".into(),
        "2.5.29.32.0" => "any policy (2.5.29.32.0)".into(),
        other => other.to_owned(),
    };
    Some(policies.0.iter().map(|policy| name(&policy.policy_identifier)).collect())
}

fn authority_key_id(value: &[u8]) -> Option<Vec<String>> {
    let id = AuthorityKeyIdentifier::from_der(value).ok()?;
    let key = id.key_identifier.map(|id| colons(id.as_bytes()));
    let serial =
        id.authority_cert_serial_number.map(|serial| format!("serial {}", colons(serial.as_bytes())));
    let issuers = id.authority_cert_issuer.unwrap_or_default();
    Some(key.into_iter().chain(issuers.iter().map(name)).chain(serial).collect())
}

fn access(value: &[u8]) -> Option<Vec<String>> {
    let places = AuthorityInfoAccessSyntax::from_der(value).ok()?;
    let words = places.0.iter().map(|place| {
        let method = match place.access_method.to_string().as_str() {
            "1.3.6.1.5.5.7.48.1" => "OCSP".into(),
            "1.3.6.1.5.5.7.48.2" => "issuer".into(),
            other => other.to_owned(),
        };
        format!("{method} {}", name(&place.access_location))
    });
    Some(words.collect())
}

/// `TLSFeature` (RFC 7633): extensions that the server must have.
fn features(value: &[u8]) -> Option<Vec<String>> {
    let features = Vec::<u16>::from_der(value).ok()?;
    Some(features.into_iter().map(|number| cairn_tls::wire::ExtensionType(number).to_string()).collect())
}

fn embedded_timestamps(value: &[u8]) -> Option<Vec<String>> {
    timestamps::list(OctetString::from_der(value).ok()?.as_bytes())
}

/// A name of any kind in words.
fn name(name: &GeneralName) -> String {
    let encoded = name.to_der().ok();
    encoded.and_then(|der| general_name(&der).ok()).unwrap_or_else(|| "a malformed name".into())
}
