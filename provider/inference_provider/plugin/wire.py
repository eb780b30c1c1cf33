"""How values travel between the engine and us: protobuf structs, with what is unknown and what is secret in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct, Value

from inference_provider.domain.paths import inside
from inference_provider.errors import Fault, InputError
from inference_provider.resources.world import Properties
from inference_provider.seam.unknowns import UNKNOWN

#: The key by which the engine marks a special value, and the mark of a secret (Pulumi's wire format).
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a mark that stands in Pulumi's sources, not a password
#: The mark of an output value, which may be secret, and is not known yet when it has no value.
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
#: What is not known yet, by what it will be: text, a truth, a number, a list, an asset, an archive, an object.
_UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
#: How many objects and lists may be around a value. Protobuf reads a little more (``unreadable``), without saying where
#: it was too much; nothing of ours is a third as deep.
DEEPEST = 30
#: Where a value is: keys and indexes from the top.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Received:
    """Plain values, and where the secret ones are. What is not known yet is the text ``UNKNOWN``."""

    values: Properties
    secrets: frozenset[Path] = frozenset()

    def secret(self, always: Iterable[str]) -> frozenset[Path]:
        """Where answers about them are secret: what was so stays so, and the properties that ``always`` are, are."""
        return self.secrets | {(name,) for name in always}

    @property
    def own(self) -> Properties:
        """The values without Pulumi's own (``__defaults`` and the like)."""
        return {key: value for key, value in self.values.items() if not key.startswith("__")}


def received(struct: Struct) -> Received:
    """What the engine sent. Every number is a double on the wire; a whole one is an integer here.

    Raises InputError for a property that is nested more deeply than anybody could mean.
    """
    secrets: set[Path] = set()
    values: Properties = {}
    for key, value in struct.fields.items():
        try:
            values[key] = _plain(value, (key,), secrets)
        except RecursionError:
            raise InputError([Fault(inside("", key), "is nested too deeply to be read")]) from None
    return Received(values, frozenset(secrets))


def _plain(value: Value, path: Path, secrets: set[Path]) -> object:
    if len(path) > DEEPEST:
        raise RecursionError
    match value.WhichOneof("kind"):
        case "struct_value":
            return _object(value.struct_value, path, secrets)
        case "list_value":
            return [_plain(item, (*path, index), secrets) for index, item in enumerate(value.list_value.values)]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _object(struct: Struct, path: Path, secrets: set[Path]) -> object:
    fields = struct.fields
    if SIGNATURE not in fields:
        return {key: _plain(value, (*path, key), secrets) for key, value in fields.items()}
    mark = fields[SIGNATURE].string_value
    if mark not in (SECRET, OUTPUT):  # an asset, an archive: nothing here takes one, and check says so where it is
        return {SIGNATURE: {"mark": _foreign(fields[SIGNATURE])}}
    if mark == SECRET or ("secret" in fields and fields["secret"].bool_value):
        secrets.add(path)
    nothing = None if mark == SECRET else UNKNOWN
    return _plain(fields["value"], path, secrets) if "value" in fields else nothing


def _foreign(mark: Value) -> str:
    """A mark of no use here. Sent back it is an object, and is then read as the same; a damaged one is empty, and
    certainly nothing that will be known later.
    """
    inner = mark.struct_value.fields
    text = inner["mark"].string_value if "mark" in inner else mark.string_value
    return "" if text in _UNKNOWNS else text


def sent(values: Properties, secrets: Iterable[Path] = ()) -> Struct:
    """Values as the engine gets them; those at ``secrets`` (if they are there) are marked as secret."""
    marked = frozenset(secrets)
    return Struct(fields={key: _wired(value, (key,), marked) for key, value in values.items()})


def _wired(value: object, path: Path, secrets: frozenset[Path]) -> Value:
    wired = _value(value, path, secrets)
    if path not in secrets or value == UNKNOWN:
        return wired
    return Value(struct_value=Struct(fields={SIGNATURE: Value(string_value=SECRET), "value": wired}))


def _value(value: object, path: Path, secrets: frozenset[Path]) -> Value:
    match value:
        case None:
            return Value(null_value=NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=value)
        case Mapping():
            inside = {str(key): _wired(item, (*path, str(key)), secrets) for key, item in value.items()}
            return Value(struct_value=Struct(fields=inside))
        case list() | tuple():
            items = [_wired(item, (*path, index), secrets) for index, item in enumerate(value)]
            return Value(list_value=ListValue(values=items))
        case _:
            return Value(string_value=str(value))
