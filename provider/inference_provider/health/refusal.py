"""Why the API server refuses to make a group's pods, read from what its Deployment's controller was told."""

from inference_provider.health.patience import passes_by_itself
from inference_provider.health.verdict import Reason, State, Verdict
from inference_provider.manifests.denial import denial

#: Said while a namespace is young or a webhook is away: the same request may pass a moment later.
_NOT_NOW = ("error looking up service account", "failed calling webhook", "status unknown for quota", "internal error")

#: Said by policies, webhooks, PodSecurity, LimitRanges and validation: the same pod will never pass.
_NEVER = ("denied", "violates podsecurity", "is forbidden", "is invalid")


def assess_refusal(message: str) -> Verdict:
    """Judge the server's own words. A quota may be freed by others; a policy does not change its mind."""
    said = message.lower()
    denied = denial(message)
    if denied is not None:
        return Verdict(State.FAILED, Reason.ADMISSION, f"{denied.who} refuses its pods: {denied.sentence}")
    if "exceeded quota" in said:
        return Verdict(State.WAITING, Reason.QUOTA, f"no room in the quota: {message}")
    for_now = passes_by_itself(message) or any(words in said for words in _NOT_NOW)
    if not for_now and any(words in said for words in _NEVER):
        return Verdict(State.FAILED, Reason.ADMISSION, f"pods are refused: {message}")
    return Verdict(State.WAITING, Reason.ADMISSION, f"pods are refused for now: {message}")
