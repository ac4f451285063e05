#!/usr/bin/env python3
"""Walk through a release: `make release`."""

import sys

from publishing.release import main

if __name__ == "__main__":
    sys.exit(main())
