"""Operations of a failover that need no journal: at a number's owner, or at the first member that can."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from anycarrier._outcomes import operation_of
from anycarrier.capabilities import has, lacks, support_of
from anycarrier.exchange import Exchange
from anycarrier.features import Can
from anycarrier.hints import checked_methods
from anycarrier.model import OwnedNumber, Target
from anycarrier.number_services import CallerName, EmergencyAddress, EmergencyRecord, LookUp

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

    def caller_name(self, target: Target) -> Exchange[CallerName]:
        """Read the names of callers, from the number's owner."""
        return self._at_owner("caller_name", target)

    def set_caller_name(self, target: Target, name: str) -> Exchange[CallerName]:
        """Set the name that is shown where the number calls, at its owner."""
        return self._at_owner("set_caller_name", target, name)

    def look_up(self, target: Target, *, carrier: bool = True, caller_name: bool = True) -> Exchange[LookUp]:
        """Look any number up, at the first member that can: no other is paid when that one fails."""
        return self._at_first("look_up", target, carrier=carrier, caller_name=caller_name)

    def set_label(self, target: Target, label: str) -> Exchange[OwnedNumber]:
        """Set the number's label, at its owner."""
        return self._at_owner("set_label", target, label)

    def set_enabled(self, target: Target, enabled: bool) -> Exchange[OwnedNumber]:
        """Switch the number on or off, at its owner."""
        return self._at_owner("set_enabled", target, enabled)
