"""TLS for the mock: a certificate made on the spot, or a given one."""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pacerpro_mock.settings import is_a, require


@dataclass(frozen=True)
class Tls:
    """What a server speaks TLS with. `authority` is the PEM of the authority to trust, if the mock has made one."""

    context: ssl.SSLContext = field(repr=False)
    authority: bytes | None = field(default=None, repr=False)


def made_tls(names: Sequence[str]) -> Tls:
    """A certificate for this machine's names and for `names`, of a new authority. It needs trustme."""
    import trustme  # noqa: PLC0415 - it takes longer than the rest of a start

    require(not is_a(names, str), "tls_names are several names")
    authority = trustme.CA(organization_name="pacerpro-mock")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Names with an underscore, as some machines have, are none for a certificate.
    own = [name for name in ("localhost", "127.0.0.1", "::1", socket.gethostname()) if "_" not in name]
    try:
        certificate: Any = authority.issue_cert(*dict.fromkeys((*own, *names)))
    except ValueError as error:
        raise ValueError(f"no certificate can have these names: {error}") from None
    certificate.configure_cert(context)
    return Tls(context, authority.cert_pem.bytes())


def given_tls(certificate: str | Path, key: str | Path) -> Tls:
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
    return Tls(context)
