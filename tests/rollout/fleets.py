"""Fleets as histories leave them: several groups, made room, staged, kept, failed, dying, tombstones without end."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from inference_provider.rollout.fleet import Proton, Role
from tests.rollout.model import Model
from tests.support.blueprints import blueprint, content, group, vllm

_ROUTER = group({"name": "router", "image": "router"}, name="router")
_WORKER = group({"name": "worker", "image": "worker"}, name="worker")
#: The groups of each template: a group is new, another is gone.
SHAPES = {
    "A": blueprint(),
    "B": blueprint(content(group(vllm()), _ROUTER)),
    "C": blueprint(content(group(vllm()), _ROUTER, _WORKER)),
    "D": blueprint(content(group(vllm()), _WORKER)),
}
TEMPLATES = st.sampled_from(sorted(SHAPES))
_WHICH = st.integers(min_value=0, max_value=9)

Event = Callable[[Model], None]


def history(events: Sequence[Event]) -> Model:
    """A Workload that served, and all that happened to it since."""
    model = Model("A", shapes=SHAPES)
    model.settle()
    for event in events:
        event(model)
    return model


def _run(template: str, steps: int, *, vacate: bool, atomic: bool, promote: int | None) -> Event:
    """A run that was killed after so many steps, or went through."""

    def event(model: Model) -> None:
        named = None if promote is None else f"r{promote}"
        model.want(template, vacate=vacate, atomic=atomic, manual=promote is not None, promote=named)
        for _ in range(steps):
            model.take()

    return event


def _beside(which: int, hurt: Callable[[Model, Proton], None], *roles: Role) -> Event:
    def event(model: Model) -> None:
        fleet = model.fleet()
        found = [each for each in fleet.protons if each.role in roles and not each.condemned]
        idle = [each for each in found if each.slot not in fleet.traffic or each.role is Role.ACTIVE]
        if idle:
            hurt(model, idle[which % len(idle)])

    return event


def _fails(model: Model, proton: Proton) -> None:
    if proton.tombstone is None and model.fleet().active is not None:
        model.keep_failed(proton.revision)


def _loses_a_group(model: Model, proton: Proton) -> None:
    names = sorted(proton.replicas())
    if len(names) > 1:
        del model.deployments[proton.revision, names[-1]]


def _gets_a_tombstone(model: Model, proton: Proton) -> None:
    if proton.tombstone is None:
        model.entomb(proton.revision)


def _expires(which: int) -> Event:
    def event(model: Model) -> None:
        numbers = sorted(model.jobs)
        if numbers:
            model.expire(numbers[which % len(numbers)])

    return event


_OTHERS = (Role.CANDIDATE, Role.RETAINED, Role.FAILED)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        _run,
        TEMPLATES,
        st.integers(min_value=0, max_value=9),
        vacate=st.booleans(),
        atomic=st.booleans(),
        promote=st.none() | st.integers(min_value=1, max_value=6),
    ),
    _WHICH.map(lambda which: _beside(which, lambda model, one: model.vanish(one.revision), *_OTHERS)),
    _WHICH.map(lambda which: _beside(which, lambda model, one: model.condemn(one.revision), *_OTHERS)),
    _WHICH.map(lambda which: _beside(which, _fails, Role.CANDIDATE)),
    _WHICH.map(lambda which: _beside(which, _loses_a_group, *Role)),
    _WHICH.map(lambda which: _beside(which, _gets_a_tombstone, Role.ACTIVE, Role.CANDIDATE)),
    _WHICH.map(lambda which: _beside(which, lambda model, one: model.note_room(one), Role.ACTIVE)),
    st.just(_beside(0, lambda model, one: model.vanish(one.revision), Role.ACTIVE)),
    _WHICH.map(_expires),
)
FLEETS = st.lists(EVENTS, max_size=6).map(history)
