"""Outcomes and their records as the issuer API answers them."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from badges.api import issuer_examples as examples
from badges.enums import OutcomeState
from badges.models import Outcome, OutcomeRecord
from config.api.issuer.fields import FlagField, Shape, timestamp


class OutcomeShape(Shape):
    """A code that other programs report, and where it leads."""

    example = examples.OUTCOME
    id = serializers.UUIDField()
    code = serializers.CharField(help_text="What programs report; unique on the server.")
    name = serializers.CharField(allow_null=True)
    badge_template_id = serializers.UUIDField(allow_null=True, help_text="Whose badge is issued at once.")
    call_url = serializers.CharField(
        allow_null=True, help_text="The issuing platform that is asked for a badge."
    )
    is_active = FlagField()
    records_count = serializers.IntegerField(help_text="For how many people it was reported.")
    created_at = serializers.CharField()
    updated_at = serializers.CharField()


# Made by a function, as the word `secrets` is no field of its own.
SECRETS = inline_serializer(
    "OutcomeSecrets",
    {
        "signing_secret": serializers.CharField(help_text="Signs what is sent to `call_url`."),
        "callback_token": serializers.CharField(help_text="What the platform shows when it calls back."),
    },
    allow_null=True,
)


class NewOutcomeShape(OutcomeShape):
    """An outcome, with its secrets where it was given some just now."""

    example = {**examples.OUTCOME, "secrets": None}
    secrets = SECRETS


class EventShape(Shape):
    """Something that happened to a record."""

    at = serializers.CharField()
    event = serializers.CharField(
        help_text="recorded, issued, held_already, refused, reported, report_failed, ..."
    )
    detail = serializers.CharField(allow_null=True)
    by = serializers.CharField(allow_null=True)


class RecordShape(Shape):
    """That a person reached an outcome, and what became of it."""

    example = examples.RECORD
    id = serializers.UUIDField()
    outcome_id = serializers.UUIDField()
    outcome_code = serializers.CharField()
    recipient_email = serializers.CharField()
    state = serializers.ChoiceField(OutcomeState.choices)
    badge_id = serializers.UUIDField(allow_null=True, help_text="The badge, where it is one of yours.")
    badge_url = serializers.CharField(
        allow_null=True, help_text="The badge that the platform called back with."
    )
    ref_id = serializers.UUIDField(allow_null=True, help_text="By which the platform names the record.")
    ref_expires_at = serializers.CharField(allow_null=True)
    reported_at = serializers.CharField(allow_null=True, help_text="When the platform took the report.")
    problem = serializers.CharField(allow_null=True, help_text="What went wrong the last time.")
    created_at = serializers.CharField()
    updated_at = serializers.CharField()


class RecordWithHistoryShape(RecordShape):
    """A record with all that happened to it, oldest first."""

    example = {**examples.RECORD, "history": examples.HISTORY}
    history = EventShape(many=True)


def outcome_body(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as OutcomeShape says. Its template must be loaded, and its records counted (`reports`)."""
    return {
        "id": str(outcome.uuid),
        "code": outcome.code,
        "name": outcome.name or None,
        "badge_template_id": str(outcome.template.uuid) if outcome.template is not None else None,
        "call_url": outcome.call_url or None,
        "is_active": int(outcome.is_active),
        "records_count": getattr(outcome, "reports", 0),
        "created_at": timestamp(outcome.created_at),
        "updated_at": timestamp(outcome.updated_at),
    }


def record_body(record: OutcomeRecord) -> dict[str, Any]:
    """Return a record as RecordShape says. Its outcome and its badge must be loaded."""
    return {
        "id": str(record.uuid),
        "outcome_id": str(record.outcome.uuid),
        "outcome_code": record.outcome.code,
        "recipient_email": record.recipient_email,
        "state": record.state,
        "badge_id": str(record.badge.uuid) if record.badge is not None else None,
        "badge_url": record.badge_url or (record.badge.public_url if record.badge is not None else None),
        "ref_id": str(record.ref_id) if record.ref_id is not None else None,
        "ref_expires_at": timestamp(record.ref_expires_at),
        "reported_at": timestamp(record.reported_at),
        "problem": record.problem or None,
        "created_at": timestamp(record.created_at),
        "updated_at": timestamp(record.updated_at),
    }


def record_with_history(record: OutcomeRecord) -> dict[str, Any]:
    """Return a record as RecordWithHistoryShape says."""
    return record_body(record) | {
        "history": [
            {
                "at": timestamp(datetime.fromisoformat(entry["at"])),
                "event": entry["event"],
                "detail": entry.get("detail"),
                "by": entry.get("by"),
            }
            for entry in record.history
        ]
    }
