"""A broken connection is not a certificate that is wrong: the one is waited out, the other never."""

import errno
import ssl

import httpx
import pytest

from inference_provider.cluster.trust import distrust
from inference_provider.errors import Unavailable


def tls(reason: str) -> ssl.SSLError:
    """As OpenSSL's errors arrive: with the reason as a word."""
    return ssl.SSLError(1, f"[SSL: {reason}] {reason.lower().replace('_', ' ')} (_ssl.c:2580)")


def wrapped(cause: BaseException) -> Exception:
    """As httpx hands them on."""
    error = httpx.ReadError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "reason",
    [
        "APPLICATION_DATA_AFTER_CLOSE_NOTIFY",
        "DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
        "SSLV3_ALERT_BAD_RECORD_MAC",
        "SSLV3_ALERT_UNEXPECTED_MESSAGE",
        "SSLV3_ALERT_CLOSE_NOTIFY",
        "TLSV1_ALERT_INTERNAL_ERROR",
        "TLSV1_ALERT_USER_CANCELLED",
        "RECORD_LAYER_FAILURE",
        "UNEXPECTED_EOF_WHILE_READING",
        "BAD_LENGTH",
    ],
)
def test_tls_that_broke_off_is_no_question_of_trust(reason: str) -> None:
    assert distrust(wrapped(tls(reason))) == ""


@pytest.mark.parametrize(
    "reason",
    [
        "CERTIFICATE_VERIFY_FAILED",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "TLSV1_UNRECOGNIZED_NAME",
        "WRONG_VERSION_NUMBER",
        "UNSUPPORTED_PROTOCOL",
        "HTTP_REQUEST",
        "KEY_VALUES_MISMATCH",
        "EE_KEY_TOO_SMALL",
    ],
)
def test_what_both_sides_will_never_agree_on_is_told_at_once(reason: str) -> None:
    assert reason in distrust(wrapped(tls(reason)))


def test_a_connection_that_ended_in_the_middle_of_the_handshake_is_no_question_of_trust() -> None:
    assert distrust(wrapped(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"))) == ""
    assert distrust(wrapped(ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed"))) == ""
    assert distrust(wrapped(ssl.SSLWantReadError(2, "The operation did not complete"))) == ""
    assert distrust(wrapped(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))) == ""


def test_a_certificate_that_cannot_be_read_is_told_and_a_firewall_is_not_taken_for_one() -> None:
    assert "No such file" in distrust(wrapped(FileNotFoundError(errno.ENOENT, "No such file or directory")))
    assert "denied" in distrust(wrapped(PermissionError(errno.EACCES, "Permission denied")))
    assert "PEM" in distrust(wrapped(ssl.SSLError(9, "[SSL] PEM lib (_ssl.c:4105)")))
    assert distrust(wrapped(PermissionError(errno.EPERM, "Operation not permitted"))) == ""


def test_what_an_earlier_request_died_of_is_not_said_of_the_next() -> None:
    earlier = Unavailable("read", kind="Pod", namespace="n", name="p", said="no answer")
    earlier.__context__ = tls("CERTIFICATE_VERIFY_FAILED")
    later = httpx.ReadTimeout("")
    later.__context__ = earlier

    assert distrust(later) == ""
