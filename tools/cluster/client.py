"""How is a simulated cluster's API server asked, with nothing but the standard library?"""

import json
import ssl
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


class ApiError(Exception):
    """The API server said no, or did not answer in HTTP."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:500]}")
        self.status, self.text = status, text


@dataclass(frozen=True)
class ApiClient:
    """Requests as the cluster's administrator; certificates lie in kwokctl's `pki` folder."""

    port: int
    pki: Path

    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content_type: str = "application/json",
        user: str | None = None,
    ) -> Answer:
        """One request, one answer. ``user``: the administrator acts as somebody else, with that one's rights.

        Raises:
            ApiError: the answer is an error.
            OSError: nobody listens, or the connection broke.
        """
        return _parsed(self._ask(method, path, body=body, content_type=content_type, user=user))

    def text(self, path: str) -> str:
        """What lies under a path that does not answer in JSON, such as a log."""
        return self._ask("GET", path, body=None, content_type="text/plain")

    def _ask(self, method: str, path: str, *, body: object, content_type: str, user: str | None = None) -> str:
        context = ssl.create_default_context(cafile=str(self.pki / "ca.crt"))
        context.load_cert_chain(self.pki / "admin.crt", self.pki / "admin.key")
        connection = HTTPSConnection("127.0.0.1", self.port, context=context, timeout=10)
        try:
            content = None if body is None else json.dumps(body)
            acting = {"impersonate-user": user} if user else {}
            connection.request(method, path, body=content, headers={"content-type": content_type} | acting)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status >= 300:
            raise ApiError(response.status, text)
        return text

    def ready(self) -> bool:
        """Whether the API server answers that it is ready."""
        try:
            self.request("GET", "/readyz")
        except (ApiError, OSError):
            return False
        return True


def _parsed(text: str) -> Answer:
    if not text.startswith("{"):
        return {}
    answer = json.loads(text)
    return answer if isinstance(answer, dict) else {}
