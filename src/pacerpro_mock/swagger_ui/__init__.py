"""What the mock serves beside the API: its readiness, the contract, and a page to try it on."""
