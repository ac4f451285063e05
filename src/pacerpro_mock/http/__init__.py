"""The service over HTTP: routes, messages, servers and transports."""
