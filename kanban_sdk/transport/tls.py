"""The trusted certificates for HTTPS, the same for requests, streams and the command line."""

from __future__ import annotations

import ssl
from pathlib import Path


def create_ssl_context() -> ssl.SSLContext:
    """The machine's own store, which includes a company's authority, or what SSL_CERT_FILE and SSL_CERT_DIR name.

    If the machine has no store, the certificates that come with httpx.
    """
    context = ssl.create_default_context()
    folder = ssl.get_default_verify_paths().capath
    has_certificates = folder is not None and any(Path(folder).glob("*.[0-9]"))  # these are read only on demand
    if not context.cert_store_stats()["x509_ca"] and not has_certificates:
        import certifi

        context.load_verify_locations(certifi.where())
    return context
