"""Access to the account: the list of addresses and the kind of authentication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from anycarrier.adapter import Exchange, NotFound, Secret, Sent, sent
from anycarrier_adapters.voicetel.schemas import AclAdded, AclEntry, AclRemoved, Auth, AuthUpdated

from ._base import Area, changes, gets

__all__ = ["Authentication"]


class Authentication(Area):
    """``/v2.2/acl`` and ``/v2.2/auth``. A ``Conflict`` may have changed a part: that is in its ``applied``."""

    _acl = gets("/v2.2/acl", list[AclEntry], "acl")

    def acl(self) -> Exchange[list[AclEntry]]:
        """The address ranges (``aclList``); VoiceTel answers 404 when there are none."""
        try:
            return (yield from self._acl())
        except NotFound:
            return []

    @changes("POST", "/v2.2/acl", AclAdded)
    def add_acl(self, ranges: Sequence[str]) -> Sent:
        """Add address ranges (``aclCreate``): public IPv4 with a mask of /8, /16, /24 or /32."""
        return sent(body={"acl": [{"cidr": item} for item in ranges]})

    @changes("DELETE", "/v2.2/acl", AclRemoved)
    def remove_acl(self, ranges: Sequence[str]) -> Sent:
        """Remove address ranges (``aclDelete``)."""
        return sent(query={"cidrs": ranges})

    @gets("/v2.2/auth", Auth)
    def auth(self) -> Sent:
        """The kind of authentication and the address ranges (``authGet``)."""
        return sent()

    @changes("PUT", "/v2.2/auth", AuthUpdated)
    def set_auth(self, *, password: Secret | None = None, auth_type: Literal[0, 1, 2, 3] | None = None) -> Sent:
        """Change password or kind of authentication (``authPut``). The documents disagree on what 1 and 2 mean. A new
        password changes the API key."""
        return sent(body={"password": password and password.reveal(), "authType": auth_type})
