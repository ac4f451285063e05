"""The command `pacerpro-mock`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pacerpro_mock import INSTALL
from pacerpro_mock.cli.options import parse
from pacerpro_mock.settings import PREFIX, Settings, require

if TYPE_CHECKING:
    from pacerpro_mock.http.tls import Tls
    from pacerpro_mock.mock import Mock


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the mock until SIGINT or SIGTERM. Exit status 0 then, and 2 if it cannot start."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # The number of a closed stream would go to the next socket or file.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for as long as we run
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again when it has stopped. For a mock, being stopped is success.
        signal.signal(number, lambda _number, _frame: sys.exit(0))
    try:
        options = parse(argv)
        mock = mock_of(options)
        # The access log goes to stderr, and what goes wrong in any case.
        logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
        logging.getLogger("pacerpro_mock").setLevel(logging.WARNING if options.quiet else logging.INFO)
        serve(mock, options)
    except ValueError as error:
        fail(str(error))
    except ModuleNotFoundError as missing:
        fail(f"no module {missing.name!r}; {INSTALL}")
    sys.exit(0)


def mock_of(options: argparse.Namespace) -> Mock:
    """The mock that the options describe, its faults included. Raises `ValueError`."""
    from pacerpro_mock.mock import Mock  # noqa: PLC0415 - `--help` and a mistake in the options are answered at once

    mock = Mock(options.users, **{name: getattr(options, name) for name in Settings.__annotations__})
    try:
        for fault in options.fail:
            mock.fail_next(**fault)
    except ValueError as error:
        raise ValueError(f"--fail: {error}") from None
    return mock


def tls_of(options: argparse.Namespace) -> Tls | None:
    """What the options say about TLS. Writes the authority if asked to. Raises `ValueError`."""
    from pacerpro_mock.http.tls import given_tls, made_tls  # noqa: PLC0415

    require(bool(options.tls_cert) == bool(options.tls_key), "--tls-cert and --tls-key go together")
    require(not (options.tls and options.tls_cert), "--tls makes a certificate: it does not go with --tls-cert")
    require(options.tls or not (options.tls_ca or options.tls_name), "--tls-ca and --tls-name need --tls")
    if not options.tls:
        return given_tls(options.tls_cert, options.tls_key) if options.tls_cert else None
    made = made_tls((options.host, *options.tls_name))
    try:
        if options.tls_ca:
            options.tls_ca.write_bytes(made.authority)
    except OSError as error:
        raise ValueError(f"cannot write {options.tls_ca}: {error.strerror}") from None
    return made


def serve(mock: Mock, options: argparse.Namespace) -> None:
    """Serve until a signal comes. Raises `ValueError` if the address is not available."""
    from pacerpro_mock.cli import console  # noqa: PLC0415
    from pacerpro_mock.http.server import Uvicorn, listen, url_of  # noqa: PLC0415

    tls = tls_of(options)
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        raise ValueError(f"cannot listen on {options.host} port {options.port}: {error.strerror or error}") from None

    def on_ready() -> None:
        url = url_of(listener, tls)
        try:
            # Past Python's buffer, which would fail once more at the end.
            os.write(sys.stdout.fileno(), f"pacerpro-mock is ready: {url}\n".encode())
        except OSError as error:
            raise ValueError(f"cannot write to standard output: {error.strerror}") from None
        terminal = sys.stdin.isatty()
        if terminal:
            tell(f"Its page to try it on is {url.removesuffix(PREFIX)}/docs. Type help to see what it obeys.")
        if terminal or options.console:
            console.start(mock, tell)

    Uvicorn(mock, on_ready, tls).run([listener])


def tell(text: str) -> None:
    """Write something for the person at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def fail(message: str) -> NoReturn:
    """End with one line and status 2."""
    tell(f"pacerpro-mock: {message}")
    sys.exit(2)
