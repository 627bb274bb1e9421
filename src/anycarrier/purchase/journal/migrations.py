"""The steps that lead a journal from one schema to the next, in the SQL of SQLite and of PostgreSQL.

The partial unique indexes are the fence of the whole protocol, enforced by the database: one live attempt for each
item, and one buyer for each number of an account, also if one account has two names (``holder``). An order is a row of
``anycarrier_request``, an item a row of ``anycarrier_intent``, and its position the column ``slot``.

A step that was released is never changed: journals that it has written are out there.
"""

# ruff: noqa: S608 - only constants of this module are put into SQL

from __future__ import annotations

import re
from collections.abc import Mapping

from anycarrier.purchase.journal.functions import FUNCTIONS
from anycarrier.purchase.journal.spending import TOTALS

__all__ = ["MIGRATIONS", "statements"]

_FIRST = """
CREATE TABLE anycarrier_request(
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    criteria TEXT NOT NULL,
    created {time} NOT NULL,
    valid_until {time} NOT NULL
);
CREATE TABLE anycarrier_intent(
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES anycarrier_request(id),
    slot INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('OPEN','FULFILLED','EXHAUSTED','PARKED')),
    attempt_id BIGINT,
    passed TEXT NOT NULL DEFAULT '{{}}',
    reason TEXT NOT NULL DEFAULT '',
    owner TEXT,
    lease_until {time} NOT NULL DEFAULT 0
);
CREATE INDEX anycarrier_intent_request ON anycarrier_intent(request_id);
CREATE INDEX anycarrier_intent_open ON anycarrier_intent(state) WHERE state IN ('OPEN','PARKED');
CREATE TABLE anycarrier_attempt(
    id {serial},
    intent_id TEXT NOT NULL REFERENCES anycarrier_intent(id),
    seq INTEGER NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    e164 TEXT NOT NULL,
    key TEXT NOT NULL,
    body {bytes} NOT NULL,
    body_sha256 TEXT NOT NULL,
    price TEXT,
    currency TEXT,
    state TEXT NOT NULL CHECK (state IN
        ('SENT','IN_DOUBT','CONFIRMED','REJECTED','NOT_SENT','REFUTED','ORPHAN','RELEASED')),
    first_sent {time} NOT NULL,
    last_sent {time} NOT NULL,
    sends INTEGER NOT NULL,
    absent INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    next_at {time} NOT NULL,
    no_replay INTEGER NOT NULL,
    watched INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    UNIQUE(intent_id, seq)
);
CREATE UNIQUE INDEX anycarrier_one_live_attempt ON anycarrier_attempt(intent_id)
    WHERE state IN ('SENT','IN_DOUBT','CONFIRMED');
CREATE UNIQUE INDEX anycarrier_one_pursuer ON anycarrier_attempt(provider, account, e164)
    WHERE state IN ('SENT','IN_DOUBT','CONFIRMED');
CREATE INDEX anycarrier_watch ON anycarrier_attempt(watched) WHERE watched = 1
"""

_HOLDER = """
ALTER TABLE anycarrier_attempt ADD COLUMN holder TEXT;
CREATE UNIQUE INDEX anycarrier_one_pursuer_of_holder ON anycarrier_attempt(holder, e164)
    WHERE holder IS NOT NULL AND state IN ('SENT','IN_DOUBT','CONFIRMED')
"""

_ITEM_STATES = "'OPEN','PLACED','ACTIVE','SET_UP','REFUSED','EXHAUSTED','CANCELLED','PARKED'"
_ATTEMPT_STATES = "'SENT','IN_DOUBT','PLACED','CONFIRMED','REJECTED','NOT_SENT','REFUTED','ORPHAN','RELEASED'"

# A table of SQLite cannot lose a CHECK, so both are written anew; in this order no reference is ever broken.
_STATES_OF_SQLITE = f"""
CREATE TABLE anycarrier_intent_new(
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES anycarrier_request(id),
    slot INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ({_ITEM_STATES})),
    claimable INTEGER NOT NULL,
    attempt_id BIGINT,
    passed TEXT NOT NULL DEFAULT '{{{{}}}}',
    reason TEXT NOT NULL DEFAULT '',
    owner TEXT,
    lease_until {{time}} NOT NULL DEFAULT 0,
    resume_at {{time}} NOT NULL DEFAULT 0
);
INSERT INTO anycarrier_intent_new
    SELECT id, request_id, slot, CASE state WHEN 'FULFILLED' THEN 'ACTIVE' ELSE state END, state = 'OPEN', attempt_id,
    passed, reason, owner, lease_until, 0 FROM anycarrier_intent;
CREATE TABLE anycarrier_attempt_new(
    id {{serial}},
    intent_id TEXT NOT NULL REFERENCES anycarrier_intent_new(id),
    seq INTEGER NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    e164 TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    body_sha256 TEXT NOT NULL,
    price TEXT,
    currency TEXT,
    setup TEXT,
    state TEXT NOT NULL CHECK (state IN ({_ATTEMPT_STATES})),
    first_sent {{time}} NOT NULL,
    last_sent {{time}} NOT NULL,
    sends INTEGER NOT NULL,
    absent INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    next_at {{time}} NOT NULL,
    no_replay INTEGER NOT NULL,
    watched INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    order_id TEXT,
    holder TEXT,
    UNIQUE(intent_id, seq)
);
INSERT INTO anycarrier_attempt_new
    SELECT id, intent_id, seq, provider, account, e164, key, body, body_sha256, price, currency, NULL, state,
    first_sent, last_sent, sends, absent, unknown, next_at, no_replay, watched, reason, NULL, holder
    FROM anycarrier_attempt;
DROP TABLE anycarrier_attempt;
DROP TABLE anycarrier_intent;
ALTER TABLE anycarrier_intent_new RENAME TO anycarrier_intent;
ALTER TABLE anycarrier_attempt_new RENAME TO anycarrier_attempt;
CREATE INDEX anycarrier_intent_request ON anycarrier_intent(request_id);
CREATE INDEX anycarrier_watch ON anycarrier_attempt(watched) WHERE watched = 1;
"""

_STATES_OF_POSTGRES = f"""
ALTER TABLE anycarrier_intent DROP CONSTRAINT anycarrier_intent_state_check;
UPDATE anycarrier_intent SET state = 'ACTIVE' WHERE state = 'FULFILLED';
ALTER TABLE anycarrier_intent ADD CHECK (state IN ({_ITEM_STATES}));
ALTER TABLE anycarrier_intent ADD COLUMN claimable INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN resume_at {{time}} NOT NULL DEFAULT 0;
UPDATE anycarrier_intent SET claimable = 1 WHERE state = 'OPEN';
ALTER TABLE anycarrier_intent ALTER COLUMN claimable DROP DEFAULT;
ALTER TABLE anycarrier_attempt DROP CONSTRAINT anycarrier_attempt_state_check;
ALTER TABLE anycarrier_attempt ADD CHECK (state IN ({_ATTEMPT_STATES}));
ALTER TABLE anycarrier_attempt ADD COLUMN setup TEXT, ADD COLUMN order_id TEXT;
DROP INDEX anycarrier_intent_open, anycarrier_one_live_attempt, anycarrier_one_pursuer,
    anycarrier_one_pursuer_of_holder;
"""

_LATER_PURCHASES = """
ALTER TABLE anycarrier_request ADD COLUMN goal TEXT NOT NULL DEFAULT 'ACTIVE'
    CHECK (goal IN ('PLACED','ACTIVE','SET_UP'));
ALTER TABLE anycarrier_request ADD COLUMN digest_version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX anycarrier_intent_claimable ON anycarrier_intent(id) WHERE claimable = 1;
CREATE INDEX anycarrier_attempt_number ON anycarrier_attempt(provider, account, e164);
CREATE INDEX anycarrier_intent_parked ON anycarrier_intent(id) WHERE state = 'PARKED';
CREATE UNIQUE INDEX anycarrier_one_live_attempt ON anycarrier_attempt(intent_id)
    WHERE state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED');
CREATE UNIQUE INDEX anycarrier_one_pursuer ON anycarrier_attempt(provider, account, e164)
    WHERE state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED');
CREATE UNIQUE INDEX anycarrier_one_pursuer_of_holder ON anycarrier_attempt(holder, e164)
    WHERE holder IS NOT NULL AND state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED');
"""

_JOBS_AND_CHANGES = """
-- Numbers that orders want at a provider, for whichever account: it sells each of them once.
CREATE INDEX anycarrier_attempt_wanted ON anycarrier_attempt(provider, e164);
-- Many orders that are worked on, counted and cancelled together; the digest is of all of them.
CREATE TABLE anycarrier_job(
    id {serial},
    name TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    orders INTEGER NOT NULL,
    numbers INTEGER NOT NULL,
    set_ups INTEGER NOT NULL,
    state TEXT NOT NULL,
    created {time} NOT NULL
);
-- The job of an order and of its items, and its caller's own reference, by which it is found. Of an order that is
-- cancelled no new attempt begins.
ALTER TABLE anycarrier_request ADD COLUMN job_id BIGINT REFERENCES anycarrier_job(id);
ALTER TABLE anycarrier_request ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE anycarrier_intent ADD COLUMN job_id BIGINT REFERENCES anycarrier_job(id);
-- The few attempts that are under way; and with what a job's items are counted by, so that counting reads no table.
CREATE INDEX anycarrier_attempt_doubtful ON anycarrier_attempt(intent_id) WHERE state IN ('SENT','IN_DOUBT');
CREATE INDEX anycarrier_intent_job ON anycarrier_intent(job_id, id, state, claimable) WHERE job_id IS NOT NULL;
ALTER TABLE anycarrier_request ADD COLUMN reference TEXT;
ALTER TABLE anycarrier_request ADD COLUMN tags TEXT;
CREATE INDEX anycarrier_request_job ON anycarrier_request(job_id) WHERE job_id IS NOT NULL;
CREATE INDEX anycarrier_request_reference ON anycarrier_request(reference) WHERE reference IS NOT NULL;
-- The caller's own facts about an order (its column tags, JSON), to find it by one of them.
CREATE TABLE anycarrier_tag(
    request_id TEXT NOT NULL REFERENCES anycarrier_request(id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (request_id, name)
);
CREATE INDEX anycarrier_tag_value ON anycarrier_tag(name, value);
-- One write to a number: which plan or item wants it, what it changes from and to (JSON), and what came of it.
CREATE TABLE anycarrier_change(
    id {serial},
    plan TEXT,
    intent_id TEXT REFERENCES anycarrier_intent(id),
    reference TEXT,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    e164 TEXT NOT NULL,
    what TEXT NOT NULL,
    before TEXT,
    after TEXT,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    created {time} NOT NULL,
    ended {time}
);
CREATE INDEX anycarrier_change_number ON anycarrier_change(provider, account, e164);
CREATE INDEX anycarrier_change_plan ON anycarrier_change(plan) WHERE plan IS NOT NULL;
CREATE INDEX anycarrier_change_intent ON anycarrier_change(intent_id) WHERE intent_id IS NOT NULL;
CREATE INDEX anycarrier_change_created ON anycarrier_change(created);
-- Prices that processes share. One of them at a time reads a price anew.
CREATE TABLE anycarrier_price(
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    amount TEXT,
    currency TEXT,
    taken {time},
    claimed_until {time} NOT NULL DEFAULT 0,
    PRIMARY KEY (provider, account, name)
);
-- The time of the next free place in a rate limit that processes share.
CREATE TABLE anycarrier_budget(
    key TEXT PRIMARY KEY,
    next {time} NOT NULL
);
-- Requests of a long rate limit, such as that of a day, by the ten minutes in which processes took them.
CREATE TABLE anycarrier_budget_slice(
    key TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (key, bucket)
);
-- An order to bring numbers from another carrier. Its subscriber, account number and PIN are in no column: the digest
-- is keyed, and only says whether two orders are the same.
CREATE TABLE anycarrier_port(
    id {serial},
    request_id TEXT NOT NULL,
    reference TEXT,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    digest TEXT NOT NULL,
    order_id TEXT,
    state TEXT NOT NULL,
    due TEXT,
    loa_url TEXT,
    fee TEXT,
    currency TEXT,
    reason TEXT NOT NULL DEFAULT '',
    denial TEXT,
    first_sent {time} NOT NULL,
    last_sent {time} NOT NULL,
    absent INTEGER NOT NULL DEFAULT 0,
    unknown INTEGER NOT NULL DEFAULT 0,
    next_at {time} NOT NULL DEFAULT 0,
    created {time} NOT NULL
);
CREATE INDEX anycarrier_port_request ON anycarrier_port(request_id);
CREATE UNIQUE INDEX anycarrier_port_order ON anycarrier_port(provider, account, order_id) WHERE order_id IS NOT NULL;
CREATE TABLE anycarrier_port_number(
    port_id BIGINT NOT NULL REFERENCES anycarrier_port(id),
    provider TEXT NOT NULL,
    e164 TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (port_id, e164)
);
CREATE INDEX anycarrier_port_number_e164 ON anycarrier_port_number(e164);
-- The fence of port orders: a number is in one live order of a provider, whichever account it is for.
CREATE UNIQUE INDEX anycarrier_one_port ON anycarrier_port_number(provider, e164)
    WHERE state IN ('in_doubt','submitted','needs_loa','scheduled','unknown');
-- Numbers that move from one account to another; one worker at a time carries it on.
CREATE TABLE anycarrier_switch(
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT,
    lease_until {time} NOT NULL DEFAULT 0,
    created {time} NOT NULL
);
"""

_TASKS = """
-- What a job does with its numbers: 'buy', 'apply' or 'port'.
ALTER TABLE anycarrier_job ADD COLUMN kind TEXT NOT NULL DEFAULT 'buy';
-- A part of a plan, or an order of a port: what one worker at a time does for a job. Its body (JSON) has no secret.
-- Where it has to wait, it is left alone until resume_at; tries counts the visits in a row that changed nothing.
CREATE TABLE anycarrier_task(
    id TEXT PRIMARY KEY,
    job_id BIGINT NOT NULL REFERENCES anycarrier_job(id),
    body TEXT NOT NULL,
    claimable INTEGER NOT NULL DEFAULT 1,
    begun INTEGER NOT NULL DEFAULT 0,
    round INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    owner TEXT,
    lease_until {time} NOT NULL DEFAULT 0,
    resume_at {time} NOT NULL DEFAULT 0
);
CREATE INDEX anycarrier_task_job ON anycarrier_task(job_id, id);
CREATE INDEX anycarrier_task_claimable ON anycarrier_task(id) WHERE claimable = 1;
-- A number of a task, with what came of it; the round is that of the task in which it was begun.
CREATE TABLE anycarrier_task_number(
    task_id TEXT NOT NULL REFERENCES anycarrier_task(id),
    line INTEGER NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    e164 TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT '',
    is_open INTEGER NOT NULL DEFAULT 1,
    round INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    detail TEXT,
    ended {time},
    PRIMARY KEY (task_id, line)
);
"""

MIGRATIONS: tuple[Mapping[str, str] | str, ...] = (
    _FIRST,
    _HOLDER,
    {
        "sqlite": _STATES_OF_SQLITE + _LATER_PURCHASES + _JOBS_AND_CHANGES + TOTALS["sqlite"],
        "postgres": _STATES_OF_POSTGRES + _LATER_PURCHASES + _JOBS_AND_CHANGES + TOTALS["postgres"] + ";" + FUNCTIONS,
    },
    _TASKS,
)
"""Entry *n* leads from version *n* to *n + 1*; for both databases, or one text for each."""

_SQLITE = {"time": "DOUBLE PRECISION", "bytes": "BLOB", "serial": "INTEGER PRIMARY KEY AUTOINCREMENT"}
_POSTGRES = {
    "time": "DOUBLE PRECISION",
    "bytes": "BYTEA",
    "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}


def statements(number: int, dialect: str) -> list[str]:
    """The statements that lead from version *number* - 1 to *number*, in order.

    A statement ends with a semicolon at the end of a line, if the next line is not indented.
    """
    step = MIGRATIONS[number - 1]
    text = step if isinstance(step, str) else step[dialect]
    return re.split(r";\n+(?=\S)", text.format(**(_SQLITE if dialect == "sqlite" else _POSTGRES)).strip())
