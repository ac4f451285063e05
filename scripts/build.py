#!/usr/bin/env python3
"""Build the distribution into dist/: `make build`."""

from publishing.build import main

main()
