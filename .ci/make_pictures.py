"""Pictures of the docs, drawn from text: boxes in a grid, and arrows between them. ``make docs`` writes them."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .name { font-weight: 600; }
  .small { font-size: 11px; fill: #57606a; }
  .head { font-size: 12px; font-weight: 600; fill: #57606a; }
  .paper { fill: #ffffff; }
  .box { fill: #f6f8fa; stroke: #8c959f; }
  .good { fill: #dafbe1; stroke: #1a7f37; }
  .open { fill: #fff8c5; stroke: #9a6700; }
  .bad { fill: #ffebe9; stroke: #cf222e; }
  .lane { fill: none; stroke: #d0d7de; stroke-dasharray: 4 3; }
  .arrow { fill: none; stroke: #57606a; stroke-width: 1.4; marker-end: url(#tip); }
  .tip { fill: #57606a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small, .head { fill: #9198a1; }
    .paper { fill: #0d1117; }
    .box { fill: #161b22; stroke: #6e7681; }
    .good { fill: #12261e; stroke: #3fb950; }
    .open { fill: #272115; stroke: #d29922; }
    .bad { fill: #25171c; stroke: #f85149; }
    .lane { stroke: #30363d; }
    .arrow { stroke: #9198a1; }
    .tip { fill: #9198a1; }
  }
"""


class Box(NamedTuple):
    """A box: its name, and lines of smaller text below."""

    x: int
    y: int
    width: int
    height: int
    name: str
    lines: tuple[str, ...] = ()
    kind: str = "box"

    def drawn(self) -> list[str]:
        """The lines of SVG."""
        middle = self.x + self.width / 2
        top = self.y + self.height / 2 + 4 - 7.5 * len(self.lines)
        return [
            f'<rect class="{self.kind}" x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" rx="6"/>',
            f'<text class="name" x="{middle}" y="{top}" text-anchor="middle">{escape(self.name)}</text>',
            *(
                f'<text class="small" x="{middle}" y="{top + 15 * row}" text-anchor="middle">{escape(line)}</text>'
                for row, line in enumerate(self.lines, 1)
            ),
        ]


class Arrow(NamedTuple):
    """An arrow through points, with a label whose first line begins at *at*."""

    points: tuple[tuple[int, int], ...]
    label: tuple[str, ...] = ()
    at: tuple[int, int] = (0, 0)

    def drawn(self) -> list[str]:
        """The lines of SVG."""
        path = " ".join(f"{x},{y}" for x, y in self.points)
        return [
            f'<polyline class="arrow" points="{path}"/>',
            *(
                f'<text class="small" x="{self.at[0]}" y="{self.at[1] + 14 * row}">{escape(line)}</text>'
                for row, line in enumerate(self.label)
            ),
        ]


class Heading(NamedTuple):
    """A line of text that heads a part of the picture."""

    x: int
    y: int
    text: str

    def drawn(self) -> list[str]:
        """The line of SVG."""
        return [f'<text class="head" x="{self.x}" y="{self.y}">{escape(self.text)}</text>']


def picture(width: int, height: int, label: str, *parts: Box | Arrow | Heading) -> str:
    """Return an SVG that is readable on light and dark."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">',
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            'orient="auto"><path class="tip" d="M 0 0 L 10 5 L 0 10 z"/></marker></defs>',
            f'<rect class="paper" width="{width}" height="{height}"/>',
            *(line for part in parts for line in part.drawn()),
            "</svg>",
            "",
        ]
    )


def purchase() -> str:
    """States of an attempt to buy one number, and the evidence that decides each step."""
    return picture(
        900,
        560,
        "States of a purchase, and what decides",
        Box(16, 216, 150, 84, "on record", ("number, key and", "the exact bytes,", "before anything is sent")),
        Box(226, 216, 110, 84, "SENT", ("the request", "leaves once"), "open"),
        Box(520, 112, 140, 56, "PLACED", ("paid, being set up;", "if that fails: next"), "good"),
        Box(520, 216, 140, 84, "IN_DOUBT", ("nothing else is bought", "for this order"), "open"),
        Box(520, 348, 140, 50, "REFUTED", ("it was not bought",), "bad"),
        Box(520, 420, 140, 50, "REJECTED", ("it was not sold",), "bad"),
        Box(520, 492, 140, 50, "NOT_SENT", ("nothing left",), "bad"),
        Box(760, 24, 124, 144, "CONFIRMED", ("the number is ours,", "charged once"), "good"),
        Box(760, 348, 124, 194, "next", ("another number", "or provider,", "within the caps")),
        Box(760, 216, 124, 84, "ORPHAN", ("ours after all, and", "not needed: a person", "decides"), "open"),
        Box(520, 24, 140, 50, "RELEASED", ("by you, never by itself",)),
        Arrow(((166, 258), (226, 258))),
        Arrow(((281, 216), (281, 92), (760, 92)), ("the answer confirms this number",), (300, 86)),
        Arrow(
            ((310, 216), (310, 140), (520, 140)), ("the provider took the order, and", "sets the number up"), (322, 156)
        ),
        Arrow(
            ((336, 258), (520, 258)),
            ("anything else: no answer,", "5xx, 429, a proxy's page, an", "answer that contradicts itself"),
            (344, 222),
        ),
        Arrow(
            ((310, 300), (310, 445), (520, 445)),
            ("a refusal in the provider's own", "words, and absent in two looks"),
            (322, 462),
        ),
        Arrow(
            ((281, 300), (281, 517), (520, 517)),
            ("provably nothing was sent,", "such as a refused connection"),
            (322, 534),
        ),
        Arrow(((660, 140), (760, 140)), ("active",), (672, 134)),
        Arrow(
            ((660, 236), (710, 236), (710, 110), (760, 110)),
            ("answered to the", "same key, or seen", "on the account"),
            (718, 186),
        ),
        Arrow(((590, 300), (590, 348)), ("absent in several looks, later", "than it could still turn up"), (600, 318)),
        Arrow(((660, 373), (760, 373))),
        Arrow(((660, 445), (760, 445))),
        Arrow(((660, 517), (760, 517))),
        Arrow(((860, 348), (860, 300)), ("watched, and", "found later"), (776, 320)),
        Arrow(((760, 48), (660, 48))),
    )


def switch() -> str:
    """The way of one number from one carrier to another."""
    y, z, w = 60, 190, 320
    return picture(
        900,
        410,
        "A number moves from LC to VoiceTel",
        Heading(16, 30, "switch plan: reads, changes nothing"),
        Heading(330, 30, "switch apply: again and again, for weeks, killed at will"),
        Heading(738, 30, "switch finish"),
        Box(16, z - 10, 130, 90, "number at LC", ("rules.toml, and a line", "of a CSV for single", "numbers")),
        Box(200, y, 110, 70, "ported", ("it can be ported:", "the same number"), "good"),
        Box(200, z, 110, 70, "replaced", ("another like it", "is for sale"), "open"),
        Box(200, w, 110, 70, "left", ("with the reason,", "and what to do"), "bad"),
        Box(350, y, 110, 70, "ordered once", ("on record before", "it is sent")),
        Box(486, y, 110, 70, "letter signed", ("by a person;", "a date follows")),
        Box(622, y, 100, 70, "arrived", ("set up, and", "looked at"), "good"),
        Box(350, z, 110, 70, "bought once", ("through the", "journal, capped")),
        Box(486, z, 110, 70, "set up", ("like the old one,", "or by the rules")),
        Box(622, z, 100, 70, "in service", ("beside the", "old number"), "good"),
        Box(760, y, 124, 70, "gone from LC", ("the port took it",)),
        Box(760, z, 124, 70, "released at LC", ("after the grace,", "confirmed; by hand", "where no API can")),
        Arrow(((146, 200), (172, 200), (172, y + 35), (200, y + 35))),
        Arrow(((146, 225), (200, 225))),
        Arrow(((146, 250), (172, 250), (172, w + 35), (200, w + 35))),
        *(
            Arrow(((start, row + 35), (end, row + 35)))
            for row in (y, z)
            for start, end in ((310, 350), (460, 486), (596, 622), (722, 760))
        ),
        Arrow(((541, y + 70), (541, 158), (255, 158), (255, z)), ("rejected, where the rules say so",), (330, 152)),
        Heading(350, w + 32, "Nothing is ordered or paid for twice: each step is on record before it is sent,"),
        Heading(350, w + 50, "and after a lost answer the provider is read, never asked again."),
    )


def architecture() -> str:
    """Rooms of the library, and the seam between them."""
    return picture(
        900,
        500,
        "Layers: programs, clients, core, transports and adapters",
        Heading(16, 28, "programs"),
        Box(130, 12, 230, 52, "your application", ("Client, AsyncClient, Accounts",)),
        Box(380, 12, 230, 52, "anycarrier", ("the command line",)),
        Box(630, 12, 254, 52, "tests", ("simulators, pytest plugin, contract suite",)),
        Heading(16, 116, "clients"),
        Box(130, 92, 370, 56, "Client", ("blocking; drives exchanges on this thread",), "good"),
        Box(514, 92, 370, 56, "AsyncClient", ("the same source; drives them on an event loop",), "good"),
        Heading(16, 206, "core:"),
        Heading(16, 222, "exchanges"),
        Heading(16, 238, "(generators)"),
        Box(130, 176, 140, 84, "purchase, failover", ("at most once, several", "providers as one"), "open"),
        Box(284, 176, 140, 84, "desired state", ("plan, apply, undo,", "files of numbers"), "open"),
        Box(438, 176, 140, 84, "porting, switching", ("orders of ports,", "moves of accounts"), "open"),
        Box(592, 176, 140, 84, "jobs", ("many orders,", "many workers"), "open"),
        Box(746, 176, 138, 84, "engine", ("sessions, budgets,", "retries, accounts"), "open"),
        Heading(16, 304, "model"),
        Box(130, 284, 754, 40, "numbers, offers, routes, errors, features: values that every part speaks"),
        Heading(16, 386, "edges"),
        Box(
            130,
            356,
            240,
            76,
            "adapters",
            (
                "VoiceTel, LC Phone, LC legacy, Leadping:",
                "requests and answers as tables;",
                "no HTTP library, no waiting",
            ),
            "bad",
        ),
        Box(
            388,
            356,
            240,
            76,
            "transports",
            (
                "httpx, httpx2, sockets: the only modules",
                "that know an HTTP library; they move",
                "bytes and know no provider",
            ),
            "bad",
        ),
        Box(
            646,
            356,
            238,
            76,
            "journal",
            ("SQLite or PostgreSQL: every purchase", "and every write, on record", "before it is sent"),
            "bad",
        ),
        Arrow(((245, 64), (245, 92))),
        Arrow(((495, 64), (495, 80), (430, 80), (430, 92))),
        Arrow(((757, 64), (757, 92))),
        Arrow(((315, 148), (315, 176))),
        Arrow(((699, 148), (699, 176)), ("effects: Request, Sleep, Now, Call, Together",), (400, 168)),
        Arrow(((250, 324), (250, 356)), ("a neutral call becomes a request",), (262, 344)),
        Arrow(((508, 324), (508, 356)), ("the driver sends it",), (520, 344)),
        Arrow(((765, 324), (765, 356)), ("and records it",), (777, 344)),
        Heading(
            130, 466, "A module imports only modules below it; adapters import the kit alone; a test has the order."
        ),
    )


PICTURES = {"purchase": purchase, "switch": switch, "architecture": architecture}
"""Pictures by the name of their file in ``docs/pictures``."""
