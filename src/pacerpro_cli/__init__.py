"""The command `pacerpro`: log in, and call the API from a shell."""

import sys


def main() -> None:
    """Run the command; the entry point of the distribution."""
    try:
        from pacerpro_cli.commands import app  # noqa: PLC0415  # It needs an extra.
    except ModuleNotFoundError as error:
        sys.stderr.write(f'pacerpro: {error.name} is not installed: pip install "pacerpro-client[cli]"\n')
        sys.exit(2)
    from pacerpro_cli.failures import run  # noqa: PLC0415  # It needs the extra, whose absence has a message.

    run(app)
