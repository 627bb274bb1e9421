"""The layout of ``--help``, for terminals of any width."""

from __future__ import annotations

import argparse
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["HelpFormatter", "examples"]

NARROWEST, WIDEST = 38, 100


def examples(lines: Iterable[str]) -> str:
    """The examples below a command's options."""
    return "examples:\n" + "\n".join(f"  anycarrier {line}" for line in lines)


def _width() -> int:
    """The columns of the terminal; argparse would load shutil, and with it compression, to know."""
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given[:6]) > 0:
        return int(given[:6])
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


class HelpFormatter(argparse.HelpFormatter):
    """Wraps paragraphs; keeps lines that begin with a space apart, and continues commands with a backslash."""

    def __init__(self, prog: str) -> None:
        width = min(max(_width(), NARROWEST), WIDEST) - 2
        super().__init__(prog, max_help_position=26 if width >= 50 else 8, width=width)

    def _format_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None
    ) -> str:
        """Name the arguments and the options that are required; the others are listed below."""
        if prefix == "":  # the first words of a sub-parser's own usage
            return super()._format_usage(usage, actions, groups, prefix)
        shown = [one for one in actions if not one.option_strings or one.required]
        made = super()._format_usage(usage, shown, [], prefix)
        if usage is None:
            made = made.replace(self._prog, f"{self._prog} [OPTION]...", 1)
        return "\n".join(self._filled(" ".join(made.split()), self._width, "", "    ")) + "\n\n"

    def _format_action(self, action: argparse.Action) -> str:
        """Leave out the line that argparse puts above a list of commands."""
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - argparse has no public way
            return "".join(map(super()._format_action, action._get_subactions()))  # noqa: SLF001
        return super()._format_action(action)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        made: list[str] = []
        for paragraph in text.split("\n\n"):
            plain: list[str] = []
            for line in paragraph.splitlines():
                # A docstring's own line breaks and indentation mean nothing.
                if line.startswith("  ") and not line.startswith("    "):
                    made += self._filled(" ".join(plain), width, indent) if plain else []
                    plain = []
                    made += self._line(line, width, indent)
                elif line.endswith(":") and not plain and not line.startswith(" "):  # a heading
                    made.append(indent + line)
                else:
                    plain.append(line.strip())
            made += self._filled(" ".join(plain), width, indent) if plain else []
            made.append("")
        return "\n".join(made[:-1])

    def _filled(self, text: str, width: int, indent: str, more: str = "") -> list[str]:
        import textwrap

        return textwrap.wrap(
            text,
            width,
            initial_indent=indent,
            subsequent_indent=indent + more,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _line(self, line: str, width: int, indent: str) -> list[str]:
        words = line.strip()
        if words.startswith("anycarrier "):
            made = self._filled(words, width - 4, f"{indent}  ", "  ")
            return [f"{one} \\" for one in made[:-1]] + made[-1:]
        code, _, text = words.partition("  ")
        head = f"{indent}{code:>5}  " if code.isdigit() else f"{indent}  "
        return [
            (head if place == 0 else " " * len(head)) + part
            for place, part in enumerate(self._filled(text or words, width - len(head), ""))
        ]
