"""Where in the inputs something is, and how Pulumi writes that."""

import re

#: As pydantic has it: ("containerGroups", 0, "name").
Location = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def path_text(location: Location) -> str:
    """Pulumi's property path: containerGroups[0].containers[1].httpHeaders["X-Key"]."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text
