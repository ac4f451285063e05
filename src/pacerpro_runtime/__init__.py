"""The part of the client that is written by hand and knows no operation.

Import from the generated package, ``pacerpro_client``; its modules state the contract's facts in terms of this one.
"""
