"""Settings of a Django project. Keys are not here: the client reads them from the environment or the accounts file."""

from __future__ import annotations

import os
from pathlib import Path

from anycarrier import Money

BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for development only")
INSTALLED_APPS = ["django_shop"]
USE_TZ = True

ANYCARRIER_PROVIDER = "voicetel"
ANYCARRIER_JOURNAL = os.environ.get("JOURNAL", str(BASE_DIR / "purchases.sqlite"))  # or postgresql://...
ANYCARRIER_MAX_PRICE = Money("2.00")
