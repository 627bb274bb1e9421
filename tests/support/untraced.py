"""Running without coverage where many runs go through the same lines, and one that is measured is enough."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def untraced() -> Iterator[None]:
    """No trace function in this thread; pytest-cov's own ``no_cover`` does nothing in a worker of pytest-xdist."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
