"""How a test moves and watches the mock: faults, the request log, control over HTTP."""
