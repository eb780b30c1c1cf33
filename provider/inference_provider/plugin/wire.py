"""How values travel between the engine and us: protobuf structs, with what is unknown and what is secret in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN

#: The key by which the engine marks a special value, and the mark of a secret (Pulumi's wire format).
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a mark that stands in Pulumi's sources, not a password
#: Where a value is: keys and indexes from the top.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Received:
    """Plain values, and where the secret ones are. What is not known yet is the text ``UNKNOWN``."""

    values: Properties
    secrets: frozenset[Path] = frozenset()

    @property
    def own(self) -> Properties:
        """The values without Pulumi's own (``__defaults`` and the like)."""
        return {key: value for key, value in self.values.items() if not key.startswith("__")}


def received(struct: Struct) -> Received:
    """What the engine sent. Every number is a double on the wire; a whole one is an integer here."""
    secrets: set[Path] = set()
    values = {key: _plain(value, (key,), secrets) for key, value in MessageToDict(struct).items()}
    return Received(values, frozenset(secrets))


def _plain(value: object, path: Path, secrets: set[Path]) -> object:
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            secrets.add(path)
            return _plain(value.get("value"), path, secrets)
        return {str(key): _plain(item, (*path, str(key)), secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, (*path, index), secrets) for index, item in enumerate(value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def sent(values: Properties, secrets: Iterable[Path] = ()) -> Struct:
    """Values as the engine gets them; those at ``secrets`` (if they are there) are marked as secret."""
    marked = frozenset(secrets)
    return ParseDict({key: _wired(value, (key,), marked) for key, value in values.items()}, Struct())


def _wired(value: object, path: Path, secrets: frozenset[Path]) -> object:
    if isinstance(value, Mapping):
        wired: object = {str(key): _wired(item, (*path, str(key)), secrets) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        wired = [_wired(item, (*path, index), secrets) for index, item in enumerate(value)]
    else:
        wired = value
    return {SIGNATURE: SECRET, "value": wired} if path in secrets and value != UNKNOWN else wired
