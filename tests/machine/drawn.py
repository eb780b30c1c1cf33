"""What may be drawn: moments and ways in which a run is struck, changes of the program, commands."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from hypothesis import strategies as st

from inference_provider.resources import workload_commands
from inference_provider.resources.world import World
from tests.machine.ground import Strike
from tests.machine.program import Change
from tests.support.fake_seasons import Pace

#: More requests than most runs have.
REQUESTS = st.integers(min_value=1, max_value=45)
ENDINGS = st.sampled_from(["ended", "killed", "frozen"])
STRIKES = st.builds(Strike, ENDINGS, REQUESTS, st.booleans())

CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.sampled_from(["v1", "v2", "v3", "slow", "bad-never", "bad-crash"]).map(lambda image: Change(image=image)),
    st.integers(min_value=1, max_value=3).map(lambda count: Change(replicas=count)),
    st.sampled_from([80, 8080]).map(lambda port: Change(port=port)),
    st.sampled_from(["", "one", "two"]).map(lambda text: Change(description=text)),
    st.sampled_from([0, 5]).map(lambda minutes: Change(keep_minutes=minutes)),
    st.sampled_from(["delete", "keep"]).map(lambda fate: Change(on_failure=fate)),
    st.sampled_from([True, True, False]).map(lambda runs: Change(running=runs)),
    st.sampled_from(["overlap", "atomic"]).map(lambda switch: Change(switch=switch)),
    st.sampled_from(["manual", "automatic"]).map(lambda promotion: Change(promotion=promotion)),
)
PACES = st.builds(Pace, st.sampled_from([0.5, 50.0]), st.sampled_from([0.01, 2.0]))


@dataclass(frozen=True)
class Command:
    """One at the command line."""

    name: str
    act: Callable[[World, str, str], Coroutine[object, object, object]]
    stops: bool = False


COMMANDS = [
    Command("undo", workload_commands.undo),
    Command("promote", workload_commands.promote),
    Command("cancel", workload_commands.cancel),
    Command("resume", workload_commands.resume),
    Command("stop", workload_commands.stop, stops=True),
    Command("start", workload_commands.start),
]
