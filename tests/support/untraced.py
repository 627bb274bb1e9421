"""Running without coverage where many runs go through the same lines, and one that is measured is enough."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def untraced() -> Iterator[None]:
    """No trace function in this thread, nor in those that it begins.

    ``no_cover`` of pytest-cov is not for this suite: in a worker of pytest-xdist it begins to trace anew.
    """
    tracer, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]
    try:
        yield
    finally:
        threading.settrace(of_threads)  # type: ignore[arg-type]
        sys.settrace(tracer)
