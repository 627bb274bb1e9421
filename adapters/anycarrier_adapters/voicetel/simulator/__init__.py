"""VoiceTel's REST API v2.2, played in memory.

Written from the published OpenAPI document (2.2.10) alone, sharing nothing with the adapter's own reading of it. What
that document leaves open is chosen in :data:`CHOICES`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ._base import DUMMY_API_KEY, DUMMY_PASSWORD, DUMMY_USERNAME
from .account import Accounts
from .authentication import Authentication
from .cdrs import Calls
from .e911 import Emergency
from .gateways import Gateways
from .inventory import Inventory
from .lookups import Lookups
from .messaging import Messaging
from .numbers import Numbers
from .ports import Ports
from .records import Place
from .texts import Texts

__all__ = ["CHOICES", "DUMMY_API_KEY", "DUMMY_PASSWORD", "DUMMY_USERNAME", "SIMULATOR", "Place", "VoiceTelSimulator"]

CHOICES: Mapping[str, str] = MappingProxyType({
    "unknown path": "404 with the error envelope, no key needed; the document says nothing.",
    "unknown method": "405 with the error envelope and Allow, as HTTP asks; the document has no 405.",
    "bad body": "400 on every operation with a body that is no JSON object or has a wrong member, also where no 400 "
    "is documented.",
    "content type": "not looked at: the body is read as JSON.",
    "E.164 in paths and bodies": "not normalised: only ten digits name a number, as the patterns say.",
    "malformed number in a path": "answered like a number that is not on the account.",
    "number not on the account": "404 where the operation documents one; 400 for PUT route and 409 for POST release, "
    "the only refusals that those two document.",
    "order of a number that is not for sale": "listed in failed[] with 201 when others of the order are had; 502 with "
    "the error envelope when none is, because then the network has nothing to order.",
    "order of more than 100, of none, or of one number twice": "400 before any write.",
    "order with an unknown route": "400 before any write.",
    "failed[] without failures": "present and empty.",
    "orderId": "Unix seconds as text, so two orders within one second share it.",
    "balance": "an order must be covered as a whole before anything is written, else 402; taken are the numbers that "
    "were had. POST numbers costs the same rate.",
    "idempotency: which answers are replayed": "201 only, since nothing was written otherwise; 24 hours of the "
    "simulator's clock; per account.",
    "idempotency: same key, another body": "the stored answer, as the parameter's text reads literally; "
    "other_body='refuse' makes it 400.",
    "idempotency: malformed key": "400.",
    "idempotency: at the same time": "requests are done one after another, so the second has the first one's answer.",
    "search cache": "none, so that what a search offers can be had; search_cache=600 repeats an answer for 10 minutes "
    "per set of parameters, as documented: it may offer what is gone.",
    "search order": "ascending; unknown province, rate center or LATA find nothing (200 and an empty list).",
    "quantity out of 1 to 1000": "400; the limits are in prose only.",
    "removed numbers": "DELETE takes a number off the account; POST numbers can attach it again, search does not "
    "offer it. A released number cannot be had again.",
    "POST numbers": "attaches a number that is for sale or was removed; any other is 409.",
    "number owned twice": "409 for POST numbers, failed[] for orders.",
    "moving": "any positive accountId is an account; ours is 409; afterwards the number is not on our account, and on "
    "that of the simulator's other accounts whose username the accountId is.",
    "rate limit": "none, so that what was run can be run again; account_calls=6 is the documented one: 429 without "
    "Retry-After, which no document mentions; one budget of 6 per 3600 seconds for the four operations together, per "
    "client address, refused calls not counted.",
    "webhooks": "nothing is fetched: https and a host name are required, names under .invalid count as unreachable.",
    "emergency addresses": "accepted with a house number, a city, a state's two letters and a ZIP code, and written in "
    "capitals; they go when their number leaves the account, and cost nothing.",
    "accounts": "an account that is made or signs up has no money; masterAccount is echoed, and pays for nothing.",
    "ACL": "an address range that is there already fails; DELETE without cidrs is 409, the only refusal documented.",
    "authentication": "a new password brings a new API key, as documented; a password or type that is wrong is 409, "
    "and a body without either 400.",
    "calls": "happen by the event call, and are paid by the second, at a cent a minute.",
    "lookups": "CNAM costs half a cent, LRN a tenth; LRN without the money for it is 402 as CNAM is, though the "
    "document has no such answer. A malformed number is 402 for CNAM. Names and carriers are made up; a caller name "
    "that was set here is found.",
    "messages": "a number can send once a campaign or routeOut gave it a carrier, else 409; 160 characters are a part, "
    "half a cent each, an MMS a cent. A text to a number of an account here arrives there. STOP opts out, START in.",
    "delivery receipts": "two seconds after the message, with its id.",
    "message history and calls": "newest first.",
    "ports": "every number that is not on this network can be ported, unless service_records gives a reason. Status "
    "Submitted until the letter of authorization is signed (the event loa), In Progress until the losing carrier "
    "answers a day later: Rejected with its reason in the message, or FOC until ten in the morning (15:00 UTC) a week "
    "after the signature or on the desired date, then Complete. foc is empty before FOC. A number on its way is not "
    "on the account.",
    "ports: losing carrier": "compares account number, PIN, house number and ZIP code with its service record where it "
    "has one; one number that disagrees, or is on its way to another carrier, rejects the whole order. The fee is not "
    "paid back, and the numbers can be ordered again.",
    "ports: arrival": "a number may arrive days before or after the rest of its order, which is Complete on its date "
    "all the same; what stays at the losing carrier, or was dropped there, is named in the message.",
    "ports: toll-free": "numbers of both kinds in one order become two ports; the answer has the pid of the other one.",
    "numbers that leave": "porting_out marks one that is on its way to another carrier, so that release, DELETE and a "
    "move answer 409; port_out takes it off the account.",
    "tickets": "a reply makes a ticket active; PUT answers the new status. Every member is present that has a value.",
    "gateways": "nothing is resolved: private and loopback addresses and names under .invalid are 400, addresses "
    "reserved for documentation count as public; system routes cannot be changed (404) or removed (409).",
    "forward removal without a forward": "204.",
    "unknown campaign": "404 on binding and unbinding, 409 for many at once; CAMPAIGN_INVALID_ID in the "
    "status list.",
    "campaign without a messaging path": "400 on binding, 409 on unbinding many.",
    "registered campaign": "pending for a day, then approved.",
    "unbinding a number that is not bound": "404 for one number; failed[] for many.",
    "previousNetwork": "the letter of the other path, only where the number was bound on the other one.",
    "enabled in the messaging state": "true with an inbound route or a campaign.",
    "nothing set": "resource is empty text and routeIn 0; every documented member is always present.",
    "admin-only account settings": "400; a mixture of them and others changes nothing.",
    "release 2.2.17: path A": "binding is 409, since that path takes no new numbers; CH5K5IZ is on path C there.",
    "release 2.2.17: the job": "each of its states lasts 5 seconds of the simulator's clock, and the number keeps "
    "its campaign and carrier until it is done; pending in the messaging state is the job, null without one. Unbinding "
    "a campaign whose job goes on ends the job.",
    "release 2.2.17: PIN": "locked for 30 days; a repeated call answers the old PIN and changed=false.",
})  # fmt: skip


class VoiceTelSimulator(
    Accounts, Authentication, Calls, Emergency, Gateways, Inventory, Lookups, Messaging, Numbers, Ports, Texts
):
    """VoiceTel v2.2: see ``Base`` in ``_base`` for what can be set."""

    name = "voicetel"
    choices = CHOICES
    settings = MappingProxyType({"api_key": DUMMY_API_KEY})
    story = MappingProxyType({
        "area_code": "201", "gateway": "1000", "forward": "+12125550199", "webhook": "https://example.com/texts",
        "campaign": "CH5K5IZ", "purchase": "order",
    })  # fmt: skip


SIMULATOR = VoiceTelSimulator
