"""Access to the account: address ranges and the kind of authentication."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Details, OneOf, Text, Whole

__all__ = ["AclAdded", "AclEntry", "AclRemoved", "Auth", "AuthChange", "AuthUpdated"]

AuthField: TypeAlias = Annotated[str | None, OneOf(values=("authType", "password"))]


class AclEntry(Details):
    """Range of IPv4 addresses, such as ``203.0.113.0/24``."""

    cidr: str


class AclAdded(Details):
    """Ranges that were added."""

    added: list[AclEntry] | None = None


class AclRemoved(Details):
    """Ranges that were removed."""

    removed: list[AclEntry] | None = None


class Auth(Details):
    """Authentication of an account.

    Attributes:
        auth_type: 0 digest; 3 digest and address; of 1 and 2, one is the address alone and the other either of them:
            the documents disagree, so see ``auth_type_description``.
        acl: ranges of addresses that are let in.
    """

    auth_type: Whole = None
    auth_type_description: Text = None
    acl: list[AclEntry] | None = None


class AuthChange(Details):
    """One change: ``value`` is the new one where it may be shown."""

    field: AuthField = None
    value: Whole = None


class AuthUpdated(Details):
    """Changes that were made."""

    updated: list[AuthChange] | None = None
