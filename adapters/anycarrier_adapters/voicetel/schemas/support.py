"""Support tickets, as the ticket system has them."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from anycarrier.adapter import Details, Instant, OneOf, Text, Whole

__all__ = [
    "Assignee",
    "Attachment",
    "Author",
    "Contact",
    "CustomField",
    "Customer",
    "CustomerAddress",
    "CustomerContacts",
    "Source",
    "StaffUser",
    "Thread",
    "ThreadAction",
    "ThreadParts",
    "Ticket",
    "TicketParts",
    "TicketStatus",
    "Tickets",
    "Waiting",
]

AuthorKind: TypeAlias = Annotated[str | None, OneOf(values=("customer", "user"))]
CustomerKind: TypeAlias = Annotated[str | None, OneOf(values=("customer",))]
StaffKind: TypeAlias = Annotated[str | None, OneOf(values=("user",))]
PhotoKind: TypeAlias = Annotated[
    str | None, OneOf(values=("unknown", "gravatar", "twitter", "facebook", "googleprofile", "googleplus", "linkedin"))
]
ThreadKind: TypeAlias = Annotated[str | None, OneOf(values=("customer", "message", "note"))]
ThreadState: TypeAlias = Annotated[str | None, OneOf(values=("draft", "published"))]
TicketKind: TypeAlias = Annotated[str | None, OneOf(values=("email", "phone", "chat"))]
TicketState: TypeAlias = Annotated[str | None, OneOf(values=("draft", "published", "deleted"))]
TicketWord: TypeAlias = Annotated[str | None, OneOf(values=("active", "pending", "closed", "spam"))]


class Contact(Details):
    """Phone number, mail address, web page or profile; ``type`` such as work or mobile, which a page has none of."""

    id: Whole = None
    type: Text = None
    value: Text = None


class CustomerAddress(Details):
    """Postal address; ``country`` and ``state`` are two capitals."""

    street: Text = None
    city: Text = None
    state: Text = None
    zip: Text = None
    country: Text = None


class CustomerContacts(Details):
    """Contacts of a customer."""

    emails: list[Contact] | None = None
    phones: list[Contact] | None = None
    websites: list[Contact] | None = None
    social_profiles: list[Contact] | None = None
    address: CustomerAddress | None = None


class Customer(Details):
    """Customer of the ticket system (``supportCustomer``); ``photo_type`` tells where the photo comes from."""

    id: Whole = None
    type: CustomerKind = None
    first_name: Text = None
    last_name: Text = None
    email: Text = None
    company: Text = None
    job_title: Text = None
    notes: Text = None
    photo_url: Text = None
    photo_type: PhotoKind = None
    created_at: Instant = None
    updated_at: Instant = None
    embedded: CustomerContacts | None = None


class Source(Details):
    """Origin: ``type`` is email, web or api, ``via`` who wrote."""

    type: Text = None
    via: Text = None


class Author(Details):
    """Author: ``type`` is customer, or user for staff."""

    id: Whole = None
    email: Text = None
    type: AuthorKind = None


class StaffUser(Details):
    """Member of the staff."""

    id: Whole = None
    type: StaffKind = None
    first_name: Text = None
    last_name: Text = None
    email: Text = None


class Assignee(StaffUser):
    """Member of the staff who has the ticket."""

    photo_url: Text = None


class Attachment(Details):
    """File of a message (``supportAttachment``); ``size`` in bytes."""

    id: Whole = None
    file_name: Text = None
    file_url: Text = None
    mime_type: Text = None
    size: Whole = None


class ThreadAction(Details):
    """Change that the system wrote down, such as of the assignee."""

    type: Text = None
    text: Text = None


class ThreadParts(Details):
    """Files of a message."""

    attachments: list[Attachment] | None = None


class Thread(Details):
    """Message of a ticket (``supportThread``).

    Attributes:
        type: customer; message of the staff; note for the staff alone.
        state: draft or published. ``status`` is that of the ticket.
        body: HTML; plain text in notes.
        action: of messages that the system wrote.
        rating: of the customer, 1 to 5.
        opened_at: first time that a mail was opened.
    """

    id: Whole = None
    type: ThreadKind = None
    status: Text = None
    state: ThreadState = None
    body: Text = None
    source: Source | None = None
    action: ThreadAction | None = None
    customer: Customer | None = None
    created_by: Author | None = None
    assigned_to: StaffUser | None = None
    to: list[str] | None = None
    cc: list[str] | None = None
    bcc: list[str] | None = None
    created_at: Instant = None
    opened_at: Instant = None
    rating: Whole = None
    rating_comment: Text = None
    embedded: ThreadParts | None = None


class TicketParts(Details):
    """Messages of a ticket."""

    threads: list[Thread] | None = None


class Waiting(Details):
    """Time for which the customer has waited: since ``time``, in words ``friendly``.

    Attributes:
        latest_reply_from: customer, or user for staff.
    """

    time: Instant = None
    friendly: Text = None
    latest_reply_from: AuthorKind = None


class CustomField(Details):
    """Field of the ticket system; ``text`` is the value in words."""

    id: Whole = None
    name: Text = None
    value: Text = None
    text: Text = None


class Ticket(Details):
    """Support ticket (``supportConversation``).

    Attributes:
        id: for the other operations; ``number`` is what the customer sees.
        preview: beginning of the customer's last message.
        closed_by: id of the member of the staff, whom ``closed_by_user`` describes.
    """

    id: Whole = None
    number: Whole = None
    type: TicketKind = None
    status: TicketWord = None
    state: TicketState = None
    subject: Text = None
    preview: Text = None
    folder_id: Whole = None
    mailbox_id: Whole = None
    threads_count: Whole = None
    source: Source | None = None
    assignee: Assignee | None = None
    customer: Customer | None = None
    created_by: Author | None = None
    cc: list[str] | None = None
    bcc: list[str] | None = None
    created_at: Instant = None
    updated_at: Instant = None
    user_updated_at: Instant = None
    closed_at: Instant = None
    closed_by: Whole = None
    closed_by_user: StaffUser | None = None
    customer_waiting_since: Waiting | None = None
    custom_fields: list[CustomField] | None = None
    embedded: TicketParts | None = None


class Tickets(Details):
    """Tickets; ``total_count`` may be more than are there."""

    tickets: list[Ticket] | None = None
    total_count: Whole = None


class TicketStatus(Details):
    """Status of a ticket: active, pending, closed or spam."""

    id: Whole = None
    status: Text = None
