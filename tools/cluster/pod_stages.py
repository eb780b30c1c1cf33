"""How does a simulated pod come up, fail and go away?

Order of a healthy pod: started (running, not ready) → loaded (ready) or, in a Job, completed → deleted after its drain.
At most one Stage fits at a time: kwok would choose among several at random.
"""

from tools.cluster import faults
from tools.cluster import pod_status as status
from tools.cluster.faults import Switch

Stage = dict[str, object]
Expression = dict[str, object]

_ALIVE: Expression = {"key": ".metadata.deletionTimestamp", "operator": "DoesNotExist"}
_MOVING: Expression = {"key": f'.metadata.annotations["{faults.FROZEN}"]', "operator": "NotIn", "values": ["true"]}
_CONDEMNED: Expression = {"key": ".metadata.deletionTimestamp", "operator": "Exists"}
_NOT_READY: Expression = {
    "key": '.status.conditions[]? | select(.type == "Ready") | .status',
    "operator": "NotIn",
    "values": ["True"],
}


def _phase(phase: str) -> Expression:
    return {"key": ".status.phase", "operator": "In", "values": [phase]}


def _job(*, owned: bool) -> Expression:
    return {"key": ".metadata.ownerReferences[]?.kind", "operator": "In" if owned else "NotIn", "values": ["Job"]}


def _not_yet(reason: str) -> Expression:
    return {"key": ".status.containerStatuses[]?.state.waiting.reason", "operator": "NotIn", "values": [reason]}


def _restarted(*, never: bool) -> Expression:
    return {"key": ".spec.restartPolicy", "operator": "In" if never else "NotIn", "values": ["Never"]}


def _healthy() -> list[Expression]:
    """None of the faults that keep a pod from getting ready, or a Job's pod from ending well."""
    return [switch.expression(chosen=False) for switch in (faults.NEVER_READY, faults.CRASH_LOOP, faults.OUT_OF_MEMORY)]


def _after(milliseconds: int, switch: Switch | None = None) -> dict[str, object]:
    delay: dict[str, object] = {"durationMilliseconds": milliseconds}
    if switch:
        delay["durationFrom"] = {"expressionFrom": switch.first}
    return delay


def _next(template: str, *, event: tuple[str, str, str] | None = None) -> dict[str, object]:
    step: dict[str, object] = {"statusTemplate": status.HEAD + template}
    if event:
        step["event"] = dict(zip(("type", "reason", "message"), event, strict=True))
    return step


def _stage(name: str, expressions: list[Expression], step: dict[str, object], *, delay: object) -> Stage:
    spec = {
        "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
        "selector": {"matchExpressions": [*expressions, _MOVING]},
        "weight": 1,
        "delay": delay,
        "next": step,
    }
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name}, "spec": spec}


def started() -> Stage:
    """The containers run; nothing is ready yet."""
    template = (
        status.conditions(ready=False)
        + status.containers("  ready: false\n" + status.RUNNING)
        + status.INIT_CONTAINERS
        + status.ADDRESSES
        + "phase: Running\n"
    )
    wanted = [_ALIVE, _phase("Pending"), faults.IMAGE_PULL.expression(chosen=False)]
    step = _next(template, event=("Normal", "Started", "Started container"))
    return _stage("pod-started", wanted, step, delay=_after(50))


def loaded() -> Stage:
    """The model is loaded: every container and the pod are ready."""
    template = status.conditions(ready=True) + status.containers("  ready: true\n" + status.RUNNING)
    wanted = [_ALIVE, _phase("Running"), _NOT_READY, _job(owned=False), *_healthy()]
    return _stage("pod-loaded", wanted, _next(template), delay=_after(300, faults.LOAD_TIME))


def crashing(name: str, switch: Switch, *, reason: str, code: int) -> Stage:
    """The containers that are meant died again and again; the others run."""
    failing = status.crash_looping(reason=reason, code=code)
    choice = f"{{{{ if $hit }}}}\n{failing}{{{{ else }}}}\n  ready: true\n{status.RUNNING}{{{{ end }}}}\n"
    template = status.conditions(ready=False) + status.containers(switch.container_test() + choice)
    chosen = switch.expression(chosen=True)
    wanted = [_ALIVE, _phase("Running"), chosen, _not_yet("CrashLoopBackOff"), _restarted(never=False)]
    step = _next(template, event=("Warning", "BackOff", "Back-off restarting failed container"))
    return _stage(name, wanted, step, delay=_after(400))


def image_missing() -> Stage:
    """The image cannot be pulled: the pod stays pending and says which image it is."""
    body = (
        f"{{{{ if $hit }}}}\n{status.waiting_for_image()}{{{{ else }}}}\n{status.waiting_for_others()}{{{{ end }}}}\n"
    )
    template = (
        status.conditions(ready=False)
        + status.unpulled(faults.IMAGE_PULL.container_test() + body)
        + status.ADDRESSES
        + "phase: Pending\n"
    )
    chosen = faults.IMAGE_PULL.expression(chosen=True)
    wanted = [_ALIVE, _phase("Pending"), chosen, _not_yet("ImagePullBackOff")]
    step = _next(template, event=("Warning", "Failed", "Failed to pull image: not found"))
    return _stage("pod-image-missing", wanted, step, delay=_after(100))


def completed() -> Stage:
    """A Job's pod ends well, after its load time; that of a warm-up leaves a result behind, which is made up."""
    end = status.terminated(reason="Completed", code=0) + status.LEFT_BEHIND
    template = status.WARMUP_RESULT + status.conditions(ready=False, reason="PodCompleted") + status.containers(end)
    step = _next(template + "phase: Succeeded\n")
    wanted = [_ALIVE, _phase("Running"), _job(owned=True), *_healthy()]
    return _stage("pod-completed", wanted, step, delay=_after(300, faults.LOAD_TIME))


def failed(name: str, switch: Switch, *, reason: str, code: int) -> Stage:
    """A pod that is not restarted and was told to die ends badly."""
    template = status.conditions(ready=False, reason="PodFailed") + status.containers(
        status.terminated(reason=reason, code=code)
    )
    step = _next(template + "phase: Failed\n")
    wanted = [_ALIVE, _phase("Running"), switch.expression(chosen=True), _restarted(never=True)]
    return _stage(name, wanted, step, delay=_after(300))


def deleted() -> Stage:
    """A pod that is being deleted goes when its drain is over."""
    delay = _after(0, faults.DRAIN_TIME)
    return _stage("pod-deleted", [_CONDEMNED], {"delete": True}, delay=delay)


def pod_stages() -> list[Stage]:
    """Every Stage of pods."""
    return [
        started(),
        loaded(),
        crashing("pod-crash-loop", faults.CRASH_LOOP, reason="Error", code=1),
        crashing("pod-out-of-memory", faults.OUT_OF_MEMORY, reason="OOMKilled", code=137),
        image_missing(),
        completed(),
        failed("pod-failed", faults.CRASH_LOOP, reason="Error", code=1),
        failed("pod-failed-out-of-memory", faults.OUT_OF_MEMORY, reason="OOMKilled", code=137),
        deleted(),
    ]
