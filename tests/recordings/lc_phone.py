"""Recording recipe of LC Phone v3."""

from __future__ import annotations

from anycarrier.testing import Step
from anycarrier_adapters._leadconnector.schemas import RcsSenderId
from anycarrier_adapters.lc_phone import LCPhone

from .leadconnector import steps

__all__ = ["STEPS"]

STEPS = steps(
    LCPhone,
    rcs_sender_ids=Step(
        lambda phone, values: phone.run(phone.provider.api.rcs_sender_ids()),
        lambda senders, values: all(isinstance(sender, RcsSenderId) for sender in senders),
    ),
)
