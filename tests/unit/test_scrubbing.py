"""A recording keeps what the models know; everything else, and whatever looks like a secret, is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anycarrier.registry import provider_class
from anycarrier.testing.cassettes import Scrubber
from anycarrier.testing.scrubbing import SECRET_FIELDS, known_members

PROVIDERS = ["lc_legacy", "lc_phone", "leadping", "voicetel"]


def scrubbed(value: Any, **more: Any) -> Any:
    return json.loads(Scrubber(**more).body(json.dumps(value)) or b"")


@pytest.mark.parametrize(
    "name",
    [
        "pwd", "sipPass", "sip_password", "privateKey", "private_key", "keys", "signingKey", "otp", "loginOtp",
        "portPin", "account_pin", "cardNumber", "card_no", "cvv", "ssn", "ownerSsn", "iban", "bankAccount",
        "routing_number",
        "accountNumber", "mfaCode", "totpSeed", "signature", "taxId", "credentials", "csrf", "passport_number",
    ],
)  # fmt: skip
def test_members_with_a_secrets_name_are_replaced(name: str) -> None:
    for value in ("open sesame", ["open", {"deep": "sesame"}], {"inner": "open sesame"}, 42424242):
        left = json.dumps(scrubbed({name: value, "city": "Closter"}))
        assert "open" not in left
        assert "sesame" not in left
        assert "4242" not in left
        assert "Closter" in left


@pytest.mark.parametrize("name", ["monkey", "businessName", "footprint", "shipping", "pinned", "bypassed", "keyboard"])
def test_words_that_only_hold_such_a_name_are_kept(name: str) -> None:
    assert scrubbed({name: "Closter"}) == {name: "Closter"}


# In two pieces, so that no tool takes this file for one with secrets in it.
SHAPES = [
    ("-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEow\n-----END RSA PRIVATE " + "KEY-----", "MIIEow"),
    ("-----BEGIN PRIVATE " + "KEY-----\nMIIEow", "MIIEow"),
    ("ey" + "JhbGciOi.eyJzdWIi.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    ("sk_" + "live_abcdefghijklmnop", "abcdefghijklmnop"), ("pk_" + "test_abcdefghijklmnop", "abcdefghijklmnop"),
    ("lp_" + "live_abcdefgh", "abcdefgh"), ("pit-" + "abcdefgh-ijkl", "abcdefgh"),
    ("AKIA" + "ABCDEFGHIJKLMNOP", "ABCDEFGH"),
    ("ghp_" + "abcdefghijklmnopqrst", "abcdefghijk"), ("xoxb-" + "abcdefgh-ijkl", "abcdefgh"),
    ("Bearer " + "abcdefghijk", "abcdefghijk"), ("basic " + "dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("4242 4242 " + "4242 4242", "4242 4242"), ("37828224" + "6310005", "6310005"), ("123-45-" + "6789", "123-45"),
    ("https://user:open@host.example/x", "open"), ("https://host.example/x?access_token=sesame&page=2", "sesame"),
    ("ann@corp.dev", "ann@"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), SHAPES)
def test_what_has_the_shape_of_a_secret_is_replaced_wherever_it_stands(text: str, secret: str) -> None:
    for body in ({"note": text}, {"note": f"see {text} there"}, [[text]]):
        assert secret not in json.dumps(scrubbed(body))
    assert secret not in Scrubber().text(f"<p>{text}</p>") or "access_token" in text


def test_a_webhook_is_replaced_as_a_whole_and_stays_a_url() -> None:
    left = scrubbed({"smsWebhook": "https://hooks.corp.dev/services/T0/B0/xyz", "callback": "https://example.com/mine"})
    assert left == {"smsWebhook": "https://example.com/scrubbed1", "callback": "https://example.com/mine"}


def test_numbers_that_are_no_cards_are_kept() -> None:
    whole = {"at": 1700000000000, "version": "4111111111111112", "day": "2026-06-01", "price": "1.25"}
    assert scrubbed(whole) == whole


def test_of_what_no_model_knows_the_shape_is_kept() -> None:
    answer = {
        "city": "Closter", "remark": "Call Ann, 2 pm",
        "more": {"city": "Closter", "x": ["abc", 12, 123456, True, None]}, "message": "not available", "count": 7,
    }  # fmt: skip
    assert scrubbed(answer, known=["city"]) == {
        "city": "Closter", "remark": "xxxx xxx, 0 xx", "more": {"city": "Closter", "x": ["xxx", 12, 0, True, None]},
        "message": "not available", "count": 7,
    }  # fmt: skip
    assert scrubbed(answer) == {**answer, "more": {"city": "Closter", "x": ["abc", 12, 123456, True, None]}}


def test_a_request_keeps_what_the_adapter_wrote() -> None:
    scrubber = Scrubber(known=[])
    assert scrubber.body('{"campaign": "CH5K5IZ"}', answer=False) == b'{"campaign": "CH5K5IZ"}'
    assert scrubber.body('{"campaign": "CH5K5IZ"}') == b'{"campaign": "xx0x0xx"}'


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_an_adapter_reads_is_known_and_hardly_any_of_it_is_called_a_secret(name: str) -> None:
    known = known_members(provider_class(name))
    assert known & {"number", "phoneNumber"}
    assert {each.lower().replace("_", "") for each in known if SECRET_FIELDS.search(each)} <= {
        "apikey", "continuationtoken", "username", "accesstoken", "refreshtoken", "accountsid",
    }  # fmt: skip
