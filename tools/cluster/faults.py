"""What can a simulated pod be told to do, and how?

Each behaviour has a pod annotation and, because users of the product can only write a container's environment,
an environment variable. An annotation speaks for every container; a variable speaks for the container that has it.
"""

from dataclasses import dataclass

PREFIX = "sim.pulumi-inference.dev/"


@dataclass(frozen=True)
class Switch:
    """One behaviour: the annotation and the variable that choose it, and the value that does."""

    annotation: str
    variable: str
    value: str = "true"

    @property
    def values(self) -> str:
        """A jq expression giving everything the pod says about this behaviour, the annotation first."""
        return (
            f'(.metadata.annotations["{self.annotation}"]), '
            f'(.spec.containers[]?.env[]? | select(.name == "{self.variable}") | .value)'
        )

    @property
    def first(self) -> str:
        """A jq expression giving the first such value, or null."""
        return f"[{self.values}] | map(select(. != null)) | first"

    def expression(self, *, chosen: bool) -> dict[str, object]:
        """A Stage's match expression: this behaviour is, or is not, asked for."""
        accepted = [self.value, "true"]
        return {"key": self.values, "operator": "In" if chosen else "NotIn", "values": sorted(set(accepted))}

    def container_test(self) -> str:
        """Template lines that set `$hit` when the container `$container` is meant."""
        asked = f'eq (or (index $annotations "{self.annotation}") "") "{self.value}" "true"'
        variable = f'and (eq .name "{self.variable}") (eq (or .value "") "{self.value}" "true")'
        return (
            f"{{{{ $hit := {asked} }}}}\n"
            f"{{{{ range $container.env }}}}{{{{ if {variable} }}}}{{{{ $hit = true }}}}{{{{ end }}}}{{{{ end }}}}\n"
        )


LOAD_TIME = Switch(PREFIX + "load-time", "SIM_LOAD_TIME")
NEVER_READY = Switch(PREFIX + "never-ready", "SIM_NEVER_READY")
CRASH_LOOP = Switch(PREFIX + "crash-loop", "SIM_CRASH_LOOP")
OUT_OF_MEMORY = Switch(PREFIX + "out-of-memory", "SIM_OOM")
IMAGE_PULL = Switch(PREFIX + "image-pull", "SIM_IMAGE_PULL_FAIL", value="fail")
DRAIN_TIME = Switch(PREFIX + "drain-time", "SIM_DRAIN_TIME")

WARMUP_ERRORS, WARMUP_P95 = "SIM_WARMUP_ERRORS", "SIM_WARMUP_P95"
"""How many requests of a warm-up fail, and the seconds that 95 % of the others take: `/v1/models?SIM_WARMUP_ERRORS=3`.
The pod that sends them is not the user's and has nobody's environment; so the path that it asks for says it.
"""

NODE_LOST = PREFIX + "lost"
"""Node annotation: with "true" the node stops reporting and its pods freeze."""

FROZEN = PREFIX + "frozen"
"""Pod annotation: with "true" nothing further becomes of the pod, whatever is asked of it."""
