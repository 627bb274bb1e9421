"""Tokens of an app: by a code, by a refresh token, for a location of a company; and the locations that have the app."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

from anycarrier.simulator import Call, Refused, SimAnswer, event, json_answer, route

from ._base import Base
from .records import Grantee, Location

__all__ = ["DUMMY_APP", "DUMMY_CLIENT", "DUMMY_CODE", "DUMMY_SECRET", "OAuth"]

DUMMY_CLIENT = "6578278e879ad2646715ba9c"
DUMMY_APP = DUMMY_CLIENT
DUMMY_SECRET = "ab12dc0ae1234a7898f9ff06d4f69gh"  # noqa: S105 - the published example
DUMMY_CODE = "code-0000000000000000"
"""Code of a consent that the company's user gave before the simulator began."""
GRACE = 30.0
SCOPE = "phonenumbers.read phonenumbers.write numberpools.read"


class OAuth(Base):
    """``/oauth``."""

    def begin(self) -> None:
        super().begin()
        self.codes[DUMMY_CODE] = Grantee("Company", self.company_id)

    @event
    def consent(self, code: str, location: str | None = None) -> None:
        """Let a customer consent: *code* is what the browser brings back, good once. For one *location*, by its id, or
        for the whole company."""
        if location is None:
            self.codes[code] = Grantee("Company", self.company_id)
            return
        found = [one for one in self.accounts.values() if one.location_id == location]
        if not found:
            raise ValueError("there is no such location")
        self.codes[code] = Grantee("Location", found[0].company_id, location)

    @event
    def uninstall(self, location: str) -> None:
        """Let the app be taken away from a *location*, by its id; its tokens are good no more."""
        for one in self.accounts.values():
            if one.location_id == location:
                one.installed = None
                self.access_tokens = {
                    token: grantee for token, grantee in self.access_tokens.items() if grantee.location_id != location
                }

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
        if grant == "authorization_code":
            return self._consented(given.get("code") or "", user, v3)
        if grant != "refresh_token":
            raise Refused(400, f"Invalid parameter: {names[2]}")
        return self._refreshed(refresh or "", user or "Location", v3)

    def _consented(self, code: str, user: str | None, v3: bool) -> SimAnswer:
        grantee = self.codes.get(code)
        if grantee is None:
            raise Refused(400, "Invalid grant: authorization code is invalid")
        if user not in (None, grantee.user_type):
            raise Refused(400, f"Invalid parameter: {'userType' if v3 else 'user_type'}")
        del self.codes[code]
        return self._granted(self._pair(grantee), grantee, v3)

    def _refreshed(self, refresh: str, user: str, v3: bool) -> SimAnswer:
        self.refreshes += 1
        used = self.refresh_tokens.get(refresh, (0.0, {}))
        grantee = self.grantees.get(refresh)
        if grantee is None:
            location = None if user == "Company" else self.location_id
            grantee = Grantee("Company" if user == "Company" else "Location", self.company_id, location)
        if used is None:
            pair = self._pair(grantee)
            self.refresh_tokens[refresh] = (self.time(), pair)
        elif used[1] and self.time() - used[0] < GRACE:
            pair = used[1]
        else:
            raise Refused(400, "Invalid grant: refresh token is invalid")
        return self._granted(pair, grantee, v3)

    def _pair(self, grantee: Grantee) -> dict[str, str]:
        place = len(self.refresh_tokens) + 1
        pair = {"access": f"at-{place}", "refresh": f"rt-{place}"}
        self.refresh_tokens[pair["refresh"]] = None
        self.grantees[pair["refresh"]] = grantee
        self.access_tokens[pair["access"]] = grantee
        return pair

    def _granted(self, pair: dict[str, str], grantee: Grantee, v3: bool) -> SimAnswer:
        words: dict[str, Any] = {
            "accessToken": pair["access"],
            "tokenType": "Bearer",
            "expiresIn": 86_399,
            "refreshToken": pair["refresh"],
        }
        if not v3:
            words = dict(
                zip(("access_token", "token_type", "expires_in", "refresh_token"), words.values(), strict=True)
            )
        words |= {"scope": SCOPE, "userType": grantee.user_type, "companyId": grantee.company_id, "userId": "user-123"}
        if grantee.location_id is not None:
            return json_answer(200, {**words, "locationId": grantee.location_id})
        approved = [one.location_id for one in self._locations(grantee.company_id) if one.installed is not None]
        return json_answer(200, {**words, "approvedLocations": approved, "isBulkInstallation": False})

    # A company's locations

    @route("POST", "/oauth/locationToken")
    def location_token(self, call: Call) -> SimAnswer:
        self._only(call, v3=False)
        return self._for_location(call, v3=False)

    @route("POST", "/oauth/location-token")
    def location_token_v3(self, call: Call) -> SimAnswer:
        self._only(call, v3=True)
        return self._for_location(call, v3=True)

    def _for_location(self, call: Call, *, v3: bool) -> SimAnswer:
        given = dict(parse_qsl(call.request.body.decode()))
        for name in ("companyId", "locationId"):
            if not given.get(name):
                raise Refused(422, "unprocessable", messages=[f"{name} should not be empty"])
        location = self._location(given["companyId"], given["locationId"])
        if location is None:
            raise Refused(400, "Location not found")
        if location.installed is None:
            raise Refused(400, "Location is not active")
        grantee = Grantee("Location", location.company_id, location.location_id)
        pair = self._pair(grantee)
        words: dict[str, Any] = {"access_token": pair["access"], "token_type": "Bearer", "expires_in": 86_399}
        if v3:
            words = {"accessToken": pair["access"], "tokenType": "Bearer", "expiresIn": 86_399}
            words["refreshToken"] = pair["refresh"]
        return json_answer(
            200,
            {**words, "scope": SCOPE, "locationId": location.location_id, "userId": "user-123", "appId": DUMMY_APP},
        )

    @route("GET", "/oauth/installedLocations")
    def installed(self, call: Call) -> SimAnswer:
        self._only(call, v3=False)
        found = self._installed(call)
        skip, limit = _number(call, "skip", 0), _number(call, "limit", 20)
        shown = [_shown(one) for one in found[skip : skip + limit]]
        return json_answer(200, {"locations": shown, "count": len(found), "installToFutureLocations": False})

    @route("GET", "/oauth/installed-locations")
    def installed_v3(self, call: Call) -> SimAnswer:
        self._only(call, v3=True)
        found = self._installed(call)
        if call.query("appId") != DUMMY_APP:
            error = {"code": "RESOURCE_NOT_FOUND", "message": "The requested App was not found."}
            return json_answer(404, {"error": error})
        size, start = _number(call, "pageSize", 20), _place(call.query("pageToken"))
        shown = [_shown(one) for one in found[start : start + size]]
        more = start + size < len(found)
        pagination: dict[str, Any] = {
            "totalRecords": len(found),
            "hasNextPage": more,
            "hasPrevPage": start > 0,
            "currentPageSize": len(shown),
        }
        if more:
            pagination["nextPageToken"] = _token(start + size)
        if start:
            pagination["prevPageToken"] = _token(max(0, start - size))
        metadata = {"filterApplied": {"companyId": call.query("companyId")}, "sortApplied": {}}
        body = {"items": shown, "pagination": pagination, "metadata": metadata, "installToFutureLocations": False}
        return json_answer(200, body)

    def _installed(self, call: Call) -> list[Location]:
        company = call.query("companyId")
        if not company or not call.query("appId"):
            raise Refused(422, "unprocessable", messages=["companyId and appId should not be empty"])
        if company != self.grantee.company_id:
            raise Refused(401, "The token does not have access to this company.")
        found = self._locations(company)
        if (wanted := call.query("isInstalled")) is not None:
            found = [one for one in found if (one.installed is not None) == (wanted == "true")]
        if (name := call.query("query")) is not None:
            found = [one for one in found if name.casefold() in one.name.casefold()]
        if (only := call.query("locationId")) is not None:
            found = [one for one in found if one.location_id == only]
        return found

    def _only(self, call: Call, *, v3: bool) -> None:
        """Refuse the path of another version, as observed."""
        if (call.header("version") == "v3") != v3:
            raise Refused(404, "Not Found")

    def _locations(self, company: str) -> list[Location]:
        return [one for one in self.accounts.values() if one.company_id == company]

    def _location(self, company: str, location: str) -> Location | None:
        mine = self._locations(company) if company == self.grantee.company_id else []
        return next((one for one in mine if one.location_id == location), None)


def _shown(one: Location) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "_id": one.location_id,
        "name": one.name,
        "address": "1 Example Street, Hackensack, NJ 07601, USA",
        "isInstalled": one.installed is not None,
    }
    return shown


def _number(call: Call, name: str, default: int) -> int:
    text = call.query(name)
    if text is None:
        return default
    if not text.isdigit() or len(text) > 6:
        raise Refused(422, "unprocessable", messages=[f"{name} must be a number"])
    return int(text)


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f'{{"skip":{place}}}'.encode()).decode()


def _place(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix('{"skip":').removesuffix("}"))
    except ValueError:
        raise Refused(422, "unprocessable", messages=["pageToken is not one"]) from None
