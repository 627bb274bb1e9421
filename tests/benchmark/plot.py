"""The plot of a search and of a list, by hand = 1."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from benchmark.environments import PEERS
from benchmark.targets import title


def ordered(results: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    found = results.get(name, {})
    mine = [spec for spec in found if spec.startswith("anycarrier")]
    return [(spec, found[spec]) for spec in [*mine, *(peer.name for peer in PEERS if peer.name in found)]]


_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .head { font-size: 16px; font-weight: 600; }
  .small { font-size: 11px; fill: #57606a; }
  .ours { fill: #1a7f37; }
  .peer { fill: #8c959f; }
  .line { stroke: #cf222e; stroke-dasharray: 4 3; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9198a1; }
    .ours { fill: #3fb950; }
    .peer { fill: #6e7681; }
    .line { stroke: #f85149; }
    .paper { fill: #0d1117; }
  }
"""
_LEFT, _WIDTH, _ROW = 250, 860, 24


def plot(results: Mapping[str, Any]) -> str:
    """``docs/benchmark.svg``: two groups of bars, by hand = 1."""
    parts: list[str] = []
    top = 24
    groups = (
        ("search", "A search of 50 numbers: CPU time, of httpx and json by hand"),
        ("list", "A list of 1000 numbers: CPU time, of httpx and json by hand"),
    )
    for name, head in groups:
        bars = [(spec, one["cpu"]) for spec, one in ordered(results, name) if "cpu" in one]
        if not bars:
            continue
        most = max(4.0, *(min(value, 10.0) for _, value in bars))
        scale = (_WIDTH - _LEFT - 70) / most
        parts.append(f'<text class="head" x="16" y="{top}">{escape(head)}</text>')
        top += 14
        first = top
        for spec, value in bars:
            ours = spec.startswith("anycarrier")
            shown = min(value, most)
            label = title(spec).replace("**", "")
            middle = top + _ROW / 2 + 4
            parts.append(f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(label)}</text>')
            parts.append(
                f'<rect class="{"ours" if ours else "peer"}" x="{_LEFT}" y="{top + 4}" '
                f'width="{shown * scale:.1f}" height="{_ROW - 8}" rx="2"/>'
            )
            more = " (cut)" if value > most else ""
            parts.append(
                f'<text class="small" x="{_LEFT + shown * scale + 6:.1f}" y="{middle}">{value:.2f}{more}</text>'
            )
            top += _ROW
        at = _LEFT + scale
        parts.append(f'<line class="line" x1="{at:.1f}" y1="{first}" x2="{at:.1f}" y2="{top}"/>')
        parts.append(f'<text class="small" x="{at - 24:.1f}" y="{top + 13}">by hand</text>')
        top += 46
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img" '
        f'aria-label="CPU time of a search and of a list, beside other clients">\n<style>{_STYLE}</style>\n'
        f'<rect class="paper" width="{_WIDTH}" height="{top}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
