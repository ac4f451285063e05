#!/usr/bin/env python3
"""Say which version the changes since the last release ask for: `make version`."""

import sys

from versioning.version_rule import main

sys.exit(main())
