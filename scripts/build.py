#!/usr/bin/env python3
"""Build the distribution into dist/: `make build`."""

import sys

from publishing.build import main

if __name__ == "__main__":
    sys.exit(main())
