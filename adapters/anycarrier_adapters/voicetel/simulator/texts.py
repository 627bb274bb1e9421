"""Messages, and receipts of their delivery. OpenAPI: Messaging."""

from __future__ import annotations

from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, event, route

from ._base import RATES, Base, good, is_number, is_text, range_of
from .records import Text

__all__ = ["Texts"]

DELIVERY = 2.0
SEGMENT = 160


class Texts(Base):
    """``/v2.2/messages``."""

    @event
    def text(self, sender: str, to: str, body: str) -> None:
        """A message from outside to one of the account's numbers; STOP opts its sender out, and START in again."""
        if self._present(to) is None:
            raise ValueError("the number is not on the account")
        self.account.texts.append(Text(self._token(40), self.time(), "sms", "in", to, sender, body, RATES["sms"]))
        change = {"STOP": self.account.opted_out.add, "START": self.account.opted_out.discard}.get(body.strip().upper())
        if change is not None:
            change((to, sender))

    @route("POST", "/v2.2/messages", success=201)
    def message_send(self, call: Call) -> SimAnswer:
        body = call.members()
        sender, to, words, media = (body.get(name) for name in ("fromNumber", "toNumber", "text", "mediaUrls"))
        if not (is_number(sender) and is_number(to) and is_text(words)) or not _links(media):
            raise Refused(400, "Required field missing or malformed")
        owned = self._present(sender)
        if owned is None:
            raise Refused(403, "Source number is not on the authenticated account")
        kind = "mms" if media else "sms"
        # Inferred: a number can send once a campaign or routeOut gave it a carrier.
        if not self.account.services[kind] or not owned.carrier or (sender, to) in self.account.opted_out:
            raise Refused(409, "Messaging not enabled, or the recipient has opted out")
        parts = 1 if media else -(-len(words) // SEGMENT)
        self._pay(call, sender, parts * RATES[kind], "Insufficient funds to send")
        now = self.time()
        sent = Text(self._token(40), now, kind, "out", sender, to, words, parts * RATES[kind], now + DELIVERY)
        self.account.texts.append(sent)
        for other in self.accounts.values():
            if to in other.owned:
                other.texts.append(Text(sent.id, now, kind, "in", to, sender, words, RATES[kind]))
        data = {"id": sent.id, "type": kind, "fromNumber": sender, "toNumber": to, "parts": parts}
        if media:
            data |= {"subject": body.get("subject", ""), "mediaUrls": media}
        return good(data, 201)

    @route("GET", "/v2.2/messages")
    def message_history(self, call: Call) -> SimAnswer:
        number, kind = call.query("number"), call.query("type") or "sms"
        if not is_number(number) or kind not in ("sms", "mms", "dlr"):
            raise Refused(400, "Required parameter missing or invalid")
        if self._present(number) is None:
            raise Refused(403, "Number is not on the authenticated account")
        newest, oldest = range_of(call, "from", "to", self.time())
        rows = [
            self._receipt(text) if kind == "dlr" else self._row_of(text)
            for text in reversed(self.account.texts)
            if text.ours == number and (at := self._at_of(text, kind)) is not None and oldest <= int(at) <= newest
        ]
        return good({"number": number, "type": kind, "fromTs": newest, "toTs": oldest, "messages": rows})

    def _at_of(self, text: Text, kind: str) -> float | None:
        if kind == "dlr":
            return text.receipt_at if text.receipt_at is not None and text.receipt_at <= self.time() else None
        return text.at if text.kind == kind else None

    def _row_of(self, text: Text) -> dict[str, Any]:
        to = text.other if text.direction == "out" else text.ours
        value = {
            "direction": text.direction,
            "rate": str(text.rate),
            "message": text.body,
            "number": text.other if self.later else int(text.other),
        }
        return {"id": text.id, "key": [to, int(text.at)], "value": value}

    def _receipt(self, text: Text) -> dict[str, Any]:
        key = [self.account.username, f"1{text.ours}", int(text.receipt_at or 0)]
        return {"id": text.id, "key": key, "value": {"sourceNumber": text.ours, "destinationNumber": text.other}}


def _links(media: object) -> bool:
    return media is None or (isinstance(media, list) and all(is_text(link) for link in media))
