"""What does a kubelet write into a pod's status at each point? Go templates for Stages, giving YAML.

Every template starts with `HEAD`, which sets `$now`, `$annotations`, `$pod` and `$uid`.
"""

from tools.cluster.faults import WARMUP_ERRORS, WARMUP_P95

#: The label that tells the pod of a warm-up.
WARMUP_LABEL = "pulumi-inference.dev/part"

HEAD = """\
{{ $now := Now }}
{{ $pod := .metadata }}
{{ $annotations := or .metadata.annotations dict }}
{{ $uid := or .metadata.uid "" }}
{{ $started := or (and .status .status.startTime) $now }}
"""

ADDRESSES = """\
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) $uid .metadata.name .metadata.namespace }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
startTime: {{ $now | Quote }}
"""

_NAME = """\
- name: {{ $container.name | Quote }}
  image: {{ $container.image | Quote }}
"""

_IDENTITY = (
    _NAME
    + """\
  {{ if contains "@" $container.image }}
  imageID: {{ $container.image | Quote }}
  {{ else }}
  imageID: {{ printf "%s@sha256:%s" $container.image (sha256sum $container.image) | Quote }}
  {{ end }}
  containerID: {{ printf "containerd://%s" (sha256sum (print $uid $container.name)) | Quote }}
"""
)

RUNNING = """\
  restartCount: 0
  started: true
  state:
    running:
      startedAt: {{ $started | Quote }}
"""

_WAITING = """\
  ready: false
  restartCount: {restarts}
  started: false
  state:
    waiting:
      reason: {reason}
"""

_BACK_OFF = (
    'printf "back-off 40s restarting failed container=%s pod=%s_%s(%s)" '
    "$container.name $pod.name $pod.namespace $uid | Quote"
)

_NO_IMAGE = (
    'printf "Back-off pulling image \\"%s\\": ErrImagePull: failed to resolve reference: not found" '
    "$container.image | Quote"
)


def conditions(*, ready: bool, reason: str = "ContainersNotReady") -> str:
    """The pod's conditions once its containers were started; `reason` says why it is not ready."""
    names = "{{ range $i, $c := .spec.containers }}{{ if $i }} {{ end }}{{ $c.name }}{{ end }}"
    lines = ["conditions:"]
    for kind in ("PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"):
        holds = ready or kind not in ("ContainersReady", "Ready")
        lines += [f"- type: {kind}", f'  status: "{holds}"', "  lastTransitionTime: {{ $now | Quote }}"]
        lines += [f"  reason: {'null' if holds else reason}"]
        lines += ["  message: null" if holds else f'  message: "containers with unready status: [{names}]"']
    gates = '{{ range .spec.readinessGates }}\n- type: {{ .conditionType | Quote }}\n  status: "True"\n'
    return "\n".join(lines) + "\n" + gates + "  lastTransitionTime: {{ $now | Quote }}\n{{ end }}\n"


def containers(body: str, *, head: str = _IDENTITY) -> str:
    """One container status per container: its identity, then `body`, which sees `$container`."""
    return f"containerStatuses:\n{{{{ range $container := .spec.containers }}}}\n{head}{body}{{{{ end }}}}\n"


def unpulled(body: str) -> str:
    """Container statuses of containers whose image is not there yet."""
    return containers(body, head=_NAME + '  imageID: ""\n')


def waiting_for_image() -> str:
    """The state of a container whose image cannot be pulled."""
    return _WAITING.format(restarts=0, reason="ImagePullBackOff") + f"      message: {{{{ {_NO_IMAGE} }}}}\n"


def waiting_for_others() -> str:
    """The state of a container that has not been started."""
    return _WAITING.format(restarts=0, reason="ContainerCreating")


def crash_looping(*, reason: str, code: int) -> str:
    """The state of a container that died several times and waits for its next start."""
    back_off = f"      message: {{{{ {_BACK_OFF} }}}}\n    running: null\n"
    last = "  lastState:\n    terminated:\n" + ended(reason=reason, code=code)
    return _WAITING.format(restarts=3, reason="CrashLoopBackOff") + back_off + last


def terminated(*, reason: str, code: int) -> str:
    """The state of a container that ended and is not started again."""
    head = "  ready: false\n  restartCount: 0\n  started: false\n  state:\n    running: null\n    terminated:\n"
    return head + ended(reason=reason, code=code)


def _said_in_path(variable: str, default: str) -> str:
    found = f'regexFind "{variable}=[0-9.]+" $order.path | trimPrefix "{variable}="'
    return f'({found} | default "{default}")'


#: Sets `$left` to what the program of a warm-up would leave behind, in the pod of one; nothing is sent to anybody.
WARMUP_RESULT = f"""\
{{{{ $left := "" }}}}
{{{{ if eq (index (or .metadata.labels dict) "{WARMUP_LABEL}" | default "") "warm-up" }}}}
{{{{ $order := fromJson (index (index .spec.containers 0).command 3) }}}}
{{{{ $errors := int {_said_in_path(WARMUP_ERRORS, "0")} }}}}
{{{{ $first := ternary nil "503 Service Unavailable (simulated)" (eq $errors 0) }}}}
{{{{ $result := dict "count" (int $order.requests) "errors" $errors "firstError" $first }}}}
{{{{ $left = toJson (merge $result (dict "p50" 0.05 "p95" (float64 {_said_in_path(WARMUP_P95, "0.08")}))) }}}}
{{{{ end }}}}
"""

#: Below `terminated`: what the container left behind.
LEFT_BEHIND = "{{ if $left }}\n      message: {{ $left | Quote }}\n{{ end }}\n"


def ended(*, reason: str, code: int) -> str:
    """How a container ended."""
    return f"""\
      exitCode: {code}
      reason: {reason}
      startedAt: {{{{ $started | Quote }}}}
      finishedAt: {{{{ $now | Quote }}}}
      containerID: {{{{ printf "containerd://%s" (sha256sum (print $uid $container.name "last")) | Quote }}}}
"""


INIT_CONTAINERS = f"""\
{{{{ if .spec.initContainers }}}}
initContainerStatuses:
{{{{ range $container := .spec.initContainers }}}}
{_IDENTITY}  ready: true
{{{{ if eq (or $container.restartPolicy "") "Always" }}}}
{RUNNING}{{{{ else }}}}
  restartCount: 0
  started: false
  state:
    terminated:
{ended(reason="Completed", code=0)}{{{{ end }}}}
{{{{ end }}}}
{{{{ end }}}}
"""
