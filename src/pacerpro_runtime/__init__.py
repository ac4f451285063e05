"""The part of the client that is written by hand and knows no operation. Import from the generated package instead."""
