"""Which addresses a file had already, in constant memory however long the file is."""

import sqlite3
from contextlib import closing
from typing import NamedTuple, Self

from config.text import folded
from earners.files.names import Name


class FirstUse(NamedTuple):
    """Where an address was first used, and for whom."""

    number: int
    first_name: str
    last_name: str


class Repeats:
    """Remembers addresses and the rows they were in. To be closed after use.

    Kept in a nameless database of SQLite's: up to 16 MiB stay in memory, the rest goes to a temporary file
    that is gone when it is closed. A dict would grow with the file.
    """

    def __init__(self) -> None:
        # A generator may be run on by another thread than the one that began it, though never by two at once.
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA cache_size=-16384")
        self.database.execute("PRAGMA journal_mode=OFF")
        self.database.execute(
            "CREATE TABLE used (email TEXT PRIMARY KEY, number INTEGER, first_name TEXT, last_name TEXT) "
            "WITHOUT ROWID"
        )
        self.database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self.database.close()

    def note(self, email: str, number: int, name: Name) -> FirstUse | None:
        """Remember an address, compared folded; return its first use if there was one, else None."""
        key = folded(email)
        values = (key, number, name.first, name.last)
        with closing(
            self.database.execute("INSERT OR IGNORE INTO used VALUES (?, ?, ?, ?)", values)
        ) as cursor:
            if cursor.rowcount:
                return None
        query = "SELECT number, first_name, last_name FROM used WHERE email = ?"
        with closing(self.database.execute(query, (key,))) as cursor:
            return FirstUse(*cursor.fetchone())
