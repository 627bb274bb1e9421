"""Worker of a switch: applies its plan once, until it ends or is killed. Its argument is a JSON document."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def main(how: dict[str, Any]) -> None:
    machine = time.time
    time.time = lambda: machine() + how["ahead"]  # the clock of this machine

    from anycarrier import Client, Plan
    from anycarrier.errors import Conflict
    from anycarrier.failover import Failover
    from anycarrier.json_forms import from_json
    from anycarrier.number_files import read_port_details
    from anycarrier.purchase import journal
    from simulation.worker import HASTY, members, say

    plan = from_json(Plan, json.loads(Path(how["plan"]).read_text()))
    details = read_port_details(how["details"])
    with (
        journal.open(how["journal"], lease=how["lease"]) as book,
        Client(Failover(members(how["providers"]), journal=book), timeouts=HASTY) as phone,
    ):
        say("READY")
        while True:
            try:
                results = [
                    *phone.apply(plan, confirm=plan.id, ports=[details], most_ports=300, order_again=how["again"])
                ]
                break
            except Conflict as held:  # by one that was killed, or works
                time.sleep(held.retry_after or 0.1)
        for one in results:
            say(json.dumps([one.number, one.state.value, one.reason, one.replaced_by]))
    say("DONE")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
