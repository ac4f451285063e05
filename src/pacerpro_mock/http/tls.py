"""TLS for the mock: a certificate made on the spot, or a given one."""

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pacerpro_mock.settings import is_a, require


def made_tls(names: Sequence[str]) -> tuple[ssl.SSLContext, bytes]:
    """A certificate for this machine's names and for `names`, and the PEM of its new authority. It needs trustme."""
    import trustme  # noqa: PLC0415 - it takes longer than the rest of a start

    require(not is_a(names, str), "tls_names are several names")
    authority = trustme.CA(organization_name="pacerpro-mock")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A certificate cannot have a name with an underscore, as some machines do.
    own = [name for name in ("localhost", "127.0.0.1", "::1", socket.gethostname()) if "_" not in name]
    try:
        certificate: Any = authority.issue_cert(*dict.fromkeys((*own, *names)))
    except ValueError as error:
        raise ValueError(f"no certificate can have these names: {error}") from None
    certificate.configure_cert(context)
    return context, authority.cert_pem.bytes()


def given_tls(certificate: str | Path, key: str | Path) -> ssl.SSLContext:
    """A certificate with its chain, and its key, from PEM files. Raises `ValueError` if they do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    path = certificate
    try:
        for path in (certificate, key):
            Path(path).read_bytes()
        # An encrypted key would ask at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise ValueError(f"the certificate {certificate} and the key {key} do not fit: {reason}") from None
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    return context
