"""Operations of a failover that need no journal: at a number's owner, or at the first member that can."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from anycarrier._outcomes import operation_of
from anycarrier.capabilities import has, lacks, support_of
from anycarrier.exchange import Exchange
from anycarrier.features import Can
from anycarrier.hints import checked_methods
from anycarrier.model import Target
from anycarrier.number_services import EmergencyAddress, EmergencyRecord

__all__ = ["NumberServices"]


@checked_methods
class NumberServices(ABC):
    """Operations of a failover that need nothing of the journal."""

    members: tuple[Any, ...]

    @abstractmethod
    def _at_owner(self, operation: str, target: Target, *arguments: object, **options: object) -> Exchange[Any]:
        """*operation*, at the member that has the number."""

    def _at_first(self, operation: str, *arguments: object, **options: object) -> Exchange[Any]:
        """*operation*, at the first member that can; its error is final, so nothing is done or paid twice."""
        for member in self.members:
            if has(member, operation) and isinstance(support_of(member, operation), Can):
                return (yield from operation_of(member, operation)(*arguments, **options))
        raise lacks(self, operation)  # type: ignore[arg-type]

    def emergency_address(self, target: Target) -> Exchange[EmergencyRecord | None]:
        """Read the number's emergency address, from its owner."""
        return self._at_owner("emergency_address", target)

    def set_emergency_address(self, target: Target, address: EmergencyAddress) -> Exchange[EmergencyRecord]:
        """Set the number's emergency address, at its owner."""
        return self._at_owner("set_emergency_address", target, address)

    def remove_emergency_address(self, target: Target) -> Exchange[None]:
        """Remove the number's emergency address, at its owner."""
        return self._at_owner("remove_emergency_address", target)

    def check_emergency_address(self, address: EmergencyAddress) -> Exchange[EmergencyAddress]:
        """Check an address, at the first member that can."""
        return self._at_first("check_emergency_address", address)
