"""Running without coverage where many runs go through the same lines, and one that is measured is enough."""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anycarrier
import anycarrier_adapters

ELSEWHERE = ("anycarrier.freezing", "anycarrier.testing.mutants", "anycarrier.__main__")


@functools.cache
def import_all() -> None:
    """Import every module, traced: what a test imports first while nothing is traced would count as not run."""
    for package in (anycarrier, anycarrier_adapters):
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not info.name.startswith(ELSEWHERE):
                importlib.import_module(info.name)


@contextmanager
def untraced() -> Iterator[None]:
    """No trace function in this thread, nor in those that it begins.

    ``no_cover`` of pytest-cov is not for this suite: in a worker of pytest-xdist it begins to trace anew.
    """
    import_all()
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]
    try:
        yield
    finally:
        threading.settrace(of_threads)  # type: ignore[arg-type]
        sys.settrace(tracer)
