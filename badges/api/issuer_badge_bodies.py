"""Badges as the issuer API answers them (reference openbadge_eu section 6.1), and the pages of the list."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from badges.api import issuer_examples as examples
from badges.api.issuer_template_bodies import VersionShape, badge_picture_urls, version_body
from badges.enums import BadgeStatus, Visibility
from badges.models import Badge, BadgeTemplate
from badges.services.versions import versions_of
from config.api.issuer.fields import FlagField, Shape, spaced, timestamp
from config.statements import Statement
from organizations.api.issuer_access import no_such
from organizations.models import Organization

FEW = 1_000
SPACED = "2024-06-20 16:00:00, in the organization's time zone"


class BadgeShape(Shape):
    """A badge: keys as in the original's assign response, then as in its table of fields, then ours."""

    example = examples.ISSUED
    id = serializers.UUIDField()
    imported = FlagField()
    status = serializers.ChoiceField(BadgeStatus.choices)
    image_path = serializers.CharField()
    image_high_path = serializers.CharField()
    image_thumbnail_path = serializers.CharField()
    badge_template_version_id = serializers.UUIDField()
    badge_template_version = VersionShape()
    organization_id = serializers.UUIDField()
    activity_title = serializers.CharField(allow_null=True)
    activity_started_at = serializers.CharField(allow_null=True, help_text=SPACED)
    activity_ended_at = serializers.CharField(allow_null=True, help_text=SPACED)
    recipient_email = serializers.CharField()
    recipient_first_name = serializers.CharField(allow_null=True)
    recipient_last_name = serializers.CharField(allow_null=True)
    notes = serializers.CharField(allow_null=True)
    additional_details = serializers.DictField(allow_null=True)
    url = serializers.CharField(help_text="The badge's public page.")
    emitted_at = serializers.CharField(help_text=SPACED)
    expires_at = serializers.CharField(allow_null=True, help_text=SPACED)
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    updated_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    revoked_at = serializers.CharField(allow_null=True, help_text=SPACED)
    revocation_reason = serializers.CharField(allow_null=True)
    badge_template_id = serializers.UUIDField()
    email_id = serializers.UUIDField(help_text="The earner's id.")
    narrative = serializers.CharField(allow_null=True)
    evidence = serializers.ListField(child=serializers.DictField())
    results = serializers.ListField(child=serializers.DictField())
    public = FlagField(help_text="1: listed in public; 0: whoever has the link finds it, or nobody.")


class BadgeBodies:
    """Makes badges of one organization into answers; what a version says is worked out once for all of its badges."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.zone = ZoneInfo(organization.time_zone)
        self.now = timezone.now()
        self.versions: dict[int, tuple[dict[str, Any], dict[str, str | None]]] = {}

    def __call__(self, badge: Badge) -> dict[str, Any]:
        """Return a badge as BadgeShape says. Needs `version`, `template` and `earner`."""
        zone = self.zone
        version, pictures = self._version(badge)
        return {
            "id": str(badge.uuid),
            "imported": int(badge.is_imported),
            "status": badge.status_at(self.now),
            **pictures,
            "badge_template_version_id": version["id"],
            "badge_template_version": version,
            "organization_id": str(self.organization.uuid),
            "activity_title": badge.activity_title or None,
            "activity_started_at": spaced(badge.activity_started_at, zone),
            "activity_ended_at": spaced(badge.activity_ended_at, zone),
            "recipient_email": badge.recipient_email,
            "recipient_first_name": badge.recipient_first_name or None,
            "recipient_last_name": badge.recipient_last_name or None,
            "notes": badge.notes or None,
            "additional_details": badge.additional_details,
            "url": badge.public_url,
            "emitted_at": spaced(badge.issued_at, zone),
            "expires_at": spaced(badge.expires_at, zone),
            "created_at": timestamp(badge.created_at),
            "updated_at": timestamp(badge.updated_at),
            "revoked_at": spaced(badge.revoked_at, zone),
            "revocation_reason": badge.revocation_reason or None,
            "badge_template_id": version["badge_template_id"],
            "email_id": str(badge.earner.uuid),
            "narrative": badge.narrative or None,
            "evidence": badge.evidence,
            "results": badge.results,
            "public": int(badge.visibility == Visibility.PUBLIC),
        }

    def _version(self, badge: Badge) -> tuple[dict[str, Any], dict[str, str | None]]:
        known = self.versions.get(badge.version_id)
        if known is None:
            known = self.versions[badge.version_id] = (
                version_body(badge.version, badge.template, self.organization),
                badge_picture_urls(badge.version),
            )
        return known


# What a body says of a badge itself.
COLUMNS = (
    *("uuid", "template", "version", "earner", "is_imported", "visibility", "notes", "additional_details"),
    *("recipient_email", "recipient_first_name", "recipient_last_name", "narrative", "evidence", "results"),
    *("activity_title", "activity_started_at", "activity_ended_at", "issued_at", "expires_at"),
    *("created_at", "updated_at", "revoked_at", "revocation_reason"),
)


def _listed(badges: "QuerySet[Badge]") -> "QuerySet[Badge]":
    """Return the badges with what their bodies say and no more: of 25 rows, what is read in vain costs most."""
    return (
        badges.select_related("earner")
        .only(*COLUMNS, "earner__uuid")
        .annotate(template_uuid=F("template__uuid"), template_code=F("template__code"))
        .order_by("-number")
    )


_numbered: Statement[Badge] = Statement(
    lambda places: _listed(
        Badge.objects.filter(
            organization=places.number("organization"),
            number__gt=places.number("above"),
            number__lte=places.number("up_to"),
        )
    )
)


class NumberedSource:
    """All badges of an organization: a page is a range of their numbers, as cheap at the end of a million as at the start.

    Badges are never deleted, so the numbers have no gaps, and the last one is how many there are.
    """

    def __init__(self, organization: Organization) -> None:
        self.organization = organization

    def total(self) -> int:
        """Return the number of the last badge."""
        return self.organization.last_badge_number

    def rows(self, offset: int, limit: int) -> Sequence[Badge]:
        """Read a page."""
        last = self.total() - offset
        return with_content(_numbered.rows(organization=self.organization.pk, above=last - limit, up_to=last))


class FilteredSource:
    """The badges of a query, newest first. Places are found by ids alone, then the badges of one page are read.

    When only a few fit, they are all found at once: to count them and then to look for those of a page would look through
    all badges twice, and the second time in the slow order of their numbers.
    """

    def __init__(self, badges: "QuerySet[Badge]") -> None:
        self.badges = badges.order_by()
        self.found: list[int] | None = None

    def total(self) -> int:
        """Find them, or count them."""
        found = list(self.badges.values_list("number", "pk")[: FEW + 1])
        if len(found) > FEW:
            return self.badges.count()
        self.found = [pk for _number, pk in sorted(found, reverse=True)]
        return len(found)

    def rows(self, offset: int, limit: int) -> Sequence[Badge]:
        """Read a page."""
        if self.found is not None:
            found = self.found[offset : offset + limit]
        else:
            ordered = self.badges.order_by("-number").values_list("pk", flat=True)
            found = list(ordered[offset : offset + limit])
        return with_content(list(_listed(Badge.objects.filter(pk__in=found))))


def with_content(found: Sequence[Any]) -> Sequence[Badge]:
    """Give badges of `_listed` their templates and versions, which are few and have long texts."""
    known = {badge.template_id: (badge.template_uuid, badge.template_code) for badge in found}
    templates = {pk: BadgeTemplate(pk=pk, uuid=uuid, code=code) for pk, (uuid, code) in known.items()}
    versions = versions_of({badge.version_id: badge.template_uuid for badge in found})
    for badge in found:
        badge.template, badge.version = templates[badge.template_id], versions[badge.version_id]
    return found


def find_badge(organization: Organization, uuid: UUID) -> Badge:
    """Return a badge of the organization with what its body needs. Raises Missing."""
    badge = (
        Badge.objects.select_related("organization", "template", "version", "earner")
        .filter(organization=organization, uuid=uuid)
        .first()
    )
    if badge is None:
        raise no_such(_("badge"))
    return badge
