"""The first call: the engine gives a provider ten seconds to answer it, on however busy a machine.

So it needs nothing but Pulumi's messages, and is answered while everything else is still being imported.
"""

from pulumi.runtime.proto import provider_pb2


def greeted(request: bytes) -> tuple[bytes, str]:
    """The answer to a handshake as it comes over the wire, and where the engine says that it listens."""
    engine = provider_pb2.ProviderHandshakeRequest.FromString(request).engine_address
    answer = provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)
    return answer.SerializeToString(), engine
