"""Records of calls of a vendor's client, for programs that run in that client's environment and import nothing else."""

from __future__ import annotations

import asyncio
import inspect
import json
import traceback
import urllib.request
from collections.abc import Callable
from typing import Any

SECONDS = 60


class Recorder:
    """The calls of one run, with a problem for each answer that was not the right one.

    Args:
        base: of the simulator, as ``http://127.0.0.1:41234``.
        methods: names of all methods that the client has.
        plain: makes JSON values of the client's answers.

    Attributes:
        lost: words of right answers that the client cannot read, each with its member.
    """

    def __init__(self, base: str, methods: list[str], plain: Callable[[Any], Any]) -> None:
        self.base = base
        self.methods = methods
        self.plain = plain
        self.problems: dict[str, list[str]] = {}
        self.lost: set[str] = set()
        self.loop = asyncio.new_event_loop()

    def call(self, name: str, function: Callable[[], Any], expects: Any) -> Any:
        """Call *function*, the method *name*; compare its answer with *expects*, and return it as JSON values."""
        problems = self.problems.setdefault(name, [])
        try:
            answer = function()
            if inspect.isawaitable(answer):
                answer = self.loop.run_until_complete(answer)
            answer = self.plain(answer)
        except Exception as error:  # noqa: BLE001 - whatever the client raises is what its user sees
            problems.append("".join(traceback.format_exception_only(error)).strip())
            return None
        problems += differences(expects, answer)
        return answer

    def happen(self, event: str, **details: object) -> None:
        """Let an event happen at the simulator."""
        body = json.dumps({"event": event, **details}).encode()
        request = urllib.request.Request(f"{self.base}/_simulator/events", body, method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            pass

    def report(self) -> None:
        """Print what was found, as one line of JSON."""
        print(json.dumps({"methods": self.methods, "problems": self.problems, "lost": sorted(self.lost)}))  # noqa: T201


def differences(expects: Any, got: Any, where: str = "answer") -> list[str]:
    """Return what differs. A dict names the members that matter, a list every item; a type stands for its values."""
    if isinstance(expects, dict):
        if not isinstance(got, dict):
            return [f"{where} is {got!r}, no object"]
        return [line for name in expects for line in differences(expects[name], got.get(name), f"{where}.{name}")]
    if isinstance(expects, list):
        if not isinstance(got, list) or len(got) != len(expects):
            return [f"{where} is {got!r}, not a list of {len(expects)}"]
        pairs = enumerate(zip(expects, got, strict=True))
        return [line for index, (one, other) in pairs for line in differences(one, other, f"{where}[{index}]")]
    if isinstance(expects, type):
        right = isinstance(got, expects) and not (expects is str and not got)
        return [] if right else [f"{where} is {got!r}, no {expects.__name__}"]
    return [] if got == expects else [f"{where} is {got!r}, not {expects!r}"]
