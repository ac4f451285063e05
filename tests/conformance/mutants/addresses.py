"""Faults in finding the user by the address, with the password compared as it should be."""

import fnmatch
import re

from pacerpro_mock.service.authentication import Service

from . import found_by

find = Service._find_account


def find_with(query):
    """Find the first user whose address fits a query, which is made from the address that was sent."""

    def queried(self, email):
        matches = query(email)
        fits = (account for known, account in self._accounts.items() if matches and matches(known))
        return next(fits, None) or find(self, email)

    Service._find_account = queried


@found_by("login.wrong_credentials_are_refused")
def operator_in_the_address():
    """An address that is an object is an operator of the database's query language."""
    operators = {"$ne", "$gt", "$regex"}
    find_with(lambda email: (lambda _known: True) if isinstance(email, dict) and operators & set(email) else None)


@found_by("login.wrong_credentials_are_refused")
def wildcard_in_the_address():
    """An address is looked for with LIKE."""

    def like(email):
        if not isinstance(email, str) or not {"%", "_"} & set(email):
            return None
        pattern = fnmatch.translate(re.sub(r"([\[*?])", r"[\1]", email).replace("%", "*").replace("_", "?"))
        return re.compile(pattern).match

    find_with(like)


@found_by("login.wrong_credentials_are_refused")
def pattern_in_the_address():
    """An address is looked for as a regular expression."""
    find_with(lambda email: re.compile(email).match if isinstance(email, str) and email.startswith(".") else None)


@found_by("login.wrong_credentials_are_refused")
def sql_behind_the_address():
    """An address is pasted into a query; the password is compared as it should be."""
    find_with(lambda email: email.split("' ")[0].__eq__ if isinstance(email, str) and "' -- " in email else None)


@found_by("login.wrong_credentials_are_refused")
def nul_in_the_address_is_500():
    """A NUL in an address makes the server fail, as PostgreSQL allows no NUL in a text."""
    fail_on(lambda email: "\0" in email)


@found_by("login.wrong_credentials_are_refused")
def address_cut_at_nul():
    """An address counts up to the first NUL."""
    Service._find_account = lambda self, email: find(self, email.split("\0")[0] if isinstance(email, str) else email)


@found_by("login.wrong_credentials_are_refused")
def long_address_is_500():
    """An address of more characters than its column has makes the server fail."""
    fail_on(lambda email: len(email) > 255)


def fail_on(condition):
    def brittle(self, email):
        if isinstance(email, str) and condition(email):
            raise RuntimeError
        return find(self, email)

    Service._find_account = brittle
