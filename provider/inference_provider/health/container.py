"""What one container's state means. The order of the checks is the explanation: what hurts most comes first."""

from inference_provider.health.patience import passes_by_itself
from inference_provider.health.pod_parts import Container
from inference_provider.health.verdict import Reason, State, Verdict
from inference_provider.manifests.kinds import Body

#: So many restarts may be an accident of starting up (a server that waits for its peer by dying).
_RESTARTS_FORGIVEN = 1

#: Reasons of the kubelet for not starting a container, and what we call them.
_REFUSALS = {
    "ImagePullBackOff": Reason.IMAGE_PULL,
    "ErrImageNeverPull": Reason.IMAGE_PULL,
    "InvalidImageName": Reason.IMAGE_PULL,
    "CreateContainerConfigError": Reason.CONFIG_ERROR,
    "CreateContainerError": Reason.CONTAINER_ERROR,
    "RunContainerError": Reason.CONTAINER_ERROR,
}


def assess_container(container: Container) -> Verdict:
    """Judge one container of a pod that has a node. Source: ``status.(init)containerStatuses`` of the pod."""
    if _is_done(container):
        return _verdict(container, State.READY, Reason.READY, "is ready")
    return (
        _out_of_memory(container)
        or _crash_loop(container)
        or _refusal(container)
        or _not_running(container)
        or _not_ready(container)
    )


def _is_done(container: Container) -> bool:
    if container.step:
        return container.terminated is not None and container.terminated.get("exitCode") == 0
    # What happened before it became ready is history: a server that was killed last week is not failing today.
    return container.ready and container.running is not None


def _out_of_memory(container: Container) -> Verdict | None:
    end = container.terminated if container.restarts else None
    if "OOMKilled" not in {(end or {}).get("reason"), (container.terminated_before or {}).get("reason")}:
        return None
    limit = container.memory_limit
    why = f"at its limit of {limit}" if limit else "without a limit of its own: the node had no memory left"
    text = f"ran out of memory {why}; it was restarted {_times(container.restarts)}"
    return _verdict(container, State.FAILED, Reason.OUT_OF_MEMORY, text)


def _crash_loop(container: Container) -> Verdict | None:
    if (container.waiting or {}).get("reason") != "CrashLoopBackOff":
        return None
    state = State.FAILED if container.restarts > _RESTARTS_FORGIVEN else State.PROGRESSING
    text = f"was restarted {_times(container.restarts)}, {_ending(container.terminated_before)}"
    return _verdict(container, state, Reason.CRASH_LOOP, text)


def _refusal(container: Container) -> Verdict | None:
    waiting = container.waiting or {}
    word, said = str(waiting.get("reason", "")), str(waiting.get("message") or "no message")
    if word == "ErrImagePull":
        text = f"could not pull {container.image} yet: {said}"
        return _verdict(container, State.PROGRESSING, Reason.IMAGE_PULL, text)
    if word not in _REFUSALS:
        return None
    reason = _REFUSALS[word]
    state = State.PROGRESSING if passes_by_itself(said) else State.FAILED
    text = f"cannot pull {container.image}" if reason is Reason.IMAGE_PULL else "cannot be started"
    return _verdict(container, state, reason, f"{text} ({word}): {said}")


def _not_running(container: Container) -> Verdict | None:
    if container.terminated is not None:
        text = f"ended, {_ending(container.terminated)}; the kubelet restarts it"
        return _verdict(container, State.PROGRESSING, Reason.NOT_READY, text)
    if container.running is None:
        text = f"is being created from {_short(container.image)}" if container.image else "is being created"
        return _verdict(container, State.PROGRESSING, Reason.PULLING, text)
    return None


def _not_ready(container: Container) -> Verdict:
    after = f" after {_ending(container.terminated_before)}" if container.restarts else ""
    again = f", restarted {_times(container.restarts)}{after}" if container.restarts else ""
    if container.step:
        return _verdict(container, State.PROGRESSING, Reason.LOADING, f"prepares the pod{again}")
    if not container.started:
        return _verdict(container, State.PROGRESSING, Reason.LOADING, f"is loading{again}")
    return _verdict(container, State.PROGRESSING, Reason.NOT_READY, f"runs but is not ready{again}")


def _verdict(container: Container, state: State, reason: Reason, text: str) -> Verdict:
    return Verdict(state, reason, f"container {container.name} {text}", container=container.name)


def _ending(end: Body | None) -> str:
    if not end:
        return "exit code unknown"
    word = str(end.get("reason") or "")
    return f"exit code {end.get('exitCode', 'unknown')}" + (f" ({word})" if word else "")


def _short(image: str) -> str:
    """An image as people say it: twelve digits tell digests apart."""
    name, at, digest = image.partition("@sha256:")
    return f"{name}@{digest[:12]}" if at else name


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
