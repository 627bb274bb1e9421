"""The steps of a purchase on PostgreSQL as functions of the database: one statement, one round trip, one commit each.

Each statement within a function sees what was committed before it, not before the call: so a claim that had to wait for
another worker reads the attempts as that one left them, which a single statement with several parts would not. Their
plans stay with the connection of the server, whichever clients a pooler gives it to. What is said in Python in
:mod:`anycarrier.purchase.journal.claims` and :mod:`anycarrier.purchase.journal.store`, for SQLite, is said here again;
the same tests and the same schedules run on both.
"""

# ruff: noqa: S608 - only constants of this module and the time are put into SQL; values are always bound

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from anycarrier.attempt import Attempt, AttemptState
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.mapping import STATE, draft_values, is_watched, stamped, state_values
from anycarrier.purchase.journal.types import AttemptRecord, OrderRecord

__all__ = ["FUNCTIONS", "ITEM", "REQUEST", "begun", "claimed", "created", "pursued", "recorded"]

_DURABLE = "PERFORM set_config('synchronous_commit', 'on', true), set_config('lock_timeout', '20s', true)"
"""A commit is on the disk when it returns, whatever the server's default is."""

ITEM = {
    "id": "text",
    "request_id": "text",
    "slot": "integer",
    "state": "text",
    "claimable": "integer",
    "attempt_id": "bigint",
    "passed": "text",
    "reason": "text",
}
REQUEST = {
    "id": "text",
    "digest": "text",
    "digest_version": "integer",
    "criteria": "text",
    "created": "{time}",
    "valid_until": "{time}",
    "goal": "text",
    "reference": "text",
    "tags": "text",
    "cancelled": "integer",
}
_ATTEMPT = {
    "id": "bigint",
    "intent_id": "text",
    "seq": "integer",
    "watched": "integer",
    "provider": "text",
    "account": "text",
    "e164": "text",
    "key": "text",
    "body": "{bytes}",
    "price": "text",
    "setup": "text",
    "currency": "text",
    "state": "text",
    "first_sent": "{time}",
    "last_sent": "{time}",
    "sends": "integer",
    "absent": "integer",
    "unknown": "integer",
    "next_at": "{time}",
    "no_replay": "integer",
    "reason": "text",
    "order_id": "text",
}
_STATE = [name.strip() for name in STATE.split(",")]


def _named(prefix: str, columns: dict[str, str]) -> str:
    return ", ".join(f"{prefix}_{name} {kind}" for name, kind in columns.items())


def _of(row: str, columns: Sequence[str] | dict[str, str]) -> str:
    return ", ".join(f"{row}.{name}" for name in columns)


# No line within a function may be without its indent: that is how its end is found.
_CREATE = f"""
CREATE FUNCTION anycarrier_create(an_id text, a_digest text, a_version integer, an_order text, valid_for {{time}},
    a_goal text, a_reference text, its_tags text, quantity integer, at_time {{time}})
    RETURNS TABLE(is_new boolean, {_named("r", REQUEST)}) LANGUAGE plpgsql AS $$
    DECLARE made integer;
    BEGIN
        {_DURABLE};
        INSERT INTO anycarrier_request(id, digest, digest_version, criteria, created, valid_until, goal, reference,
            tags) VALUES (an_id, a_digest, a_version, an_order, at_time, at_time + valid_for, a_goal, a_reference,
            its_tags) ON CONFLICT (id) DO NOTHING;
        GET DIAGNOSTICS made = ROW_COUNT;
        IF made = 1 THEN
            IF its_tags IS NOT NULL THEN
                INSERT INTO anycarrier_tag(request_id, name, value)
                    SELECT an_id, key, t.value FROM json_each_text(its_tags::json) AS t;
            END IF;
            INSERT INTO anycarrier_intent(id, request_id, slot, state, claimable)
                SELECT an_id || '#' || n, an_id, n, 'OPEN', 1 FROM generate_series(1, quantity) AS n;
        END IF;
        RETURN QUERY SELECT made = 1, {_of("r", REQUEST)} FROM anycarrier_request r WHERE r.id = an_id;
    END $$;"""

_CLAIM = f"""
CREATE FUNCTION anycarrier_claim(an_item text, a_worker text, a_lease {{time}}, at_time {{time}}, longest {{time}})
    RETURNS TABLE(is_mine boolean, is_now {{time}}, {_named("i", ITEM)}, {_named("r", REQUEST)},
        {_named("a", _ATTEMPT)}) LANGUAGE plpgsql AS $$
    DECLARE taken integer;
    BEGIN
        {_DURABLE};
        UPDATE anycarrier_intent i SET owner = a_worker, lease_until = at_time + a_lease, resume_at = 0
            WHERE i.id = an_item AND i.claimable = 1 AND a_worker IS NOT NULL
            AND (i.owner IS NULL OR i.owner = a_worker OR i.lease_until < at_time OR i.lease_until > at_time + longest);
        GET DIAGNOSTICS taken = ROW_COUNT;
        -- A statement of its own, which sees what was committed while the one above had to wait.
        RETURN QUERY SELECT taken = 1, at_time, {_of("i", ITEM)}, {_of("r", REQUEST)}, {_of("a", _ATTEMPT)}
            FROM anycarrier_intent i JOIN anycarrier_request r ON r.id = i.request_id
            LEFT JOIN anycarrier_attempt a ON a.intent_id = i.id WHERE i.id = an_item ORDER BY a.seq;
    END $$;"""

# What is stamped comes as seconds from now, which only the database knows.
_BEGIN = f"""
CREATE FUNCTION anycarrier_begin(an_item text, a_worker text, a_lease {{time}}, at_time {{time}},
    a_provider text, an_account text, a_number text, a_key text, a_body {{bytes}}, a_hash text, a_price text,
    a_setup text, a_currency text, a_holder text, {_named("s", {name: _ATTEMPT[name] for name in _STATE})})
    RETURNS TABLE(made_id bigint, made_seq integer, made_at {{time}}) LANGUAGE plpgsql AS $$
    BEGIN
        {_DURABLE};
        UPDATE anycarrier_intent i SET lease_until = at_time + a_lease
            WHERE i.id = an_item AND i.owner = a_worker AND i.claimable = 1;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        RETURN QUERY INSERT INTO anycarrier_attempt AS made (intent_id, seq, provider, account, e164, key, body,
            body_sha256, price, setup, currency, holder, {", ".join(_STATE)})
            SELECT an_item, coalesce(max(a.seq), 0) + 1, a_provider, an_account, a_number, a_key, a_body, a_hash,
            a_price, a_setup, a_currency, a_holder, s_state, at_time + s_first_sent, at_time + s_last_sent, s_sends,
            s_absent, s_unknown, at_time + s_next_at, s_no_replay, s_reason, s_order_id
            FROM anycarrier_attempt a WHERE a.intent_id = an_item RETURNING made.id, made.seq, at_time;
    END $$;"""

_RECORD = f"""
CREATE FUNCTION anycarrier_record(an_attempt bigint, an_item text, a_worker text, a_lease {{time}}, at_time {{time}},
    is_watched integer, a_price text, a_setup text, a_currency text, was_placed boolean,
    {_named("s", {name: _ATTEMPT[name] for name in _STATE})})
    RETURNS TABLE(is_claimable integer) LANGUAGE plpgsql AS $$
    DECLARE stage text := CASE s_state WHEN 'PLACED' THEN 'PLACED' WHEN 'CONFIRMED' THEN 'ACTIVE' END;
        made anycarrier_attempt;
    BEGIN
        {_DURABLE};
        PERFORM FROM anycarrier_intent i WHERE i.id = an_item AND i.owner = a_worker AND i.claimable = 1 FOR UPDATE;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        UPDATE anycarrier_attempt a SET {", ".join(f"{name} = s_{name}" for name in _STATE)}, watched = is_watched,
            price = coalesce(a_price, a.price), setup = CASE WHEN a_price IS NULL THEN a.setup ELSE a_setup END,
            currency = coalesce(a_currency, a.currency)
            WHERE a.id = an_attempt AND a.state IN ('SENT','IN_DOUBT','PLACED') RETURNING a.* INTO made;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        IF stage IS NOT NULL THEN
            RETURN QUERY UPDATE anycarrier_intent i SET state = stage, attempt_id = an_attempt, reason = '',
                owner = NULL, lease_until = 0, resume_at = 0,
                claimable = CASE WHEN r.goal = 'PLACED' OR r.goal = stage THEN 0 ELSE 1 END
                FROM anycarrier_request r WHERE i.id = an_item AND r.id = i.request_id RETURNING i.claimable;
        ELSIF was_placed THEN
            RETURN QUERY UPDATE anycarrier_intent i SET state = 'OPEN', attempt_id = NULL,
                lease_until = at_time + a_lease WHERE i.id = an_item RETURNING i.claimable;
        ELSE
            RETURN QUERY UPDATE anycarrier_intent i SET lease_until = at_time + a_lease WHERE i.id = an_item
                RETURNING i.claimable;
        END IF;
        IF stage = 'ACTIVE' AND made.seq > 1 THEN
            -- It is on the account: nothing can be learned from it any more about an earlier attempt to buy it.
            UPDATE anycarrier_attempt a SET watched = 0 WHERE a.intent_id = an_item AND a.seq < made.seq
                AND a.watched = 1 AND a.provider = made.provider AND a.account = made.account AND a.e164 = made.e164;
        END IF;
    END $$;"""

_PURSUED = """
CREATE FUNCTION anycarrier_pursued(a_provider text, numbers text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
    BEGIN
        RETURN QUERY SELECT a.e164 FROM anycarrier_attempt a WHERE a.provider = a_provider AND a.e164 = ANY(numbers)
            AND a.state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED');
    END $$"""

FUNCTIONS = _CREATE + _CLAIM + _BEGIN + _RECORD + _PURSUED
"""Their SQL, of the third version of the schema."""


def created(tx: Transaction, request: OrderRecord, quantity: int, valid_for: float) -> tuple[bool, Sequence[Any]]:
    """Record an order with its items, unless it is there; whether it is new, and the row of the one on record."""
    row = tx.rows(
        f"SELECT * FROM anycarrier_create(?, ?, ?, ?, ?, ?, ?, ?, ?, {tx.now()})",
        request.id,
        request.digest,
        request.digest_version,
        request.order,
        valid_for,
        request.goal.value,
        request.reference,
        json.dumps(dict(request.tags)) if request.tags else None,
        quantity,
    )[0]
    return row[0], row[1:]


def claimed(tx: Transaction, item_id: str, owner: str | None, lease: float, longest: float) -> Sequence[Sequence[Any]]:
    """Rows of an item: whether it is *owner*'s, the time, the item, its order, and an attempt or nothing."""
    sql = f"SELECT * FROM anycarrier_claim(?, ?, ?, {tx.now()}, ?)"
    return tx.rows(sql, item_id, owner, lease, longest)


def pursued(tx: Transaction, provider: str, numbers: Sequence[str]) -> list[str]:
    """Those of *numbers* that have a live attempt at this provider."""
    return [row[0] for row in tx.rows("SELECT * FROM anycarrier_pursued(?, ?)", provider, [*numbers])]


def begun(
    tx: Transaction, item_id: str, owner: str, lease: float, attempt: Attempt, holder: str | None
) -> AttemptRecord | None:
    """An attempt on record; ``None`` if the item is not *owner*'s."""
    rows = tx.rows(
        f"SELECT * FROM anycarrier_begin(?, ?, ?, {tx.now()}, {', '.join('?' * 20)})",
        item_id,
        owner,
        lease,
        *draft_values(attempt.draft),
        holder,
        *state_values(stamped(attempt, 0.0, first=True)),
    )
    if not rows:
        return None
    made, seq, now = rows[0]
    return AttemptRecord(id=made, item_id=item_id, seq=seq, attempt=stamped(attempt, now, first=True))


def recorded(tx: Transaction, entry: AttemptRecord, owner: str, lease: float, attempt: Attempt) -> bool | None:
    """Record the state of an attempt. Whether its item has something to do for a worker still; ``None`` if it is not
    *owner*'s, or the attempt has ended."""
    draft = attempt.draft
    changed = draft.price is not None and draft.first_month != entry.attempt.draft.first_month
    rows = tx.rows(
        f"SELECT * FROM anycarrier_record(?, ?, ?, ?, {tx.now()}, ?, ?, ?, ?, ?, {', '.join('?' * 10)})",
        entry.id,
        entry.item_id,
        owner,
        lease,
        int(is_watched(attempt)),
        str(draft.price.amount) if changed and draft.price is not None else None,
        str(draft.setup_price.amount) if changed and draft.setup_price is not None else None,
        draft.price.currency if changed and draft.price is not None else None,
        entry.attempt.state is AttemptState.PLACED,
        *state_values(attempt),
    )
    return bool(rows[0][0]) if rows else None
