"""Tokens: the refresh of an app's."""

from __future__ import annotations

from urllib.parse import parse_qsl

from anycarrier.simulator import Call, Refused, SimAnswer, json_answer, route

from ._base import Base

__all__ = ["DUMMY_CLIENT", "DUMMY_SECRET", "OAuth"]

DUMMY_CLIENT = "6578278e879ad2646715ba9c"
DUMMY_SECRET = "ab12dc0ae1234a7898f9ff06d4f69gh"  # noqa: S105 - the published example
GRACE = 30.0


class OAuth(Base):
    """``/oauth/token``."""

    @route("POST", "/oauth/token", open=True)
    def token_endpoint(self, call: Call) -> SimAnswer:
        v3 = call.header("version") == "v3"
        form = "json" not in (call.header("content-type") or "")
        try:
            given = dict(parse_qsl(call.request.body.decode())) if form else call.json()
        except ValueError:
            given = {}
        if not v3 and not form:
            raise Refused(422, "unprocessable", messages=["the body must be a form"])
        names = ("clientId", "clientSecret", "grantType", "refreshToken", "userType")
        if not v3:
            names = ("client_id", "client_secret", "grant_type", "refresh_token", "user_type")
        client, secret, grant, refresh, user = (given.get(name) for name in names)
        for name, value in zip(names, (client, secret, grant), strict=False):
            if not value:
                raise Refused(400, f"Missing parameter: {name}")
        if (client, secret) != (DUMMY_CLIENT, DUMMY_SECRET):
            raise Refused(401, "Invalid client credentials")
        if grant != "refresh_token":
            raise Refused(400, f"Invalid parameter: {names[2]}")
        return self._refreshed(refresh or "", user or "Location", v3)

    def _refreshed(self, refresh: str, user: str, v3: bool) -> SimAnswer:
        self.refreshes += 1
        used = self.refresh_tokens.get(refresh, (0.0, {}))
        if used is None:
            place = len(self.refresh_tokens) + 1
            pair = {"access": f"at-{place}", "refresh": f"rt-{place}"}
            self.refresh_tokens[refresh] = (self.time(), pair)
            self.refresh_tokens[pair["refresh"]] = None
            self.access_tokens.add(pair["access"])
        elif used[1] and self.time() - used[0] < GRACE:
            pair = used[1]
        else:
            raise Refused(400, "Invalid grant: refresh token is invalid")
        if v3:
            words = {"accessToken": pair["access"], "tokenType": "Bearer", "expiresIn": 86_399,
                     "refreshToken": pair["refresh"]}  # fmt: skip
        else:
            words = {"access_token": pair["access"], "token_type": "Bearer", "expires_in": 86_399,
                     "refresh_token": pair["refresh"]}  # fmt: skip
        return json_answer(200, {**words, "userType": user, "locationId": self.location_id, "userId": "user-123"})
