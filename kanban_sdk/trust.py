"""Whose certificates are believed over HTTPS: one answer for requests, streams and the command line."""

from __future__ import annotations

import ssl


def trusted() -> ssl.SSLContext:
    """The machine's own store, where a company's authority stands too, or what SSL_CERT_FILE and SSL_CERT_DIR name.

    Where the machine has no store, what comes with httpx.
    """
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"] and ssl.get_default_verify_paths().capath is None:
        import certifi

        context.load_verify_locations(certifi.where())
    return context
