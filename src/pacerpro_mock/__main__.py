"""`python -m pacerpro_mock` is `pacerpro-mock`."""

from pacerpro_mock.cli import main

main()
