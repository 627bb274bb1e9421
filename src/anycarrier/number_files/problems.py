"""The error of a file, which names all that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeAlias

from anycarrier.errors import InvalidInput
from anycarrier.validation import shape

__all__ = ["Content", "WrongFile"]


def _is_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise InvalidInput(f"{name} must be text, not {shape(value)}")


Content: TypeAlias = Annotated[str, _is_text]
"""The text of a file, however long."""

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
