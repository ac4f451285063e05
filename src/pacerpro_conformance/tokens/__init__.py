"""JSON Web Tokens: taken apart, put together and forged."""
