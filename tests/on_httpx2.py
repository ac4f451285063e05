"""A plugin that runs tests on httpx2: ``PYTHONPATH=tests make test ARGS='-p on_httpx2 tests/client'``."""

import httpx2

httpx2.alias_httpx()
