"""One of each thing that routes of the issuer API name, with words in it that no other organization may read."""

from dataclasses import dataclass
from uuid import UUID

from badges.models import Badge, BadgeTemplate, PathProgress, Revocation
from badges.services.batches import create_batch
from badges.services.outcome_settings import create_outcome
from badges.services.outcomes import record_outcome
from claimcodes.services import claim_code, create_claim_code
from earners.manage.uploads import keep_upload
from earners.services import Person, create_list
from organizations.enums import ApiScope, Role
from organizations.models import Message, Organization, SigningKey, User
from organizations.services.invitations import invite
from organizations.services.wallet import request_credits
from tests import factories
from tests.accounts import account_of


@dataclass(frozen=True)
class Things:
    """The public ids of one of each thing of an organization, by the name that routes have for it."""

    ids: dict[str, UUID | str | int]
    secrets: tuple[str, ...]

    def path(self, route: str) -> str:
        """Return the route's path to these things."""
        for name, value in self.ids.items():
            route = route.replace(f"<uuid:{name}>", str(value)).replace(f"<str:{name}>", str(value))
        assert "<" not in route, f"no thing for {route}"
        return f"/{route}"


def things_of(acme: Organization, alice: User, template: BadgeTemplate, badge: Badge) -> Things:
    """Make one of each for an organization with this template, of which alice is a member."""
    hidden = Person(email="hidden@example.org")
    earners_list = create_list(organization=acme, name="Hidden list", people=[hidden], by=None)
    batch = create_batch(template=template, people=[(hidden, {})], by=None)
    code = create_claim_code(template=template, code="hidden-code", by=None)
    claim_code(claim_code=code, email="hidden.claimer@example.org")
    key, _text = factories.api_key(acme, ApiScope.WRITE)  # none that more may be taken from
    credit = request_credits(organization=acme, credits=7, description="hidden request", user=alice)
    assert template.current_version is not None
    earner = earners_list.memberships.select_related("earner").get().earner
    BadgeTemplate.objects.filter(pk=template.pk).update(is_learning_path=True)
    PathProgress.objects.create(path=template, earner=earner, problem="hidden problem")
    outcome, _secrets = create_outcome(
        organization=acme, code="hidden-outcome", call_url="https://hidden.platform.example/", by=None
    )
    record = record_outcome(account=account_of("hidden@example.org"), code="hidden-outcome")
    upload = keep_upload(
        organization=acme,
        name="hidden.csv",
        content=b"Email\nhidden.upload@example.org\n",
        list_id=earners_list.uuid,
        list_name=earners_list.name,
    )
    return Things(
        ids={
            "uuid": badge.uuid,
            "template_id": template.uuid,
            "version_id": template.current_version.uuid,
            "list_id": earners_list.uuid,
            "earner_id": earner.uuid,
            "batch_id": batch.uuid,
            "code_id": code.uuid,
            "key_id": key.uuid,
            "message_id": Message.objects.filter(organization=acme).earliest("pk").pk,
            "signing_key_id": SigningKey.objects.filter(organization=acme).earliest("pk").uuid,
            "invitation_id": invite(
                organization=acme, emails=["hidden.guest@example.org"], role=Role.VIEWER, by=alice
            )
            .sent[0]
            .uuid,
            "user_id": factories.member(acme, Role.VIEWER, "hidden.viewer@example.org").uuid,
            "transaction_id": credit.uuid,
            "outcome_id": outcome.uuid,
            "record_id": record.uuid,
            "revocation_id": Revocation.objects.create(
                organization=acme, reason="hidden reason", revoked_by="hidden@example.org", total=1
            ).uuid,
            "upload_id": upload.id,
            "form": "ob3.json",
            "sample": "medal",
            "ending": "svg",
        },
        secrets=("hidden", "Hidden", "ada@example.org", "alice@", str(template.uuid), "Data literacy"),
    )
