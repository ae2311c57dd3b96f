"""People out of the files that others export: CSV in every spelling of it, and XLSX."""

from earners.exceptions import UnreadableFile
from earners.files.headings import Meaning
from earners.files.reading import EarnerRow, EarnersFile, read_earners

__all__ = ["EarnerRow", "EarnersFile", "Meaning", "UnreadableFile", "read_earners"]
