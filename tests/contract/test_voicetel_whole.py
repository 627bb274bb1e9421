"""Every operation of VoiceTel's own API, against the simulator: what one function changes another reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest

from anycarrier import Client, Conflict, NotFound
from anycarrier.errors import AnyCarrierError
from anycarrier.secret import Secret
from anycarrier.simulator import SimTransport
from anycarrier_adapters.voicetel import VoiceTel
from anycarrier_adapters.voicetel.api.ports import PortFeature
from anycarrier_adapters.voicetel.simulator import DUMMY_PASSWORD, DUMMY_USERNAME, VoiceTelSimulator
from support.voicetel import ADDRESS, CALLS, PORT
from support.voicetel_played import ACCOUNTS, BOUND, FREE, OWNED, Time

BASE = "http://127.0.0.1:1"
PORTED = "9075550123"


class Story:
    """A simulator, its clock, and a client of each account; ``called`` holds the functions that were called."""

    def __init__(self, release: Literal["2.2.10", "2.2.17"] = "2.2.10") -> None:
        self.time = Time()
        self.simulator = VoiceTelSimulator(now=self.time, accounts=ACCOUNTS, release=release)
        self.called: set[str] = set()

    @contextmanager
    def client(self, account: str = "main") -> Iterator[Any]:
        settings = self.simulator.settings_of(account)
        with Client(VoiceTel(**settings, base_url=BASE), transport=SimTransport({BASE: self.simulator})) as phone:
            yield Calls(phone.native, self.called)


class Calls:
    """The functions of a client, which are noted when they are called."""

    def __init__(self, native: Any, called: set[str]) -> None:
        self._native, self._called = native, called

    def __getattr__(self, name: str) -> Any:
        self._called.add(name)
        return getattr(self._native, name)


@pytest.fixture(params=["2.2.10", "2.2.17"])
def story(request: pytest.FixtureRequest) -> Story:
    return Story(request.param)


def money(story: Story) -> None:
    story.simulator.happen("credit", amount="2.50")
    story.simulator.happen("call", caller=OWNED, to="2125550150", seconds=60)
    with story.client() as api:
        assert api.account_info().cash == Decimal("102.49")
        (credit,) = api.credits("unpaid")
        assert (credit.amount, credit.paid) == (Decimal("2.50"), False)
        assert [payment.amount for payment in api.payments()] == [100]
        (call,) = api.cdr().cdr
        assert (call.value.dst.ten_digit, call.value.ba) == ("2125550150", Decimal("0.01"))
        assert api.recurring_charges().total == Decimal("1.50")
        assert api.cnam_lookup("2125550150").cnam == "EXAMPLE INC"
        assert api.lrn_lookup("2125550150", OWNED).lrn.city == "NEW YORK"
        assert api.account_info().cash == Decimal("102.484")


def accounts(story: Story) -> None:
    with story.client() as api:
        assert api.registration().uri == f"sip:{DUMMY_USERNAME}@192.0.2.1:5060"
        assert api.recover_password("user@example.com").message
        assert api.update_account(timezone="America/Denver", notify=False).updated == ["notify", "timezone"]
        assert api.account_info().timezone == "America/Denver"
        assert api.sign_up("New Inc", "new@example.com").username
        assert api.api_key(DUMMY_USERNAME, Secret(DUMMY_PASSWORD)).reveal() == story.simulator.account.api_key
    with story.client("admin") as api:
        made = api.create_sub_account("1000000009", "Sub Inc", "sub@example.com", master_account=DUMMY_USERNAME)
        assert (made.username, made.master_account) == ("1000000009", DUMMY_USERNAME)


def authentication(story: Story) -> None:
    with story.client() as api:
        assert list(api.acl()) == []
        api.add_acl(["203.0.113.0/24", "198.51.100.7/32"])
        api.remove_acl(["198.51.100.7/32"])
        assert [entry.cidr for entry in api.acl()] == ["203.0.113.0/24"]
        with pytest.raises(Conflict):
            api.add_acl(["203.0.113.0/24"])
        api.set_auth(auth_type=3)
        assert (api.auth().auth_type, api.auth().auth_type_description) == (3, "Digest AND IP Auth")


def emergency(story: Story) -> None:
    with story.client() as api:
        assert list(api.e911_records()) == []
        address = api.validate_e911(**ADDRESS)
        api.set_e911(OWNED, address.addressid, "Example Inc")
        api.create_e911(BOUND, "Example Inc", **ADDRESS)
        assert len(list(api.e911_records())) == 2
        assert api.e911(OWNED).address1 == ADDRESS["address1"]
        api.remove_e911(OWNED)
        with pytest.raises(AnyCarrierError):
            api.e911(OWNED)


def texts(story: Story) -> None:
    with story.client() as api:
        sent = api.send_message(BOUND, "4155550199", "Hello")
        assert sent.parts == 1
        story.time.at += 2
        (receipt,) = api.messages(BOUND, kind="dlr").messages
        assert receipt.id == sent.id
        api.register_brand("BNEW1", "Example Inc")
        api.register_campaign("CNEW001", "BNEW1", "reminders")
        assert [campaign.status for campaign in api.campaigns(["CNEW001"])] == ["CAMPAIGN_PENDING_DCA"]
        api.assign_campaign(OWNED, "CB2PATH")
        assert {str(number) for number in api.campaigns(["CB2PATH"])[0].numbers} == {f"+1{OWNED}", f"+1{BOUND}"}
        assert [state.campaign is not None for state in api.messaging_states([OWNED, "2015550150"])] == [True, False]
        api.unassign_campaign(OWNED, "CB2PATH")
        assert api.messaging(OWNED).value.campaign is None
        assert api.unassign_campaign_of_many([BOUND, OWNED], "CB2PATH").failed
        api.set_sms(OWNED, "email", "user@example.com")
        assert api.sms(OWNED).resource == "user@example.com"
        api.remove_sms(OWNED)
        assert api.set_messaging(OWNED, route_out=17).updated == ["routeOut"]
    with story.client("second") as api:
        assert api.messages("4155550199").messages[0].value.message == "Hello"


def ports(story: Story) -> None:
    with story.client() as api:
        assert api.portability(PORTED).portable
        feature = PortFeature(number=PORTED, gateway=1000, caller_name="Example", campaign_id="CB2PATH")
        made = api.port_in([PORTED], **PORT, desired_due_date=date(2027, 2, 1), features=[feature])
        assert api.port(made.pid).status == "Submitted"
        story.simulator.happen("loa", pid=made.pid)
        story.time.at += timedelta(days=18).total_seconds()
        (port,) = api.ports()
        assert (port.status, port.foc) == ("Complete", date(2027, 2, 1))
        assert api.number(PORTED).value.route == 1000
        assert api.ticket(made.ticket).subject == f"Port request {made.pid}"


def support(story: Story) -> None:
    with story.client() as api:
        made = api.create_ticket("Calls", "No calls.")
        story.simulator.happen("reply", ticket=made.id, message="Since when?")
        api.reply(made.id, "Today.")
        assert [thread.body for thread in api.ticket_messages(made.id)] == ["No calls.", "Since when?", "Today."]
        api.set_ticket_status(made.id, "closed")
        assert api.tickets().tickets[-1].closed_at is not None
    with story.client("admin") as api:
        api.remove_ticket(made.id)
        with pytest.raises(NotFound):
            api.ticket(made.id)


def gateways(story: Story) -> None:
    with story.client() as api:
        made = api.add_gateway("sip2.example.com", limit=5)
        api.update_gateway(made.id, limit=7)
        assert api.gateway(made.id).limit == 7
        api.set_route(OWNED, made.id)
        assert [row.number.ten_digit for row in api.gateway_numbers(made.id)] == [OWNED]
        with pytest.raises(Conflict):
            api.remove_gateway(made.id)
        api.set_route(OWNED, 4)
        api.remove_gateway(made.id)
        assert made.id not in [row.id for row in api.gateways()]


def numbers(story: Story) -> None:
    with story.client() as api:
        assert api.coverage("npanxx", npa="201")[0].count == 98
        offered = [row.number.ten_digit for row in api.inventory("201", quantity=2)]
        assert offered[0] == FREE
        assert api.order([FREE], "k1").value.amount_charged == Decimal("0.5")
        api.add_number(offered[1], route=1000)
        assert {row.number.ten_digit for row, _ in api.numbers()} >= set(offered)
        api.set_forward(FREE, "2125550150")
        assert api.number(FREE).value.forward_to.ten_digit == "2125550150"
        api.remove_forward(FREE)
        api.set_translation(FREE, "2125550150")
        api.set_cnam(FREE, enabled=True)
        api.set_caller_name(FREE, "FREE INC")
        assert api.cnam_lookup(FREE).cnam == "FREE INC"
        api.set_fax(FREE, "fax@example.com")
        assert api.fax(FREE).email == "fax@example.com"
        api.remove_fax(FREE)
        api.set_port_out_pin(FREE, "4287")
        api.move(FREE, int(story.simulator.accounts["second"].username), 4)
        api.release(offered[1])
        api.remove(OWNED)
    with story.client("second") as api:
        assert api.number(FREE).value.route == 4


CHAPTERS: list[Callable[[Story], None]] = [
    money, accounts, authentication, emergency, texts, ports, support, gateways, numbers,
]  # fmt: skip


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
def test_what_a_function_changes_another_reads(chapter: Callable[[Story], None], story: Story) -> None:
    chapter(story)


def test_every_function_is_called() -> None:
    called: set[str] = set()
    for chapter in CHAPTERS:
        story = Story()
        chapter(story)
        called |= story.called
    assert called == set(CALLS)
