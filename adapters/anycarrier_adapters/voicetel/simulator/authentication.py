"""Passwords, and addresses that may register. OpenAPI: ACL and Authentication."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import Base, good, is_int, routable

__all__ = ["Authentication"]

MASK = re.compile(r"[0-9.]+/(8|16|24|32)", re.ASCII)
PASSWORD = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[A-Za-z0-9]{6,10}", re.ASCII)
KINDS = ("Digest", "IP Auth", "Digest OR IP Auth", "Digest AND IP Auth")
KINDS_LATER = ("Digest", "Digest OR IP Auth", "IP Auth", "Digest AND IP Auth")


class Authentication(Base):
    """``/v2.2/acl`` and ``/v2.2/auth``."""

    @route("GET", "/v2.2/acl")
    def acl_list(self, call: Call) -> SimAnswer:
        if not self.account.acl:
            raise Refused(404, "No entries found")
        return good({"acl": self._acl()})

    @route("POST", "/v2.2/acl")
    def acl_add(self, call: Call) -> SimAnswer:
        rows = call.members().get("acl")
        listed: list[Any] = rows if isinstance(rows, list) else []
        blocks = [row["cidr"] for row in listed if isinstance(row, dict) and isinstance(row.get("cidr"), str)]
        if not blocks or len(blocks) != len(listed):
            raise Refused(400, "Field Required: acl")

        def problem(block: str) -> str | None:
            if not MASK.fullmatch(block):
                return "Invalid mask: must be /8, /16, /24, or /32"
            if not routable(block):
                return "CIDR range must be routable"
            return "DB Insert failed" if block in self.account.acl else None

        return self._each(blocks, "added", problem, self.account.acl.append)

    @route("DELETE", "/v2.2/acl")
    def acl_remove(self, call: Call) -> SimAnswer:
        blocks = [block.strip() for block in (call.query("cidrs") or "").split(",")]

        def problem(block: str) -> str | None:
            return None if block in self.account.acl else "DB delete failed"

        return self._each(blocks, "removed", problem, self.account.acl.remove)

    def _each(
        self, blocks: Iterable[str], done: str, problem: Callable[[str], str | None], change: Callable[[str], None]
    ) -> SimAnswer:
        data: dict[str, list[dict[str, str]]] = {"added": [], "removed": [], "failed": []}
        for block in blocks:
            reason = problem(block)
            if reason is None:
                change(block)
                data[done].append({"cidr": block})
            else:
                data["failed"].append({"cidr": block, "reason": reason})
        if data["failed"]:
            raise Refused(409, f"Not every entry was {done}", data=data)
        return good({done: data[done]})

    @route("GET", "/v2.2/auth")
    def auth_get(self, call: Call) -> SimAnswer:
        kind, words = self.account.auth_type, KINDS_LATER if self.later else KINDS
        return good({"authType": kind, "authTypeDescription": words[kind], "acl": self._acl()})

    @route("PUT", "/v2.2/auth")
    def auth_set(self, call: Call) -> SimAnswer:
        body = call.members()
        if not body or body.keys() - {"password", "authType"}:
            raise Refused(400, "Fields: password, authType")
        updated: list[dict[str, Any]] = []
        errors: list[dict[str, str]] = []
        if "authType" in body:
            kind = body["authType"]
            if is_int(kind) and 0 <= kind < len(KINDS):
                self.account.auth_type = kind
                updated.append({"field": "authType", "value": kind})
            else:
                errors.append({"field": "authType", "message": "Must be 0, 1, 2 or 3"})
        if "password" in body:
            if isinstance(body["password"], str) and PASSWORD.fullmatch(body["password"]):
                self.account.password, self.account.api_key = body["password"], self._token(32)
                updated.append({"field": "password"})
            else:
                words = "Must be 6-10 alphanumeric characters with at least one letter and one number"
                errors.append({"field": "password", "message": words})
        if errors:
            raise Refused(409, "One or more updates failed", updated=updated, errors=errors)
        return good({"updated": updated})

    def _acl(self) -> list[dict[str, str]]:
        return [{"cidr": block} for block in self.account.acl]
