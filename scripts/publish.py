#!/usr/bin/env python3
"""Build, check and publish the distribution: `make publish`."""

import sys

from publishing.publish import main

sys.exit(main())
