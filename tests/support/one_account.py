"""One account of a simulated provider, and the command line in process."""

from __future__ import annotations

import re
from pathlib import Path

from support.terminal import last_line

URL = "http://127.0.0.1:1"
OTHER = "http://127.0.0.1:2"
CANARY = "canary0secret0canary0secret0cana"
OWNED, FREE, STRANGE = "2125550199", "2015550100", "6465550142"


def accounts(tmp_path: Path, text: str, mode: int = 0o600) -> None:
    path = tmp_path / "accounts.toml"
    path.write_text(text)
    path.chmod(mode)


def one_line(err: str) -> str:
    assert err.startswith("anycarrier: "), err
    assert err.count("\n") == 1, err
    return err


def go_on_of(err: str) -> list[str]:
    found = re.search(r"go on with: anycarrier (recover .*)$", last_line(err))
    assert found, err
    return found[1].split()
