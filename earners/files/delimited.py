"""Records of text files whose cells are set apart by a comma, semicolon, tab or pipe."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from earners.exceptions import UnreadableFile
from earners.files.encodings import MAX_LINE, Encoding, lines

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_CHARACTERS = 1 << 17
SAMPLE_RECORDS = 60


class Record(NamedTuple):
    """One row of a file: where it begins, counted from 1 as a person sees it, and its cells."""

    number: int
    cells: list[str]


class TextFile:
    """A text file opened as a table. Its records can be read any number of times, always from the start."""

    def __init__(self, content: BinaryIO, encoding: Encoding) -> None:
        self.content = content
        self.encoding = encoding
        first = next(lines(content, encoding), "")
        self.said_delimiter = _said_delimiter(first)

    def sample(self, delimiter: str) -> list[Record]:
        """Return the first records as this delimiter makes them."""
        taken: list[str] = []
        characters = 0
        for line in lines(self.content, self.encoding):
            taken.append(line)
            characters += len(line)
            if characters > SAMPLE_CHARACTERS:
                break
        else:
            return list(islice(self._records(taken, delimiter, is_sample=True), SAMPLE_RECORDS))
        return list(islice(self._records(taken, delimiter, is_sample=True), SAMPLE_RECORDS))[:-1]

    def records(self, delimiter: str) -> Iterator[Record]:
        """Yield every record, blank ones too; one with line breaks in quotes is numbered by its first line.

        Raises UnreadableFile where a quotation mark is never closed, because what follows cannot be told
        apart then.
        """
        return self._records(lines(self.content, self.encoding), delimiter)

    def _records(self, source: Iterable[str], delimiter: str, *, is_sample: bool = False) -> Iterator[Record]:
        feed = _Feed(source)
        if self.said_delimiter:
            next(feed, None)
        reader = csv.reader(feed, delimiter=delimiter)
        while True:
            number = feed.line + 1
            feed.begin_record()
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise _never_closed(number) from error
            if cells is None:
                return
            if feed.has_ended and not is_sample:
                # The reader asked for more lines than there are, and it does so only inside quotation marks.
                raise _never_closed(number)
            yield Record(number, cells)


class _Feed(Iterator[str]):
    """Hands lines to the reader, counts them, and stops a record that grows without end."""

    def __init__(self, source: Iterable[str]) -> None:
        self.source = iter(source)
        self.line = 0
        self.characters = 0
        self.has_ended = False

    def begin_record(self) -> None:
        """Start to measure a new record."""
        self.characters = 0

    def __next__(self) -> str:
        try:
            line = next(self.source)
        except StopIteration:
            self.has_ended = True
            raise
        self.line += 1
        self.characters += len(line)
        if self.characters > MAX_LINE:
            raise csv.Error("The record is too long.")
        return line


def _said_delimiter(line: str) -> str | None:
    """Return the delimiter of a first line `sep=;`, which Excel reads and writes, or None."""
    text = line.rstrip("\r\n").strip('"\ufeff')
    if text[:4].lower() != "sep=":
        return None
    delimiter = text[4:5]
    is_usable = len(delimiter) == 1 and not delimiter.isalnum() and delimiter not in "\"@. \r\n'_-"
    return delimiter if is_usable and not text[5:].strip(delimiter) else None


def _never_closed(number: int) -> UnreadableFile:
    return UnreadableFile(
        _(
            "In line %(number)s a quotation mark is opened and not closed, so the rest of the file cannot "
            "be told apart. "
            "Remove the quotation mark or close it, and upload the file again."
        )
        % {"number": number}
    )
