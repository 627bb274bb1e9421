"""VoiceTel's answers for scripts: numbers, orders, refusals."""

from __future__ import annotations

from typing import Any

from support.script import answer
from support.voicetel import NUMBER, provider

V = provider()


def ok(data: Any, status: int = 200) -> Any:
    return answer({"status": "success", "data": data}, status)


def no(status: int, message: str = "no", **more: Any) -> Any:
    return answer({"status": "error", "error": {"code": status, "message": message, **more}}, status)


def html(status: int) -> Any:
    return answer(b"<html><body>Bad Gateway</body></html>", status, content_type="text/html")


def row(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "route": 4,
        "gateway": None,
        "translated": number,
        "carrier": 0,
        "forward": False,
        "forwardTo": None,
        "smsEnabled": False,
        "faxEnabled": False,
        "cnam": False,
        **more,
    }


def found(*rows: dict[str, Any]) -> Any:
    return ok({"numbers": list(rows)})


def ordered(*numbers: str, failed: Any = (), **more: Any) -> Any:
    return ok(
        {
            "orderId": "1",
            "amountCharged": len(numbers) * 0.5,
            "numbersOrdered": list(numbers),
            "failed": failed and list(failed),
        }
        | more,
        201,
    )
