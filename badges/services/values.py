"""Rows as the values that badges/credentials takes, and the check at the door that nothing unsignable becomes a row."""

from functools import lru_cache, partial
from threading import Lock
from uuid import UUID, uuid5

from cachetools import LRUCache
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from badges.credentials import admission, narratives, values
from badges.credentials.exceptions import Unsignable as NotAdmitted
from badges.exceptions import Unsignable
from badges.models import Badge, BadgeTemplateVersion
from badges.services.awards import Award
from earners.services import Person
from organizations.models import Organization


@lru_cache(maxsize=1024)
def _markdown(html: str) -> str:
    """Return HTML as Markdown; the same texts come with every badge of a template."""
    return narratives.html_to_markdown(html)


def issuer_of(organization: Organization, did: str) -> values.Issuer:
    """Return the organization as the issuer of documents.

    Open Badges 2.0 demands an address to write to, so without one of the organization's the installation's stands in.
    """
    return values.Issuer(
        did=did,
        url=organization.public_url,
        name=organization.name,
        description=_markdown(organization.description) or None,
        website=organization.website or None,
        email=organization.email or settings.DEFAULT_FROM_EMAIL,
        image_url=f"{organization.public_url}/logo.png" if organization.logo else None,
    )


_sealed: LRUCache[tuple[UUID, str], values.Achievement] = LRUCache(512)
_sealed_lock = Lock()


def achievement_of(version: BadgeTemplateVersion) -> values.Achievement:
    """Return what a version says. A sealed version never changes, so it is worked out once per process."""
    if version.sealed_at is None:
        return _achievement(version)
    key = (version.uuid, settings.PUBLIC_URL)
    with _sealed_lock:
        known = _sealed.get(key)
    if known is not None:
        return known
    built = _achievement(version)
    # A seal that is rolled back is none, and the version may be edited then.
    transaction.on_commit(partial(_remember, key, built))
    return built


def _remember(key: tuple[UUID, str], achievement: values.Achievement) -> None:
    with _sealed_lock:
        _sealed[key] = achievement


def _achievement(version: BadgeTemplateVersion) -> values.Achievement:
    description = _markdown(version.description) or version.consumer_description or version.strapline
    return values.Achievement(
        url=version.public_url,
        name=version.title,
        description=description.strip() or version.title,
        criteria_narrative=_criteria(version) or None,
        criteria_url=version.criteria_url or None,
        image_url=f"{version.public_url}/image.png",
        achievement_type=version.achievement_type,
        tags=tuple(version.tags),
        alignments=tuple(
            values.Alignment(
                name=alignment["name"],
                url=alignment["url"],
                description=alignment.get("description"),
                framework=alignment.get("framework"),
                code=alignment.get("code"),
                type=alignment.get("type"),
            )
            for alignment in version.alignments
        ),
        language=version.language,
        version=version.version_code,
        result_descriptions=tuple(
            values.ResultDescription(
                url=result_url(version, description["id"]),
                name=description["name"],
                result_type=description["type"],
                allowed_values=tuple(description.get("allowed_values") or ()),
                value_min=description.get("value_min"),
                value_max=description.get("value_max"),
                required_value=description.get("required_value"),
            )
            for description in version.result_descriptions
        ),
    )


def result_url(version: BadgeTemplateVersion, result_id: str) -> str:
    """Return the address that identifies a result description of a version."""
    return f"{version.public_url}#result-{result_id}"


def _criteria(version: BadgeTemplateVersion) -> str:
    """Return the criteria as Markdown: the narrative, then the list that BadgeKit clients keep."""
    with translation.override(version.language):  # whoever asks first must not decide what is signed
        required = f" ({_('required')})"
    parts = [_markdown(version.assignment_criteria)]
    parts += [
        f"- {criterion['description']}" + (required if criterion.get("required") else "")
        for criterion in version.criteria
    ]
    return "\n".join(part for part in parts if part)


def award_of(badge: Badge, *, url: str | None = None) -> values.Award:
    """Return what a badge says of its earner; `url` is the id of the document, by default the badge's page."""
    narrative = "\n\n".join(part for part in (badge.activity_title, badge.narrative) if part)
    return values.Award(
        url=url or badge.public_url,
        uuid=badge.uuid,
        recipient=values.Recipient(
            email=badge.recipient_email,
            salt=badge.recipient_salt,
            # Of this badge alone: one subject on several badges would link a person's badges to each other.
            subject_id=uuid5(badge.uuid, "earner").urn,
            name=badge.recipient_name or None,
        ),
        issued_at=badge.issued_at,
        expires_at=badge.expires_at,
        narrative=narrative or None,
        evidence=tuple(values.Evidence(**evidence) for evidence in badge.evidence),
        results=tuple(
            values.Result(
                value=result.get("value"),
                status=result.get("status"),
                result_description_url=(
                    result_url(badge.version, result["result_description"])
                    if result.get("result_description")
                    else None
                ),
            )
            for result in badge.results
        ),
        activity_started_on=badge.activity_started_at,
        activity_ended_on=badge.activity_ended_at,
    )


def status_entry(badge: Badge) -> values.StatusEntry | None:
    """Return the badge's place in its published status list; None for a badge without one."""
    if badge.status_list is None or badge.status_index is None:
        return None
    return values.StatusEntry(
        list_url=f"{settings.PUBLIC_URL}{badge.status_list.public_path}", index=badge.status_index
    )


# What the standard's values call what a version calls otherwise.
OWN_NAMES = {"name": "title", "criteria_narrative": "assignment_criteria"}


def _own_name(field: str) -> str:
    if field.startswith("result_descriptions."):
        return field.replace(".result_type", ".type").replace(".url", ".id")
    return OWN_NAMES.get(field, field)


def check_version(version: BadgeTemplateVersion) -> None:
    """Raise Unsignable when what a version says would make its badges' signatures fail elsewhere."""
    try:
        admission.check_achievement(_achievement(version))
    except NotAdmitted as error:
        raise Unsignable(_(error.sentence) % error.values, field=_own_name(error.field)) from error


def check_award(person: Person, award: Award, version: BadgeTemplateVersion) -> None:
    """Raise Unsignable when what is said about a badge would make its signature fail elsewhere."""
    known_results = {description["id"] for description in version.result_descriptions}
    for index, result in enumerate(award.results):
        if result.get("result_description") and result["result_description"] not in known_results:
            raise Unsignable(
                _("The template has no result of this id."), field=f"results.{index}.result_description"
            )
    try:
        admission.check_text("recipient_first_name", person.first_name)
        admission.check_text("recipient_last_name", person.last_name)
        admission.check_text("activity_title", award.activity_title)
        admission.check_text("narrative", award.narrative)
        for name, items in (("evidence", award.evidence), ("results", award.results)):
            for index, item in enumerate(items):
                for key, value in item.items():
                    check = admission.check_url if key == "url" else admission.check_text
                    check(f"{name}.{index}.{key}", value)
    except NotAdmitted as error:
        raise Unsignable(_(error.sentence) % error.values, field=error.field) from error
