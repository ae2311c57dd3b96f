"""People out of the files that others export: CSV in every spelling of it, and XLSX."""

from earners.exceptions import UnreadableFile
from earners.files.headings import MEANING_NAMES, REMARK, Meaning, telling_heading
from earners.files.pasted import pasted
from earners.files.reading import EarnerRow, EarnersFile, read_earners

__all__ = [
    "MEANING_NAMES",
    "REMARK",
    "EarnerRow",
    "EarnersFile",
    "Meaning",
    "UnreadableFile",
    "pasted",
    "read_earners",
    "telling_heading",
]
