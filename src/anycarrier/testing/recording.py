"""Recording recipes: the steps of a provider, from which cassettes are recorded and replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from anycarrier.errors import AnyCarrierError
from anycarrier.model import BindingStatus, CampaignBinding, Offer, OwnedNumber, Release, ReleaseState, Status
from anycarrier.search import Search
from anycarrier.testing.scrubbing import SCRUBBED

__all__ = ["SCRUBBED", "Effect", "Missing", "Step", "Steps", "Values", "standard_steps"]

Effect: TypeAlias = Literal["reads", "changes", "costs", "documented"]
"""Effect of a step: none, a change that can be made again, a charge. A documented step is never recorded, because its
answer cannot be brought about."""


class Missing(LookupError):
    """A step needs a value that no step before it gave."""


class Values:
    """Values that steps share, by name: the number that one step bought is the one that the next releases.

    ``values["number"]`` reads, ``values["number"] = ...`` sets it for the steps that follow. The values that a step
    read and set are stored beside its recording and used again for its replay.

    Attributes:
        used: values that were read or set.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self.used: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._known:
            raise Missing(name)
        self.used[name] = self._known[name]
        return self._known[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._known[name] = self.used[name] = str(value)

    def get(self, name: str, default: str) -> str:
        """The value, or *default*, which then is the value."""
        if name not in self._known:
            self[name] = default
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __repr__(self) -> str:
        return repr(self.used)


@frozen
class Step:
    """One call of a provider.

    Args:
        ask: called with a :class:`~anycarrier.testing.fakes.AnyClient` of either mode and the :class:`Values`.
        check: whether the answer is right for these values. It has to hold for every account: check kinds and
            consistency, not the values of a single recording.
        effect: of the call.
        refused: the error that is the answer, where that is what the step shows.
        signs_in: settings with which a recording of signing in is replayed; any other step is recorded signed in.
        gains: names of values that are numbers which the step buys.
        gives_up: name of the value that is the number which the step gives up.
    """

    ask: Callable[[Any, Values], Any]
    check: Callable[[Any, Values], object]
    effect: Effect = field(default="reads", kw_only=True)
    refused: type[AnyCarrierError] | None = field(default=None, kw_only=True)
    signs_in: Callable[[], Mapping[str, Any]] | None = field(default=None, kw_only=True)
    gains: tuple[str, ...] = field(default=(), kw_only=True)
    gives_up: str | None = field(default=None, kw_only=True)

    def answer(self, phone: Any, values: Values) -> Any:
        """Call the provider and return the value, or the error that was expected."""
        if self.refused is None:
            return self.ask(phone, values)
        try:
            value = self.ask(phone, values)
        except self.refused as error:
            return error
        raise AssertionError(f"{self.refused.__name__} was to be raised, and it answered {value!r}")

    def judge(self, answer: Any, values: Values) -> None:
        """Raises ``AssertionError`` if *answer* is not as it must be."""
        if not self.check(answer, values):
            raise AssertionError(f"the answer is not as the step says it must be: {answer!r}, with {values!r}")


def nothing_hidden(provider: Any) -> Iterable[str]:
    """No further texts to hide."""
    return ()


def no_settings(provider: Any) -> Mapping[str, str]:
    """No further settings."""
    return {}


@frozen(kw_only=True)
class Steps:
    """All steps of one provider, in the order in which they are recorded; each is a cassette of that name.

    Args:
        provider: its class.
        settings: with which recordings are replayed: ``SCRUBBED`` in the place of each secret.
        steps: by name. The name of a step that shows an operation or a route begins with it: ``get``, ``route_texts``.
        values: defaults.
        hidden: further texts of a provider object that no recording may hold, such as an account's id.
        replay_settings: settings of a provider object that a replay needs too, such as the version of the server; no
            secrets.
    """

    provider: type[Any]
    settings: Mapping[str, Any]
    steps: Mapping[str, Step]
    values: Mapping[str, str] = field(factory=dict)
    hidden: Callable[[Any], Iterable[str]] = nothing_hidden
    replay_settings: Callable[[Any], Mapping[str, str]] = no_settings

    def replaying(self, name: str, settings: Mapping[str, Any]) -> Any:
        """The provider object for replaying the cassette *name*, which was made with *settings*."""
        signs_in = self.steps[name].signs_in
        return self.provider(**{**self.settings, **settings, **(signs_in() if signs_in else {})})


def standard_steps(found: Sequence[str] = ("found",)) -> dict[str, Step]:
    """Steps that most providers have, by name: search, buy, list, get, campaign_of and release.

    They read the value ``area_code`` and set ``number`` (bought) and ``owned`` (listed).

    Args:
        found: names of the values that the search sets to the first numbers that it finds; ``buy`` buys ``found``.
    """

    def search(phone: Any, values: Values) -> list[Offer]:
        offers: list[Offer] = phone.search(Search(area_code=values["area_code"]))
        for name, offer in zip(found, offers, strict=False):
            values[name] = offer.number
        return offers

    def buy(phone: Any, values: Values) -> OwnedNumber:
        bought: OwnedNumber = phone.buy(values["found"])
        values["number"] = bought.number
        return bought

    def listed(phone: Any, values: Values) -> list[OwnedNumber]:
        numbers: list[OwnedNumber] = phone.list()
        if numbers:
            values["owned"] = numbers[0].number
        return numbers

    def is_bought(owned: OwnedNumber, values: Values) -> bool:
        return owned.number == values["found"] and owned.status in (Status.ACTIVE, Status.PENDING)

    def is_binding(binding: CampaignBinding, values: Values) -> bool:
        unbound = binding.status is BindingStatus.UNBOUND
        return binding.number == values["owned"] and unbound == (binding.campaign_id is None)

    def is_released(gone: Release, values: Values) -> bool:
        return gone.number == values["number"] and gone.state in (ReleaseState.RELEASED, ReleaseState.SCHEDULED)

    return {
        "search": Step(search, lambda offers, values: all(offer.number.npa == values["area_code"] for offer in offers)),
        "buy": Step(buy, is_bought, effect="costs", gains=("number",)),
        "list": Step(listed, lambda numbers, values: all(isinstance(owned, OwnedNumber) for owned in numbers)),
        "get": Step(
            lambda phone, values: phone.get(values["owned"]),
            lambda owned, values: owned.number == values["owned"],
        ),
        "campaign_of": Step(lambda phone, values: phone.campaign_of(values["owned"]), is_binding),
        "release": Step(
            lambda phone, values: phone.release(values["number"]), is_released, effect="changes", gives_up="number"
        ),
    }
