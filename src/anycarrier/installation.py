"""The command that installs the package with an extra, from where it was installed before."""

from __future__ import annotations

__all__ = ["how_to_install"]


def how_to_install(extra: str = "") -> str:
    """The command that installs the package with *extra*: from its folder, its file or its repository, or by name.

    Source: PEP 610, ``direct_url.json`` of an installed distribution.
    """
    import json
    from importlib.metadata import PackageNotFoundError, distribution
    from shlex import quote
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    wanted = f"[{extra}]" if extra else ""
    try:
        origin = json.loads(distribution("anycarrier").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        origin = {}
    url: str = origin.get("url", "")
    if "dir_info" in origin:
        editable = "-e " if origin["dir_info"].get("editable") else ""
        return f"pip install {editable}{quote(url2pathname(urlsplit(url).path) + wanted)}"
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}"
    where = f" @ {url}" if url else ""
    return f"pip install {quote(f'anycarrier{wanted}{where}')}"
