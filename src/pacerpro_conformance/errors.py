"""Why the suite, a check or a request stops."""


class CannotRunError(Exception):
    """The checks cannot run; the message says why, in one line."""


class StopCheckError(Exception):
    """The rest of a check depends on something that the server did not do."""


class NoAnswerError(Exception):
    """The server gave no answer; the message says in what way."""


class HungUpError(NoAnswerError):
    """The server closed the connection without an answer."""
