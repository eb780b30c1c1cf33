"""Who keeps the key to the secrets of the tests' stacks? Something on loopback that answers as Vault does.

A key that is made of a passphrase takes a million hashes in each run of the CLI, which is a third of what the CLI
itself takes of the processor. What is the same: every stack has a key of its own, with which the CLI encrypts.
"""

import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Where the CLI is told to keep a new stack's key.
PROVIDER = "hashivault://tests"
_SEAL = "vault:v1:"


class _Transit(BaseHTTPRequestHandler):
    """Two calls of Vault's engine `transit`; its seal keeps nothing secret, for nobody else is asked for the key."""

    def do_PUT(self) -> None:  # the name that http.server calls
        """Seal a stack's key, or open it."""
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "plaintext" in sent:
            self._answer("ciphertext", _SEAL + sent["plaintext"])
        else:
            self._answer("plaintext", sent["ciphertext"].removeprefix(_SEAL))

    def _answer(self, name: str, value: str) -> None:
        body = json.dumps({"data": {name: value}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads along."""


@cache
def address() -> str:
    """Where it listens, as long as this process lives; asked for the first time, it begins."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Transit)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
