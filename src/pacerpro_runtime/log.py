"""The log of the client."""

import logging

logger = logging.getLogger("pacerpro_client")
# A program that sets up no logging sees nothing of it; without a handler, warnings would go to stderr.
logger.addHandler(logging.NullHandler())
