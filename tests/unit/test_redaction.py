"""Parts of secrets are removed from text; words and numbers that only look like them stay."""

from __future__ import annotations

import gc
import random
import sys
from urllib.parse import quote

import pytest

from anycarrier import Client, errors, secret_marks
from anycarrier.engine.accounts import Secret, StaticToken
from anycarrier.redaction import _held, quoted, redacted
from anycarrier.secret_marks import DIFFERENT, PART, REDACTED, WORDS, Marks
from support.echoing import KEY, LEADPING, PIT, Echo, offering, searching


def test_a_password_that_is_a_word_does_not_blot_out_messages() -> None:
    held = [Secret("password"), Secret("not"), Secret("number")]
    error = errors.InvalidInput("the password is not good for this number", detail="passwords: the Password is bad")
    assert error.message == "the password is not good for this number"
    assert error.detail == f"passwords: the {REDACTED} is bad"
    assert held


def test_an_accounts_number_does_not_blot_out_others() -> None:
    held = Secret("2015550142")
    assert redacted("2015550142 or +12015550143, 20155501420, 2015550142") == (
        f"{REDACTED} or +12015550143, 20155501420, {REDACTED}"
    )
    error = errors.OutcomeUnknown("in doubt", number="+12015550142", key="2015550142")
    assert (error.number, error.key) == ("+12015550142", "2015550142"), "what a program goes on with stays"
    assert held


@pytest.mark.parametrize(
    ("secret", "harmless"),
    [
        ("000000000000000000000000000f4240", "1000000002 and 100000000000"),
        ("0123456789abcdef0123456789abcdef", "number 20123456789, order 1234, at 0123456"),
        ("sk_2015550142_live_made_up", "+12015550142 and 12015550142"),
        ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-000000000001 of 1000000002"),
        ("leadping-2026-made-up", "leadping list: voicetel is down"),
        ("the number is not available 7", "the number is here, and available"),
        ("xxxxxxxxxxxxxxxa", "+1xxxxxxxxxx and xxxxxxxxxxxxxxx"),
    ],
)
def test_numbers_and_words_that_a_secret_holds_too_stay(secret: str, harmless: str) -> None:
    held = Secret(secret)
    assert redacted(harmless) == harmless
    assert errors.AnyCarrierError("no", code=harmless).code == harmless
    for whole in (secret, secret.upper(), quote(secret, safe=""), secret.encode().hex()):
        assert redacted(f"<{whole}>") == f"<{REDACTED}>"
    assert held


@pytest.mark.slow
@pytest.mark.parametrize("secret", [KEY, LEADPING, PIT, "ab12" + "0" * 20 + "cd34", "correcthorsebatterystaple"])
def test_a_part_of_a_secret_is_removed_to_its_ends(secret: str) -> None:
    held = Secret(secret)
    for at in range(len(secret)):
        for end in range(at + PART, len(secret) + 1):
            part = secret[at:end]
            mixed = any(map(str.isalpha, part)) and (len(part) >= WORDS or not part.isalpha())
            if len(set(part)) >= DIFFERENT and (mixed or part.isdigit()):
                assert redacted(f"<{part}>") == f"<{REDACTED}>"
            elif not any(map(str.isdigit, part)):
                assert redacted(f"<{part}>") == f"<{part}>"
    assert held


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("secret", ["a" * 5_000, "1 " * 2_500 + "x", "a" * 2_500 + "1bcd" + "a" * 2_500])
def test_a_long_secret_that_repeats_itself_makes_few_parts_and_goes_whole(secret: str) -> None:
    held = Secret(secret)
    assert redacted(f"<{secret}>") == f"<{REDACTED}>"
    marks = _held.marks()
    assert marks is not None
    assert sum(1 if isinstance(places, int) else len(places) for places in marks.seeds.values()) < len(secret) // 4
    assert held


def test_a_secret_is_known_as_long_as_it_is_held() -> None:
    key = "7c1e-made-up-0b93-for-5d2a-this-f864"  # other tests may hold the usual one still
    token = StaticToken(key)
    assert redacted(key) == REDACTED
    other = StaticToken(LEADPING)
    assert redacted(f"{key} {LEADPING}") == f"{REDACTED} {REDACTED}"
    del token
    gc.collect()
    assert redacted(key) == key
    del other


def test_ctrl_c_cannot_strike_where_a_secret_is_freed() -> None:
    """An exception is lost there, and an interrupt with it: nothing of Python may run."""
    secret, entered = Secret("a-made-up-secret-of-some-length"), list[str]()
    sys.setprofile(lambda frame, event, _: entered.append(frame.f_code.co_name) if event == "call" else None)
    try:
        del secret
    finally:
        sys.setprofile(None)
    assert entered == []


def test_a_secret_that_is_gone_is_not_looked_for_where_many_others_are_held() -> None:
    held = [Secret(f"another-{place:08x}-of-many") for place in range(40)]
    gone = Secret("elderberry")
    assert redacted("an elderberry") == f"an {REDACTED}"
    assert quoted("an elderberry")
    del gone
    gc.collect()
    assert redacted("an elderberry") == "an elderberry"
    assert not quoted("an elderberry")
    assert held


def test_the_mark_itself_is_no_place_for_a_secret() -> None:
    held = [Secret("secret"), Secret(KEY)]
    assert redacted(f"<{KEY}> and secret") == f"<{REDACTED}> and {REDACTED}"
    assert held


def hundreds() -> list[Secret]:
    return [Secret(f"pit-{number:04x}-{number * 7919:08x}-zq") for number in range(300)]


def test_a_new_secret_among_hundreds_is_added_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    held = hundreds()
    assert redacted(f"<{held[-1].reveal()}>") == f"<{REDACTED}>"
    added: list[str] = []
    real = Marks.add
    monkeypatch.setattr(Marks, "add", lambda marks, text: (added.append(text), real(marks, text))[1])
    new = Secret("pit-of-one-more-account")
    again = Secret(held[0].reveal())
    assert redacted(f"<{new.reveal()}>") == f"<{REDACTED}>"
    assert added == [new.reveal(), again.reveal()]
    del again
    assert redacted(held[0].reveal()) == REDACTED
    assert len(added) == 2


@pytest.mark.slow
def test_one_of_hundreds_of_secrets_is_found_wherever_it_stands_in_a_long_text() -> None:
    held = hundreds()
    others = "".join(f"{number:04x}-pit-{number * 7907:08x}-" for number in range(300))
    assert not quoted(others)
    assert not quoted(others.encode())
    for at in range(20):
        for secret in (held[0], held[150], held[-1]):
            text = others[: 2000 + at] + secret.reveal() + others[2000:]
            assert quoted(text)
            assert quoted(text.encode())


def test_hundreds_of_short_secrets_go_where_they_stand_alone() -> None:
    held = [*(Secret(f"pass{number}") for number in range(300)), Secret("p#ss-7")]
    assert redacted("pass7, PASS299; pass300 compass7 p#ss-7") == (
        f"{REDACTED}, {REDACTED}; pass300 compass7 {REDACTED}"
    )
    assert quoted("(pass7)")
    assert not quoted("(pass7x)")
    assert held


@pytest.mark.slow
def test_secrets_that_are_gone_are_dropped_though_others_stay() -> None:
    held = hundreds()
    assert redacted(held[7].reveal()) == REDACTED
    marks = _held.marks()
    texts = [secret.reveal() for secret in held[:100]]
    del held[:100]
    gc.collect()
    assert redacted(texts[7]) == texts[7]
    assert _held.marks() is not marks
    assert redacted(held[0].reveal()) == REDACTED


def test_many_tokens_of_a_function_are_not_held_for_ever() -> None:
    from anycarrier.engine.session import _REMEMBERED

    tokens = iter(f"{number:032x}" for number in range(10**6, 10**6 + 3 * _REMEMBERED))
    client = Client("voicetel", transport=Echo(offering), api_key=lambda: next(tokens))
    for _ in range(3 * _REMEMBERED):
        searching(client)
    assert len(client._session._secrets) == _REMEMBERED
    client.close()


SIGNS = (
    "0123456789abcdef",
    "abcdefghijklmnopqrstuvwxyz0123456789-",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "01",
    "aB1 ",
    'ab"\\/\u00e9<&',
)


def parts_of(secret: str) -> set[str]:
    """Every part that counts, found the slow way: each piece of each form, by what it says."""
    forms = {secret_marks._lower(form) for form in (*secret_marks._forms(secret), *secret_marks.in_base64(secret))}
    found = set(forms)
    for form in forms:
        if secret_marks._is_telling(form):
            found |= {form[begins:ends] for begins, ends in secret_marks._pieces(form, 0, len(form))}
    return found


def without(text: str, parts: set[str]) -> str:
    lower = secret_marks._lower(text)
    gone = [False] * len(text)
    for part in parts:
        at = lower.find(part)
        while at >= 0:
            gone[at : at + len(part)] = [True] * len(part)
            at = lower.find(part, at + 1)
    return "".join(
        "" if hide and at and gone[at - 1] else REDACTED if hide else sign
        for at, (sign, hide) in enumerate(zip(text, gone, strict=True))
    )


@pytest.mark.parametrize("seed", range(60))
def test_parts_are_found_by_their_seeds_as_by_looking_for_each(seed: int) -> None:
    chance = random.Random(seed)
    signs = [chance.choice(SIGNS) for _ in range(chance.randrange(1, 4))]
    secrets = ["".join(chance.choice(one) for _ in range(chance.randrange(12, 70))) for one in signs]
    secrets = [one for one in secrets if not one.isdigit()]
    marks = Marks()
    for one in secrets:
        marks.add(one)
    parts = set().union(*map(parts_of, secrets)) if secrets else set()
    for _ in range(10):
        text = ""
        for _ in range(chance.randrange(1, 6)):
            one = chance.choice(secrets or ["none"])
            form = chance.choice([*secret_marks._forms(one), *secret_marks.in_base64(one)])
            begins = chance.randrange(len(form))
            piece = form[begins : chance.randrange(begins, len(form) + 1)]
            text += chance.choice((piece, piece.upper())) + "".join(chance.choices("ab 01xyz-", k=chance.randrange(5)))
        assert marks.parts_removed_from(text) == without(text, parts)
