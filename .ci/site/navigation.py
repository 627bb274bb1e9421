"""Navigation of the site, read from the map of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

LINK = re.compile(r"\]\(([^)#]+\.md)\)")


def groups(page: Path) -> list[tuple[str, list[str]]]:
    """Return the headings of the map, each with the pages that its tables link to, in order."""
    found: list[tuple[str, list[str]]] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found.append((line.removeprefix("## "), []))
        elif found and line.startswith("|"):
            first = line.split("|")[1]
            found[-1][1].extend(LINK.findall(first))
    return found
