"""Requests about tokens and the locations of a company, as data.

Sources: ``apps/oauth.json`` (legacy) and ``apps/v3/oauth-v3.json`` of GoHighLevel/highlevel-api-docs.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeAlias

from anycarrier import adapter
from anycarrier.adapter import AnyCarrierError, Exchange, NotFound, Request, Response, Secret, reads, writes
from anycarrier_adapters._leadconnector.schemas.details import Grant, InstalledLocations

__all__ = ["GrantType", "OAuthApi", "UserType"]

GrantType: TypeAlias = Literal["authorization_code", "refresh_token", "client_credentials"]
UserType: TypeAlias = Literal["Company", "Location"]


class OAuthApi(adapter.Api):
    """Requests of ``/oauth``, in the spelling of one version."""

    camel: ClassVar[bool] = False

    _grant = writes("POST", "/oauth/token", Grant, content="form", authenticated=False)
    _location_grant = writes("POST", "/oauth/locationToken", Grant, content="form")
    _location_grant_v3 = writes("POST", "/oauth/location-token", Grant, content="form")
    _installed = reads("/oauth/installedLocations", InstalledLocations)
    _installed_v3 = reads("/oauth/installed-locations", InstalledLocations)

    def access_token(
        self,
        grant_type: GrantType,
        *,
        client_id: str,
        client_secret: Secret,
        code: Secret | None = None,
        refresh_token: Secret | None = None,
        user_type: UserType | None = None,
        redirect_uri: str | None = None,
    ) -> Exchange[Grant]:
        """Get tokens (``get-access-token``): with the code that the customer's browser brought after the consent, or
        with a refresh token, which is good once.

        A client that is made with a ``token_source`` refreshes by itself; the tokens of a first consent are stored
        there.

        Args:
            grant_type: ``authorization_code``, ``refresh_token`` or ``client_credentials``.
            client_id: of the marketplace app.
            client_secret: of the same.
            code: authorization code, for the grant of that name.
            refresh_token: refresh token, for the grant of that name.
            user_type: ``Location``, or ``Company`` for an agency's tokens.
            redirect_uri: of the app, as the consent had it.
        """
        members = {
            "client_id": client_id,
            "client_secret": client_secret.reveal(),
            "grant_type": grant_type,
            "code": None if code is None else code.reveal(),
            "refresh_token": None if refresh_token is None else refresh_token.reveal(),
            "user_type": user_type,
            "redirect_uri": redirect_uri,
        }
        body = {_camel(name) if self.camel else name: value for name, value in members.items() if value is not None}
        return self._grant(body=body, operation=f"{self.provider}.access_token")

    def location_token(self, company_id: str, location_id: str) -> Exchange[Grant]:
        """Get the tokens of one location of an agency (``get-location-access-token``); the account's own token must be
        the agency's, with the scope ``oauth.write``."""
        body = {"companyId": company_id, "locationId": location_id}
        grant = self._location_grant_v3 if self.camel else self._location_grant
        return grant(body=body, operation=f"{self.provider}.location_token")

    def error_of(self, request: Request, response: Response) -> AnyCarrierError:
        """Return the error of an answer; only ``/oauth`` documents a 404 of this form."""
        words = self.errors.said(response)
        if request.path.startswith("/oauth/") and response.status == 404 and words.code == "RESOURCE_NOT_FOUND":
            return NotFound(
                "the company's app or location is not known",
                provider=self.provider,
                operation=request.operation,
                status=response.status,
                detail=words.detail,
                code=words.code,
            )
        return super().error_of(request, response)

    def _listed(self, query: dict[str, Any]) -> Exchange[InstalledLocations]:
        stated = {name: value for name, value in query.items() if value is not None}
        installed = self._installed_v3 if self.camel else self._installed
        return installed(query=stated, operation=f"{self.provider}.installed_locations")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
