#!/usr/bin/env python3
"""Build, check and publish the distribution: `make publish`."""

from publishing.publish import main

main()
