"""Every method of Leadping's own client that the simulator plays: ``leadping_client.py BASE VERSION async SETTINGS``.

The client silently loses a word that its enumerations do not have, so each answer is also compared with what was sent.
It loses words with a blank too, though its enumerations have them: its library looks them up by the names of Python.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import warnings
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

warnings.simplefilter("ignore", DeprecationWarning)  # the client warns of itself while it is imported

import leadping  # noqa: E402
from kiota_abstractions.authentication.access_token_provider import AccessTokenProvider  # noqa: E402
from kiota_abstractions.authentication.allowed_hosts_validator import AllowedHostsValidator  # noqa: E402
from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (  # noqa: E402
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration  # noqa: E402
from kiota_abstractions.serialization import Parsable  # noqa: E402
from kiota_http.httpx_request_adapter import HttpxRequestAdapter  # noqa: E402
from kiota_http.kiota_client_factory import KiotaClientFactory  # noqa: E402
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory  # noqa: E402
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter  # noqa: E402
from leadping import LeadpingOpenApiClient  # noqa: E402
from recorder import Recorder, differences  # noqa: E402

VERBS = ("get", "post", "put", "patch", "delete")
FIRST, SECOND, TEXTING = "+12015550197", "+12015550198", "+12125550199"
FREE, OTHER = "+12015550100", "+12015550150"
OWNER, OTHER_OWNER = "own_0001", "own_0002"
TALK = "conv_1"
LOST = re.compile(r"what was sent(?:\[\d+\])?\.(.*) is None, not '(\S+ [^']+)'")

JUNE = {
    "list": "/phone-numbers/all/my POST",
    "owner": "/businesses/me GET",
    "options": "/businesses/me/options GET",
    "switch": "/businesses/me/switch POST",
}
LATER = {
    "list": "/phone-numbers/all/organization POST",
    "owner": "/organizations/me GET",
    "options": "/organizations/me/options GET",
    "switch": "/organizations/me/switch POST",
}
"""Names of the methods that were renamed."""


class Key(AccessTokenProvider):
    """The simulator's key."""

    def __init__(self, key: str) -> None:
        self.key = key

    async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
        return self.key

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator([])


class Story:
    """One client and the calls that a program of its user makes."""

    def __init__(self, base: str, version: str, _: str, settings: str) -> None:
        self.june = version == "1.0.5"
        self.names = JUNE if self.june else LATER
        provider = BaseBearerTokenAuthenticationProvider(Key(json.loads(settings)["api_key"]))
        self.http = KiotaClientFactory.create_with_default_middleware()
        self.http.event_hooks["response"].append(self.keep)
        self.sent: Any = None
        self.words = words()
        self.client = LeadpingOpenApiClient(HttpxRequestAdapter(provider, http_client=self.http, base_url=base))
        self.recorder = Recorder(base, methods(self.client.request_adapter), plain)

    async def keep(self, response: Any) -> None:
        """Keep what the simulator sent."""
        body = await response.aread()
        self.sent = json.loads(body) if body else None

    def call(self, method: str, builder: Any, body: Any = None, *, expects: Any, query: Any = None) -> Any:
        """Call a method of a request builder; *body* and *query* have the document's names."""
        path, verb = method.split()
        assert path_of(builder) == path, (path_of(builder), path)
        function = getattr(builder, verb.lower())
        more: dict[str, Any] = {}
        if query is not None:
            parameters = getattr(builder, f"{type(builder).__name__}GetQueryParameters")
            more["request_configuration"] = RequestConfiguration(query_parameters=parameters(**query))
        self.sent = None

        async def run() -> Any:
            return await function(*([] if body is None else [request_of(function, body)]), **more)

        answer = self.recorder.call(method, run, expects)
        for line in differences(without_nulls(self.sent), answer, "what was sent"):
            lost = LOST.fullmatch(line)
            if lost is not None and lost[2] in self.words:
                member = re.sub(r"\[\d+\]", "", lost[1])
                self.recorder.lost.add(f"{member}: {lost[2]}")
            else:
                self.recorder.problems[method].append(line)
        return answer

    def searching(self) -> None:
        call, numbers = self.call, self.client.phone_numbers
        place = {"state": "NJ", "countryCode": "US", "timeZoneId": "America/New_York"}
        found = call("/phone-numbers/search POST", numbers.search, {"phoneNumber": "+1201"}, expects={"numbers": list})
        assert found["numbers"][0]["number"] == FREE
        where = {"location": {"state": "WA", "countryCode": "US"}}
        found = call("/phone-numbers/search POST", numbers.search, where, expects={"numbers": list})
        assert {row["number"][:5] for row in found["numbers"]} == {"+1206"}
        free = {"phoneNumber": FREE, "isAvailable": True, "price": 2.0, "currency": "USD", "location": place}
        check = numbers.is_available_for_purchase
        call("/phone-numbers/is-available-for-purchase POST", check, {"phoneNumber": FREE}, expects=free)
        taken = {"phoneNumber": FIRST, "isAvailable": False}
        call("/phone-numbers/is-available-for-purchase POST", check, {"phoneNumber": FIRST}, expects=taken)

    def buying(self) -> str:
        call, numbers = self.call, self.client.phone_numbers
        owner = "business" if self.june else "organization"
        body: dict[str, Any] = {"name": "Sales", "number": FREE}
        body |= {"enabled": True} if self.june else {"numberHealthEnabled": False}
        record = {**body, "id": str, "createdAt": str, owner: {"id": OWNER, "name": "Example Inc"}}
        made = str(call("/phone-numbers POST", numbers, body, expects=record)["id"])
        one = numbers.by_phone_number_id(made)
        call("/phone-numbers/{phoneNumber-id} GET", one, expects={**record, "id": made})
        change = {**body, "name": "Support"}
        call("/phone-numbers/{phoneNumber-id} PUT", one, change, expects={**record, "id": made, "name": "Support"})
        row = {"id": made, "number": FREE, "name": "Support", "type": "Local", "enabled": True}
        listed = numbers.all.my if self.june else numbers.all.organization
        method = self.names["list"]
        page = {
            "pageSize": 2,
            "totalCount": 4,
            "continuationToken": str,
            "items": [{"number": FIRST}, {"number": SECOND}],
        }
        token = call(method, listed, {"pageSize": 2, "includeCount": True}, expects=page)["continuationToken"]
        rest = {"items": [{"number": TEXTING, "tenDlcCampaignStatus": "Approved"}, row], "continuationToken": None}
        call(method, listed, {"pageSize": 2, "continuationToken": token}, expects=rest)
        call(method, listed, {"search": "0100", "searchFields": ["number"]}, expects={"items": [row]})
        only = {"filters": [{"field": "name", "value": "Support"}]}
        call(method, listed, only, expects={"items": [row]})
        return made

    def sending(self) -> None:
        call, outgoing = self.call, self.client.phone_numbers.outgoing
        ids = {row["number"]: row["id"] for row in self.listed()}
        hints = {"channel": "sms", "recipientPhoneNumber": OTHER}
        pool = {"canSend": True, "number": TEXTING, "selectionReason": "HealthyPool", "wasManuallyOverridden": False}
        call("/phone-numbers/outgoing/new POST", outgoing.new, hints, expects={**pool, "eligibleNumbers": list})
        talk = outgoing.conversation.by_conversation_id(TALK)
        spoken = {**hints, "channel": "call"}
        near = {"canSend": True, "number": FIRST, "selectionReason": "LocalArea"}
        call("/phone-numbers/outgoing/conversation/{conversationId} POST", talk, spoken, expects=near)
        choice = {"fromPhoneNumberId": ids[SECOND], "selection": spoken}
        chosen = {"canSend": True, "number": SECOND, "selectionReason": "ManualOverride", "wasManuallyOverridden": True}
        call("/phone-numbers/outgoing/manual-override POST", outgoing.manual_override, choice, expects=chosen)
        here = talk.override
        call("/phone-numbers/outgoing/conversation/{conversationId}/override POST", here, choice, expects=chosen)
        call("/phone-numbers/outgoing/conversation/{conversationId} POST", talk, spoken, expects=chosen)
        left = {"wasManuallyOverridden": False}
        call("/phone-numbers/outgoing/conversation/{conversationId}/override DELETE", here, expects=left)
        call("/phone-numbers/outgoing/conversation/{conversationId} POST", talk, spoken, expects=near)

    def listed(self) -> list[Any]:
        numbers = self.client.phone_numbers.all
        rows = numbers.my if self.june else numbers.organization
        answer = self.recorder.loop.run_until_complete(rows.post(request_of(rows.post, {})))
        return list(plain(answer)["items"])

    def reading(self) -> None:
        call, client = self.call, self.client
        self.recorder.happen("text", number=FIRST, other=OTHER, text="Hello")
        texts = [
            {"fromPhoneNumber": FIRST, "toPhoneNumber": OTHER, "text": "Hello", "direction": "outbound"},
            {"text": "It is. When can we call you?"},
            {"fromPhoneNumber": OTHER, "toPhoneNumber": FIRST, "direction": "inbound"},
        ]
        events = client.events.sms.phone.by_phone_number(FIRST)
        call("/events/sms/phone/{phoneNumber} POST", events, {"pageSize": 10}, expects={"items": texts, "pageSize": 10})
        calls = client.events.calls.phone.by_phone_number(FIRST)
        talked = {"items": [{"fromPhoneNumber": FIRST, "toPhoneNumber": OTHER, "answeredAt": str, "endedAt": str}]}
        call("/events/calls/phone/{phoneNumber} POST", calls, {}, expects=talked)
        traffic = {"smsSentCount": 2, "callPlacedCount": 1, "windowDays": 7}
        report = {"number": FIRST, "trafficMetrics": traffic, "recentEvents": list}
        by_number, by_id = (client.phone_numbers.by_phone_number_id(one) for one in (FIRST, self.listed()[0]["id"]))
        call("/phone-numbers/{phoneNumber-id}/status GET", by_number.status, expects=report)
        call("/phone-numbers/{phoneNumber-id}/warmup GET", by_id.warmup, expects=report)
        month = {"trafficMetrics": {**traffic, "windowDays": 30}}
        call("/phone-numbers/{phoneNumber-id}/status GET", by_number.status, query={"window_days": 30}, expects=month)
        first = {"phoneNumber": FIRST, "healthStatus": "healthy", "smsRemainingToday": 198, "voiceRemainingToday": 99}
        overview = call("/outbound/overview GET", client.outbound.overview, expects={"healthyPhoneNumbers": int})
        self.recorder.problems["/outbound/overview GET"] += differences(first, overview["phoneNumbers"][0])
        call("/wallets/me GET", client.wallets.me, expects={"balance": 97.98, "currency": "USD", "createdAt": str})

    def leaving(self, made: str) -> None:
        one = self.client.phone_numbers.by_phone_number_id(made)
        self.call("/phone-numbers/{phoneNumber-id} DELETE", one, expects=None)
        if self.june:
            left = {"status": "PendingRelease", "providerReleaseRequestedAt": str, "providerReleaseScheduledAt": str}
            self.call("/phone-numbers/{phoneNumber-id} GET", one, expects=left)
        else:
            assert made not in [row["id"] for row in self.listed()]

    def owners(self) -> None:
        call, word = self.call, "business" if self.june else "organization"
        me = self.client.businesses.me if self.june else self.client.organizations.me
        get, options, switch = (self.names[one] for one in ("owner", "options", "switch"))
        here = {"id": OWNER, "name": "Example Inc", "status": "Active", "enabled": True, "activation": {"events": []}}
        call(get, me, expects=here)
        both = [{"id": OWNER, "isCurrent": True, "role": "Owner"}, {"id": OTHER_OWNER, "isCurrent": False}]
        call(options, me.options_path, expects=both)
        there = {"id": OTHER_OWNER, "name": "Example Two LLC", "accountBalance": 0.0}
        call(switch, me.switch, {f"{word}Id": OTHER_OWNER}, expects=there)
        call(get, me, expects=there)
        assert self.listed() == []


def plain(answer: Any) -> Any:
    """JSON values of the client's models."""
    if isinstance(answer, list):
        return [plain(one) for one in answer]
    if not isinstance(answer, Parsable):
        return answer
    writer = JsonSerializationWriter()
    writer.write_object_value(None, answer)
    return json.loads(writer.get_serialized_content())


def without_nulls(sent: Any) -> Any:
    """Answer as it was sent, without members that are null: a client's model has no value for them either."""
    if isinstance(sent, dict):
        return {name: without_nulls(value) for name, value in sent.items() if value is not None}
    return [without_nulls(value) for value in sent] if isinstance(sent, list) else moment(sent)


def moment(value: Any) -> Any:
    """A time in the one form that the client writes; anything else stays."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", value):
        return datetime.fromisoformat(value[:26] + "+00:00").isoformat()
    return value


def request_of(function: Any, body: dict[str, Any]) -> Any:
    """The model that the signature asks for, with the members of *body*."""
    name = inspect.signature(function).parameters["body"].annotation
    module = importlib.import_module("leadping.models." + re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower())
    node = JsonParseNodeFactory().get_root_parse_node("application/json", json.dumps(body).encode())
    return node.get_object_value(getattr(module, name))


def words() -> set[str]:
    """The words of all enumerations of the client."""
    found: set[str] = set()
    for file in (Path(leadping.__file__).parent / "models").glob("*.py"):
        if "(str, Enum)" not in file.read_text():
            continue
        module = importlib.import_module(f"leadping.models.{file.stem}")
        kinds = [kind for kind in vars(module).values() if inspect.isclass(kind) and issubclass(kind, Enum)]
        found |= {str(word.value) for kind in kinds for word in kind}
    return found


def path_of(builder: Any) -> str:
    """The path of a request builder, with the placeholders that its template has."""
    return unquote(re.sub(r"\{\?.*\}$", "", builder.url_template).removeprefix("{+baseurl}"))


def methods(adapter: Any) -> list[str]:
    """Every method of every request builder of the client, as ``/path VERB``."""
    root = Path(leadping.__file__).parent
    found = []
    for file in sorted(root.rglob("*_request_builder.py")):
        module = importlib.import_module(".".join(("leadping", *file.relative_to(root).with_suffix("").parts)))
        for builder in vars(module).values():
            if inspect.isclass(builder) and builder.__module__ == module.__name__ and hasattr(builder, "with_url"):
                verbs = [verb for verb in VERBS if verb in vars(builder)]
                found += [f"{path_of(builder(adapter, {}))} {verb.upper()}" for verb in verbs]
    return sorted(found)


if __name__ == "__main__":
    story = Story(*sys.argv[1:])
    story.searching()
    bought = story.buying()
    story.sending()
    story.reading()
    story.leaving(bought)
    story.owners()
    story.recorder.loop.run_until_complete(story.http.aclose())
    story.recorder.report()
