"""Why did a connection fail: because TLS can never be set up like this, or because something broke it off?

Patience mends the second only. Which words OpenSSL has for what: ``include/openssl/sslerr.h``, without the prefix.
"""

import errno
import re
import ssl

from inference_provider.errors import InferenceError

#: Reasons that lie in certificates, keys, names, or in what both sides can speak. All others come of broken bytes:
#: a reset in the handshake, a record cut in two, data after a close, a server that is just starting.
_FOR_GOOD = re.compile(
    r"CERT|CA_?MD|UNKNOWN_CA|EE_KEY|KEY_VALUES|ACCESS_DENIED|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|CIPHER|CURVE"
    r"|UNRECOGNIZED_NAME|VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|LEGACY|HTTP_REQUEST|HTTPS_PROXY|X509|PEM LIB|CADATA"
)


def distrust(error: BaseException | None) -> str:
    """Why TLS could not be set up, which no patience mends; nothing when it was something else."""
    while error is not None and not isinstance(error, InferenceError):  # ours tells of an earlier request
        match error:
            case ssl.SSLCertVerificationError():
                return error.verify_message or str(error)
            case ssl.SSLError():
                return str(error) if _FOR_GOOD.search(str(error).upper()) else ""
            case PermissionError() if error.errno == errno.EPERM:
                return ""  # a firewall of this machine; a file's permissions are told as EACCES
            case FileNotFoundError() | PermissionError():
                return str(error)
            case _:
                error = error.__cause__ or error.__context__
    return ""
