"""Who may call: the list of addresses and the kind of authentication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from anycarrier.engine.accounts import Secret
from anycarrier.errors import NotFound
from anycarrier.exchange import Exchange

from ._base import Base, Data

__all__ = ["Authentication"]


class Authentication(Base):
    """``/v2.2/acl`` and ``/v2.2/auth``. A ``Conflict`` may have changed a part: that is in its ``applied``."""

    def acl(self) -> Exchange[list[Data]]:
        """The address ranges (``aclList``); VoiceTel answers 404 when there are none."""
        try:
            return (yield from self._rows("voicetel.acl", "/v2.2/acl", "acl"))
        except NotFound:
            return []

    def add_acl(self, ranges: Sequence[str]) -> Exchange[Data]:
        """Add address ranges (``aclCreate``): public IPv4 with a mask of /8, /16, /24 or /32."""
        return self._data("voicetel.add_acl", "POST", "/v2.2/acl", body={"acl": [{"cidr": item} for item in ranges]})

    def remove_acl(self, ranges: Sequence[str]) -> Exchange[Data]:
        """Remove address ranges (``aclDelete``)."""
        return self._data("voicetel.remove_acl", "DELETE", "/v2.2/acl", query={"cidrs": ranges})

    def auth(self) -> Exchange[Data]:
        """The kind of authentication and the address ranges (``authGet``)."""
        return self._data("voicetel.auth", "GET", "/v2.2/auth")

    def set_auth(
        self, *, password: Secret | None = None, auth_type: Literal[0, 1, 2, 3] | None = None
    ) -> Exchange[Data]:
        """Change password or kind of authentication (``authPut``). The documents disagree on what 1 and 2 mean. A new
        password changes the API key."""
        body = {"password": password and password.reveal(), "authType": auth_type}
        return self._data("voicetel.set_auth", "PUT", "/v2.2/auth", body=body)
