"""Search of badges: every word is found wherever it stands in a name, an address or an activity, among a million too.

What it finds it finds by an index over all of these texts at once (migration 0014): trigrams, so a word of three letters
and more is found in the middle of another. Shorter words have no trigram and are looked for row by row.
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Func, Q
from django.db.models.expressions import RawSQL

from badges.models import Badge, BadgeTemplateVersion
from badges.querysets import BadgeQuerySet
from organizations.models import Organization

TRIGRAM = 3  # letters
MANY = 10_000  # badges with a word: from here on one comes by them soon without an index
MAX_WORDS = 8
_START_OF_ID = re.compile(r"[0-9A-Fa-f]{8}[0-9A-Fa-f-]*")
# Only FTS5 itself knows this query, so Django's querysets cannot say it.
WITH_WORDS = "SELECT rowid FROM badges_search WHERE badges_search MATCH %s"
COUNT_UP_TO = f"SELECT COUNT(*) FROM ({WITH_WORDS} LIMIT %s)"  # noqa: S608 - of our own words alone


class SearchedText(Func):
    """Names, address and activity as one text, written as the index has it."""

    output_field = CharField()
    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "

    def __init__(self) -> None:
        super().__init__("recipient_first_name", "recipient_last_name", "recipient_email", "activity_title")


class WalkedText(SearchedText):
    """The same text, written so that no index is thought of."""

    arg_joiner = " || '' || ' ' || "


def badges_with(
    badges: BadgeQuerySet, text: str, *, titles_of: Organization | None = None, is_walked: bool = False
) -> BadgeQuerySet:
    """Keep the badges that have every word of the text, whatever the case; of more than eight words the first eight.

    A word is looked for in names, address and activity, and with `titles_of` in what that organization's badges are called;
    one of eight hexadecimal digits or more also at the start of the id. A whole id finds that badge alone. `is_walked` is
    for words that many badges have: these are looked at one after the other, in the order that the caller gives.
    """
    whole = _as_id(text.strip())
    if whole is not None:
        return badges.filter(uuid=whole)
    badges = badges.alias(searched_text=WalkedText() if is_walked else SearchedText())
    plain, others = _sorted(text, titles_of)
    if not is_walked and connection.vendor == "sqlite" and _phrases(plain):
        badges = badges.filter(pk__in=RawSQL(WITH_WORDS, [_phrases(plain)]))  # noqa: S611 - the words are a parameter
        plain = [word for word in plain if len(word) < TRIGRAM]
    for word in plain:
        badges = badges.filter(_has(word, is_walked=is_walked))
    for word, condition in others:
        badges = badges.filter(_has(word, is_walked=is_walked) | condition)
    return badges


def has_long_word(text: str) -> bool:
    """Whether the index knows a word of the text; without one every badge would have to be looked at."""
    return any(len(word) >= TRIGRAM for word in _words(text))


def is_rare(text: str, *, titles_of: Organization | None = None) -> bool:
    """Whether the index leads to the badges with these words sooner than looking at one after the other does.

    PostgreSQL decides by itself while it counts; SQLite is told.
    """
    if connection.vendor != "sqlite":
        return has_long_word(text)
    plain, others = _sorted(text, titles_of)
    return (
        _as_id(text.strip()) is not None
        or _is_rare(plain)
        or any(
            _is_rare([word]) and Badge.objects.filter(condition)[:MANY].count() < MANY
            for word, condition in others
        )
    )


def _words(text: str) -> list[str]:
    return text.split()[:MAX_WORDS]


def _sorted(text: str, titles_of: Organization | None) -> tuple[list[str], list[tuple[str, Q]]]:
    """Return the words that may be in the searched text alone; and the others, with what else a badge may be found by."""
    plain, others = [], []
    for word in _words(text):
        found = []
        if titles_of is not None and (versions := _versions_called(word, titles_of)):
            found.append(Q(version__in=versions))
        if _START_OF_ID.fullmatch(word) and (ids := _ids_beginning_with(word)):
            found.append(Q(uuid__range=ids))
        if found:
            others.append((word, reduce(or_, found)))
        else:
            plain.append(word)
    return plain, others


def _has(word: str, *, is_walked: bool) -> Q:
    """Return the condition that the searched text has the word."""
    if connection.vendor != "sqlite":
        return Q(searched_text__icontains=word)
    if not is_walked and len(word) >= TRIGRAM:
        return Q(pk__in=RawSQL(WITH_WORDS, [_phrases([word])]))  # noqa: S611 - the word is a parameter
    # SQLite's LIKE knows the case of A to Z only, its regular expressions are Python's and know all, at ten times the cost.
    if word.isascii():
        return Q(searched_text__icontains=word)
    return Q(searched_text__iregex=re.escape(word))


def _is_rare(words: Sequence[str]) -> bool:
    """Whether SQLite's index has some of the words, and few badges have all of those."""
    if not any(len(word) >= TRIGRAM for word in words):
        return False
    with connection.cursor() as cursor:
        cursor.execute(COUNT_UP_TO, [_phrases(words), MANY])
        [count] = cursor.fetchone()
    return bool(count < MANY)


def _phrases(words: Sequence[str]) -> str:
    """Return words as FTS5 takes them: all of them are to be found, letter by letter."""
    return " ".join('"{}"'.format(word.replace('"', '""')) for word in words if len(word) >= TRIGRAM)


def _versions_called(word: str, organization: Organization) -> Sequence[int]:
    titles = BadgeTemplateVersion.objects.filter(template__organization=organization).order_by("pk")
    wanted = word.casefold()
    return [pk for pk, title in titles.values_list("pk", "title") if wanted in title.casefold()]


def _ids_beginning_with(word: str) -> tuple[UUID, UUID] | None:
    digits = word.replace("-", "")
    if len(digits) > 32:
        return None
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
