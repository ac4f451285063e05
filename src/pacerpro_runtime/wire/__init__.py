"""JSON to models and back, and the masking of secrets."""
