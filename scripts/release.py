#!/usr/bin/env python3
"""Publish as `make publish` does, and build the commit twice: `make release`."""

from publishing.publish import main

raise SystemExit(main(build_twice=True))
