"""The error of a file, which names all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Sequence

from anycarrier.errors import InvalidInput

__all__ = ["WrongFile"]

SHOWN = 20
"""Problems that the message has; ``problems`` has all."""


class WrongFile(InvalidInput):
    """A file of numbers has lines that cannot be used. Nothing was sent.

    Attributes:
        problems: what is wrong, each with its line and column.
    """

    problems: Sequence[str] = ()

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        super().__init__(f"{name} has {count}: {'; '.join(problems[:SHOWN])}{more}", problems=tuple(problems))
