"""Faults on demand: troubles around one request, and a plan of them.

A :class:`Fault` is a value: the kind of trouble, the requests it is for, how often, and whether the provider did the
work (the charge) before the trouble. A :class:`FaultPlan` holds faults in order and takes the next one that fits. Both
are free of I/O; chance comes from the simulator's seeded random and time from its clock, so a run can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from attrs import asdict, field, fields, frozen

from anycarrier.errors import InvalidInput
from anycarrier.suggestions import meant, meant_or_all

__all__ = [
    "KINDS",
    "STANDARD",
    "Change",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "Kind",
    "Planned",
]

Kind: TypeAlias = Literal[
    "latency",
    "refuse",
    "reset",
    "close",
    "hang",
    "late",
    "throttle",
    "error",
    "truncate",
    "content_type",
    "not_json",
    "redirect",
    "drift",
    "envelope",
    "twice",
]
Page: TypeAlias = Literal["json", "html", "gateway", "right"]
PAGES: tuple[Page, ...] = get_args(Page)
Change: TypeAlias = Literal["drop", "add", "rename", "word", "text", "null"]
CHANGES: tuple[Change, ...] = get_args(Change)


@frozen
class FaultKind:
    """The effect of a kind of fault.

    Attributes:
        meaning: as the client sees it.
        done: whether the provider did the work; the default where *either* is true.
        either: whether :attr:`Fault.done` may say otherwise.
    """

    meaning: str
    done: bool
    either: bool


KINDS: Mapping[Kind, FaultKind] = MappingProxyType({
    "latency": FaultKind("the right answer, `seconds` later; adds up with other faults", True, False),
    "refuse": FaultKind("the connection is refused", False, False),
    "reset": FaultKind("the connection is reset (RST) instead of an answer", True, True),
    "close": FaultKind("the connection is closed (FIN) instead of an answer", True, True),
    "hang": FaultKind("no answer while the client waits, at most `seconds`", True, True),
    "late": FaultKind("the answer is lost as `loses` says; the work is done `seconds` after the request", True, False),
    "throttle": FaultKind("429 with the body `page`, and Retry-After of `seconds` as `retry_after` says", False, True),
    "error": FaultKind("`status` with the body that `page` names", False, True),
    "truncate": FaultKind("a body shorter than its Content-Length: `cut` bytes, by default half", True, True),
    "content_type": FaultKind("the right body, said to be text/html", True, True),
    "not_json": FaultKind("a success status with a body that is not JSON", True, True),
    "redirect": FaultKind("`status` 3xx with a Location elsewhere", False, True),
    "drift": FaultKind("the right answer with `change` made to the member `at`", True, False),
    "envelope": FaultKind("a success status with the provider's error envelope", True, True),
    "twice": FaultKind("the request arrives twice, and the answer is the second one's", True, False),
})  # fmt: skip

MAX_SECONDS = 3600.0
MAX_HANG = 600.0
"""Longest hang in seconds, where the fault sets none."""


def _upper(method: str | None) -> str | None:
    return method and method.upper()


@frozen(kw_only=True)
class Fault:
    """One fault and the requests it is for; ``None`` for operation, method or path fits every request.

    Attributes:
        kind: one of :data:`KINDS`.
        operation: the simulator's name of the operation, such as ``"order"``.
        method: ``POST`` and so on.
        path: path template, such as ``/v2.2/orders``.
        times: number of requests that it strikes; ``None`` for no end.
        after: number of fitting requests that pass unharmed first.
        probability: chance that it strikes a fitting request, from the simulator's seeded random.
        lasts: seconds of the simulator's clock after which it is over; ``None`` for never.
        done: whether the work is done in spite of the fault; ``None`` for the kind's default.
        seconds: of latency, of lateness, of Retry-After (default 1), or of a hang at most (default 600).
        loses: the way in which the client of a ``late`` request loses its answer.
        status: of ``error`` (default 500) and ``redirect`` (default 302).
        page: body of ``error`` and ``throttle``: ``json``, the provider's own envelope; ``html`` or ``gateway``, a page
            from something in between, the latter in JSON; ``right``, the answer of the work that was done.
        retry_after: form of that header for ``throttle``.
        cut: bytes of the body that ``truncate`` lets through; ``None`` for half.
        change: of ``drift``: drop the member, add one, rename it, put an unknown word, write a number as text, or
            null.
        at: the member that ``drift`` changes, from the document's root with dots, ``*`` for every item, such as
            ``data.numbers.*.lata``; ``None`` lets the seeded random choose one that fits the change.
    """

    kind: Kind
    operation: str | None = None
    method: str | None = field(default=None, converter=_upper)
    path: str | None = None
    times: int | None = 1
    after: int = 0
    probability: float = 1.0
    lasts: float | None = None
    done: bool | None = None
    seconds: float | None = None
    loses: Literal["reset", "close", "hang"] = "reset"
    status: int | None = None
    page: Page = "json"
    retry_after: Literal["seconds", "date", "none"] = "seconds"
    cut: int | None = None
    change: Change = "drop"
    at: str | None = None

    def __attrs_post_init__(self) -> None:
        problems = [what for wrong, what in self._problems() if wrong]
        if problems:
            raise InvalidInput("this fault cannot be planned: " + "; ".join(problems))

    def _problems(self) -> list[tuple[bool, str]]:
        known = KINDS.get(self.kind)
        return [
            (known is None, f"kind must be one of {', '.join(KINDS)}{meant(str(self.kind), KINDS)}"),
            (
                known is not None and self.done is not None and not known.either and self.done != known.done,
                f"the work of {self.kind} is {'' if known and known.done else 'not '}done by its nature",
            ),
            (self.times is not None and self.times < 1, "times must be at least 1"),
            (self.after < 0, "after must not be negative"),
            (not 0 <= self.probability <= 1, "probability must be from 0 to 1"),
            (not 0 <= self.wait <= MAX_SECONDS, f"seconds must be from 0 to {MAX_SECONDS:.0f}"),
            (self.lasts is not None and not 0 < self.lasts <= MAX_SECONDS, "lasts must be more than 0, at most 3600"),
            (self.status is not None and not 300 <= self.status <= 599, "status must be from 300 to 599"),
            (self.kind == "redirect" and self.status is not None and self.status >= 400, "a redirect's status is 3xx"),
            (self.kind == "error" and self.status is not None and self.status < 400, "an error's status is 4xx or 5xx"),
            (self.cut is not None and self.cut < 0, "cut must not be negative"),
            (self.loses not in ("reset", "close", "hang"), "loses must be reset, close or hang"),
            (self.page not in PAGES, f"page must be one of {', '.join(PAGES)}"),
            (self.page == "right" and known is not None and not self.works, "only work that is done has a right page"),
            (self.retry_after not in ("seconds", "date", "none"), "retry_after must be seconds, date or none"),
            (self.change not in CHANGES, f"change must be one of {', '.join(CHANGES)}"),
        ]

    @property
    def wait(self) -> float:
        """Seconds, or the default of the kind."""
        if self.seconds is not None:
            return self.seconds
        return MAX_HANG if self.kind == "hang" else 1.0

    @property
    def works(self) -> bool:
        """Return whether the provider does the work, now or (``late``) afterwards."""
        return KINDS[self.kind].done if self.done is None else self.done

    @property
    def unconditional(self) -> bool:
        """Return whether it strikes the very next request, whatever that is."""
        return not (self.operation or self.method or self.path or self.after) and self.probability == 1

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Fault:
        """Return a fault from JSON or TOML; unknown names and wrong types are refused."""
        for name, value in values.items():
            wanted = _TYPES.get(name)
            if wanted is None:
                raise InvalidInput(f"a fault has no {name!r}; it has: {', '.join(_TYPES)}")
            if value is not None and (
                not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)
            ):
                raise InvalidInput(f"a fault's {name} cannot be {value!r}")
        if "kind" not in values:
            raise InvalidInput("a fault needs a kind")
        return cls(**values)

    def as_dict(self) -> dict[str, Any]:
        """Return the input of :meth:`read`; members at their default are left out."""
        return asdict(self, filter=lambda attribute, value: attribute.name == "kind" or value != attribute.default)


_TYPES: Mapping[str, Any] = {
    "kind": str, "operation": str, "method": str, "path": str, "times": int, "after": int, "probability": int | float,
    "lasts": int | float, "done": bool, "seconds": int | float, "loses": str, "status": int, "page": str,
    "retry_after": str, "cut": int, "change": str, "at": str,
}  # fmt: skip
if set(_TYPES) != {attribute.name for attribute in fields(Fault)}:  # a member that JSON cannot give is a mistake
    raise AssertionError("Fault and its types disagree")


WHEN: Sequence[tuple[bool, str]] = ((False, "before"), (True, "after"))
REFUSALS = (400, 401, 402, 403, 404, 408, 409, 410, 413, 422, 425, 499)


def _standard() -> dict[str, Fault]:
    named = {"latency": Fault(kind="latency", seconds=0.05), "refuse": Fault(kind="refuse")}
    kinds: tuple[Kind, ...] = ("reset", "close", "hang", "truncate", "not_json", "content_type", "envelope")
    named |= {f"{kind}-{when}": Fault(kind=kind, done=done) for kind in kinds for done, when in WHEN}
    named |= {f"late-{how}": Fault(kind="late", loses=how, seconds=0.3) for how in ("reset", "close", "hang")}
    named |= {"redirect": Fault(kind="redirect"), "twice": Fault(kind="twice")}
    named |= {f"drift-{change}": Fault(kind="drift", change=change) for change in CHANGES}
    return named | _pages()


def _pages() -> dict[str, Fault]:
    """Return answers with an error status, by their origin and by whether the work was done."""
    ours: tuple[Page, ...] = ("json", "html")
    pages: tuple[Page, ...] = (*ours, "gateway")

    def answer(status: int, page: Page, done: bool) -> Fault:
        return Fault(kind="error", status=status, page=page, done=done)

    named = {
        f"{status}-{page}-{when}": answer(status, page, done)
        for status in (500, 502, 503)
        for page in ours
        for done, when in WHEN
    }
    named |= {f"{status}-{page}-after": answer(status, page, True) for status in REFUSALS for page in pages}
    named |= {f"{status}-right-after": answer(status, "right", True) for status in (400, 409, 500)}
    named |= {"409-html-before": answer(409, "html", False), "503-gateway-after": answer(503, "gateway", True)}
    named |= {f"throttle-{form}": Fault(kind="throttle", retry_after=form) for form in ("seconds", "date", "none")}
    named |= {f"throttle-{page}-after": Fault(kind="throttle", page=page, done=True) for page in (*pages, "right")}
    named["throttle-silent-after"] = Fault(kind="throttle", page="html", retry_after="none", done=True)
    return named


STANDARD: Mapping[str, Fault] = MappingProxyType(_standard())
"""Every fault in its usual forms, by name, for suites that meet them all; ``-before`` and ``-after`` the work."""


class Planned:
    """A fault in the plan, which strikes ``left`` more times (``None``: no end)."""

    def __init__(self, number: int, fault: Fault, until: float | None) -> None:
        self.id = number
        self.fault = fault
        self.left = fault.times
        self.passed = 0
        self.struck = 0
        self.until = until

    def as_dict(self) -> dict[str, Any]:
        """Return the fault for the control endpoint."""
        return {"id": self.id, **self.fault.as_dict(), "left": self.left, "struck": self.struck}


class FaultPlan:
    """Faults in the order they were added: the first that fits strikes, with latency on top of any other.

    Attributes:
        added: every fault since the last :meth:`reset`, those that are over too; one whose ``struck`` is 0 did nothing.
    """

    def __init__(
        self,
        chance: Callable[[], random.Random],
        time: Callable[[], float],
        lock: Any,
        names: Mapping[str, Iterable[str]],
    ) -> None:
        self._names = {what: sorted(set(known)) for what, known in names.items()}
        self.added: list[Planned] = []
        self._chance = chance
        self.time = time
        self.lock = lock
        self._planned: list[Planned] = []
        self._number = 0
        self.watchers: list[Callable[[Planned], None]] = []
        """Called with each fault that was added; a server closes its listening socket for ``refuse``."""

    def add(self, fault: Fault) -> Planned:
        """Plan *fault* behind the others; raise ``InvalidInput`` where it could never strike."""
        self.check(fault)
        with self.lock:
            self._number += 1
            planned = Planned(self._number, fault, None if fault.lasts is None else self.time() + fault.lasts)
            self._planned.append(planned)
            self.added.append(planned)
        for watcher in tuple(self.watchers):
            watcher(planned)
        return planned

    def check(self, fault: Fault) -> None:
        """Raise ``InvalidInput`` unless the operation, method and path of *fault* exist."""
        for what, known in self._names.items():
            wanted = getattr(fault, what)
            if wanted is not None and wanted not in known:
                raise InvalidInput(
                    f"this fault would never strike: there is no {what} {wanted!r}{meant_or_all(wanted, known)}"
                )

    def remove(self, number: int) -> bool:
        """Remove the fault of this id; return whether it was planned."""
        with self.lock:
            before = len(self._planned)
            self._planned = [planned for planned in self._planned if planned.id != number]
            return len(self._planned) < before

    def clear(self) -> None:
        """Remove all faults."""
        with self.lock:
            self._planned.clear()

    def reset(self) -> None:
        """Remove all faults, and the record of them."""
        with self.lock:
            self._planned.clear()
            self.added.clear()

    def knows(self, fault: Fault) -> bool:
        """Return whether the operation, method and path of *fault* exist."""
        return all(getattr(fault, what) in (None, *known) for what, known in self._names.items())

    def planned(self) -> tuple[Planned, ...]:
        """Return the faults that are still to come."""
        with self.lock:
            self._expire()
            return tuple(self._planned)

    def take(self, operation: str | None, method: str, path: str | None) -> tuple[Fault | None, float]:
        """Return the fault that strikes a request, and the seconds of latency on top."""
        with self.lock:
            self._expire()
            delay = 0.0
            for planned in tuple(self._planned):
                fault = planned.fault
                if not _fits(fault, operation, method, path):
                    continue
                if planned.passed < fault.after:
                    planned.passed += 1
                    continue
                if fault.probability < 1 and self._chance().random() >= fault.probability:
                    continue
                planned.struck += 1
                if planned.left is not None:
                    planned.left -= 1
                    if planned.left == 0:
                        self._planned.remove(planned)
                if fault.kind != "latency":
                    return fault, delay
                delay += fault.wait
            return None, delay

    def _expire(self) -> None:
        time = self.time()
        self._planned = [planned for planned in self._planned if planned.until is None or time < planned.until]


def _fits(fault: Fault, operation: str | None, method: str, path: str | None) -> bool:
    return (
        (fault.operation is None or fault.operation == operation)
        and (fault.method is None or fault.method == method)
        and (fault.path is None or fault.path == path)
    )
