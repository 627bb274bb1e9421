"""LeadConnector's official documents."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FILES = {
    "lc_phone": ("leadconnector-phone-system-v3.json", "leadconnector-oauth-v3.json"),
    "lc_legacy": ("leadconnector-phone-system.json", "leadconnector-oauth.json"),
}
COMMON = {"lc_phone": "leadconnector-common-schemas-v3.json", "lc_legacy": "leadconnector-common-schemas.json"}


def load(name: str) -> Any:
    folder = os.environ.get("ANYCARRIER_SPECS")
    if not folder:
        pytest.skip("official documents not given: set ANYCARRIER_SPECS")
    return json.loads((Path(folder) / name).read_text())


class Documents:
    """The two documents of one version, with what they refer to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.common = load(COMMON[name])
        self.documents = [load(file) for file in FILES[name]]

    def operations(self) -> Iterator[tuple[str, str, Any, Any]]:
        for document in self.documents:
            for path, methods in document["paths"].items():
                if path.startswith("/phone-system/") or path == "/oauth/token":
                    for method, operation in methods.items():
                        yield method.upper(), path, operation, document

    def resolved(self, schema: Any, document: Any) -> Any:
        if isinstance(schema, list):
            return [self.resolved(item, document) for item in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            home = self.common if schema["$ref"].startswith("../common/") else document
            return self.resolved(home["components"]["schemas"][schema["$ref"].rpartition("/")[2]], home)
        return {key: self.resolved(value, document) for key, value in schema.items()}
