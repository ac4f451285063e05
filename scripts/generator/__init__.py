"""Make the client package from the contract."""
