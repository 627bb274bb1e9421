"""Support tickets."""

from __future__ import annotations

from typing import Literal

from anycarrier.exchange import Exchange

from ._base import Base, Data

__all__ = ["Support"]


class Support(Base):
    """``/v2.2/support/tickets``: those of this account; an administrator's are all."""

    def tickets(self) -> Exchange[Data]:
        """All tickets and their ``totalCount`` (``ticketsList``)."""
        return self._data("voicetel.tickets", "GET", "/v2.2/support/tickets")

    def ticket(self, ticket: int) -> Exchange[Data]:
        """One ticket (``ticketsGet``)."""
        return self._data("voicetel.ticket", "GET", "/v2.2/support/tickets/{id}", id=ticket)

    def create_ticket(self, subject: str, message: str, *, email: str | None = None) -> Exchange[Data]:
        """A new ticket (``ticketsCreate``); *email* for administrators only."""
        body = {"subject": subject, "message": message, "email": email}
        return self._data("voicetel.create_ticket", "POST", "/v2.2/support/tickets", (201,), body=body)

    def set_ticket_status(self, ticket: int, status: Literal["active", "pending", "closed", "spam"]) -> Exchange[Data]:
        """Change a ticket's status (``ticketsPut``)."""
        path = "/v2.2/support/tickets/{id}"
        return self._data("voicetel.set_ticket_status", "PUT", path, body={"status": status}, id=ticket)

    def remove_ticket(self, ticket: int) -> Exchange[None]:
        """Delete a ticket (``ticketsDelete``; administrators only)."""
        return self._done("voicetel.remove_ticket", "DELETE", "/v2.2/support/tickets/{id}", id=ticket)

    def ticket_messages(self, ticket: int) -> Exchange[list[Data]]:
        """What was written in a ticket (``supportTicketMessages``)."""
        return self._rows("voicetel.ticket_messages", "/v2.2/support/tickets/{id}/messages", "messages", id=ticket)

    def reply(self, ticket: int, message: str) -> Exchange[Data]:
        """Write into a ticket (``supportTicketReplyCreate``)."""
        path = "/v2.2/support/tickets/{id}/replies"
        return self._data("voicetel.reply", "POST", path, (201,), body={"message": message}, id=ticket)
