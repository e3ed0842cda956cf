"""A throw-away certificate authority, and server certificates for every host, good and bad, made at start."""

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# A day back, so that a clock a little behind ours still accepts it; short, because nothing should live on.
VALID_BEFORE_NOW = timedelta(days=1)
VALID_AFTER_NOW = timedelta(days=30)


class Authority:
    """A certificate authority with its certificate in `ca.pem` in `folder`, and the server contexts it signs for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Offline web authority (tests only)")
        certificate = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(sign_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(
        self, hosts: Iterable[str], *, stem: str = "server", age: timedelta = timedelta(), self_signed: bool = False
    ) -> ssl.SSLContext:
        """A server context whose certificate names `hosts`; written into `STEM.pem` and `STEM.key`.

        `age`: how long ago it was made, so that it may have expired since. `self_signed`: by nobody else.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        signer = key if self_signed else self._key
        names = [x509.DNSName(host) for host in sorted(hosts)]
        issuer = _name("Offline web") if self_signed else self._name
        certificate = (
            _builder(_name("Offline web"), issuer, key.public_key(), age)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )
        certificate_file, key_file = self._folder / f"{stem}.pem", self._folder / f"{stem}.key"
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        key_file.write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_file, key_file)
        return context


def make_certificates(hosts: Iterable[str], folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Write `ca.pem`, `server.pem` and `server.key` into `folder`.

    Returns the path of the authority's certificate (for SSL_CERT_FILE) and a server context whose certificate names
    every host in `hosts`, besides localhost.
    """
    authority = Authority(folder)
    return authority.file, authority.context({*hosts, "localhost"})


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, age: timedelta = timedelta()
) -> x509.CertificateBuilder:
    now = datetime.now(UTC) - age
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - VALID_BEFORE_NOW)
        .not_valid_after(now + VALID_AFTER_NOW)
    )


def _key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )
