"""Whole programs: what an import costs, and from the start of a process to its first result."""

from __future__ import annotations

from benchmark.shape import AREA

NOTHING = "pass"
IMPORTS = {
    "import anycarrier": "import anycarrier",
    "from anycarrier import Client, Search": "from anycarrier import Client, Search",
    "import httpx": "import httpx",
}
COMMANDS = {
    "anycarrier --version": "from anycarrier.cli import main\nraise SystemExit(main(['--version']))",
    "anycarrier --help": "from anycarrier.cli import main\nraise SystemExit(main(['--help']))",
}

OURS = f"""
from anycarrier import Client, Search
with Client("voicetel", transport={{transport!r}}, api_key="{"0" * 32}", base_url={{base!r}}) as client:
    for offer in client.search(Search(area_code="{AREA}", limit=50)):
        print(offer.number, offer.city)
"""
BARE = f"""
import json
import httpx
with httpx.Client(headers={{{{"authorization": "Bearer 0"}}}}) as client:
    answer = client.get({{base!r}} + "/v2.2/inventory", params={{{{"tnMask": "{AREA}", "quantity": 50}}}})
    for row in json.loads(answer.content)["data"]["numbers"]:
        print(row["number"], row["city"])
"""
PEERS = {
    "voicetel_api": f"""
from voicetel import Client
with Client(api_key="{"0" * 32}", base_url={{base!r}}) as client:
    for row in client.inumbering.search_inventory(tn_mask="{AREA}", quantity=50).numbers:
        print(row.number, row.city)
""",
    "gohighlevel": f"""
import asyncio
from highlevel import HighLevel
async def main():
    HighLevel.BASE_URL = {{base!r}}
    client = HighLevel(private_integration_token="pit-0", log_level="error")
    found = await client.phone_system.list_available_numbers_for_a_country(
        "{AREA}", "", "", ["local"], True, True, True, "US", "loc1")
    for row in found["numbers"]:
        print(row["phoneNumber"], row["locality"])
asyncio.run(main())
""",
    "leadping": f"""
import asyncio
from kiota_abstractions.authentication.anonymous_authentication_provider import AnonymousAuthenticationProvider
from kiota_http.httpx_request_adapter import HttpxRequestAdapter
from leadping import LeadpingOpenApiClient
from leadping.models.phone_number_search_request import PhoneNumberSearchRequest
async def main():
    adapter = HttpxRequestAdapter(AnonymousAuthenticationProvider(), base_url={{base!r}})
    client = LeadpingOpenApiClient(adapter)
    for row in (await client.phone_numbers.search.post(PhoneNumberSearchRequest(phone_number="+1{AREA}"))).numbers:
        print(row.number, row.location)
asyncio.run(main())
""",
    "twilio": f"""
from twilio.rest import Client
client = Client("AC0", "0")
client.api.base_url = {{base!r}}
for row in client.available_phone_numbers("US").local.list(area_code={AREA}, limit=50):
    print(row.phone_number, row.locality)
""",
    "telnyx": f"""
from telnyx import Telnyx
client = Telnyx(api_key="0", base_url={{base!r}})
for row in client.available_phone_numbers.list(filter={{{{"national_destination_code": "{AREA}", "limit": 50}}}}).data:
    print(row.phone_number, row.region_information)
""",
    "libcloud": """
from urllib.parse import urlsplit
from libcloud.dns.base import Zone
from libcloud.dns.drivers import cloudflare
url = urlsplit({base!r})
cloudflare.API_BASE = url.path + "/client/v4"
driver = cloudflare.CloudFlareDNSDriver("0", secure=False, host=url.hostname, port=url.port)
for record in driver.iterate_records(Zone("z50", "example.com", "master", None, driver)):
    print(record.name, record.data)
""",
}

_TIMED = """
import json, time
{before}
began = time.process_time(), time.perf_counter()
made = [{made}]
print(json.dumps([time.process_time() - began[0], time.perf_counter() - began[1]]))
"""
_MODULES = """
from anycarrier import Client
import anycarrier_adapters.voicetel, anycarrier_adapters.lc_phone
import anycarrier_adapters.lc_legacy, anycarrier_adapters.leadping
import anycarrier.transports.{transport}"""
READY = {
    "one SSL context": _TIMED.format(before="import httpx", made="httpx.create_ssl_context()"),
    "four httpx.Client()": _TIMED.format(before="import httpx, httpcore", made="httpx.Client() for _ in range(4)"),
}


def four_ready(transport: str) -> str:
    """Four clients, their modules imported before."""
    made = [
        f'Client("voicetel", transport="{transport}", api_key="{"0" * 32}")',
        f'Client("lc_phone", transport="{transport}", token="pit-0", location_id="loc1")',
        f'Client("lc_legacy", transport="{transport}", token="pit-0", location_id="loc1")',
        f'Client("leadping", transport="{transport}", api_key="lp_0")',
    ]
    return _TIMED.format(before=_MODULES.format(transport=transport), made=", ".join(made))
