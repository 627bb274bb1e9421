"""LC Phone v3, step by step: what its cassettes are recorded and replayed by."""

from __future__ import annotations

from anycarrier.testing.recording import Step
from anycarrier_adapters._leadconnector.steps import steps

from . import LCPhone, schemas

__all__ = ["STEPS"]

STEPS = steps(LCPhone, {
    "rcs_sender_ids": Step(
        lambda phone, values: phone.run(phone.provider.api.rcs_sender_ids()),
        lambda senders, values: all(isinstance(sender, schemas.RcsSenderId) for sender in senders),
    ),
})  # fmt: skip
