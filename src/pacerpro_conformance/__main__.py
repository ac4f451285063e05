"""`python -m pacerpro_conformance` is `pacerpro-conformance`."""

import sys

from .cli import main

sys.exit(main())
