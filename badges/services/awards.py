"""What an issuer says about one badge: dates, activity, narrative, evidence, results; and how it is kept in a batch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from badges.enums import Visibility
from badges.models import BatchRow
from badges.services.shapes import check_items
from config.exceptions import InvalidInput
from earners.services import Person

TIMES = ("issued_at", "expires_at", "activity_started_at", "activity_ended_at")
TEXTS = {"activity_title": 255, "narrative": 20_000, "notes": 20_000}
EVIDENCE_KEYS = ("url", "name", "narrative", "description", "genre", "audience")
RESULT_KEYS = ("value", "status", "result_description")
VISIBILITIES = frozenset(Visibility.values)
CLOCK_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """What is said about one badge beside who gets it. Times are aware; `issued_at` defaults to now.

    `evidence` is [{url, name, narrative, description, genre, audience}], all optional but one of url and narrative;
    `results` is [{value, status, result_description}], the last being the id of a result description of the version.
    """

    issued_at: datetime | None = None
    expires_at: datetime | None = None
    activity_title: str = ""
    activity_started_at: datetime | None = None
    activity_ended_at: datetime | None = None
    narrative: str = ""
    evidence: list[dict[str, str]] = field(default_factory=list)
    results: list[dict[str, str]] = field(default_factory=list)
    notes: str = ""
    additional_details: dict[str, Any] | None = None
    visibility: str = Visibility.UNLISTED

    def to_json(self) -> dict[str, Any]:
        """Return what differs from the defaults, times as ISO 8601: the shape of Batch.award and BatchRow.award."""
        plain = {name: value for name, value in asdict(self).items() if value not in (None, "", [], {})}
        if self.visibility == Visibility.UNLISTED:
            del plain["visibility"]
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in plain.items()
        }

    @classmethod
    def from_json(cls, *parts: Mapping[str, Any]) -> "Award":
        """Return the award that to_json made; later parts override earlier ones."""
        merged: dict[str, Any] = {}
        for part in parts:
            merged |= part
        for name in TIMES:
            if merged.get(name):
                merged[name] = parse_datetime(merged[name])
        return cls(**merged)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRequest:
    """One badge that is asked for: for whom, what is said about it, and the row of the batch that asks, if one does.

    With `is_accepted` it is the earner who asks, so that there is nothing left to accept.
    """

    person: Person
    award: Award = Award()
    batch_row: BatchRow | None = None
    is_accepted: bool = False


def checked_award(award: Award, *, validity_days: int | None) -> Award:
    """Return the award with its times set: whole seconds, issued now unless told, expiring as the template says.

    Raises InvalidInput with the dotted name of the field at fault. A time of issue in the future is refused, because
    verifiers refuse such badges (1EdTech's takes it for fatal).
    """
    now = timezone.now()
    for name in TIMES:
        value = getattr(award, name)
        if value is not None and timezone.is_naive(value):
            raise InvalidInput(_("This time has no time zone."), field=name)
    issued_at = _whole_seconds(award.issued_at or now)
    if issued_at > now + CLOCK_TOLERANCE:
        raise InvalidInput(
            _("A badge cannot be issued in the future: other people's software would refuse it."),
            field="issued_at",
        )
    expires_at = award.expires_at
    if expires_at is None and validity_days is not None:
        expires_at = issued_at + timedelta(days=validity_days)
    if expires_at is not None:
        expires_at = _whole_seconds(expires_at)
        if expires_at <= issued_at:
            raise InvalidInput(_("A badge cannot expire before it is issued."), field="expires_at")
    if (
        award.activity_started_at is not None
        and award.activity_ended_at is not None
        and award.activity_ended_at < award.activity_started_at
    ):
        raise InvalidInput(_("The activity cannot end before it starts."), field="activity_ended_at")
    for name, limit in TEXTS.items():
        if len(getattr(award, name)) > limit:
            raise InvalidInput(_("This is longer than %(limit)d characters.") % {"limit": limit}, field=name)
    if award.visibility not in VISIBILITIES:
        raise InvalidInput(
            _("Choose one of: %(choices)s.") % {"choices": ", ".join(Visibility.values)}, field="visibility"
        )
    check_items(award.evidence, "evidence", keys=EVIDENCE_KEYS, one_of=("url", "narrative"))
    check_items(award.results, "results", keys=RESULT_KEYS, one_of=("value", "status"))
    values = {spec.name: getattr(award, spec.name) for spec in fields(award)}
    return Award(**values | {"issued_at": issued_at, "expires_at": expires_at})


def _whole_seconds(time: datetime) -> datetime:
    """Floor to the second in UTC: fractions break `nbf` == `validFrom` (OB 3.0 section 8.2.4)."""
    return time.astimezone(UTC).replace(microsecond=0)
