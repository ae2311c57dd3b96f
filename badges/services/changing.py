"""Changing a badge after it was issued: what is kept beside it, who may find it, and corrections of who it belongs to."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.credentials import ob3
from badges.credentials.recipients import new_salt
from badges.enums import DocumentKind, Visibility
from badges.exceptions import BadgeAlreadyHeld, BadgeNotChangeable
from badges.models import Badge, BadgeDocument, BadgeTemplate, PathProgress
from badges.services.awards import TEXTS, Award
from badges.services.issuers import Signatory, active_key, signatory
from badges.services.progress import mark_due
from badges.services.statuses import take_places
from badges.services.tallies import tally_accepted, tally_shown
from badges.services.values import achievement_of, award_of, check_award, status_entry
from config.exceptions import InvalidInput
from config.text import folded
from earners.models import Earner
from earners.services import Person, add_earners, checked_email
from organizations.actors import Actor
from organizations.enums import AuditAct, KeyAlgorithm, KeyStatus, MessageKind
from organizations.models import Message, Organization
from organizations.services.audit import changes_between, note_act
from organizations.services.organizations import require_enabled
from organizations.services.outbox import write_messages

CORRECTIONS = ("recipient_email", "recipient_first_name", "recipient_last_name")
NAME_LENGTH = 255


def change_badge(
    *, badge: Badge, fields: Mapping[str, Any], by: Actor | None, is_announced: bool = True
) -> Badge:
    """Change what is named in `fields` and nothing else, in one transaction; return the badge as it is then.

    `notes` (text) and `additional_details` (an object or None) are for the organization alone. `is_public` lists the badge
    in public, or not; one that is hidden stays hidden until it is made public. All of these may change of any badge.

    `recipient_email`, `recipient_first_name` and `recipient_last_name` are corrections of a badge that went to a wrong
    address or has a misspelt name. The badge keeps its id, its address, its dates and its place in the status list; its
    credential is signed anew with what the issuer is called now, and the JWT and the signed OB 2.0 Assertion are made anew
    when they are next asked for. It becomes the badge of the earner who has the new address, who is added where there is
    none, and who is told of it with `is_announced`; whether the one before had opened and accepted it counts no more. Files
    that were downloaded before still say what they said, and their signatures still fit: whoever must not be able to show
    them needs the badge revoked, which revokes old and new files alike, as they share one place in the status list. Only
    hosted OB 2.0 files, which verifiers look up at this server, stop verifying at once. (Where the list's key was revoked,
    or the issuer's DID is another one now, the badge has a new place.)

    Raises BadgeNotChangeable for corrections of revoked, imported and anonymous badges, BadgeAlreadyHeld when the template
    gives each earner one badge and the new earner has theirs, OrganizationDisabled (except for staff), InvalidInput,
    Unsignable, KeyNotUsable; then nothing has changed.
    """
    values = _checked(fields)
    with transaction.atomic():
        # In the order of issuing and revoking, so that no two transactions wait for each other.
        BadgeTemplate.objects.select_for_update(no_key=True).get(pk=badge.template_id)
        organization = Organization.objects.select_for_update().get(pk=badge.organization_id)
        if by is not None and not by.sees_everything:
            require_enabled(organization)
        # The row too: a document that is signed for the first time holds it while it is written.
        Badge.objects.select_for_update(no_key=True).only("pk").get(pk=badge.pk)
        badge = Badge.objects.select_related(
            "organization", "template", "version__template", "earner", "status_list__signing_key"
        ).get(pk=badge.pk)
        before = _shown(badge)
        changed = _take_plain(badge, values)
        changed += _take_correction(badge, values, is_announced=is_announced)
        if "is_public" in values:
            changed += _take_visibility(organization, badge, is_public=values["is_public"])
        if changed:
            badge.save(update_fields=[*changed, "updated_at"])
            note_act(
                organization=organization,
                act=AuditAct.BADGE_CHANGED,
                by=by,
                subject=badge.uuid,
                label=badge.recipient_email,
                details=changes_between(before, _shown(badge)) | _unshown(changed),
            )
    return badge


def _shown(badge: Badge) -> dict[str, str]:
    """Return what the log says word for word."""
    return {name: getattr(badge, name) for name in (*CORRECTIONS, "visibility")}


def _unshown(changed: Sequence[str]) -> dict[str, bool]:
    """Return what the log only says was changed: long texts."""
    return {name: True for name in ("notes", "additional_details") if name in changed}


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    unknown = values.keys() - {*CORRECTIONS, "notes", "additional_details", "is_public"}
    if unknown:
        raise InvalidInput(_("This cannot be changed."), field=min(unknown))
    for name in CORRECTIONS[1:]:
        if name in values:
            values[name] = values[name].strip()
            if len(values[name]) > NAME_LENGTH:
                raise InvalidInput(
                    _("This is longer than %(limit)d characters.") % {"limit": NAME_LENGTH}, field=name
                )
    if "recipient_email" in values:
        values["recipient_email"] = checked_email(values["recipient_email"])
    if len(values.get("notes", "")) > TEXTS["notes"]:
        raise InvalidInput(
            _("This is longer than %(limit)d characters.") % {"limit": TEXTS["notes"]}, field="notes"
        )
    return values


def _take_plain(badge: Badge, values: Mapping[str, Any]) -> list[str]:
    """Put the values that stand beside the badge into the row; return the names of the columns that changed."""
    names = [
        name
        for name in ("notes", "additional_details")
        if name in values and getattr(badge, name) != values[name]
    ]
    for name in names:
        setattr(badge, name, values[name])
    return names


def _take_visibility(organization: Organization, badge: Badge, *, is_public: bool) -> list[str]:
    """Make the badge public, or no longer, and count it so; return the names of the columns that changed."""
    if is_public == (badge.visibility == Visibility.PUBLIC):
        return []
    if badge.is_anonymous:
        raise BadgeNotChangeable(
            _("This badge is nobody's any more, so nobody can see it. Nothing was changed.")
        )
    badge.visibility = Visibility.PUBLIC if is_public else Visibility.UNLISTED
    if not badge.is_revoked and not badge.is_imported:
        tally_shown(organization, badge, is_public=is_public)
    return ["visibility"]


def _take_correction(badge: Badge, values: Mapping[str, Any], *, is_announced: bool) -> list[str]:
    """Give the badge to whom it belongs and sign it anew; return the names of the columns that changed."""
    before = {name: getattr(badge, name) for name in CORRECTIONS}
    after = before | {name: values[name] for name in CORRECTIONS if name in values}
    if after == before:
        return []
    if badge.is_revoked:
        raise BadgeNotChangeable(
            _("A revoked badge cannot be corrected. Issue a new one. Nothing was changed.")
        )
    if badge.is_imported:
        raise BadgeNotChangeable(
            _("This badge was issued elsewhere, so only its issuer can correct it. Nothing was changed.")
        )
    if badge.is_anonymous:
        raise BadgeNotChangeable(
            _("This badge is nobody's any more: its earner was erased. Issue a new one. Nothing was changed.")
        )
    person = Person(
        email=after["recipient_email"],
        first_name=after["recipient_first_name"],
        last_name=after["recipient_last_name"],
    )
    check_award(person, Award(), badge.version)
    for name, value in after.items():
        setattr(badge, name, value)
    if after["recipient_email"] != before["recipient_email"]:
        badge.recipient_salt = new_salt()
    _take_earner(badge, person, before)
    _sign_anew(badge)
    if is_announced and after["recipient_email"] != before["recipient_email"]:
        write_messages(
            [
                Message(
                    organization=badge.organization,
                    kind=MessageKind.BADGE_ISSUED,
                    subject=badge.uuid,
                    recipient=badge.recipient_email,
                )
            ]
        )
    return [
        *CORRECTIONS,
        *("recipient_salt", "earner", "status_list", "status_index", "opened_at", "accepted_at"),
    ]


def _take_earner(badge: Badge, person: Person, before: Mapping[str, str]) -> None:
    """Make the badge one of the earner with this address, with all that hangs on whose it is."""
    old = badge.earner
    if old.email_key == folded(person.email):
        # The earner's own name was taken from this badge, or is another one on purpose.
        if (old.first_name, old.last_name) == (before["recipient_first_name"], before["recipient_last_name"]):
            Earner.objects.filter(pk=old.pk).update(
                first_name=person.first_name, last_name=person.last_name, updated_at=timezone.now()
            )
        return
    [earner] = add_earners(organization=badge.organization, people=[person]).values()
    if badge.holds_place:
        _make_room(badge, earner)
    mark_due(badge.template, [badge])
    badge.earner = earner
    if badge.accepted_at is not None:
        tally_accepted(badge.organization, [badge], is_accepted=False)
    badge.opened_at = badge.accepted_at = None
    if PathProgress.objects.filter(badge=badge).update(badge=None, due_at=timezone.now()):
        # What completed a path completes it for the new earner, unless there is another badge that does.
        progress, _is_new = PathProgress.objects.get_or_create(path=badge.template, earner=earner)
        PathProgress.objects.filter(pk=progress.pk, badge__isnull=True).update(
            badge=badge, due_at=timezone.now()
        )
    mark_due(badge.template, [badge])


def _make_room(badge: Badge, earner: Earner) -> None:
    """Let the earner hold this badge of a `unique` template: an expired one gives way, another one does not."""
    held = Badge.objects.filter(template=badge.template, earner=earner, holds_place=True).first()
    if held is None:
        return
    if held.expires_at is None or held.expires_at > timezone.now():
        raise BadgeAlreadyHeld(badge_url=held.public_url)
    Badge.objects.filter(pk=held.pk).update(holds_place=False)


def _sign_anew(badge: Badge) -> None:
    """Replace the badge's documents by a credential that says what the row says now."""
    signing = _signatory_of_place(badge)
    if signing is None:
        signing, badge.status_list, [badge.status_index] = take_places(badge.organization, 1)
    body = signing.sign(
        ob3.credential(
            ob3.profile(signing.issuer),
            ob3.achievement(achievement_of(badge.version)),
            award_of(badge),
            status_entry(badge),
        )
    )
    BadgeDocument.objects.filter(badge=badge).delete()
    BadgeDocument.objects.create(badge=badge, kind=DocumentKind.OB3, body=body, signing_key=signing.key)


def _signatory_of_place(badge: Badge) -> Signatory | None:
    """Return who can sign for the DID of the badge's status list, as credential and list must have one issuer.

    None where nobody can: the list's key was revoked, or the organization issues under another DID now.
    """
    status_list = badge.status_list
    if status_list is None:
        return None
    key = status_list.signing_key
    if key.status == KeyStatus.RETIRED:
        key = active_key(badge.organization, KeyAlgorithm.ED25519)
        if signatory(badge.organization, key).did != status_list.issuer_did:
            key = status_list.signing_key  # did:key, whose DID is the key: it is retired, and still trusted
    elif key.status == KeyStatus.REVOKED:
        return None
    status_list.organization = badge.organization
    signing = signatory(badge.organization, key)
    return signing if signing.did == status_list.issuer_did else None
