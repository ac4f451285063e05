#!/usr/bin/env python3
"""Build the distribution into dist/: `make build`."""

import sys

from publishing.build import main

sys.exit(main())
