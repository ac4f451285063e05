"""The service's rules and state: users, tokens, time. No HTTP."""
