"""The number of each request of the token API: strictly increasing, whichever process takes it. Imports no app.

PostgreSQL draws from a sequence, which no transaction holds. On SQLite, where a row would have to wait for whatever issues
at the moment, it is a file of DATA_DIR, locked for as long as counting takes: all processes are on one machine then.
"""

import fcntl
import os
import stat

from django.conf import settings
from django.db import connection

SEQUENCE = "laurel_token_requests"  # made by a migration of badges
FILE = "token-requests"
DIGITS = 19


def take_number() -> int:
    """Return the next number, from 1. Numbers that a failing request took are not given again."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT nextval('{SEQUENCE}')")
            return int(cursor.fetchone()[0])
    # Opened each time: a lock belongs to what was opened, and threads and forked processes would share it.
    handle = os.open(settings.DATA_DIR / FILE, os.O_RDWR | os.O_CREAT, stat.S_IRUSR | stat.S_IWUSR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        kept = os.pread(handle, DIGITS, 0)
        number = (int(kept) if kept.isdigit() else 0) + 1
        os.pwrite(handle, f"{number:0{DIGITS}}".encode(), 0)
    finally:
        os.close(handle)
    return number
