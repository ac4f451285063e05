#!/usr/bin/env python3
"""Make the client, its reference and the listing of its public API from openapi.yaml: `make generate`."""

import io
import signal
import sys

from generator.generate import main
from versioning.api_listing import CURRENT, current, written

for each in (signal.SIGTERM, signal.SIGHUP):  # Clean up as on Ctrl+C.
    signal.signal(each, signal.default_int_handler)
if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(errors="backslashreplace")  # A diff may hold characters that the terminal lacks.
raise SystemExit(main(listing=lambda document, package: {CURRENT: written(current(document, package.parent))}))
