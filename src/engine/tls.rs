//! Transport encryption with rustls, meaning what libpq means by each mode: `require` encrypts,
//! `verify-ca` checks who signed, `verify-full` also checks the host name.

use std::net::TcpStream;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::net::{Clock, Stream};
use crate::error::{Error, Kind, Result};
use crate::model::server::{TlsInfo, Verified};
use crate::model::target::{Tls, TlsMode};

/// An encrypted stream, what was negotiated, and the server's certificate (DER).
pub struct Upgraded {
    pub stream: Stream,
    pub info: TlsInfo,
    pub certificate: Vec<u8>,
}

/// Speaks TLS on a TCP connection whose server has agreed to it.
///
/// `alpn` names the application protocol where the server demands one.
pub fn upgrade(
    mut tcp: TcpStream,
    tls: &Tls,
    host: &str,
    alpn: Option<&[u8]>,
    clock: &mut Clock,
) -> Result<Upgraded> {
    let verified = checks(tls);
    let mut config = client_config(tls, verified)?;
    config.alpn_protocols.extend(alpn.map(<[u8]>::to_vec));
    let name = ServerName::try_from(host.to_owned()).map_err(|error| {
        Error::new(Kind::Config, format!("{host:?} is not a host name TLS can use")).because(error)
    })?;
    let mut connection = rustls::ClientConnection::new(Arc::new(config), name)
        .map_err(|error| handshake_error(&error, tls, host))?;
    let left = clock.left("the TLS handshake")?;
    tcp.set_read_timeout(Some(left))?;
    tcp.set_write_timeout(Some(left))?;
    while connection.is_handshaking() {
        connection.complete_io(&mut tcp).map_err(|error| {
            match error.get_ref().and_then(|e| e.downcast_ref()) {
                Some(tls_error) => handshake_error(tls_error, tls, host),
                None => Error::new(Kind::Connect, format!("the TLS handshake with {host} broke off"))
                    .because(error),
            }
        })?;
    }
    clock.stage("tls");
    let info = TlsInfo {
        version: connection
            .protocol_version()
            .and_then(|version| version.as_str())
            .unwrap_or("")
            .replace('_', "."),
        cipher: connection
            .negotiated_cipher_suite()
            .and_then(|suite| suite.suite().as_str())
            .unwrap_or("")
            .replace("TLS13_", "TLS_"),
        verified,
    };
    let certificate =
        connection.peer_certificates().and_then(|chain| chain.first()).map(|cert| cert.to_vec());
    Ok(Upgraded { stream: Stream::tls(connection, tcp), info, certificate: certificate.unwrap_or_default() })
}

/// libpq checks the signer under `require` too when it was told whom to trust.
fn checks(tls: &Tls) -> Verified {
    match tls.mode {
        TlsMode::VerifyFull => Verified::Full,
        TlsMode::VerifyCa => Verified::Ca,
        TlsMode::Require if tls.ca.is_some() => Verified::Ca,
        TlsMode::Require | TlsMode::Prefer | TlsMode::Disable => Verified::No,
    }
}

fn client_config(tls: &Tls, verified: Verified) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let roots = match verified {
        Verified::No => RootCertStore::empty(),
        Verified::Ca | Verified::Full => roots(tls)?,
    };
    let pinned = pinned(tls, verified)?;
    let verifier = Verifier { verified, roots, pinned, provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(Kind::Config, "no usable TLS version").because(error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => {
            let chain = read_certificates(cert)?;
            let key =
                PrivateKeyDer::from_pem_file(key).map_err(|error| pem_error("private key", key, error))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                Error::new(Kind::Config, "the client certificate and key cannot be used").because(error)
            })
        }
        (Some(_), None) => {
            Err(Error::new(Kind::Config, "a client certificate needs its key").hint("set tls.key (sslkey)"))
        }
        (None, Some(_)) => {
            Err(Error::new(Kind::Config, "a client key needs its certificate").hint("set tls.cert (sslcert)"))
        }
        (None, None) => Ok(builder.with_no_client_auth()),
    }
}

fn roots(tls: &Tls) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    match &tls.ca {
        Some(path) => {
            for certificate in read_certificates(path)? {
                roots.add(certificate).map_err(|error| {
                    Error::new(
                        Kind::Config,
                        format!("{} holds a certificate that cannot be trusted", path.display()),
                    )
                    .because(error)
                })?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(Error::new(Kind::Config, "this machine has no trusted certificate authorities")
                    .hint("install its ca-certificates package, or name a file with tls.ca (sslrootcert)"));
            }
        }
    }
    Ok(roots)
}

/// A server certificate given as its own authority is trusted as itself: self-signed server
/// certificates are common inside companies, and webpki refuses an authority as end entity.
fn pinned(tls: &Tls, verified: Verified) -> Result<Vec<CertificateDer<'static>>> {
    match (&tls.ca, verified) {
        (Some(path), Verified::Ca | Verified::Full) => read_certificates(path),
        _ => Ok(Vec::new()),
    }
}

fn read_certificates(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(|found| found.collect::<Result<Vec<_>, _>>())
        .map_err(|error| pem_error("certificate", path, error))?;
    if certificates.is_empty() {
        return Err(Error::new(Kind::Config, format!("{} holds no certificate in PEM form", path.display())));
    }
    Ok(certificates)
}

fn pem_error(what: &str, path: &std::path::Path, error: rustls::pki_types::pem::Error) -> Error {
    Error::new(Kind::Config, format!("cannot read the {what} in {}", path.display())).because(error)
}

fn handshake_error(error: &rustls::Error, tls: &Tls, host: &str) -> Error {
    let hint = match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => match &tls.ca {
            Some(ca) => format!("the server's certificate is not signed by any authority in {}", ca.display()),
            None => "name the authority that signed it with tls.ca (sslrootcert, ssl-ca)".to_owned(),
        },
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => format!(
            "connect by a name the certificate lists as subject alternative name, or use verify-ca if {host} is surely the right server"
        ),
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the server's certificate has expired: renew it, or check this machine's clock".to_owned()
        }
        rustls::Error::AlertReceived(_) => {
            "the server broke off: does it demand a client certificate (tls.cert, tls.key) or another TLS version?".to_owned()
        }
        _ => "TLS 1.2 and 1.3 are spoken; older servers need an upgrade or tls mode `disable`".to_owned(),
    };
    Error::new(Kind::Connect, format!("cannot make a TLS connection to {host}"))
        .because(error.clone())
        .hint(hint)
}

#[derive(Debug)]
struct Verifier {
    verified: Verified,
    roots: RootCertStore,
    pinned: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.verified == Verified::No {
            return Ok(ServerCertVerified::assertion());
        }
        let certificate = ParsedCertificate::try_from(end_entity)?;
        if !self.pinned.contains(end_entity) {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                &self.roots,
                intermediates,
                now,
                algorithms,
            )?;
        }
        if self.verified == Verified::Full {
            verify_server_name(&certificate, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
