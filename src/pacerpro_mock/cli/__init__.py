"""The command pacerpro-mock."""

from pacerpro_mock.cli.command import main

__all__ = ["main"]
