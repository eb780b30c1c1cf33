"""What the plan says of a version that waits for promotion."""

from collections.abc import Mapping

from inference_provider.converge.promotion import waiting
from inference_provider.converge.stop import stopped_counts
from inference_provider.manifests import labels
from inference_provider.manifests.annotations import annotation
from inference_provider.manifests.kinds import Body
from inference_provider.resources.workload_outputs import version_of
from inference_provider.resources.world import Properties
from inference_provider.rollout.fleet import Fleet, Proton
from inference_provider.rollout.phases import Phase


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


def _asleep(fleet: Fleet, active: Proton, news: Properties) -> str | None:
    """What manual promotion makes of another version while nothing runs, or should."""
    serves, new = f"{active.name} ({version_of(active)})", news.get("artifactId") or "the new version"
    if news.get("running") is False:
        stays = "stays stopped" if stopped_counts(fleet.anchor) is not None else "stops"
        return (
            f"{stays} with {serves}: {new} cannot wait for promotion while nothing runs, and comes up once the "
            "Workload is started. What else changes is done in place"
        )
    if stopped_counts(fleet.anchor) is None:
        return None
    return f"starts {serves}, whose pods load their model; {new} then comes up beside it and waits for promotion"


def staged_line(fleet: Fleet, news: Properties, template: str | None) -> str | None:
    """What this update does with a version that waits, or will; None when none does, or the wanted one is not known."""
    staged, active = waiting(fleet), fleet.active
    if active is None or template is None or _settings(news).get("driver") == "external":
        return None
    named = staged is not None and staged.template == template and _settings(news).get("promote") == staged.name
    if is_manual(news) and template != active.template and not named and (asleep := _asleep(fleet, active, news)):
        return asleep
    if staged is None:
        return None
    since = f"{staged.name} ({version_of(staged)}), which waits for promotion since {_since(staged.service)},"
    if template == active.template:
        return f"goes no further: {since} is cancelled and removed; {active.name} serves on"
    if template != staged.template:
        if _settings(news).get("onConflict") == "supersede":
            return None  # the roll says what comes; what waits is removed for it
        ways = "Promote it, or put the program back, or set onConflict: supersede"
        return f"would be refused: {since} is in the way. {ways}"
    promote = _settings(news).get("promote")
    if not is_manual(news) or promote == staged.name:
        return f"switches: {since} takes over from {active.name}: its pods run already, no load, no further GPUs"
    other = f"; replacement.promote names {promote}, which is not what waits" if promote else ""
    return f"stays staged: {since} goes on waiting{other}; {active.name} serves. What else changes is done in place"


def _settings(news: Properties) -> Mapping[str, object]:
    given = news.get("replacement")
    return given if isinstance(given, Mapping) else {}


def _since(service: Body) -> str | None:
    return annotation(service, labels.STAGED)
