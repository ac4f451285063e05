"""What the mock reads in the contract: all operations but those of the session, which `service` knows by itself."""
