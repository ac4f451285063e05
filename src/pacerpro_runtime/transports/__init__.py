"""Faster engines for the HTTP library, each an extra of the distribution."""
