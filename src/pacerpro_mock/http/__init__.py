"""The mock over HTTP: routes, messages, servers and transports."""
