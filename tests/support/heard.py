"""A Reporter that remembers what a person would have read."""

from dataclasses import dataclass, field


@dataclass
class Heard:
    """A Reporter that remembers."""

    statuses: list[str] = field(default_factory=list)
    infos: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def status(self, text: str) -> None:
        """Remember a status, repeated ones once."""
        if self.statuses[-1:] != [text]:
            self.statuses.append(text)

    def info(self, text: str) -> None:
        """Remember an information line."""
        self.infos.append(text)

    def warn(self, text: str) -> None:
        """Remember a warning."""
        self.warnings.append(text)
