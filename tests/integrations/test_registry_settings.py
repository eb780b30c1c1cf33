"""Registries that the provider was told to ask otherwise: with a login, an authority of their own, less patience."""

import datetime
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from inference_provider.domain.provider_settings import RegistrySettings
from inference_provider.errors import RegistryError
from inference_provider.integrations.registry import PLAIN_HTTP_VARIABLE, Registry

DIGEST = "sha256:" + "b" * 64


class _Answering(BaseHTTPRequestHandler):
    """A registry that knows every image, and tells it to one person."""

    def do_HEAD(self) -> None:
        if self.headers["authorization"] == "Basic bWU6c3dvcmRmaXNo":  # me:swordfish
            self._say(200, "docker-content-digest", DIGEST)
        else:
            self.do_GET()

    def do_GET(self) -> None:
        self._say(401, "www-authenticate", 'Basic realm="models"')

    def _say(self, status: int, header: str, value: str) -> None:
        self.send_response(status)
        self.send_header(header, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Said to nobody."""


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Such a registry on loopback; its address."""
    server = HTTPServer(("127.0.0.1", 0), _Answering)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for loopback that nobody knows, and what serves with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "registry")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "ca.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


async def resolved(*said: RegistrySettings, image: str, environ: dict[str, str] | None = None) -> str:
    async with Registry.from_environment({"HOME": "/nonexistent", **(environ or {})}, said=said) as registry:
        return await registry.resolve(image)


def me(address: str, **more: object) -> RegistrySettings:
    return RegistrySettings.model_validate({"address": address, "username": "me", "password": "swordfish", **more})


async def test_the_login_that_was_said_comes_before_docker_s(tmp_path: Path) -> None:
    with serving() as address:
        (tmp_path / "config.json").write_text(json.dumps({"auths": {address: {"username": "old", "password": "x"}}}))
        environ = {"DOCKER_CONFIG": str(tmp_path)}

        with pytest.raises(RegistryError, match="Log in"):
            await resolved(image=f"{address}/m:1", environ=environ)
        assert await resolved(me(address), image=f"{address}/m:1", environ=environ) == f"{address}/m:1@{DIGEST}"


async def test_an_authority_of_its_own_is_trusted_as_a_path_and_as_content(tmp_path: Path) -> None:
    path, tls = certified(tmp_path)
    with serving(tls) as address:
        image = f"{address}/m:1"

        with pytest.raises(RegistryError, match="CERTIFICATE_VERIFY_FAILED"):
            await resolved(me(address, plainHttp=False), image=image)
        for certificate in (str(path), path.read_text()):
            said = me(address, plainHttp=False, caCertificate=certificate)
            assert await resolved(said, image=image) == f"{image}@{DIGEST}"
        other = RegistrySettings.model_validate({"address": "ghcr.io", "caCertificate": str(path)})
        with pytest.raises(RegistryError, match="CERTIFICATE_VERIFY_FAILED"):
            await resolved(me(address, plainHttp=False), other, image=image)


async def test_what_was_said_of_tls_comes_before_the_environment() -> None:
    with serving() as address, pytest.raises(RegistryError, match="SSL"):
        await resolved(me(address, plainHttp=False), image=f"{address}/m:1", environ={PLAIN_HTTP_VARIABLE: address})


async def test_a_registry_that_never_answers_is_given_up_in_the_time_that_was_said() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(RegistryError, match="ReadTimeout"):
            await resolved(me(address, timeoutSeconds=0.1), image=f"{address}/m:1")
