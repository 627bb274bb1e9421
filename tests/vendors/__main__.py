"""``make vendors WRITE=1``: runs every client and writes the page and the results anew."""

# ruff: noqa: T201 - a program
from __future__ import annotations

import json

from vendors.clients import CLIENTS
from vendors.page import PAGE, RESULTS, kept, page
from vendors.runs import run


def main() -> None:
    """Run."""
    found = {}
    for client in CLIENTS:
        result = run(client)
        found[str(client)] = kept(result)
        print(
            client, *(f"{len(result[name])} {name}" for name in ("right", "wrong", "excluded", "forgotten")), sep=", "
        )
        for method, problems in result["problems"].items():
            if method not in client.wrong:
                print(f"  {method}:", *problems, sep="\n    ")
        if result["forgotten"]:
            print("  forgotten:", *result["forgotten"])
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    PAGE.write_text(page(found))


if __name__ == "__main__":
    main()
