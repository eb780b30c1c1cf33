"""Where in the inputs something is, and how Pulumi writes that."""

import re

#: As pydantic has it: ("containerGroups", 0, "name").
Location = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def path_text(location: Location) -> str:
    """Pulumi's property path: containerGroups[0].containers[1].httpHeaders["X-Key"]."""
    text = ""
    for part in location:
        text = f"{text}[{part}]" if isinstance(part, int) else inside(text, part)
    return text


def inside(path: str, key: str) -> str:
    """The path of a key of the object at ``path``; an empty one is the top."""
    if _PLAIN.fullmatch(key):
        return f"{path}.{key}" if path else key
    escaped = key.replace('"', '\\"')
    return f'{path}["{escaped}"]'
