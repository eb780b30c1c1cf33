"""A real OCI registry on loopback, and the smallest images that it accepts."""

import hashlib
import json
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True)
class LocalRegistry:
    """A running registry."""

    host: str
    """Its address as image names begin with it: `127.0.0.1:<port>`."""

    def push(self, repository: str, tag: str) -> str:
        """Upload a new image, other than all before, under that tag; its digest is returned."""
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers"}})
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": self._upload(repository, config.encode(), _CONFIG),
            "layers": [self._upload(repository, secrets.token_bytes(64), _LAYER)],
        }
        content = json.dumps(manifest).encode()
        self._send("PUT", f"/v2/{repository}/manifests/{tag}", content, _MANIFEST)
        return _digest(content)

    def _upload(self, repository: str, content: bytes, media_type: str) -> dict[str, object]:
        location = self._send("POST", f"/v2/{repository}/blobs/uploads/", b"", media_type)
        path = location.removeprefix(f"http://{self.host}")
        join = "&" if "?" in path else "?"
        self._send("PUT", f"{path}{join}digest={_digest(content)}", content, "application/octet-stream")
        return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}

    def _send(self, method: str, path: str, content: bytes, media_type: str) -> str:
        connection = HTTPConnection(self.host, timeout=10)
        try:
            connection.request(method, path, body=content, headers={"content-type": media_type})
            response: HTTPResponse = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        assert response.status < 300, f"{method} {path}: {response.status} {answer!r}"
        return response.headers.get("location", "")

    def answers(self) -> bool:
        """Whether it speaks the registry protocol already."""
        try:
            self._send("GET", "/v2/", b"", "application/json")
        except (OSError, HTTPException):
            return False
        return True


@contextmanager
def running_registry(program: Path, folder: Path) -> Iterator[LocalRegistry]:
    """Start a registry that keeps its images in `folder`; it is stopped at the end of the block."""
    port = _free_port()
    config = folder / "registry.yaml"
    config.write_text(json.dumps(_config(port, folder)))
    log = (folder / "registry.log").open("wb")
    process = subprocess.Popen([program, "serve", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    registry = LocalRegistry(f"127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + 20
        while not registry.answers():
            ended = process.poll() is not None or time.monotonic() > deadline
            assert not ended, f"the registry did not start, see {log.name}"
            time.sleep(0.05)
        yield registry
    finally:
        process.kill()
        process.wait()
        log.close()


def _config(port: int, folder: Path) -> dict[str, object]:
    return {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}, "delete": {"enabled": True}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number
