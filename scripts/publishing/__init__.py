"""Build the distribution, and publish it to a package index."""
