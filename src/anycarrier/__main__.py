"""``python -m anycarrier``."""

from __future__ import annotations

from anycarrier.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
