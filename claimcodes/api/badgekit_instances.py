"""BadgeKit badge instances: badges issued to an address, with or without a claim code; listed, found, revoked.

They stand above the claim codes, because an instance tells the code that it was claimed with.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from badges.api.badgekit_badges import BadgeView
from badges.api.badgekit_bodies import BADGE_PARTS, badge_body, instant
from badges.exceptions import BadgeAlreadyHeld
from badges.models import Badge, BadgeTemplate
from badges.querysets import BadgeQuerySet
from badges.services.awards import Award, IssueRequest
from badges.services.batches import create_batch
from badges.services.documents import hosted_url
from badges.services.issuing import issue_badge, issue_badges
from badges.services.revoking import revoke_badge
from claimcodes.api.badgekit_codes import already_claimed, code_not_found, guesser_of
from claimcodes.api.badgekit_documentation import (
    ADDRESS_ROUTE,
    BULK_ROUTE,
    INSTANCE_ROUTE,
    INSTANCES_ROUTE,
)
from claimcodes.exceptions import ClaimCodeUnknown, ClaimCodeUsedUp
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from config.api.badgekit import (
    ApiError,
    BadgekitRequest,
    Fields,
    answer,
    not_found,
    paged,
    refused_field,
    validation_error,
)
from config.exceptions import RuleBroken
from config.text import folded
from earners.services import Person
from organizations.api.badgekit import ScopedView, in_each_scope
from organizations.enums import ApiScope

AT_ONCE = 1_000  # of a bulk run that is answered when all are issued; more become a batch
MAX_EMAILS = 50_000
NEEDS = {
    "GET": ApiScope.READ,
    "POST": ApiScope.ISSUE,
    "DELETE": ApiScope.ISSUE,  # to revoke, as in the issuer API
}


class InstancesRoute(BadgeView):
    """`{X}/badges/:slug/instances`"""

    described = INSTANCES_ROUTE

    needs: ClassVar = NEEDS

    def get(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Answer the badges issued of this template and not revoked, oldest first."""
        template = self.badge(badge_slug)
        rows, page_data, link = paged(request, _living().filter(template=template).order_by("pk"))
        shown = badge_body(template)
        body: dict[str, Any] = {"instances": [instance_body(row, shown) for row in rows]}
        return _listed(body, page_data, link)

    def post(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Issue the badge to an address; with `claimCode` the code is used by the same act, or both are refused."""
        template = self.badge(badge_slug)
        fields = Fields(request.data)
        email = fields.email("email", required=True) or ""
        award = read_award(fields)
        code = fields.text("claimCode", may_be_empty=True)
        fields.check()
        try:
            if code:
                badge, code = self._claimed(request, template, code, email, award)
            else:
                badge = issue_badge(template=template, person=Person(email=email), award=award, by=self.actor)
        except BadgeAlreadyHeld as refusal:
            raise _awarded_before(email, template, refusal.assertion_url) from refusal
        return answer(
            {"status": "created", "instance": _new_body(badge, code)},
            201,
            headers={"Location": f"/public/assertions/{badge.uuid}"},
        )

    def _claimed(
        self, request: BadgekitRequest, template: BadgeTemplate, text: str, email: str, award: Award
    ) -> tuple[Badge, str]:
        """Return the badge that a code gives this address, and the code as kept. Raises ApiError where it gives none."""
        guesser = guesser_of(request, self.system_slug)
        guesser.check()
        code = ClaimCode.objects.filter(template=template, code_key=folded(text)).first()
        if code is None:
            guesser.count(text)
            raise code_not_found(text)
        uses = code.uses
        try:
            badge = claim_code(claim_code=code, email=email, award=award, by=self.actor).badge
        except ClaimCodeUsedUp as refusal:
            raise already_claimed(code) from refusal
        except ClaimCodeUnknown as refusal:
            raise code_not_found(text) from refusal
        if badge is None:
            raise not_found("badgeInstance", "email", email)
        if (
            code.uses == uses
        ):  # the first claim of this address: claiming again answers it, issuing again is refused
            raise _awarded_before(email, template, hosted_url(badge))
        return badge, code.code


class BulkRoute(BadgeView):
    """`{X}/badges/:slug/instances/bulk`"""

    described = BULK_ROUTE

    needs: ClassVar = NEEDS

    def post(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Issue the badge to many addresses: to all of them, or to none where something is in the way.

        Who holds it already, and may only once, is passed over, as are repeated addresses. More than AT_ONCE become a batch
        that a worker issues (202); its badges appear among the instances.
        """
        template = self.badge(badge_slug)
        fields = Fields(request.data)
        award = read_award(fields)
        emails = _emails(fields)
        fields.check()
        if len(emails) > AT_ONCE:
            people: list[tuple[Person, dict[str, Any]]] = [(Person(email=email), {}) for email in emails]
            batch = create_batch(template=template, people=people, award=award, by=self.actor)
            return answer(
                {
                    "status": "accepted",
                    "instances": [],
                    "batch": {"id": str(batch.uuid), "total": batch.total},
                },
                202,
            )
        wanted = [IssueRequest(person=Person(email=email), award=award) for email in emails]
        badges: list[Badge] = []
        with transaction.atomic():
            outcomes: Sequence[Badge | RuleBroken] = (
                issue_badges(template=template, requests=wanted, by=self.actor) if wanted else ()
            )
            for outcome in outcomes:
                if isinstance(outcome, Badge):
                    badges.append(outcome)
                elif not isinstance(outcome, BadgeAlreadyHeld):
                    raise outcome
        return answer({"status": "created", "instances": [_new_body(badge, None) for badge in badges]}, 201)


class InstanceRoute(BadgeView):
    """`{X}/badges/:slug/instances/:email`"""

    described = INSTANCE_ROUTE

    needs: ClassVar = NEEDS

    def get(self, request: BadgekitRequest, badge_slug: str, email: str) -> HttpResponse:
        """Answer the badge that this address has of the template, the latest where it has several."""
        template = self.badge(badge_slug)
        badge = self._found(template, email)[0]
        return answer({"instance": instance_body(badge, badge_body(template))})

    def delete(self, request: BadgekitRequest, badge_slug: str, email: str) -> HttpResponse:
        """Revoke what this address has of the template.

        A `reason` in the body is public; without it a sentence of ours stands there.
        """
        template = self.badge(badge_slug)
        fields = Fields(request.data)
        reason = fields.text("reason", max_length=1000, may_be_empty=True)
        fields.check()
        if not reason:
            with translation.override(template.organization.language):
                reason = _("Revoked by the issuer.")
        with transaction.atomic():
            found = self._found(template, email)
            for badge in found:
                revoke_badge(badge=badge, reason=reason, by=self.actor)
        body = instance_body(found[0], badge_body(template))
        return answer({"status": "deleted", "instance": body})

    def _found(self, template: BadgeTemplate, email: str) -> list[Badge]:
        """Return the badges of the template that this address has, the latest first. Raises ApiError 404 for none."""
        badges = list(_of_address(email).filter(template=template).order_by("-pk"))
        if not badges:
            raise not_found("badgeInstance", "email", email)
        return badges


class AddressRoute(ScopedView):
    """`{X}/instances/:email`"""

    described = ADDRESS_ROUTE

    needs: ClassVar = NEEDS

    def get(self, request: BadgekitRequest, email: str) -> HttpResponse:
        """Answer what an address has of all that the path reaches, oldest first.

        As a list, which is what the old server answered and its clients read; the latest of it also as `instance`, which is
        what BadgeKit's documentation shows.
        """
        badges = _of_address(email).filter(template__in=self.scope.templates()).order_by("pk")
        badges = badges.select_related("claim__claim_code", *(f"template__{part}" for part in BADGE_PARTS))
        rows, page_data, link = paged(request, badges)
        bodies = [instance_body(row, badge_body(row.template)) for row in rows]
        body: dict[str, Any] = {"instances": bodies}
        if bodies:
            body["instance"] = bodies[-1]
        return _listed(body, page_data, link)


def instance_body(badge: Badge, shown: dict[str, Any]) -> dict[str, Any]:
    """Return a badge of `_living` as BadgeKit's instance; `shown` is the badge object that it is an instance of."""
    claim: Claim | None = getattr(badge, "claim", None)
    return {
        "slug": str(badge.uuid),
        "email": badge.recipient_email,
        "expires": instant(badge.expires_at) if badge.expires_at is not None else None,
        "issuedOn": instant(badge.issued_at),
        "claimCode": claim.claim_code.code if claim is not None else None,
        "assertionUrl": hosted_url(badge),
        "badge": shown,
    }


def _new_body(badge: Badge, code: str | None) -> dict[str, Any]:
    """Return a badge that was issued just now: `claimCode` stands there only if there was one, and `badge` is null."""
    return {
        "slug": str(badge.uuid),
        "email": badge.recipient_email,
        "expires": instant(badge.expires_at) if badge.expires_at is not None else None,
        "issuedOn": instant(badge.issued_at),
        **({"claimCode": code} if code else {}),
        "assertionUrl": hosted_url(badge),
        "badge": None,
    }


def read_award(fields: Fields) -> Award:
    """Return what a body says of a badge: issuedOn, expires, and `comment`, which is kept as the issuer's note.

    A `slug` is ignored: badges have ids of their own.
    """
    return Award(
        issued_at=fields.time("issuedOn"),
        expires_at=fields.time("expires"),
        notes=fields.text("comment", max_length=20_000, may_be_empty=True) or "",
    )


def _emails(fields: Fields) -> list[str]:
    """Return the addresses of a bulk run, each once; each that is none is remembered in `fields`."""
    given = fields.data.get("emails")
    if not isinstance(given, list):
        fields.refuse("emails", 'Invalid value for "emails". Expected array.')
        return []
    if len(given) > MAX_EMAILS:
        fields.refuse("emails", f"More than {MAX_EMAILS} addresses")
        return []
    found: dict[str, str] = {}
    wrong: list[dict[str, Any]] = []
    for value in given:
        one = Fields({"email": value})
        email = one.email("email", required=True)
        if email is not None:
            found.setdefault(folded(email), email)
        elif len(wrong) < 100:
            wrong.append(refused_field("email", "Invalid email", value))
    if wrong:
        raise validation_error([*fields.refused, *wrong])
    return list(found.values())


def _living() -> BadgeQuerySet:
    """Return badges that are not revoked, with their claims and codes read by the same query."""
    return Badge.objects.filter(revoked_at__isnull=True).select_related("claim__claim_code")


def _of_address(email: str) -> BadgeQuerySet:
    return _living().filter(earner__email_key=folded(email))


def _awarded_before(email: str, template: BadgeTemplate, assertion_url: str | None) -> ApiError:
    message = f"User {email} has already been awarded badge {template.slug}"
    details = {"assertionUrl": assertion_url} if assertion_url else {}
    return ApiError(409, "ResourceConflict", message, details, error=message)


def _listed(body: dict[str, Any], page_data: dict[str, int] | None, link: str | None) -> HttpResponse:
    if page_data is not None:
        body["pageData"] = page_data
    return answer(body, headers={"Link": link} if link else None)


urlpatterns = [
    *in_each_scope("badges/<str:badge_slug>/instances", InstancesRoute, "instances"),
    *in_each_scope("badges/<str:badge_slug>/instances/bulk", BulkRoute, "instances_bulk"),
    *in_each_scope("badges/<str:badge_slug>/instances/<path:email>", InstanceRoute, "instance"),
    *in_each_scope("instances/<path:email>", AddressRoute, "instances_of_address"),
]
