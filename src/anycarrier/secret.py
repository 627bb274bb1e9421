"""A text that is never shown."""

from __future__ import annotations

from anycarrier.errors import InvalidInput
from anycarrier.redaction import know

__all__ = ["Secret"]


class Secret:
    """A text that no ``repr``, ``str``, format, log line or pickle shows, and no error that quotes it either."""

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise InvalidInput(f"the value of a Secret must be text, not {type(value).__name__}")
        self._value = value
        know(self)

    def reveal(self) -> str:
        """Return the text."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret is not pickled: configure the account where it is used")
