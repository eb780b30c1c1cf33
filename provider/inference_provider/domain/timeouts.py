"""How long an operation may take where the engine cannot say it: the dynamic door knows no ``customTimeouts``."""

from typing import Annotated

from pydantic import Field

from inference_provider.domain.fields import Seconds
from inference_provider.domain.model import Input


class Timeouts(Input):
    """How long an operation may take in all."""

    create: Annotated[Seconds | None, Field(description='Time to create: "30m", "90s", "1h30m" or seconds.')] = None
    update: Annotated[Seconds | None, Field(description="Time to update, a replacement included.")] = None
    delete: Annotated[Seconds | None, Field(description="Time to delete.")] = None
