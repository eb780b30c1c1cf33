"""Where `undo` cannot go at once: what is said instead, so that somebody gets there through the program."""

from inference_provider.converge.operation import Operation
from inference_provider.converge.record import find_record
from inference_provider.domain.names import parse_revision
from inference_provider.errors import InferenceError, NotFound


async def out_of_reach(op: Operation, to: str) -> InferenceError:
    """The sentence for a revision whose pods are not kept; NotFound where there is no record of it either."""
    named = f"Workload {op.namespace}/{op.workload}"
    active = op.fleet().active
    if active is not None and active.name == to:
        return InferenceError(f"{to} of {named} serves already: there is nothing to take back")
    found = await find_record(op, parse_revision(to))
    if found is None:
        advice = f"`pulumi-inference history {op.workload} -n {op.namespace}` lists all that are on record"
        return NotFound(
            "find",
            kind="the record of Workload",
            namespace=op.namespace,
            name=f"{op.workload} {to}",
            said="it is not there",
            advice=advice,
        )
    data = found.get("data") or {}
    if data.get("backTo"):
        return InferenceError(f"{to} of {named} was itself an undo, to {data['backTo']}: say --to {data['backTo']}")
    if data.get("promotes"):
        meant = data["promotes"]
        return InferenceError(f"{to} of {named} says that {meant} became v{data.get('version')}: say --to {meant}")
    printed = f"`pulumi-inference revision {op.workload} {to} -n {op.namespace}` prints"
    version = data.get("artifactId")
    if not version:
        return InferenceError(
            f"{to} of {named} is not kept any more, and its record does not say what it ran. {printed} what there is"
        )
    return InferenceError(
        f"{to} of {named} is not kept any more, so it cannot be brought back at once. It ran {version}: write "
        f'artifact_id="{version}" and the runtime of that time into the program, and run `pulumi up`. '
        f"{printed} both, and the whole spec should that version have been deleted"
    )
