#!/usr/bin/env python3
"""Publish as `make publish` does, and build the commit twice: `make release`."""

import sys

from publishing.publish import main

sys.exit(main(build_twice=True))
