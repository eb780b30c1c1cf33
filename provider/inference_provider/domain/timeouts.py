"""How long an operation may take where the engine cannot say it: the dynamic door knows no ``customTimeouts``."""

from typing import Annotated

from pydantic import Field

from inference_provider.domain.fields import Seconds
from inference_provider.domain.model import Input


class Timeouts(Input):
    """How long an operation may take in all. In the plugin door `customTimeouts` of the resource options win."""

    create: Annotated[
        Seconds | None, Field(description='Time to create: "30m", "90s", "1h30m" or seconds. Default: an hour.')
    ] = None
    update: Annotated[
        Seconds | None,
        Field(description="Time to update, a replacement included; written as for `create`. Default: an hour."),
    ] = None
    delete: Annotated[
        Seconds | None,
        Field(description="Time to delete, until the last pod or user is gone; as for `create`. Default: 10 minutes."),
    ] = None
