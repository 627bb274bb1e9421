'''Decoding of answers: every record is declared once, read strictly first, and forgivingly where that fails.

A :class:`Record` declares what the provider's documents promise. :func:`read` decodes a short answer into it, strictly;
a record that does not match goes to a pydantic model of the same declaration, which forgives what may be forgiven and
raises ``UnexpectedResponse`` with the places, and never the values, of everything else. Both give the same record.

- **Field types** say what is forgiven: :data:`Text`, :data:`Flag`, :data:`Whole`, :data:`Count`, :data:`Amount`,
  :data:`TenDigit`, :data:`E164`, :data:`Number`, :data:`NumberOrText`, :data:`Instant`, :data:`UnixTime`, :data:`Day`,
  :data:`Hidden`, or ``Annotated[str | None, Forgiving(convert)]``. ``campaign: Campaign | None | UnsetType = UNSET``
  tells a missing member from ``null``. Bounds are ``Annotated[int, Meta(ge=0)]``.
- **Details**: records of a provider's own operations. They have ``raw``, and an odd optional member is ``None``;
  :meth:`Rows.details` gives those of a list, and :class:`OneOf` says which words a text may be.
- **Paths**: ``at=("data",)`` is where the record stands, *envelope* a record of what must stand around it.
  ``at=("data?",)`` also reads an answer without the envelope.
- **Short answers** (:func:`read`) are strict JSON, since they decide about money: no doubled names, at most 32 levels,
  exact decimals. In them numbers are :class:`~anycarrier.numbers.PhoneNumber` and blank texts ``None``.
- **Long answers** (:func:`read_rows`, :func:`stream_rows`) never look at such things, and read each row by itself: one
  that cannot be read is counted in :attr:`Rows.problem` and hides no other. :class:`Rows` settles each
  record that is taken out of it. For thousands of them, take columns instead: :meth:`Rows.numbers`, and the texts of
  :attr:`Rows.rows`, which are as they were sent, through :func:`blanks_to_none`.
- **Many objects** are built by :func:`build` from columns; fields that few look at are computed on first access.
- **Pages**: :class:`RowErrors` sums up the unreadable rows of a list, :class:`Pages` knows whether all of it came.

A complete example::

    class Success(Record):
        """Every answer with a body."""

        status: Literal["success"]


    class Row(Record):
        """A number of the account."""

        number: TenDigit
        label: Text = None
        forward_to: OptionalTenDigit = None


    class Page(Record):
        """Members beside the rows."""

        cursor: Text = None


    OWNED = LazyFields[Row, OwnedNumber](
        OwnedNumber,
        label=lambda row, _: blank_to_none(row.label),
        line=lambda _, one: Line.of(one.number),
        detail=lambda row, _: settled(row),
    )


    def owned(account: str, request: Request, response: Response) -> tuple[Sequence[OwnedNumber], str | None]:
        at = ("data", "numbers")
        rows = read_rows(Row, request, response, provider="acme", at=at, around=Page, envelope=Success)
        if rows.problem:
            raise unexpected(request, response, rows.problem, provider="acme")
        found = build(
            OWNED, rows, provider="acme", account=account, number=rows.numbers("number"), status=Status.ACTIVE
        )
        return found, blank_to_none(rows.around.cursor)


    def one(account: str, request: Request, response: Response) -> OwnedNumber:
        row = read(Row, request, response, provider="acme", at=("data",), envelope=Success)
        return OwnedNumber(
            provider="acme",
            account=account,
            number=phone_number(row.number),
            label=row.label,
            status=Status.ACTIVE,
            detail=row,
            raw=Document(response.body).at("data"),
        )
'''

from __future__ import annotations

from msgspec import UNSET, Meta, UnsetType

from .fields import (
    E164,
    Amount,
    AnyNumber,
    Converting,
    Count,
    Day,
    Flag,
    Forgiving,
    Hidden,
    Instant,
    Number,
    NumberForm,
    NumberOrText,
    OneOf,
    OptionalAnyNumber,
    OptionalE164,
    OptionalNumber,
    OptionalTenDigit,
    Rate,
    TenDigit,
    Text,
    UnixTime,
    Whole,
    blank_to_none,
    blanks_to_none,
    phone_number,
)
from .json_stream import stream_rows
from .lazy_objects import LazyFields, LazySequence, absent, build
from .long_answers import read_rows
from .pages import NotAll, Pages, not_all
from .raw import Document, Raw
from .records import Details, Path, Record, Success
from .rows import RowErrors, Rows
from .settling import settled
from .short_answers import read, read_list, read_value

__all__ = [
    "E164",
    "UNSET",
    "Amount",
    "AnyNumber",
    "Converting",
    "Count",
    "Day",
    "Details",
    "Document",
    "Flag",
    "Forgiving",
    "Hidden",
    "Instant",
    "LazyFields",
    "LazySequence",
    "Meta",
    "NotAll",
    "Number",
    "NumberForm",
    "NumberOrText",
    "OneOf",
    "OptionalAnyNumber",
    "OptionalE164",
    "OptionalNumber",
    "OptionalTenDigit",
    "Pages",
    "Path",
    "Rate",
    "Raw",
    "Record",
    "RowErrors",
    "Rows",
    "Success",
    "TenDigit",
    "Text",
    "UnixTime",
    "UnsetType",
    "Whole",
    "absent",
    "blank_to_none",
    "blanks_to_none",
    "build",
    "not_all",
    "phone_number",
    "read",
    "read_list",
    "read_rows",
    "read_value",
    "settled",
    "stream_rows",
]
