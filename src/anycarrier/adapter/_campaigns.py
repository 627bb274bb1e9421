"""The mixin of a provider class for 10DLC campaigns."""

from __future__ import annotations

import types
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from anycarrier.errors import NotFound, UnexpectedResponse
from anycarrier.exchange import Exchange
from anycarrier.model import BindingStatus, CampaignBinding, Target
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import attributed_to

from ._messages import Answer
from ._provider import Owning

__all__ = ["Campaigns"]


class Campaigns(Owning):
    """The operations ``bind_campaign``, ``unbind_campaign`` and ``campaign_of``.

    A response about another number or another campaign is refused, and no campaign is unbound but the one that is
    meant.

    Attributes:
        campaign_words: the provider's words for the state of a binding, in small letters.
        unbinds_by_id: whether the request that unbinds names the campaign, so that the provider itself refuses another
            one; else the number's campaign is read first.
    """

    campaign_words: ClassVar[Mapping[str, BindingStatus]] = types.MappingProxyType({})
    unbinds_by_id: ClassVar[bool] = False

    @abstractmethod
    def bind(self, number: PhoneNumber, campaign_id: str) -> Exchange[CampaignBinding]:
        """Hook: ask for the binding; :meth:`binding` makes the result."""

    @abstractmethod
    def unbind(self, number: PhoneNumber, campaign_id: str) -> Exchange[CampaignBinding | None]:
        """Hook: undo the binding; ``None`` to have it read afterwards."""

    @abstractmethod
    def campaign(self, number: PhoneNumber) -> Exchange[CampaignBinding]:
        """Hook: the number's present campaign. Where the provider answers "not found" for a number without one,
        return ``(yield from self.unbound(number))``."""

    def bind_campaign(self, target: Target, campaign_id: str) -> Exchange[CampaignBinding]:
        """Bind the number to a campaign."""
        number = self.number_of(target, "bind_campaign")
        bound = yield from attributed_to("bind_campaign", self.bind(number, campaign_id))
        if bound.campaign_id not in (None, campaign_id):
            raise UnexpectedResponse(
                "the answer is about another campaign than the request",
                provider=self.name,
                operation="bind_campaign",
                maybe_applied=True,
            )
        return bound

    def campaign_of(self, target: Target) -> Exchange[CampaignBinding]:
        """The number's present campaign."""
        return (yield from attributed_to("campaign_of", self.campaign(self.number_of(target, "campaign_of"))))

    def unbind_campaign(self, target: Target, campaign_id: str | None = None) -> Exchange[CampaignBinding]:
        """Unbind the number from its campaign, or from *campaign_id* alone."""
        number = self.number_of(target, "unbind_campaign")
        if campaign_id is None or not self.unbinds_by_id:
            now = yield from attributed_to("unbind_campaign", self.campaign(number))
            if now.campaign_id is None:
                return now
            if campaign_id not in (None, now.campaign_id):
                raise NotFound(
                    "the number is bound to another campaign", provider=self.name, operation="unbind_campaign"
                )
            campaign_id = now.campaign_id
        after = yield from attributed_to("unbind_campaign", self.unbind(number, campaign_id))
        if after is None:
            after = yield from attributed_to("unbind_campaign", self.campaign(number))
        return after

    def binding(
        self, number: PhoneNumber, answer: Answer[Any], *, stated: str | None, campaign_id: str | None,
        registry_id: str | None = None, word: str | None = None, status: BindingStatus | None = None,
        raw: Mapping[str, Any] | None = None,
    ) -> CampaignBinding:  # fmt: skip
        """The binding that *answer* shows; raises ``UnexpectedResponse`` where it *stated* another number.

        Its status is *status*, else that of the provider's *word*; ``UNBOUND`` without a campaign, ``UNKNOWN`` for a
        word that ``campaign_words`` does not have.
        """
        answer.about(number, stated)
        if status is None and campaign_id is None:
            status = BindingStatus.UNBOUND
        elif status is None:
            status = self.campaign_words.get((word or "").casefold(), BindingStatus.UNKNOWN)
        return CampaignBinding(
            provider=self.name, account=self.accounts[0].id, number=number, campaign_id=campaign_id,
            registry_id=registry_id, status=status, provider_status=word, raw=answer.raw() if raw is None else raw,
        )  # fmt: skip

    def unbound(self, number: PhoneNumber) -> Exchange[CampaignBinding]:
        """The binding of a number that has no campaign, after making sure that the number is on the account."""
        yield from self.fetch(number)
        return CampaignBinding(**self.mine, number=number, campaign_id=None, status=BindingStatus.UNBOUND)
