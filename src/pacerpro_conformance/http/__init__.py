"""HTTP as the suite needs it: byte for byte, malformed messages included."""
