"""State of the process that a test can leave changed, so that a later test in the same process fails for no reason."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from anycarrier.engine import watch

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_OF_PYTEST = "PYTEST_CURRENT_TEST"


def process_state() -> dict[str, object]:
    """By name what is the same before and after each test."""
    logger = logging.getLogger("anycarrier")
    return {
        "the observer of telemetry": watch.observer,
        "the working directory": Path.cwd(),
        "the environment": {name: value for name, value in os.environ.items() if name != _OF_PYTEST},
        "the time zone": time.tzname,
        "handlers of signals": [signal.getsignal(one) for one in _SIGNALS],
        "hooks of sys": (sys.excepthook, sys.unraisablehook),
        "the switch interval": sys.getswitchinterval(),
        "the recursion limit": sys.getrecursionlimit(),
        "the logger anycarrier": (logger.level, logger.propagate, logger.disabled, list(logger.handlers)),
    }


def changed(before: Mapping[str, object]) -> list[str]:
    """Names of what differs from *before*; telemetry is switched off again, so that one test fails and not all."""
    now = process_state()
    watch.observer = None
    return [name for name, value in before.items() if now[name] != value]
