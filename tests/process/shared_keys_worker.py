"""A process for ``test_shared_keys.py``: reads a number again and again, with credentials that it shares with others.

Each line that comes in is one more reading; each reading says on its own line how it went.
"""

from __future__ import annotations

import json
import sys

from anycarrier import AnyCarrierError, Client
from anycarrier_adapters._leadconnector import auth as leadconnector
from anycarrier_adapters.voicetel import auth as voicetel


def main() -> None:
    how = json.loads(sys.argv[1])
    # Seconds for minutes, so that a test takes no longer.
    voicetel.LEASE, voicetel.AGAIN_AFTER, leadconnector.GRACE = how["lease"], how["again_after"], how["lease"]
    with Client(how["provider"], **how["settings"]) as client:
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            try:
                said = str(len(list(client.list())))
            except AnyCarrierError as error:
                said = f"{type(error).__name__}: {error}"
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
