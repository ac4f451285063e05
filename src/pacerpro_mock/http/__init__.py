"""The mock over HTTP: messages, routes, servers and transports."""
