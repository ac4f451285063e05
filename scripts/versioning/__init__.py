"""Say which version a change of the public API asks for."""
