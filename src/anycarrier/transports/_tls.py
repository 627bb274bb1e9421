"""The one TLS context of the process: building one takes longer than a request, and it can be shared by all clients."""

from __future__ import annotations

import ssl
import threading

from anycarrier import processes
from anycarrier.errors import ConfigurationError

__all__ = ["checked", "shared_context"]

_lock = threading.Lock()
_context: ssl.SSLContext | None = None


def _forked() -> None:
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


processes.in_child(_forked)


def shared_context() -> ssl.SSLContext:
    """Return the context that every client uses: certificate and host name are verified, TLS 1.2 at least.

    Nothing outside the program weakens it: the certificates are certifi's, so ``SSL_CERT_FILE`` does not count, and
    since it is not made by ``ssl.create_default_context``, ``SSLKEYLOGFILE`` does not make it write its keys to a file.
    """
    global _context  # noqa: PLW0603
    if _context is None:
        with _lock:
            if _context is None:
                _context = _made()
    return _context


def _made() -> ssl.SSLContext:
    import certifi

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(certifi.where())
    return context


def checked(context: ssl.SSLContext) -> ssl.SSLContext:
    """Return *context* if it verifies; raise :class:`ConfigurationError` if it does not."""
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise ConfigurationError("the TLS context must verify certificates and host names")
    return context
