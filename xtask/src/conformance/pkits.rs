//! NIST's Public Key Interoperability Test Suite (PKITS), with the default settings of each case: no policy
//! is required and none is excluded.
//!
//! The folder has `certs` and `crls`. For most cases, the file name of the end entity's certificate
//! determines the expected result.

use std::fs;

use super::paths::{self, Case};
use super::suite::{Context, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "pkits",
    about: "certification paths and CRLs of NIST's PKITS; docs/pkits.toml explains the differences",
    case: "a certification path; it passes if it is accepted or rejected as expected, or the \
           table explains the difference",
    needs: &[],
    run,
};

/// End entities that must be accepted although their names do not say so.
const ACCEPTED: [&str; 14] = [
    "AllCertificatesNoPoliciesTest2EE",
    "AllCertificatesSamePoliciesTest10EE",
    "AllCertificatesSamePoliciesTest13EE",
    "AllCertificatesanyPolicyTest11EE",
    "AnyPolicyTest14EE",
    "CPSPointerQualifierTest20EE",
    "DifferentPoliciesTest3EE",
    "OverlappingPoliciesTest6EE",
    "UserNoticeQualifierTest15EE",
    "UserNoticeQualifierTest16EE",
    "UserNoticeQualifierTest17EE",
    "UserNoticeQualifierTest18EE",
    "UserNoticeQualifierTest19EE",
    "inhibitAnyPolicyTest3EE",
];

/// End entities that must be rejected although their names do not say so: an authority requires a policy, and
/// there is none.
const REFUSED: [&str; 6] = [
    "DifferentPoliciesTest4EE",
    "DifferentPoliciesTest5EE",
    "DifferentPoliciesTest7EE",
    "DifferentPoliciesTest8EE",
    "DifferentPoliciesTest9EE",
    "DifferentPoliciesTest12EE",
];

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let Some(folder) = context.cases.as_ref().filter(|path| path.join("certs").is_dir()) else {
        return Ok(paths::without_cases("the folder of PKITS (certs and crls)"));
    };
    let certificates = folder.join("certs");
    let fault = |e| format!("{} cannot be read: {e}", certificates.display());
    let mut cases = Vec::new();
    for entry in fs::read_dir(&certificates).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if let Some(name) =
            path.file_stem().and_then(|name| name.to_str()).filter(|name| name.ends_with("EE"))
        {
            cases.push(case(name)?);
        }
    }
    cases.sort_by(|one, other| one.id.cmp(&other.id));
    paths::run_folder(context, &cases, "pkits.toml", folder)
}

fn case(name: &str) -> Result<Case, String> {
    let accepted = if name.starts_with("Valid") || ACCEPTED.contains(&name) {
        true
    } else if name.starts_with("Invalid") || REFUSED.contains(&name) {
        false
    } else {
        return Err(format!("the expected result of {name} is unknown"));
    };
    let group = if accepted { "accepted" } else { "refused" };
    Ok(Case {
        id: name.to_owned(),
        group: format!("paths that must be {group}"),
        accepted,
        line: String::new(),
        not_judged: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_name_determines_the_expected_result() {
        assert!(case("ValidNameChainingUIDsTest6EE").unwrap().accepted);
        assert!(!case("InvalidEESignatureTest3EE").unwrap().accepted);
        assert!(case("AnyPolicyTest14EE").unwrap().accepted);
        assert!(!case("DifferentPoliciesTest7EE").unwrap().accepted);
        assert!(case("NewTest1EE").is_err());
    }
}
