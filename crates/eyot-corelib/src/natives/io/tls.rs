//! Encryption of a stream socket: a rustls connection between an endpoint and its descriptor.
//!
//! The endpoint's reads and writes go through the session, which moves records to and from the descriptor as far as that goes
//! without blocking. What is left to be sent is sent when the descriptor is writable; [`Endpoint`](super::endpoints::Endpoint)
//! arms for that.
//!
//! A certificate of a server that does not convince does not end the handshake: the reason is kept, nothing of the program is
//! sent yet, and Dart code asks its callback (see `lib/io/secure_socket.dart`). Signatures are always verified.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use eyot_runtime::heap::message::Plain;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    ClientConfig, Connection, DigitallySignedStruct, DistinguishedName, KeyLog, RootCertStore,
    ServerConfig, SignatureScheme,
};
use socket2::SockRef;

use super::driver::READABLE;
use super::endpoints::Endpoints;
use super::operation::{Answer, Arguments};
use super::{certificates, private_keys};

/// What a `SecurityContext` comes to for one role.
pub enum Config {
    /// With the roots that it trusts.
    Client(Box<ClientConfig>, Arc<RootCertStore>),
    /// Ready.
    Server(Arc<ServerConfig>),
}

/// Why the peer's certificate does not convince.
type Refusal = Arc<Mutex<Option<String>>>;

/// An encrypted connection.
pub struct Session {
    connection: Connection,
    refusal: Refusal,
    /// Lines of secrets that Dart code has not been told yet.
    keys: Arc<Keys>,
    /// What the program had read before the connection was encrypted.
    already_read: Vec<u8>,
    /// The descriptor has ended.
    has_ended: bool,
    /// The sending direction ends as soon as everything is sent.
    is_closing: bool,
}

/// Secrets of a connection, a line each.
#[derive(Debug, Default)]
struct Keys(Mutex<Vec<String>>);

impl KeyLog for Keys {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = format!("{label} ");
        push_hex(&mut line, client_random);
        line.push(' ');
        push_hex(&mut line, secret);
        line.push('\n');
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    text.extend(bytes.iter().flat_map(|byte| {
        let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
        [digit(byte >> 4), digit(byte & 15)]
    }));
}

/// Plaintext that may wait to be sent.
const BUFFER_BYTES: usize = 64 << 10;

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(ring::default_provider()))
        .clone()
}

fn failed(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

/// Performs one of the operations of `lib/io/security_context.dart`.
pub fn perform(number: i64, endpoints: &mut Endpoints, arguments: &Arguments) -> Answer {
    match number {
        300 => start(endpoints, arguments),
        301 => configure(endpoints, arguments),
        302 => {
            let endpoint = endpoints.get(arguments.int(0)?)?;
            match &mut endpoint.session {
                Some(session) => session.shake_hands(&endpoint.file).map(Plain::Bool),
                None => Err(io::Error::from(io::ErrorKind::InvalidInput)),
            }
        }
        303 => match &endpoints.get(arguments.int(0)?)?.session {
            Some(session) => Ok(session.about()),
            None => Err(io::Error::from(io::ErrorKind::InvalidInput)),
        },
        304 => certificates::describe(arguments.bytes(0)?),
        305 => {
            let found = pem_certificates(arguments.bytes(0)?)?;
            Ok(Plain::Int(found.len() as i64))
        }
        306 => {
            private_key(arguments.bytes(0)?, arguments.optional_text(1))?;
            Ok(Plain::Null)
        }
        307 => match &endpoints.get(arguments.int(0)?)?.session {
            Some(session) => Ok(session.take_keys()),
            None => Err(io::Error::from(io::ErrorKind::InvalidInput)),
        },
        _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
    }
}

// ---- configurations

fn pem_certificates(bytes: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let found = found.map_err(failed)?;
    if found.is_empty() {
        return Err(failed("no certificate found"));
    }
    Ok(found)
}

fn private_key(bytes: &[u8], password: Option<&str>) -> io::Result<PrivateKeyDer<'static>> {
    let key = match private_keys::decrypt(bytes, password) {
        Some(decrypted) => PrivateKeyDer::try_from(decrypted?).map_err(failed)?,
        None => PrivateKeyDer::from_pem_slice(bytes).map_err(failed)?,
    };
    ring::sign::any_supported_type(&key).map_err(failed)?;
    Ok(key)
}

/// Where systems keep the certificates they trust.
const ROOT_FILES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

fn add_system_roots(roots: &mut RootCertStore) {
    let named = std::env::var("SSL_CERT_FILE").ok();
    let files = named
        .as_deref()
        .into_iter()
        .chain(ROOT_FILES.iter().copied());
    for file in files {
        if let Ok(bytes) = std::fs::read(file) {
            roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&bytes).flatten());
            return;
        }
    }
}

/// (server, chain or null, key or null, password or null, trusted certificates as one, with the system's, protocols, 0 no
/// client certificate, 1 requested, 2 required, TLS 1.3 only) -> number of the configuration
fn configure(endpoints: &mut Endpoints, arguments: &Arguments) -> Answer {
    let mut roots = RootCertStore::empty();
    if arguments.flag(5)? {
        add_system_roots(&mut roots);
    }
    let trusted = arguments.bytes(4)?;
    if !trusted.is_empty() {
        roots.add_parsable_certificates(pem_certificates(trusted)?);
    }
    let protocols = arguments.texts(6).unwrap_or_default();
    let protocols: Vec<Vec<u8>> = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let identity = match (arguments.bytes(1), arguments.bytes(2)) {
        (Ok(chain), Ok(key)) => Some((
            pem_certificates(chain)?,
            private_key(key, arguments.optional_text(3))?,
        )),
        _ => None,
    };
    let versions = if arguments.flag(8)? {
        &[&rustls::version::TLS13]
    } else {
        rustls::ALL_VERSIONS
    };
    let config = if arguments.flag(0)? {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .map_err(failed)?;
        let builder = match arguments.int(7)? {
            0 => builder.with_no_client_auth(),
            wish => builder.with_client_cert_verifier(client_verifier(roots, wish == 2)?),
        };
        let Some((chain, key)) = identity else {
            return Err(failed("NO_CERTIFICATE_SET"));
        };
        let mut config = builder.with_single_cert(chain, key).map_err(failed)?;
        config.alpn_protocols = protocols;
        Config::Server(Arc::new(config))
    } else {
        let roots = Arc::new(roots);
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .map_err(failed)?
            .with_root_certificates(roots.clone());
        let mut config = match identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(failed)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = protocols;
        Config::Client(Box::new(config), roots)
    };
    endpoints.configs.push(config);
    Ok(Plain::Int(endpoints.configs.len() as i64 - 1))
}

// ---- certificates of the peer

fn client_verifier(
    roots: RootCertStore,
    is_required: bool,
) -> io::Result<Arc<dyn ClientCertVerifier>> {
    if roots.is_empty() {
        return Ok(Arc::new(TrustsNoClient { is_required }));
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let builder = if is_required {
        builder
    } else {
        builder.allow_unauthenticated()
    };
    builder.build().map(|built| built as _).map_err(failed)
}

fn schemes() -> Vec<SignatureScheme> {
    provider()
        .signature_verification_algorithms
        .supported_schemes()
}

fn verify_tls12(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    let algorithms = provider().signature_verification_algorithms;
    rustls::crypto::verify_tls12_signature(message, certificate, signature, &algorithms)
}

fn verify_tls13(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    let algorithms = provider().signature_verification_algorithms;
    rustls::crypto::verify_tls13_signature(message, certificate, signature, &algorithms)
}

/// A server that asks for certificates but knows nobody to trust.
#[derive(Debug)]
struct TrustsNoClient {
    is_required: bool,
}

impl ClientCertVerifier for TrustsNoClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        self.is_required
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Err(rustls::CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        schemes()
    }
}

/// Looks at the server's certificate and keeps what is wrong with it.
#[derive(Debug)]
struct Judge {
    /// None: there is nobody to trust.
    roots: Option<Arc<WebPkiServerVerifier>>,
    host: String,
    refusal: Refusal,
}

impl Judge {
    fn opinion(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        response: &[u8],
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        use rustls::CertificateError::{NotValidForName, NotValidForNameContext, UnknownIssuer};
        let Some(roots) = &self.roots else {
            return Err(UnknownIssuer.into());
        };
        match roots.verify_server_cert(certificate, intermediates, name, response, now) {
            // A certificate without alternative names may say the name in the old place.
            Err(rustls::Error::InvalidCertificate(
                NotValidForName | NotValidForNameContext { .. },
            )) if certificates::common_name_fits(certificate, &self.host) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Err(error) = self.opinion(certificate, intermediates, name, response, now) {
            let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
            *refusal = Some(error.to_string());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        schemes()
    }
}

// ---- sessions

/// (handle, configuration, host, keeps keys, bytes read already) -> null; the endpoint is encrypted from now on
fn start(endpoints: &mut Endpoints, arguments: &Arguments) -> Answer {
    let host = arguments.text(2)?;
    let number = usize::try_from(arguments.int(1)?).unwrap_or(usize::MAX);
    let refusal = Refusal::default();
    let keys = Arc::new(Keys::default());
    let mut connection: Connection = match endpoints.configs.get(number) {
        Some(Config::Server(config)) => rustls::ServerConnection::new(config.clone())
            .map_err(failed)?
            .into(),
        Some(Config::Client(config, roots)) => {
            let judge = Judge {
                roots: WebPkiServerVerifier::builder_with_provider(roots.clone(), provider())
                    .build()
                    .ok(),
                host: host.to_owned(),
                refusal: refusal.clone(),
            };
            let mut config: ClientConfig = (**config).clone();
            config.dangerous().set_certificate_verifier(Arc::new(judge));
            if arguments.flag(3)? {
                config.key_log = keys.clone();
            }
            let name = ServerName::try_from(host.to_owned()).map_err(failed)?;
            rustls::ClientConnection::new(Arc::new(config), name)
                .map_err(failed)?
                .into()
        }
        None => return Err(io::Error::from(io::ErrorKind::InvalidInput)),
    };
    connection.set_buffer_limit(Some(BUFFER_BYTES));
    endpoints.get(arguments.int(0)?)?.session = Some(Box::new(Session {
        connection,
        refusal,
        keys,
        already_read: arguments.bytes(4)?.to_vec(),
        has_ended: false,
        is_closing: false,
    }));
    Ok(Plain::Null)
}

impl Session {
    /// Takes what the descriptor has, and answers it.
    fn pull(&mut self, file: &File) -> io::Result<()> {
        while !self.has_ended && self.connection.wants_read() {
            match self.take(file) {
                Ok(0) => self.has_ended = true,
                Ok(_) => {
                    if let Err(error) = self.connection.process_new_packets() {
                        // The other side is told why.
                        let _ = self.push(file);
                        return Err(failed(error));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        self.push(file)
    }

    /// Gives the connection what comes next of the other side's.
    fn take(&mut self, file: &File) -> io::Result<usize> {
        if self.already_read.is_empty() {
            return self.connection.read_tls(&mut &*file);
        }
        let count = self.connection.read_tls(&mut &self.already_read[..])?;
        self.already_read.drain(..count);
        Ok(count)
    }

    /// The lines of secrets that have come since this was asked last.
    fn take_keys(&self) -> Plain {
        let mut lines = self.keys.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.drain(..).map(|line| Plain::Text(line.into()));
        Plain::List(lines.collect())
    }

    /// Sends what waits, as far as that goes.
    fn push(&mut self, file: &File) -> io::Result<()> {
        while self.connection.wants_write() {
            match self.connection.write_tls(&mut &*file) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        if self.is_closing {
            self.is_closing = false;
            SockRef::from(file).shutdown(Shutdown::Write)?;
        }
        Ok(())
    }

    /// Whether the handshake is over.
    fn shake_hands(&mut self, file: &File) -> io::Result<bool> {
        self.pull(file)?;
        if self.connection.is_handshaking() && self.has_ended {
            return Err(failed("Connection terminated during handshake"));
        }
        Ok(!self.connection.is_handshaking())
    }

    /// [protocol or null, the peer's certificate or null, why it does not convince or null]
    fn about(&self) -> Plain {
        let protocol = self.connection.alpn_protocol();
        let certificates = self.connection.peer_certificates();
        let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        Plain::List(vec![
            protocol.map_or(Plain::Null, |name| {
                Plain::Text(String::from_utf8_lossy(name).into())
            }),
            certificates
                .and_then(|all| all.first())
                .map_or(Plain::Null, |first| Plain::Bytes(first.to_vec())),
            refusal
                .as_deref()
                .map_or(Plain::Null, |text| Plain::Text(text.into())),
        ])
    }

    /// Reads plaintext.
    pub fn read(&mut self, file: &File, bytes: &mut [u8]) -> io::Result<usize> {
        if let Some(count) = self.read_plain(bytes) {
            return Ok(count);
        }
        self.pull(file)?;
        match self.read_plain(bytes) {
            Some(count) => Ok(count),
            None if self.has_ended => Ok(0),
            None => Err(io::Error::from(io::ErrorKind::WouldBlock)),
        }
    }

    fn read_plain(&mut self, bytes: &mut [u8]) -> Option<usize> {
        match self.connection.reader().read(bytes) {
            Ok(count) => Some(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            // The other side has left without saying so.
            Err(_) => Some(0),
        }
    }

    /// Takes plaintext to be sent.
    pub fn write(&mut self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        self.push(file)?;
        let count = self.connection.writer().write(bytes)?;
        self.push(file)?;
        Ok(count)
    }

    /// Bytes of plaintext, 0 at the end; an error if there are none yet.
    pub fn available(&mut self, file: &File) -> io::Result<usize> {
        self.pull(file)?;
        match self.plaintext() {
            Some(count) => Ok(count),
            None => Err(io::Error::from(io::ErrorKind::WouldBlock)),
        }
    }

    fn plaintext(&mut self) -> Option<usize> {
        let state = self.connection.process_new_packets().ok()?;
        match state.plaintext_bytes_to_read() {
            0 if self.has_ended || state.peer_has_closed() => Some(0),
            0 => None,
            count => Some(count),
        }
    }

    /// Which of these events there are already, without the descriptor.
    pub fn ready(&mut self, file: &File, bits: u8) -> u8 {
        let _ = self.push(file);
        if bits & READABLE != 0 && (self.plaintext().is_some() || !self.already_read.is_empty()) {
            READABLE
        } else {
            0
        }
    }

    /// Whether something waits to be sent.
    pub fn wants_write(&self) -> bool {
        self.connection.wants_write()
    }

    /// Ends the sending direction.
    pub fn close(&mut self, file: &File) {
        self.connection.send_close_notify();
        self.is_closing = true;
        let _ = self.push(file);
    }
}
