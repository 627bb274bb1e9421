"""The common part of LC Phone v3 and the legacy LC API. Private: use ``anycarrier_adapters.lc_phone`` or ``lc_legacy``.

Both speak to the same four endpoints of LeadConnector (HighLevel), with other ``Version`` headers and other answers.
Sources named in this package: *SPEC-L* and *SPEC-3* are ``apps/phone-system.json`` and ``apps/v3/phone-system-v3.json``
of GoHighLevel/highlevel-api-docs (2026-06-19); *OAUTH* is ``apps/oauth.json``, ``apps/v3/oauth-v3.json`` and
``docs/oauth/Authorization.md`` there. *Observed* is what public code that calls the live API says of it.
"""
