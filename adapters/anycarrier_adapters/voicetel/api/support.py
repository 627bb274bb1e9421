"""Support tickets."""

from __future__ import annotations

from typing import Literal

from anycarrier.adapter import Sent, sent
from anycarrier_adapters.voicetel.schemas import Note, Thread, Ticket, Tickets, TicketStatus

from ._base import Area, changes, done, gets

__all__ = ["Support"]

TICKET = "/v2.2/support/tickets/{id}"


class Support(Area):
    """``/v2.2/support/tickets``: those of this account; an administrator's are all."""

    @gets("/v2.2/support/tickets", Tickets)
    def tickets(self) -> Sent:
        """All tickets and their ``totalCount`` (``ticketsList``)."""
        return sent()

    @gets(TICKET, Ticket, "ticket")
    def ticket(self, ticket: int) -> Sent:
        """One ticket (``ticketsGet``)."""
        return sent(id=ticket)

    @changes("POST", "/v2.2/support/tickets", Ticket, "ticket", accept=(201,))
    def create_ticket(self, subject: str, message: str, *, email: str | None = None) -> Sent:
        """Create a ticket (``ticketsCreate``); *email* for administrators only."""
        return sent(body={"subject": subject, "message": message, "email": email})

    @changes("PUT", TICKET, TicketStatus)
    def set_ticket_status(self, ticket: int, status: Literal["active", "pending", "closed", "spam"]) -> Sent:
        """Change a ticket's status (``ticketsPut``)."""
        return sent(body={"status": status}, id=ticket)

    @done("DELETE", TICKET)
    def remove_ticket(self, ticket: int) -> Sent:
        """Delete a ticket (``ticketsDelete``; administrators only)."""
        return sent(id=ticket)

    @gets(f"{TICKET}/messages", list[Thread], "messages")
    def ticket_messages(self, ticket: int) -> Sent:
        """The messages of a ticket (``supportTicketMessages``)."""
        return sent(id=ticket)

    @changes("POST", f"{TICKET}/replies", Note, accept=(201,))
    def reply(self, ticket: int, message: str) -> Sent:
        """Write into a ticket (``supportTicketReplyCreate``)."""
        return sent(body={"message": message}, id=ticket)
