"""Registries that want a login, are busy, or answer oddly: played by a transport, since no real one does it on call."""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from inference_provider.errors import RegistryError
from inference_provider.integrations.docker_config import NO_LOGINS, DockerConfig, Login
from inference_provider.integrations.registry import Registry
from inference_provider.integrations.registry_protocol import Challenge, is_loopback, read_challenge

DIGEST = "sha256:" + "b" * 64
FOUND = httpx.Response(200, headers={"docker-content-digest": DIGEST})
CHALLENGE = 'Bearer realm="https://auth.example/token?a=1",service="ghcr",scope="repository:m/llama:pull"'

Answer = Callable[[httpx.Request], httpx.Response]


class Played:
    """A registry that answers by a function, notes what it was asked, and never really sleeps."""

    def __init__(self, answer: Answer, *, logins: DockerConfig = NO_LOGINS, plain_http: tuple[str, ...] = ()) -> None:
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []
        self._answer = answer
        transport = httpx.MockTransport(self._handle)
        self.registry = Registry(logins=logins, plain_http=plain_http, transport=transport, sleep=self._sleep)

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.url}" for request in self.asked]

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def guarded(request: httpx.Request) -> httpx.Response:
    """A registry that wants a token, and its token server."""
    if request.url.host == "auth.example":
        return httpx.Response(200, json={"token": "tok-1"})
    if request.headers.get("authorization") == "Bearer tok-1":
        return FOUND
    return httpx.Response(401, headers={"www-authenticate": CHALLENGE})


def in_turn(*responses: httpx.Response) -> Answer:
    rest = iter(responses)
    return lambda _: next(rest)


def logins(login: Login, registry: str = "ghcr.io") -> DockerConfig:
    return DockerConfig({registry: login}, {})


async def test_docker_hub_s_short_names_ask_its_own_host() -> None:
    played = Played(lambda _: FOUND)

    assert await played.registry.resolve("nginx:1.27") == f"nginx:1.27@{DIGEST}"
    assert played.lines == ["HEAD https://registry-1.docker.io/v2/library/nginx/manifests/1.27"]
    assert "application/vnd.oci.image.index.v1+json" in played.asked[0].headers["accept"]


async def test_a_hundred_workloads_with_the_same_image_do_not_ask_a_hundred_times() -> None:
    asked: list[httpx.Request] = []

    async def slow(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        await asyncio.sleep(0)
        return httpx.Response(200, headers={"docker-content-digest": DIGEST})

    registry = Registry(transport=httpx.MockTransport(slow))

    found = await asyncio.gather(*(registry.resolve("nginx:1.27") for _ in range(100)))

    assert set(found) == {f"nginx:1.27@{DIGEST}"}
    assert len(asked) <= 8, "as many as may ask at once"


async def test_a_token_is_fetched_without_a_login_and_used_for_the_next_tag_too() -> None:
    played = Played(guarded)

    assert await played.registry.resolve("ghcr.io/m/llama:a") == f"ghcr.io/m/llama:a@{DIGEST}"
    assert await played.registry.resolve("ghcr.io/m/llama:b") == f"ghcr.io/m/llama:b@{DIGEST}"
    assert [line.split("?")[0] for line in played.lines] == [
        "HEAD https://ghcr.io/v2/m/llama/manifests/a",
        "GET https://auth.example/token",
        "HEAD https://ghcr.io/v2/m/llama/manifests/a",
        "HEAD https://ghcr.io/v2/m/llama/manifests/b",
    ]
    asked = dict(played.asked[1].url.params)
    assert asked == {"a": "1", "service": "ghcr", "scope": "repository:m/llama:pull"}
    assert "authorization" not in played.asked[1].headers


async def test_a_login_goes_to_the_token_server_only() -> None:
    played = Played(guarded, logins=logins(Login("ann", "s3cret")))
    await played.registry.resolve("ghcr.io/m/llama:a")

    expected = "Basic " + base64.b64encode(b"ann:s3cret").decode()
    assert [request.headers.get("authorization") for request in played.asked] == [None, expected, "Bearer tok-1"]


async def test_an_identity_token_is_exchanged() -> None:
    played = Played(guarded, logins=logins(Login("0000", "", "refresh-me")))
    await played.registry.resolve("ghcr.io/m/llama:a")

    assert played.asked[1].method == "POST"
    form = parse_qs(played.asked[1].content.decode())
    assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["refresh-me"])


async def test_a_registry_without_tokens_gets_the_login_itself() -> None:
    wants = httpx.Response(401, headers={"www-authenticate": 'Basic realm="r"'})
    played = Played(in_turn(wants, FOUND), logins=logins(Login("ann", "s3cret")))

    assert await played.registry.resolve("ghcr.io/a:b") == f"ghcr.io/a:b@{DIGEST}"
    assert played.asked[1].headers["authorization"].startswith("Basic ")


async def test_a_token_server_in_the_clear_never_sees_the_login() -> None:
    wants = httpx.Response(401, headers={"www-authenticate": 'Bearer realm="http://auth.example/token"'})
    played = Played(lambda _: wants, logins=logins(Login("ann", "s3cret")))

    with pytest.raises(RegistryError, match="does not use https"):
        await played.registry.resolve("ghcr.io/a:b")
    assert len(played.asked) == 1


async def test_denied_access_says_where_to_log_in() -> None:
    denied = {"errors": [{"code": "DENIED", "message": "requested access to the resource is denied"}]}
    played = Played(lambda _: httpx.Response(403, json=denied))

    with pytest.raises(RegistryError) as caught:
        await played.registry.resolve("ghcr.io/m/llama:a")
    assert caught.value.message == (
        'could not resolve image "ghcr.io/m/llama:a" to a digest: registry ghcr.io answered: requested access to the '
        "resource is denied (403). Log in with `docker login ghcr.io`, or pin the image by its digest (…@sha256:…), "
        "which needs no request"
    )


async def test_a_credential_helper_is_blamed_when_access_is_denied() -> None:
    config = DockerConfig({}, {"": "desktop"})
    played = Played(lambda _: httpx.Response(401), logins=config)

    with pytest.raises(RegistryError, match="docker-credential-desktop, which is not supported"):
        await played.registry.resolve("ghcr.io/m/llama:a")


async def test_what_a_server_sends_back_of_our_login_is_blacked_out() -> None:
    def telltale(request: httpx.Request) -> httpx.Response:
        if request.url.host == "auth.example":
            said = f"ann:s3cret is wrong, you sent {request.headers['authorization']}"
            return httpx.Response(401, json={"errors": [{"message": said}]})
        return httpx.Response(401, headers={"www-authenticate": CHALLENGE})

    played = Played(telltale, logins=logins(Login("ann", "s3cret")))
    with pytest.raises(RegistryError) as caught:
        await played.registry.resolve("ghcr.io/m/llama:a")

    assert "s3cret" not in caught.value.message
    assert base64.b64encode(b"ann:s3cret").decode() not in caught.value.message
    assert "[secret] is wrong" in caught.value.message


async def test_a_busy_registry_is_asked_again_as_it_wishes() -> None:
    busy = httpx.Response(429, headers={"retry-after": "3"})
    far_too_long = httpx.Response(503, headers={"retry-after": "3600"})
    played = Played(in_turn(busy, far_too_long, httpx.Response(502), FOUND))

    assert await played.registry.resolve("ghcr.io/a:b") == f"ghcr.io/a:b@{DIGEST}"
    assert played.slept == [3.0, 10.0, 2.0]


async def test_a_registry_that_stays_busy_is_given_up_after_four_tries() -> None:
    said = {"errors": [{"code": "TOOMANYREQUESTS"}]}
    played = Played(lambda _: httpx.Response(429, json=said))

    with pytest.raises(RegistryError, match=r"TOOMANYREQUESTS \(429\)\. Try again later"):
        await played.registry.resolve("ghcr.io/a:b")
    assert [request.method for request in played.asked] == ["HEAD"] * 4


async def test_a_registry_that_cannot_be_reached_is_tried_twice() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Name or service not known", request=request)

    played = Played(nobody)
    with pytest.raises(RegistryError) as caught:
        await played.registry.resolve("gone.example/a:b")

    assert "registry gone.example could not be reached: ConnectError: Name or service not known" in caught.value.message
    assert len(played.asked) == 2


@pytest.mark.parametrize(
    "head",
    [
        httpx.Response(405),
        httpx.Response(501),
        httpx.Response(200),
        httpx.Response(200, headers={"docker-content-digest": "md5:1"}),
    ],
)
async def test_without_a_stated_digest_the_content_is_hashed(head: httpx.Response) -> None:
    content = b'{"schemaVersion": 2}'
    played = Played(lambda request: head if request.method == "HEAD" else httpx.Response(200, content=content))

    assert await played.registry.resolve("ghcr.io/a:b") == f"ghcr.io/a:b@sha256:{hashlib.sha256(content).hexdigest()}"


async def test_a_pinned_image_needs_no_request() -> None:
    played = Played(lambda _: httpx.Response(500))

    assert await played.registry.resolve(f"ghcr.io/a@{DIGEST}") == f"ghcr.io/a@{DIGEST}"
    assert played.asked == []


async def test_plain_http_is_spoken_only_where_it_was_allowed() -> None:
    played = Played(lambda _: FOUND, plain_http=("registry.lan:5000",))
    await played.registry.resolve_all(["registry.lan:5000/a", "registry.lan/a", "localhost:5000/a"])

    assert [f"{request.url.scheme}://{request.url.netloc.decode()}" for request in played.asked] == [
        "http://registry.lan:5000",
        "https://registry.lan",
        "http://localhost:5000",
    ]


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (CHALLENGE, Challenge("bearer", "https://auth.example/token?a=1", "ghcr", "repository:m/llama:pull")),
        ('Basic realm="x", Bearer realm="https://a/t",service=s', Challenge("bearer", "https://a/t", "s")),
        ("basic", None),
        ('BASIC realm="x"', Challenge("basic")),
        ("Negotiate", None),
    ],
)
def test_a_challenge_is_read_in_every_spelling(header: str, challenge: Challenge | None) -> None:
    assert read_challenge(httpx.Response(401, headers={"www-authenticate": header})) == challenge


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("127.0.0.1:1", True),
        ("127.9.9.9", True),
        ("[::1]:5000", True),
        ("10.0.0.1:5000", False),
        ("localhost.example", False),
        ("127.0.0.1.example:80", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, *, local: bool) -> None:
    assert is_loopback(host) is local
