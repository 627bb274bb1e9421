"""Support tickets. OpenAPI: Support."""

from __future__ import annotations

from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, event, route

from ._base import Base, date_text, good, words_of
from .records import Thread, Ticket

__all__ = ["Support"]

DESK: dict[str, Any] = {
    "id": 1,
    "type": "user",
    "firstName": "Support",
    "lastName": "Desk",
    "email": "support@example.com",
}
STATUSES = ("active", "pending", "closed", "spam")


class Support(Base):
    """``/v2.2/support``."""

    @event
    def reply(self, ticket: int, message: str) -> None:
        """An answer of the support desk."""
        if ticket not in self.tickets:
            raise ValueError(f"there is no ticket {ticket}")
        self._add(self.tickets[ticket], "user", message)

    @route("GET", "/v2.2/support/tickets")
    def ticket_list(self, call: Call) -> SimAnswer:
        admin, username = self.account.admin, self.account.username
        rows = [self._shown(ticket) for ticket in self.tickets.values() if admin or ticket.owner == username]
        return good({"totalCount": len(rows), "tickets": rows})

    @route("POST", "/v2.2/support/tickets", success=201)
    def ticket_create(self, call: Call) -> SimAnswer:
        body = call.members()
        words_of(body, "subject", "message")
        email = body.get("email") if self.account.admin else None
        return good({"ticket": self._shown(self._open_ticket(body["subject"], body["message"], email))}, 201)

    @route("GET", "/v2.2/support/tickets/{id}")
    def ticket_get(self, call: Call) -> SimAnswer:
        return good({"ticket": self._shown(self._ticket(call))})

    @route("PUT", "/v2.2/support/tickets/{id}")
    def ticket_update(self, call: Call) -> SimAnswer:
        ticket, status = self._ticket(call), call.members().get("status")
        if status not in STATUSES:
            raise Refused(400, "Invalid or missing status")
        ticket.status, ticket.updated_at = status, self.time()
        return good({"id": ticket.id, "status": ticket.status})

    @route("DELETE", "/v2.2/support/tickets/{id}", success=204)
    def ticket_remove(self, call: Call) -> SimAnswer:
        self._only_admin()
        del self.tickets[self._ticket(call).id]
        return SimAnswer(204)

    @route("GET", "/v2.2/support/tickets/{id}/messages")
    def ticket_messages(self, call: Call) -> SimAnswer:
        ticket = self._ticket(call)
        return good({"messages": [_thread(ticket, thread) for thread in ticket.threads]})

    @route("POST", "/v2.2/support/tickets/{id}/replies", success=201)
    def ticket_reply(self, call: Call) -> SimAnswer:
        ticket, body = self._ticket(call), call.members()
        words_of(body, "message")
        self._add(ticket, "customer", body["message"])
        return good({"message": "Reply added"}, 201)

    def _ticket(self, call: Call) -> Ticket:
        number = call.values["id"]
        ticket = self.tickets.get(int(number)) if number.isascii() and number.isdigit() else None
        if ticket is None:
            raise Refused(404, "Ticket not found")
        if not self.account.admin and ticket.owner != self.account.username:
            raise Refused(403, "Forbidden: not your ticket")
        return ticket

    def _open_ticket(self, subject: str, message: str, email: str | None = None) -> Ticket:
        number, owner = max(self.tickets, default=2113) + 1, self.account.username
        ticket = Ticket(number, owner, email or self.account.email, subject, self.time(), self.time())
        self.tickets[number] = ticket
        self._add(ticket, "customer", message)
        return ticket

    def _add(self, ticket: Ticket, author: str, body: str) -> None:
        ticket.threads.append(Thread(98765 + len(ticket.threads), self.time(), author, body))
        # Inferred: a message opens a ticket that waited or was closed.
        ticket.status, ticket.updated_at = "active", self.time()

    def _shown(self, ticket: Ticket) -> dict[str, Any]:
        last = ticket.threads[-1]
        words = [thread.body for thread in ticket.threads if thread.author == "customer"]
        wait = int((self.time() - last.at) // 60)
        row: dict[str, Any] = {
            "id": ticket.id,
            "number": ticket.id,
            "type": "email",
            "status": ticket.status,
            "state": "published",
            "subject": ticket.subject,
            "preview": words[-1][:100],
            "threadsCount": len(ticket.threads),
            "mailboxId": 2,
            "folderId": 1,
            "cc": [],
            "bcc": [],
            "customFields": [],
            "source": {"type": "api", "via": "customer"},
            "createdAt": date_text(ticket.at),
            "updatedAt": date_text(ticket.updated_at),
            "userUpdatedAt": date_text(ticket.updated_at),
            "customerWaitingSince": {
                "time": date_text(last.at),
                "friendly": f"{wait} minutes",
                "latestReplyFrom": last.author,
            },
            "createdBy": _author(ticket, "customer"),
            "customer": _customer(ticket),
            "assignee": {**DESK, "photoUrl": ""},
            "embedded": {"threads": [_thread(ticket, thread) for thread in ticket.threads]},
        }
        if ticket.status == "closed":
            row |= {"closedAt": date_text(ticket.updated_at), "closedBy": DESK["id"], "closedByUser": DESK}
        return row


def _author(ticket: Ticket, kind: str) -> dict[str, Any]:
    if kind == "user":
        return {name: DESK[name] for name in ("id", "type", "email")}
    return {"id": int(ticket.owner) % 100_000, "type": "customer", "email": ticket.email}


def _customer(ticket: Ticket) -> dict[str, Any]:
    at = date_text(ticket.at)
    return {
        **_author(ticket, "customer"),
        "firstName": "Example",
        "lastName": "Customer",
        "company": "Example Inc",
        "jobTitle": "",
        "notes": "",
        "photoUrl": "",
        "photoType": "unknown",
        "createdAt": at,
        "updatedAt": at,
        "embedded": {
            "emails": [{"id": 1, "type": "work", "value": ticket.email}],
            "phones": [],
            "socialProfiles": [],
            "websites": [],
            "address": {"country": "US", "state": "NJ", "city": "", "street": "", "zip": ""},
        },
    }


def _thread(ticket: Ticket, thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "type": "customer" if thread.author == "customer" else "message",
        "status": ticket.status,
        "state": "published",
        "action": {"type": "", "text": ""},
        "body": thread.body,
        "source": {"type": "api", "via": thread.author},
        "createdBy": _author(ticket, thread.author),
        "customer": _customer(ticket),
        "assignedTo": DESK,
        "to": [],
        "cc": [],
        "bcc": [],
        "createdAt": date_text(thread.at),
        "embedded": {"attachments": []},
    }
