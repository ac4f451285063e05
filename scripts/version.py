#!/usr/bin/env python3
"""Say which version the changes since the last release ask for: `make version`."""

from versioning.version_rule import main

raise SystemExit(main())
