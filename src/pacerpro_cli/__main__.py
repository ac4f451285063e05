"""`python -m pacerpro_cli` is `pacerpro`."""

from pacerpro_cli import main

main()
