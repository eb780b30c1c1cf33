"""What the plan says of a version that waits for promotion."""

from collections.abc import Collection, Mapping

from inference_provider.converge.promotion import waiting
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.resources.workload_outputs import version_of
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet
from inference_provider.rollout.phases import Phase
from inference_provider.rollout.plan import PlanVerdict, Waiting


def is_manual(news: Properties) -> bool:
    """Whether the program asks for manual promotion."""
    return _settings(news).get("promotion") == "manual"


def awaits_promotion(olds: Properties) -> bool:
    """Whether the last run ended with a version that waits for promotion."""
    rollout = olds.get("rollout")
    return isinstance(rollout, Mapping) and rollout.get("status") == Phase.AWAITING_PROMOTION


def sleeps_unpromoted(news: Properties) -> bool:
    """Whether another version than the one that served would have to wait until the Workload is started."""
    return news.get("running") is False and is_manual(news)


def staged(
    fleet: Fleet, news: Properties, template: str | None, barred: Collection[int] = ()
) -> tuple[PlanVerdict, Waiting] | None:
    """What this update does with the version that waits; None when none waits, or the wanted one is not known.

    None, too, where it is pushed aside for a third one, as one is that is ``barred`` by policies: then the roll says
    what comes.
    """
    candidate, active = waiting(fleet), fleet.active
    if candidate is None or active is None or template is None or _settings(news).get("driver") == "external":
        return None
    promote = _settings(news).get("promote")
    since = annotation(candidate.service, labels.STAGED)
    who = Waiting(candidate.name, version_of(candidate), since, promote=str(promote) if promote else None)
    if template == active.template:
        return PlanVerdict.CANCELS, who
    if template != candidate.template:
        return None if _settings(news).get("onConflict") == "supersede" else (PlanVerdict.REFUSED, who)
    if candidate.revision in barred:
        return None
    through = not is_manual(news) or promote == candidate.name
    return PlanVerdict.SWITCHES if through else PlanVerdict.STAYS_STAGED, who


def _settings(news: Properties) -> Mapping[str, object]:
    given = news.get("replacement")
    return given if isinstance(given, Mapping) else {}
