"""State of one process that a child made by ``fork()`` must not take over.

A child gets a copy of everything: connections on which the parent waits for answers, locks of threads that the child
does not have, slots for requests that never end. The owner of such a thing registers once, when it is made, and begins
anew in the child; none of this costs anything while requests are sent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from weakref import WeakSet

__all__ = ["Forks", "begins_anew", "in_child", "leave_to_parent"]


class Forks(Protocol):
    """An object that begins anew in a forked child."""

    def forked(self) -> None:
        """Drop everything that belongs to the parent. Called in the child before its own code; must not wait."""
        ...


_known: WeakSet[Any] = WeakSet()


def begins_anew(owner: Forks) -> None:
    """Call ``owner.forked()`` in every child, for as long as *owner* lives."""
    _known.add(owner)


def in_child(function: Callable[[], None]) -> None:
    """Call *function*, which belongs to a module, in every child."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)


def leave_to_parent(connections: Iterable[Any]) -> None:
    """Part with connections of the parent, so that nothing that the child does to them reaches the parent's server.

    The descriptor of each, from its ``fileno()``, leads nowhere from now on: closing it, a shutdown or a close message
    of TLS does nothing later. It is not closed here, since its number must not become another file's by then.
    """
    nowhere = -1
    try:
        for each in connections:
            if (descriptor := each.fileno()) >= 0:
                if nowhere < 0:
                    nowhere = os.open(os.devnull, os.O_RDWR)
                os.dup2(nowhere, descriptor, inheritable=False)
    finally:
        if nowhere >= 0:
            os.close(nowhere)


def _forked() -> None:
    for owner in tuple(_known):
        owner.forked()


in_child(_forked)
