"""Types of the values of options: each checks a text, and says what to write instead."""

from __future__ import annotations

import argparse
import re

__all__ = [
    "ago",
    "count",
    "days",
    "is_secret",
    "journal_place",
    "percent",
    "port",
    "provider_option",
    "request_id_text",
    "seconds",
    "setting",
    "tag",
    "whole",
    "word",
]

_SECRET = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)


def is_secret(setting: str) -> bool:
    """Return whether a setting's name says that its value must not show in a list of processes or a shell's history."""
    return bool(_SECRET.search(setting))


def word(text: str) -> str:
    """A choice, which may be written with ``-`` for ``_``."""
    return text.replace("-", "_")


def setting(text: str) -> tuple[str, str]:
    """A setting and its value, none of them a secret."""
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError("write NAME=VALUE")
    if is_secret(name):
        raise argparse.ArgumentTypeError(
            f"{name} looks like a secret, and others can read command lines: "
            f"put it in the environment (ANYCARRIER_<PROVIDER>_{name.upper()}) or in the accounts file"
        )
    return name, value


def provider_option(text: str) -> tuple[str, str]:
    """An option of one provider, ``NAME`` or ``PROVIDER.NAME``, and its value."""
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not all(part.isidentifier() for part in name.split(".")) or name.count(".") > 1:
        raise argparse.ArgumentTypeError("write NAME=VALUE")
    return name, value


def tag(text: str) -> tuple[str, str]:
    """The name and the value of a tag."""
    name, found, value = text.partition("=")
    if not (found and name and value):
        raise argparse.ArgumentTypeError("must be NAME=VALUE, such as plan=basic")
    return name, value


def seconds(text: str) -> float:
    """Seconds, more than 0 and at most a day."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 < number <= 86_400:
        raise argparse.ArgumentTypeError("write seconds, more than 0 and at most 86400")
    return number


def request_id_text(text: str) -> str:
    """An id of a request: 1 to 200 printable characters."""
    if not (0 < len(text) <= 200 and text.isprintable()) or text.startswith("-") or text != text.strip():
        raise argparse.ArgumentTypeError("write 1 to 200 printable characters, the first of them not -")
    return text


def journal_place(text: str) -> str:
    """The place of a journal, without a password."""
    # In the address, and also in the settings of PostgreSQL's own library.
    if re.search(r"://[^/?]*:[^/?@]+@|(?i:passwo?r?d|pwd)\s*=\s*\S", text):
        raise argparse.ArgumentTypeError(
            "it holds a password, and others can read command lines: put it in ANYCARRIER_JOURNAL, or the password "
            "in PGPASSWORD or ~/.pgpass"
        )
    if not text.strip():
        raise argparse.ArgumentTypeError("write a file's name or postgresql://...")
    return text


def count(text: str) -> int:
    """A whole number, at least 1."""
    number = whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError("write a whole number, at least 1")
    return number


def percent(text: str) -> int:
    """A whole number from 0 to 100."""
    number = whole(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError("write a whole number from 0 to 100")
    return number


def whole(text: str) -> int:
    """A whole number of at most 9 digits."""
    if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError("write a whole number of at most 9 digits")
    return int(text)


def ago(text: str) -> float:
    """Seconds before now: ``1d``, ``12h`` or ``30m``; a number alone is days."""
    if not re.fullmatch("[0-9]{1,5}[dhm]?", text, re.ASCII):
        raise argparse.ArgumentTypeError("write how long ago, such as 1d, 12h or 30m")
    return int(text.rstrip("dhm")) * {"h": 3600.0, "m": 60.0}.get(text[-1], 86_400.0)


def days(text: str) -> int:
    """A number of days, two at least, such as ``400d``."""
    if not re.fullmatch("[0-9]{1,5}d?", text, re.ASCII) or int(text.removesuffix("d")) < 2:
        raise argparse.ArgumentTypeError("write a number of days, two at least, such as 400d")
    return int(text.removesuffix("d"))


def port(text: str) -> int:
    """A TCP port; 0 is a free one."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError("write a port, 0 to 65535")
    return int(text)
