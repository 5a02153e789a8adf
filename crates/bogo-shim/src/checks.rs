//! Checks of a complete handshake.

use cairn_tls::{
    CertificateChain, EarlyData, Provider, Stapled, Summary,
    crypto::HashAlgorithm,
    wire::{CertificateType, SignatureScheme},
};

use crate::{
    answers::{Answers, check_server_name},
    credentials,
    flags::Connection,
    outcome::Failure,
};

/// Compares the negotiated parameters with the flags.
pub(crate) fn summary(
    options: &Connection,
    is_resume: bool,
    summary: &Summary,
    answers: &Answers<'_>,
) -> Result<(), Failure> {
    let equal = |what: &str, got: &dyn core::fmt::Debug, is_so: bool| {
        if is_so { Ok(()) } else { Err(Failure::check(format!("{what} is {got:?}"))) }
    };
    equal(
        "the version",
        &summary.version(),
        options.expect_version.is_none_or(|expected| summary.version().0 == expected),
    )?;
    equal(
        "resumption",
        &summary.is_resumed(),
        summary.is_resumed() == (is_resume && !options.expect_session_miss),
    )?;
    let retried = summary.tls13().is_some_and(|tls13| tls13.retried);
    equal("HelloRetryRequest", &retried, options.expect_hrr.is_none_or(|expected| expected == retried))?;
    sessions(options, is_resume, summary, answers)?;
    early_data(options, summary)?;
    if options.server {
        check_server_name(options, summary.server_name.as_deref())?;
    }
    let alpn = if options.server { &options.select_alpn } else { &options.expect_alpn };
    let alpn = alpn.as_ref().map(String::as_bytes).filter(|protocol| !protocol.is_empty());
    equal("the protocol", &summary.alpn, summary.alpn.as_deref() == alpn)?;
    let suite = summary.suite().id().0;
    equal(
        "the suite",
        &summary.suite().id(),
        options.expect_cipher.is_none_or(|expected| expected == suite),
    )?;
    // A resumption contains no signatures, and in TLS 1.2 it negotiates no group.
    let has_group = summary.tls13().is_some() || !summary.is_resumed();
    let curve = options.expect_curve_id.filter(|_| has_group);
    let is_so = curve == summary.group().map(|group| group.0) || options.expect_curve_id.is_none();
    equal("the group", &summary.group(), is_so)?;
    let theirs: Option<SignatureScheme> =
        if options.server { summary.client_signature_scheme() } else { summary.server_signature_scheme() };
    let scheme = options.expect_peer_signature_algorithm.filter(|_| !summary.is_resumed());
    let is_so = scheme == theirs || options.expect_peer_signature_algorithm.is_none();
    equal("the peer's signature scheme", &theirs, is_so)?;
    let extended = summary.security().bound_to_handshake;
    equal("extended_master_secret", &extended, extended || !options.expect_extended_master_secret)?;
    let secure = summary.tls12().is_none_or(|tls12| tls12.secure_renegotiation);
    equal("secure renegotiation", &secure, secure || !options.expect_secure_renegotiation)?;
    equal("secure renegotiation", &secure, !secure || !options.expect_no_secure_renegotiation)?;
    let selected = answers.selected.unwrap_or(-1);
    let expected = options.expect_selected_credential;
    equal("the credential", &selected, expected.is_none_or(|expected| expected == selected))?;
    peer(options, summary, &answers.persistent.provider)?;
    // A stapled response is verified when the session is established. A resumption contains none.
    let Stapled { ocsp_response, signed_certificate_timestamps } =
        summary.stapled().cloned().unwrap_or_default();
    let stapled = ocsp_response.as_deref().unwrap_or_default();
    let expected: &[u8] = if summary.is_resumed() { &[] } else { &options.expect_ocsp_response };
    equal("the OCSP response", &stapled, options.expect_ocsp_response.is_empty() || stapled == expected)?;
    let stapled = &signed_certificate_timestamps;
    let expected = &options.expect_signed_cert_timestamps;
    let is_so = if summary.is_resumed() { stapled.is_empty() } else { stapled == expected };
    equal("the list of timestamps", stapled, is_so || expected.is_empty())?;
    let verified = answers.verified != Some(false);
    let expected = summary.is_resumed() || verified != options.verify_fail || summary.peer_chain.is_none();
    equal("the verdict", &verified, expected || !options.expect_verify_result)
}

/// Checks whether the session was saved.
fn sessions(
    options: &Connection,
    is_resume: bool,
    summary: &Summary,
    answers: &Answers<'_>,
) -> Result<(), Failure> {
    let saved = answers.saved;
    let expected = if !options.server {
        // Tickets of TLS 1.3 follow the handshake. A session without the extended master secret would not be
        // resumed (RFC 7627 section 5.3), so it is not saved.
        !options.expect_no_session
            && (!summary.is_resumed() || options.expect_ticket_renewal)
            && summary.security().bound_to_handshake
            && summary.tls12().is_some()
    } else if is_resume {
        saved
    } else if options.expect_session_id {
        true
    } else {
        saved && !options.expect_no_session_id
    };
    if saved == expected { Ok(()) } else { Err(Failure::check(format!("a session saved: {saved}"))) }
}

/// Checks whether a client that resumes has offered early data.
pub(crate) fn offer(options: &Connection, summary: &Summary) -> Result<(), Failure> {
    let early_data = summary.tls13().map_or(EarlyData::NotOffered, |tls13| tls13.early_data);
    let is_wrong = (options.expect_no_offer_early_data && early_data != EarlyData::NotOffered)
        || (options.expect_reject_early_data && early_data != EarlyData::Rejected);
    if is_wrong { Err(Failure::check(format!("early data is {early_data:?}"))) } else { Ok(()) }
}

/// Checks the outcome of early data.
fn early_data(options: &Connection, summary: &Summary) -> Result<(), Failure> {
    let tls13 = summary.tls13();
    let early_data = tls13.map_or(EarlyData::NotOffered, |tls13| tls13.early_data);
    let is_accepted = early_data == EarlyData::Accepted;
    // The flags name the reason. As far as a summary tells it, it must be the same.
    let is_reason = match options.expect_early_data_reason.as_deref() {
        None => true,
        Some("accept") => is_accepted,
        Some("protocol_version") => tls13.is_none(),
        Some("hello_retry_request") => tls13.is_some_and(|tls13| tls13.retried) && !is_accepted,
        Some("session_not_resumed" | "no_session_offered") => !summary.is_resumed() && !is_accepted,
        Some(_) => !is_accepted,
    };
    let is_wrong = (options.expect_accept_early_data && !is_accepted)
        || (options.expect_reject_early_data && is_accepted)
        || !is_reason;
    if is_wrong { Err(Failure::check(format!("early data is {early_data:?}"))) } else { Ok(()) }
}

/// Checks the tickets that a client of TLS 1.3 has received after its handshake.
pub(crate) fn tickets(options: &Connection, answers: &Answers<'_>) -> Result<(), Failure> {
    if options.server {
        return Ok(());
    }
    let is_expected = !options.expect_no_session && !options.shim_shuts_down;
    if answers.saved != is_expected {
        return Err(Failure::check(format!("a ticket saved: {}", answers.saved)));
    }
    let newest = answers.persistent.sessions.last().and_then(|session| session.tls13());
    let permits = newest.is_some_and(|session| session.max_early_data > 0);
    if answers.saved && permits != options.expect_ticket_supports_early_data {
        return Err(Failure::check(format!("the ticket permits early data: {permits}")));
    }
    Ok(())
}

/// Checks the peer's certificates.
fn peer(options: &Connection, summary: &Summary, provider: &Provider) -> Result<(), Failure> {
    let chain = summary.peer_chain.as_deref();
    let must_be_none = options.expect_no_peer_cert || options.psk.is_some();
    let must_be_there = !options.server || options.require_any_client_certificate;
    if must_be_none && chain.is_some() {
        return Err(Failure::check("the peer has a certificate"));
    }
    if !must_be_none && must_be_there && chain.is_none() {
        return Err(Failure::check("the peer has no certificate"));
    }
    let certificate_type = chain.map_or(CertificateType::X509, CertificateChain::certificate_type);
    if options.expect_peer_certificate_type.is_some_and(|expected| expected != certificate_type.0) {
        return Err(Failure::check(format!("the peer presented {certificate_type}")));
    }
    let expected = &options.expect_peer_rpk_sha256;
    if !expected.is_empty() {
        let shown = chain.and_then(CertificateChain::as_raw_public_key).unwrap_or_default();
        let sha256 = provider.hash(HashAlgorithm::Sha256).and_then(|hash| hash.hash(&[shown]).ok());
        if sha256.is_none_or(|sha256| sha256.as_bytes() != expected) {
            return Err(Failure::check("the peer presented another raw public key"));
        }
    }
    if let Some(file) = &options.expect_peer_cert_file {
        let expected = credentials::chain_in(file)?;
        if !chain.is_some_and(|chain| chain.iter().eq(expected.iter().map(Vec::as_slice))) {
            return Err(Failure::check("the peer has another chain"));
        }
    }
    Ok(())
}
