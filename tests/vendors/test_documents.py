"""Requests of VoiceTel's own clients, against its official document: the page names those that contradict it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from anycarrier.simulator import SimRequest, load
from vendors.clients import CLIENTS, VendorClient
from vendors.runs import run

REFUSED = {
    "2.2.10": {
        "acl_remove",
        "campaign_status",
        "campaign_unassign",
        "campaign_unassign_many",
        "coverage",
        "inventory",
        "message_history",
        "sub_account",
    },
    "2.2.17": set(),
}
"""Operations that a release of the client asks for otherwise than the document says."""


class Asked:
    """A request as openapi-core wants it."""

    def __init__(self, request: SimRequest) -> None:
        self.host_url = "https://api.voicetel.com"
        self.path = request.path
        self.method = request.method.lower()
        self.body = request.body or None
        self.content_type = request.headers.get("content-type", "application/json")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(request.query), header=Headers(list(request.headers.items()))
        )


@pytest.mark.specs
@pytest.mark.vendors
@pytest.mark.parametrize("client", [client for client in CLIENTS if client.provider == "voicetel"], ids=str)
def test_requests_contradict_the_document_only_where_the_page_says_so(client: VendorClient) -> None:
    folder = os.environ.get("ANYCARRIER_SPECS")
    if not folder:
        pytest.skip("official documents not given: set ANYCARRIER_SPECS")
    file = Path(folder) / "voicetel-openapi.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    official = OpenAPI.from_file_path(str(file), config=Config(spec_validator_cls=None))
    simulator = load("voicetel")
    heard: list[SimRequest] = []
    run(client, heard)
    refused: set[str] = set()
    for request in heard:
        line, _, _ = simulator._find(request)
        if line is None:
            continue
        problem = undocumented(document, document["paths"][line.path][request.method.lower()], request)
        try:
            official.validate_request(Asked(request))
        except OpenAPIError:
            problem = True
        refused |= {line.operation} if problem else set()
    assert refused == REFUSED[client.version]
    assert len(refused) == len(client.wrong) + len(client.lenient)


def undocumented(document: dict[str, Any], operation: dict[str, Any], request: SimRequest) -> bool:
    """Return whether a request has members that the document does not name, which its schemas allow."""
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    if not {name for name, _ in request.query} <= names:
        return True
    if not request.body:
        return "requestBody" in operation
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return not set(json.loads(request.body)) <= set(schema.get("properties", ()))
