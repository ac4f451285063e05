"""The life of a session: log in, refresh in time, repair, log out."""
