"""What the provider itself may be told: which cluster, which namespace, and how image registries are to be asked."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from inference_provider.domain.fields import Namespace, PlainSeconds, Text, Truth
from inference_provider.domain.model import Broken, Given, Input


def _something(text: str) -> str:
    if not text.strip():
        raise ValueError(
            "is empty, which would mean another cluster than the one that was probably meant; leave it out to use "
            "what kubectl would"
        )
    return text


def _host(address: str) -> str:
    if "/" in address or not address.strip() or address != address.strip():
        raise ValueError(
            f"is {address!r}, but must be a host, with its port if it has one, as image names begin with it: "
            "ghcr.io, or registry.example:5000"
        )
    return address


Meant = Annotated[str, AfterValidator(_something)]


class RegistrySettings(Input):
    """How one image registry is to be asked for digests. Nodes pull images with logins of their own."""

    address: Annotated[
        Annotated[str, AfterValidator(_host)],
        Field(description="Host, with its port if it has one, as image names begin with it; docker.io for Docker Hub."),
    ]
    username: Annotated[
        Text | None, Field(description="Who asks. Default: what `docker login` left in the configuration of Docker.")
    ] = None
    password: Annotated[Text | None, Field(repr=False, description="Password or access token, beside `username`.")] = (
        None
    )
    plain_http: Annotated[
        Truth | None,
        Field(
            description="true: ask without TLS. Default: for registries on this machine, and for those in the "
            "environment variable PULUMI_INFERENCE_PLAIN_HTTP_REGISTRIES."
        ),
    ] = None
    ca_certificate: Annotated[
        Text | None,
        Field(
            description="Certificate of the authority to trust beside the usual ones: a path, or the content (PEM). "
            "It counts for this registry only, and for the token server that it sends to."
        ),
    ] = None
    timeout_seconds: Annotated[
        Annotated[PlainSeconds, Field(gt=0)] | None,
        Field(description="How long one answer may take (seconds). Default: 15, of which 5 to connect."),
    ] = None

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """A login is whole, and a certificate has something to certify."""
        if given.has("username") != given.has("password"):
            missing = "password" if given.has("username") else "username"
            yield (missing,), "is needed too: `username` and `password` make a login together"
        if given.get("plainHttp") is True and given.has("caCertificate"):
            yield ("caCertificate",), "does nothing with `plainHttp: true`; leave one of the two out"


class ProviderSettings(Input):
    """The provider's own configuration."""

    kubeconfig: Annotated[
        Meant | None,
        Field(
            repr=False,
            description="Path of a kubeconfig, or its content. Default: as kubectl would choose: KUBECONFIG, "
            "~/.kube/config, the service account of a pod.",
        ),
    ] = None
    context: Annotated[
        Meant | None,
        Field(
            description="Context in the kubeconfig. Default: PULUMI_INFERENCE_CONTEXT in the environment, else the "
            "current one."
        ),
    ] = None
    namespace: Annotated[
        Namespace | None,
        Field(
            description="Namespace where a resource names none. Default: PULUMI_INFERENCE_NAMESPACE in the "
            "environment, else `default`."
        ),
    ] = None
    registries: Annotated[
        tuple[RegistrySettings, ...],
        Field(
            repr=False,
            description="Image registries that are to be asked for digests in another way than by default: with a "
            "login, without TLS, with an authority of their own, or with more patience.",
        ),
    ] = ()

    @classmethod
    def rules(cls, given: Given) -> Iterator[Broken]:
        """No registry twice."""
        seen: set[str] = set()
        for index, registry in given.children("registries"):
            address = registry.text("address")
            if address in seen:
                yield ("registries", index, "address"), f"{address} is given twice; keep one of the two"
            seen.update([address] if address else [])


#: The settings that hold what nobody else may read.
SECRET = frozenset({"kubeconfig", "registries"})
#: The environment's variable for each setting that has one.
ENVIRONMENT = {
    "kubeconfig": "KUBECONFIG",
    "context": "PULUMI_INFERENCE_CONTEXT",
    "namespace": "PULUMI_INFERENCE_NAMESPACE",
}
