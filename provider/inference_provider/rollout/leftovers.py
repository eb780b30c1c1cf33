"""What somebody, or a run that was interrupted, has left of a Workload that is not as it should be.

Pulumi asks for nothing when a program does not change. So after a kill and a revert, or after a foreign hand, this is
what lets the next ``pulumi up`` see that there is something to do.
"""

from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation, label
from inference_provider.rollout.autoscalers import outstanding
from inference_provider.rollout.fleet import Fleet, Proton, Role
from inference_provider.rollout.next_step import Done, Exhume, Goal, Narrow, Recall, Retain, next_step
from inference_provider.rollout.sharing import amiss


def leftovers(fleet: Fleet) -> tuple[str, ...]:
    """One half-sentence for each thing that is not in order; empty when all is."""
    active = fleet.active
    if active is None:
        return ("no version serves",)
    # What an external driver brings up is its own: the Replacement's diff sees whether that came to its end.
    rising = [each for each in fleet.of_role(Role.CANDIDATE) if not each.condemned and not fleet.external]
    half_made = [each for each in rising if not each.staged]
    found = [f"{each.name} is half made: an update was interrupted, or is under way" for each in half_made]
    if active.condemned:
        found.append(f"{active.name} serves, but somebody is deleting it")
    elif active.missing:
        found.append(f"{active.name} should serve, but its Deployment of {' and '.join(active.missing)} is gone")
    elif active.vacated:
        found += [] if fleet.external else [made_room(active)]  # or it is told where somebody can do something about it
    elif any(active.replicas().values()) == (annotation(fleet.anchor, labels.STOPPED) is not None):
        found.append(f"{active.name} runs {sum(active.replicas().values())} pods: somebody scaled it")
    begun = annotation(fleet.anchor, labels.UNDER_WAY)
    if begun is not None and not rising and not fleet.external:
        found.append(f"the replacement {begun} did not come to its end: it was interrupted, or is under way")
    found += [f"the tombstone of {label(each, labels.REVISION)} keeps nothing any more" for each in fleet.strays]
    if fleet.autoscalers is not None:
        found += [each.said for each in outstanding(fleet, fleet.autoscalers)]
    found += amiss(fleet)
    match next_step(fleet, Goal(active.template)):
        case Narrow():
            found.append(f"the endpoint does not send to {active.name} alone: {_traffic(fleet)}")
        case Recall():
            found.append(f"{active.name} serves, but would end like a kept version")
        case Retain(proton) if proton.staged:
            pass  # brought back from its tombstone, which it gets again if nobody promotes it
        case Retain() | Exhume():
            found.append("the last replacement was interrupted before it had tidied up")
        case Done() | _:
            pass
    return tuple(found)


def made_room(active: Proton) -> str:
    """What is said of an outage that did not come to its end."""
    return f"{active.name} has made room for another version, which never took over"


def unowned(fleet: Fleet) -> tuple[str, ...]:
    """Candidates of a Workload that is driven from outside, which no Replacement has brought to an end, or taken over,
    and what has made room for one that was never made.

    It signs them as its last write. One that was killed before, and then left its program, is never asked again.
    """
    rising = [each for each in fleet.of_role(Role.CANDIDATE) if fleet.external and not each.condemned]
    strangers = [each for each in rising if annotation(each.service, labels.DRIVEN_BY) is None]
    state = {True: "waits for promotion", False: "is half made"}
    said = [f"{each.name} {state[each.staged]}" for each in strangers]
    active = fleet.active
    if fleet.external and not rising and active is not None and active.vacated and not active.condemned:
        said = [made_room(active)]
    return tuple(f"{each}: its Replacement is under way, or died" for each in said)


def _traffic(fleet: Fleet) -> str:
    names = [each.name for each in fleet.protons if each.slot in fleet.traffic]
    return f"{' and '.join(names)} get its traffic" if names else "nothing of ours gets its traffic"
