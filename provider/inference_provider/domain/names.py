"""Which names are allowed, and what the objects of a Workload and an Artifact are called.

A Service's name is at most 63 characters and starts with a letter; several names are put together from shorter
ones, so some endings are reserved to keep two different things from ever meeting under one name.
"""

import re

from inference_provider.errors import Fault, InputError

_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_REVISION = re.compile(r"r([1-9][0-9]{0,8})")
_REVISION_PART = re.compile(r"(^|-)r[0-9]+(-|$)")
_CONTENT_ENDING = re.compile(r"-[0-9a-f]{12}$")
_LONGEST = 63
#: Of a Workload or an Artifact: what is made of it is longer.
_LONGEST_OWN = 50

#: Room for the revision when a name's length is checked before the revision is known.
_WIDEST_REVISION = 99_999


def check_workload_name(name: str) -> str:
    """Return ``name`` when a Workload may have it, else raise ValueError."""
    _check_label(name, longest=_LONGEST_OWN)
    if re.search(r"-r[0-9]+$", name):
        raise ValueError(
            f"{name!r} ends like a revision ({name.rpartition('-')[2]}), which is reserved; use another ending"
        )
    return name


def check_artifact_name(name: str) -> str:
    """Return ``name`` when an Artifact may have it, else raise ValueError."""
    _check_label(name, longest=_LONGEST_OWN)
    if _CONTENT_ENDING.search(name):
        raise ValueError(f"{name!r} ends like the hash of a version, which is reserved; use another ending")
    return name


def check_group_name(name: str) -> str:
    """Return ``name`` when a container group may have it, else raise ValueError."""
    _check_label(name, longest=_LONGEST)
    if _REVISION_PART.search(name):
        raise ValueError(f"{name!r} has a part that looks like a revision (r1), which is reserved; use another name")
    return name


def check_container_name(name: str) -> str:
    """Return ``name`` when a container may have it, else raise ValueError."""
    return _check_label(name, longest=_LONGEST)


def check_namespace(name: str) -> str:
    """Return ``name`` when a namespace can have it, else raise ValueError."""
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name):
        raise ValueError(f"{name!r} cannot be a namespace: use lower-case letters, digits and hyphens, at most 63")
    return name


def check_env_name(name: str) -> str:
    """Return ``name`` when an environment variable may have it, else raise ValueError."""
    if not _ENV.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be the name of an environment variable: "
            "use letters, digits, `_`, `-` and `.`, and do not start with a digit"
        )
    return name


def check_deployment_names(workload: str, groups: list[str]) -> list[tuple[int, str]]:
    """The groups, by index and with a sentence, whose Deployments' names would be too long for this Workload.

    None where the Workload's own name is too long already: that is said of it, and no group is to blame.
    """
    if len(workload) > _LONGEST_OWN:
        return []
    return [
        (
            index,
            f"with the Workload's name {workload!r} it makes Deployment names longer than {_LONGEST}; shorten one",
        )
        for index, group in enumerate(groups)
        if len(_deployment(workload, _WIDEST_REVISION, group, single=is_single(groups))) > _LONGEST
    ]


def is_single(groups: list[str]) -> bool:
    """Whether the Artifact's only group is the default one, so that its name says nothing."""
    return groups == ["default"]


def proton_name(workload: str, revision: int) -> str:
    """The proton's own Service."""
    return f"{workload}-r{revision}"


def deployment_name(workload: str, revision: int, group: str, *, single: bool) -> str:
    """The Deployment of one group; ``single`` when the Artifact has one group, named "default".

    Raises InputError when the name would be longer than Kubernetes allows.
    """
    name = _deployment(workload, revision, group, single=single)
    if len(name) > _LONGEST:
        reason = f"the Deployment's name {name!r} would be longer than {_LONGEST}"
        raise InputError([Fault("name", f"{reason}; shorten the Workload's or the group's name")])
    return name


def _deployment(workload: str, revision: int, group: str, *, single: bool) -> str:
    proton = proton_name(workload, revision)
    return proton if single else f"{proton}-{group}"


def tombstone_name(workload: str, revision: int) -> str:
    """The Job that keeps a retained proton until it expires."""
    return f"{proton_name(workload, revision)}-keep"


def warmup_name(workload: str, revision: int) -> str:
    """The Job that sends a candidate the requests of its warm-up."""
    return f"{proton_name(workload, revision)}-warm"


def revision_record_name(workload: str, revision: int) -> str:
    """The ConfigMap that remembers what a revision was."""
    return f"revision-{proton_name(workload, revision)}"


def shared_role_name(workload: str, role: str) -> str:
    """The Role, and its RoleBinding, of those with whom a Workload is shared: ``workload-chat-owner``."""
    return f"workload-{workload}-{role.lower()}"


def gateway_route_name(workload: str) -> str:
    """What leads from a gateway to a Workload: ``workload-chat``. The gateway makes an HTTPRoute of the same name, so
    it is not the Workload's own, which people use for routes."""
    return f"workload-{workload}"


def artifact_head_name(artifact: str) -> str:
    """The ConfigMap that knows an Artifact's numbers."""
    return f"artifact-{artifact}"


def artifact_content_name(artifact: str, content: str) -> str:
    """The immutable object of one content; ``content`` is its 12 hex digits."""
    return f"artifact-{artifact}-{content}"


def policy_map_name(policy: str) -> str:
    """The ConfigMap that holds a Policy."""
    return f"policy-{policy}"


def revision_text(revision: int) -> str:
    """How people write a revision: r7."""
    return f"r{revision}"


def parse_revision(text: str) -> int:
    """7 for "r7". Raises ValueError with a sentence."""
    match = _REVISION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a revision; write it as in r7")
    return int(match[1])


def _check_label(name: str, *, longest: int) -> str:
    """Raise ValueError unless ``name`` is a DNS label that starts with a letter, as names of Services must."""
    if not name:
        raise ValueError("must not be empty")
    if len(name) > longest:
        shown = name if len(name) <= 2 * longest else f"{name[:longest]}…"  # somebody has to read it
        raise ValueError(f"{shown!r} has {len(name)} characters; at most {longest} are allowed")
    if not _LABEL.fullmatch(name):
        raise ValueError(
            f"{name!r} is not allowed: use lower-case letters, digits and hyphens, start with a letter, "
            "and end with a letter or digit"
        )
    return name
