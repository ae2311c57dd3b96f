"""Outcomes are defined: made, changed, given secrets, deleted while nothing was reported."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.models import BadgeTemplate, Outcome, OutcomeRecord
from badges.services.outcome_reports import checked_call_url
from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS
from organizations.actors import Actor
from organizations.encryption import encrypt, re_encrypt
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import changes_between, note_act
from organizations.services.organizations import require_enabled

MAX_TEXT = 255
FIELDS = frozenset({"code", "name", "template", "call_url", "is_active"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeSecrets:
    """What a platform must know, shown once: by what it tells our reports, and what it shows when it calls back."""

    signing_secret: str
    callback_token: str


def create_outcome(
    *,
    organization: Organization,
    code: str,
    name: str = "",
    template: BadgeTemplate | None = None,
    call_url: str = "",
    is_active: bool = True,
    by: Actor | None,
) -> tuple[Outcome, OutcomeSecrets | None]:
    """Define an outcome; return (row, secrets). There are secrets when it calls out; they are returned only here.

    Raises InvalidInput (a code that is taken, of any organization, too), OrganizationDisabled and KeyNotUsable.
    """
    require_enabled(organization)
    outcome = Outcome(organization=organization)
    _take(outcome, {"code": code, "name": name, "template": template, "call_url": call_url}, by)
    outcome.is_active = is_active
    made = _give_secrets(outcome) if outcome.call_url else None
    with transaction.atomic():
        _save(outcome)
        _note(outcome, AuditAct.OUTCOME_CREATED, by)
    return outcome, made


def update_outcome(
    *, outcome: Outcome, fields: Mapping[str, Any], by: Actor | None
) -> tuple[Outcome, OutcomeSecrets | None]:
    """Change what `fields` names (FIELDS); return (row, secrets). There are secrets when it calls out for the first time.

    The code stays once something was reported. Raises InvalidInput, OrganizationDisabled and KeyNotUsable.
    """
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"An outcome has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        row = Outcome.objects.select_for_update(of=("self",)).select_related("organization", "template")
        outcome = row.get(pk=outcome.pk)
        require_enabled(outcome.organization)
        if fields.get("code", outcome.code) != outcome.code and outcome.records.exists():
            raise InvalidInput(
                _("This outcome was reported before, so its code stays. Make another outcome instead."),
                field="code",
            )
        before = _values(outcome)
        _take(outcome, fields, by)
        made = None
        if outcome.call_url and outcome.callback_digest is None:
            made = _give_secrets(outcome)
        _save(outcome)
        _note(outcome, AuditAct.OUTCOME_CHANGED, by, changes_between(before, _values(outcome)))
    return outcome, made


def rotate_outcome_secrets(*, outcome: Outcome, by: Actor | None) -> OutcomeSecrets:
    """Give an outcome new secrets and return them, for the only time; the old ones are of no use from now on.

    Raises InvalidInput for an outcome that does not call out, OrganizationDisabled and KeyNotUsable.
    """
    with transaction.atomic():
        row = Outcome.objects.select_for_update(of=("self",)).select_related("organization")
        outcome = row.get(pk=outcome.pk)
        require_enabled(outcome.organization)
        if not outcome.call_url:
            raise InvalidInput(
                _("This outcome calls nobody, so it has no secrets. Give it an address to call first."),
                field="call_url",
            )
        made = _give_secrets(outcome)
        outcome.save(update_fields=["encrypted_signing_secret", "callback_digest", "updated_at"])
        _note(outcome, AuditAct.OUTCOME_CHANGED, by, {"secrets": [None, _("new")]})
    return made


def delete_outcome(*, outcome: Outcome, by: Actor | None) -> bool:
    """Delete an outcome, or only make it inactive when it was reported before; return whether it is gone.

    Raises OrganizationDisabled.
    """
    with transaction.atomic():
        row = Outcome.objects.select_for_update(of=("self",)).select_related("organization")
        outcome = row.get(pk=outcome.pk)
        require_enabled(outcome.organization)
        _note(outcome, AuditAct.OUTCOME_DELETED, by)
        if OutcomeRecord.objects.filter(outcome=outcome).exists():
            Outcome.objects.filter(pk=outcome.pk).update(is_active=False, updated_at=timezone.now())
            return False
        outcome.delete()
    return True


def callback_digest(token: str) -> str:
    """Return the digest by which a callback token is kept. It has 256 random bits, so a plain SHA-256 does."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def re_encrypt_outcomes() -> int:
    """Encrypt the signing secrets with the newest of KEY_ENCRYPTION_KEYS; return how many. In the caller's transaction."""
    count = 0
    for outcome in Outcome.objects.select_for_update().filter(encrypted_signing_secret__isnull=False):
        assert outcome.encrypted_signing_secret is not None  # noqa: S101 - filtered
        outcome.encrypted_signing_secret = re_encrypt(outcome.encrypted_signing_secret)
        outcome.save(update_fields=["encrypted_signing_secret"])
        count += 1
    return count


def _values(outcome: Outcome) -> dict[str, Any]:
    """Return what the audit log tells of an outcome."""
    return {
        "code": outcome.code,
        "name": outcome.name,
        "template": str(outcome.template) if outcome.template is not None else None,
        "call_url": outcome.call_url,
        "is_active": outcome.is_active,
    }


def _note(
    outcome: Outcome, act: AuditAct, by: Actor | None, details: Mapping[str, Any] | None = None
) -> None:
    note_act(
        organization=outcome.organization,
        act=act,
        by=by,
        subject=outcome.uuid,
        label=outcome.code,
        details=details,
    )


def _give_secrets(outcome: Outcome) -> OutcomeSecrets:
    made = OutcomeSecrets(
        signing_secret=f"lrl_sign_{secrets.token_urlsafe(32)}",
        callback_token=f"lrl_call_{secrets.token_urlsafe(32)}",
    )
    outcome.encrypted_signing_secret = encrypt(made.signing_secret.encode())
    outcome.callback_digest = callback_digest(made.callback_token)
    return made


def _take(outcome: Outcome, fields: Mapping[str, Any], by: Actor | None) -> None:
    """Put checked values into a row."""
    del by
    if "code" in fields:
        outcome.code = _checked_code(fields["code"])
    if "name" in fields:
        outcome.name = _checked_text(fields["name"] or "", "name")
    if "template" in fields:
        outcome.template = fields["template"]
    if "call_url" in fields:
        outcome.call_url = checked_call_url(fields["call_url"] or "")
    if "is_active" in fields:
        outcome.is_active = bool(fields["is_active"])
    if outcome.template is not None and outcome.template.organization_id != outcome.organization_id:
        raise InvalidInput(
            _("This template belongs to another organization. Choose one of the same."), field="template"
        )
    if outcome.template is not None and outcome.call_url:
        raise InvalidInput(
            _(
                "An outcome leads to a template here or to another platform, not to both. Leave one of them empty."
            ),
            field="call_url",
        )


def _checked_code(code: str) -> str:
    code = _checked_text(code, "code")
    if not code or "/" in code or code in {".", ".."}:
        raise InvalidInput(
            _("Give a code of 1 to 255 characters without slashes: it becomes part of a web address."),
            field="code",
        )
    return code


def _checked_text(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > MAX_TEXT or UNSIGNABLE_CHARACTERS.search(text):
        raise InvalidInput(
            _("Use at most %(limit)d characters, all of them visible.") % {"limit": MAX_TEXT}, field=field
        )
    return text


def _save(outcome: Outcome) -> None:
    taken = Outcome.objects.filter(code=outcome.code).exclude(pk=outcome.pk)
    try:
        with transaction.atomic():
            if not taken.exists():
                outcome.save()
                return
    except IntegrityError:
        if not taken.exists():
            raise
    raise InvalidInput(_("This code is taken. Please choose another one."), field="code")
