"""Stores that let processes and machines share a session. Each imports its library when it is first used."""
