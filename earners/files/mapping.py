"""Which column means what when a person has said so, instead of what was understood."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from earners.files.headings import MEANING_NAMES, Layout, Meaning

AS_OFTEN_AS_ONE_LIKES = frozenset({Meaning.METADATA, Meaning.IGNORED})
NAMES = frozenset({Meaning.FIRST_NAME, Meaning.LAST_NAME})
WHOLE_NAMES = frozenset({Meaning.FULL_NAME, Meaning.LAST_NAME_FIRST})


def mapped(layout: Layout, meanings: Mapping[str, Meaning] | None) -> Layout:
    """Return the layout with the meanings that a person gave to headings; other columns keep theirs.

    What was warned of how columns were understood is warned of no more. Raises InvalidInput.
    """
    if not meanings:
        return layout
    chosen = {heading: meanings.get(heading, meaning) for heading, meaning in layout.columns().items()}
    check_meanings(chosen)
    return replace(layout, meanings=tuple(chosen.values()), warnings=())


def check_meanings(chosen: Mapping[str, Meaning]) -> None:
    """Raise InvalidInput unless one column has addresses, and names are told once."""
    counts = Counter(chosen.values())
    if not counts[Meaning.EMAIL]:
        raise InvalidInput(_("Say which column has the e-mail addresses."))
    for meaning, count in counts.items():
        if count > 1 and meaning not in AS_OFTEN_AS_ONE_LIKES:
            raise InvalidInput(
                _("Several columns are the %(meaning)s. Choose one, and keep the others as further columns.")
                % {"meaning": MEANING_NAMES[meaning]}
            )
    if len(WHOLE_NAMES & counts.keys()) > 1 or (WHOLE_NAMES & counts.keys() and NAMES & counts.keys()):
        raise InvalidInput(
            _("Names stand in one column or in two. Keep the other columns with names as further columns.")
        )
