"""Orders of up to 100 numbers. OpenAPI: iNumbering (``orderCreate``)."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from anycarrier.adapter import (
    Answer,
    AnyCarrierError,
    BuyingMany,
    Draft,
    Exchange,
    InvalidInput,
    OwnedNumber,
    PhoneNumber,
    ProviderOptions,
    Receipt,
    ResolutionPolicy,
    Target,
    fresh_key,
    options_of,
    says_done,
    shape,
    text,
)

from . import mapping, schemas
from .api import KEY_FORM, ORDER_MOST, Api
from .errors import in_doubt
from .limits import Rate
from .options import Ordered, VoiceTelPurchase

__all__ = ["Orders"]


class Orders(BuyingMany):
    """The operation ``buy``, and VoiceTel's own order of many numbers."""

    api: Api
    rules: ClassVar[ResolutionPolicy] = ResolutionPolicy(
        replay=True,
        replay_for=20 * 3600.0,
        settle=120.0,
        looks=2,
        key_form=KEY_FORM,
        refusals=frozenset({400, 401, 402, 502}),
    )
    _rate: Rate

    def most_at_once(self) -> int:
        return ORDER_MOST

    def many_body(self, numbers: Sequence[PhoneNumber], key: str, options: Sequence[ProviderOptions]) -> bytes:
        purchase = options_of(VoiceTelPurchase, options)
        return mapping.order_body(numbers, purchase.route if purchase else None)

    def numbers_in(self, draft: Draft) -> builtins.list[PhoneNumber]:
        return mapping.ordered_numbers(draft.body)

    def place_many(self, drafts: Sequence[Draft]) -> Exchange[Mapping[PhoneNumber, OwnedNumber | AnyCarrierError]]:
        """Send an order of up to 100 numbers, which several drafts share, once.

        That a number is in ``failed`` is not documented to prove anything, so it is an error that has to be confirmed.
        """
        if not drafts:
            raise InvalidInput("drafts is empty: pass those of one order")
        first = drafts[0]
        ordered = self.numbers_in(first)
        answer = yield from self.api.orders.answer(body=first.body, headers={"idempotency-key": first.key})
        wanted = [draft.number for draft in drafts]
        receipt, said = mapping.outcomes(self.account, wanted, answer, ordered)
        if receipt.charged is not None and any(isinstance(one, OwnedNumber) for one in said.values()):
            self._rate.charged(receipt.charged)
        return {number: self._judged(number, one, receipt, answer) for number, one in said.items()}

    def _judged(
        self, number: PhoneNumber, said: OwnedNumber | str | None, receipt: Receipt, answer: Answer[schemas.Order]
    ) -> OwnedNumber | AnyCarrierError:
        if isinstance(said, OwnedNumber):
            return said
        if said is None:
            return mapping.unclear(answer, number)
        if receipt.others or says_done(said):
            return answer.wrong("it says at once that the number was not bought, and that something was")
        return answer.not_bought("the order did not get this number", detail=said)

    def order(
        self, numbers: Sequence[Target], *, key: str | None = None, route: int | None = None
    ) -> Exchange[Ordered]:
        """Order up to 100 numbers in one request (VoiceTel only): ``client.run(voicetel.order([...]))``.

        Sent once, under one Idempotency-Key: *key*, or a new one. Where the outcome stays unknown, ``OutcomeUnknown``
        names it: the same numbers, route and key again within 20 hours get VoiceTel's first answer and charge nothing
        more. To such a repetition a refusal proves nothing: then ask for the numbers with ``get``.
        """
        if isinstance(numbers, str) or not isinstance(numbers, Sequence):
            raise InvalidInput(f"numbers must be a list of numbers, not {shape(numbers)}")
        wanted = [self.number_of(target, "buy") for target in numbers]
        if not 1 <= len(wanted) <= ORDER_MOST or len(set(wanted)) != len(wanted):
            raise InvalidInput(f"an order takes 1 to {ORDER_MOST} different numbers, got {len(wanted)}")
        if key is None:
            key = yield from fresh_key(self.rules)
        elif not re.fullmatch(self.rules.key_form, text("key", key, "ac1_0123456789")):
            raise InvalidInput(f"key must match {self.rules.key_form}", operation="voicetel.order")
        try:
            body = mapping.order_body(wanted, route)
            headers = {"idempotency-key": key}
            answer = yield from self.api.orders.answer(body=body, headers=headers, operation="voicetel.order")
            return mapping.result(self.account, wanted, answer)
        except AnyCarrierError as error:
            if not error.maybe_applied:
                raise
            raise in_doubt(error, wanted, key) from error
