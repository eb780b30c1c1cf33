"""How long may an operation take? The engine says so per call (``customTimeouts``), the program in ``timeouts``."""

from inference_provider.resources.world import Properties


def timed(properties: Properties, operation: str, seconds: float) -> Properties:
    """The time that the engine allows (``customTimeouts``) as our resources read it."""
    if not seconds:
        return properties
    timeouts = properties.get("timeouts")
    return {**properties, "timeouts": {**(timeouts if isinstance(timeouts, dict) else {}), operation: seconds}}


def untimed(outputs: Properties, given: Properties) -> Properties:
    """Outputs with the ``timeouts`` that the program said: the engine's are no property of the resource."""
    said = {key: value for key, value in outputs.items() if key != "timeouts"}
    return {**said, "timeouts": given["timeouts"]} if "timeouts" in given else said
