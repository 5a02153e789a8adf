//! Answers the questions of the connection according to the flags.

use alloc::sync::Arc;

use cairn_tls::{
    Answer, CertificateChain, Clock, Credential, FindPsk, FindSession, KnownPsk, NewTicket, PeerKey, Psk,
    PskChoice, PskUse, Question, Session, SessionAnswer,
    crypto::SecretBytes,
    session::{Opened, Tickets},
    wire::{AlertDescription, ClientExtension, ClientHello, ExtensionType, SignatureScheme},
    x509::{CertificateError, CertificateFacts, raw_key},
};

use crate::{credentials::Ready, flags, outcome::Failure, sessions::PersistentState};

/// The answers, and a record of the questions.
#[derive(Debug)]
pub(crate) struct Answers<'a> {
    options: &'a flags::Connection,
    credentials: &'a [Ready],
    pub(crate) persistent: &'a mut PersistentState,
    /// The number of the selected credential.
    pub(crate) selected: Option<i32>,
    /// Whether the peer's chain was accepted.
    pub(crate) verified: Option<bool>,
    /// Whether a session has been saved since the last check.
    pub(crate) saved: bool,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(
        options: &'a flags::Connection,
        credentials: &'a [Ready],
        persistent: &'a mut PersistentState,
    ) -> Self {
        Self { options, credentials, persistent, selected: None, verified: None, saved: false }
    }

    /// Stores a session.
    pub(crate) fn save(&mut self, session: Arc<Session>) {
        self.saved = true;
        self.persistent.save(session, self.options.server);
    }

    /// Answers a question.
    ///
    /// # Errors
    /// [`Failure::Check`] if the question shows that the peer does not do what the flags expect.
    pub(crate) fn to(&mut self, question: &Question<'_>) -> Result<Answer, Failure> {
        Ok(match question {
            Question::FindSession(find) => self.session(find),
            Question::SealTicket(seal) => Answer::Ticket(self.ticket(seal.session)),
            Question::ChooseServerCredential(choose) => {
                if let Some(hello) = choose.client_hello() {
                    self.check_client_hello(&hello, choose.server_name())?;
                }
                if self.options.fail_cert_callback || self.options.fail_ocsp_callback {
                    return Ok(Answer::Failed);
                }
                if self.options.fail_early_callback {
                    return Ok(Answer::Credential(None));
                }
                let authorities = choose.client_hello().map(authorities_of).unwrap_or_default();
                let may = |ready: &Ready| !ready.must_match_issuer || ready.is_issued_by(&authorities);
                let chosen = self.choose(|ready| may(ready) && choose.suits(&ready.credential));
                // If none is suitable, one is tried anyway: the handshake reports best why it is not.
                Answer::Credential(chosen.or_else(|| self.choose(may)))
            }
            Question::ChooseClientCredential(choose) => {
                let request = choose.request();
                let authorities: Vec<&[u8]> = request.authorities().collect();
                let types: Vec<u8> = request.types().iter().map(|one| one.0).collect();
                self.check_request(&authorities, &types, request.signature_algorithms())?;
                if self.options.fail_cert_callback {
                    return Ok(Answer::Failed);
                }
                Answer::Credential(self.choose(|ready| {
                    (!ready.must_match_issuer || ready.is_issued_by(&authorities))
                        && choose.suits(&ready.credential)
                }))
            }
            Question::Sign(sign) => {
                let ready = self.chosen()?;
                let rng = &mut self.persistent.provider.rng();
                ready.signing.sign(sign.scheme, sign.message, rng).map_or(Answer::Failed, Answer::Signature)
            }
            Question::DecryptPremaster(decrypt) => {
                let key = self.chosen()?.decrypting.as_ref();
                let key = key.ok_or_else(|| Failure::Broken("a signing key was asked to decrypt".into()))?;
                let rng = &mut self.persistent.provider.rng();
                key.decrypt_premaster(decrypt.ciphertext, decrypt.client_version, decrypt.fallback, rng)
                    .map_or(Answer::Failed, Answer::Premaster)
            }
            Question::FindPsk(find) => Answer::Psk(self.psk(find)?),
            Question::ChoosePsk(_) if self.options.no_ticket => {
                Answer::PskChoice(PskChoice { psk: None, now: self.persistent.clock.now() })
            }
            Question::ChoosePsk(choose) => {
                let now = self.persistent.clock.now();
                let tickets =
                    Tickets::new(Arc::clone(&self.persistent.provider), self.persistent.ticket_keys());
                let stored = |identity: &[u8]| {
                    let is_it = |session: &&Arc<Session>| session.id().as_bytes() == identity;
                    self.persistent.sessions.iter().find(is_it).cloned()
                };
                let psk = choose.identities().find_map(|(index, identity)| {
                    let in_ticket = tickets.open(identity, now).map(|Opened { session, .. }| session);
                    let session = in_ticket.or_else(|| stored(identity))?;
                    session.tls13()?;
                    Some((index, KnownPsk::Session(session)))
                });
                Answer::PskChoice(PskChoice { psk, now })
            }
            Question::ConsumePsk(_) => Answer::PskUse(PskUse::Permitted),
            Question::VerifyPeer(peer) => self.verdict(peer.chain)?,
            other => return Err(Failure::Unimplemented(format!("question {}", other.name()))),
        })
    }

    fn session(&self, find: &FindSession<'_>) -> Answer {
        let now = self.persistent.clock.now();
        let sessions = || self.persistent.sessions.iter();
        let by_ticket = |ticket: &[u8]| {
            let tickets = Tickets::new(Arc::clone(&self.persistent.provider), self.persistent.ticket_keys());
            tickets.open(ticket, now).map(|Opened { session, .. }| session)
        };
        let found: Option<Arc<Session>> = match find {
            FindSession::ForServer { .. } => sessions().next().cloned(),
            FindSession::ById { session_id } => {
                sessions().find(|session| session.id() == *session_id).cloned()
            }
            FindSession::ByTicket { ticket } => by_ticket(ticket),
            _ => None,
        };
        let renew = self.options.renew_ticket && found.is_some();
        let answer = SessionAnswer { session: found, now };
        if renew { Answer::SessionWithOldTicket(answer) } else { Answer::Session(answer) }
    }

    fn ticket(&self, session: &Session) -> Option<NewTicket> {
        if self.options.skip_ticket {
            return None;
        }
        let tickets = Tickets::new(Arc::clone(&self.persistent.provider), self.persistent.ticket_keys());
        tickets.seal(session, self.persistent.clock.now())
    }

    /// Selects the first suitable credential.
    fn choose(&mut self, will_do: impl Fn(&Ready) -> bool) -> Option<Arc<Credential>> {
        let chosen = self.credentials.iter().find(|ready| will_do(ready))?;
        self.selected = Some(chosen.number);
        Some(Arc::clone(&chosen.credential))
    }

    /// The selected credential.
    fn chosen(&self) -> Result<&Ready, Failure> {
        self.credentials
            .iter()
            .find(|ready| self.selected == Some(ready.number))
            .ok_or_else(|| Failure::Broken("a key is needed, but no credential was selected".into()))
    }

    fn check_client_hello(&self, hello: &ClientHello<'_>, server_name: Option<&[u8]>) -> Result<(), Failure> {
        let options = self.options;
        check_server_name(options, server_name)?;
        let extensions = || hello.extensions.iter().flat_map(|extensions| extensions.iter());
        let schemes = extensions().find_map(|extension| match extension {
            ClientExtension::SignatureAlgorithms(schemes) => Some(schemes.iter().collect::<Vec<_>>()),
            _ => None,
        });
        self.check_peer_verify_prefs(&schemes.unwrap_or_default())?;
        let protocols: Vec<Vec<u8>> = extensions()
            .find_map(|extension| match extension {
                ClientExtension::ApplicationLayerProtocolNegotiation(protocols) => {
                    Some(protocols.iter().map(|name| name.0.to_vec()).collect())
                }
                _ => None,
            })
            .unwrap_or_default();
        if !options.expect_advertised_alpn.is_empty() && protocols != options.expect_advertised_alpn {
            return Err(Failure::check(format!("the client offers the protocols {protocols:?}")));
        }
        Ok(())
    }

    fn check_request(
        &self,
        authorities: &[&[u8]],
        types: &[u8],
        schemes: &[SignatureScheme],
    ) -> Result<(), Failure> {
        let options = self.options;
        self.check_peer_verify_prefs(schemes)?;
        if !options.expect_certificate_types.is_empty() && types != options.expect_certificate_types {
            return Err(Failure::check(format!("the server asks for certificates of types {types:?}")));
        }
        if !options.expect_client_ca_list.is_empty() && authorities != options.expect_client_ca_list {
            return Err(Failure::check("the server names other authorities"));
        }
        Ok(())
    }

    fn check_peer_verify_prefs(&self, schemes: &[SignatureScheme]) -> Result<(), Failure> {
        let expected = &self.options.expect_peer_verify_prefs;
        if !expected.is_empty() && schemes != *expected {
            return Err(Failure::check(format!("the peer accepts the signatures {schemes:?}")));
        }
        Ok(())
    }

    /// The flags provide one key; its identity is also the hint.
    fn psk(&self, find: &FindPsk<'_>) -> Result<Option<Psk>, Failure> {
        let identity = self.options.psk_identity.as_deref().unwrap_or_default().as_bytes();
        let key = self.options.psk.as_deref().unwrap_or_default().as_bytes();
        match find {
            FindPsk::ByHint { hint, .. } => {
                if hint.unwrap_or_default() != identity {
                    return Err(Failure::check(format!("the server's PSK identity hint is {hint:?}")));
                }
            }
            FindPsk::ByIdentity { identity: asked } if *asked == identity => {}
            _ => return Ok(None),
        }
        Ok(Some(Psk { identity: identity.to_vec(), key: SecretBytes::from(key) }))
    }

    /// The verdict of the flags about the peer's chain, whatever it contains. A certificate that cannot be
    /// parsed has no key, so it is always rejected.
    fn verdict(&mut self, chain: &CertificateChain) -> Result<Answer, Failure> {
        if self.verified.is_some() {
            return Err(Failure::Broken("a chain was to be verified twice".into()));
        }
        self.verified = Some(!self.options.verify_fail);
        let demanded = self.options.verify_peer || self.options.require_any_client_certificate;
        if self.options.verify_fail && demanded {
            // The alerts of BoringSSL's two callbacks.
            let alert = if self.options.use_custom_verify_callback {
                AlertDescription::CERTIFICATE_UNKNOWN
            } else {
                AlertDescription::HANDSHAKE_FAILURE
            };
            return Ok(Answer::PeerRejected { alert });
        }
        if self.options.use_ocsp_callback && self.options.fail_ocsp_callback {
            return Ok(Answer::PeerRejected { alert: AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE });
        }
        let key = match chain.as_raw_public_key() {
            Some(spki) => raw_key::decode(spki).map(|public_key| PeerKey {
                public_key,
                may_sign: true,
                may_encrypt: true,
                only_scheme: None,
            }),
            None => key_of(chain.end_entity().unwrap_or_default()),
        };
        Ok(match key {
            Ok(key) => Answer::PeerVerified(key.into()),
            Err(error) => Answer::PeerRejected { alert: error.alert() },
        })
    }
}

/// The authorities in the client's certificate_authorities (RFC 9846 section 4.3.4). The stack leaves this
/// extension to the application.
fn authorities_of(hello: ClientHello<'_>) -> Vec<&[u8]> {
    let extension = hello.extensions.and_then(|block| block.get(ExtensionType::CERTIFICATE_AUTHORITIES));
    match extension {
        Some(ClientExtension::CertificateAuthorities(content)) => content
            .get()
            .map(|content| content.authorities.iter().map(|name| name.0).collect())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn key_of(certificate: &[u8]) -> Result<PeerKey, CertificateError> {
    let facts = CertificateFacts::from_der(certificate)?;
    Ok(PeerKey {
        public_key: facts.public_key.ok_or(CertificateError::UnsupportedAlgorithm)?,
        may_sign: facts.key_usage.digital_signature,
        may_encrypt: facts.key_usage.key_encipherment,
        only_scheme: None,
    })
}

/// Checks the client's server_name against the flags.
pub(crate) fn check_server_name(options: &flags::Connection, name: Option<&[u8]>) -> Result<(), Failure> {
    let unexpected = match &options.expect_server_name {
        Some(expected) => name != Some(expected.as_bytes()),
        None => options.expect_no_server_name && name.is_some(),
    };
    if unexpected {
        let name = name.map(String::from_utf8_lossy);
        return Err(Failure::check(format!("the client's server_name is {name:?}")));
    }
    Ok(())
}
