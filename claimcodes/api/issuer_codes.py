"""Claim codes of a badge template in the issuer API: one or many are made, listed, changed, deleted, written to files."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from badges.api.issuer_batches import file_answer
from badges.api.issuer_template_access import TEMPLATE, TemplateView
from badges.models import BadgeTemplate
from claimcodes.api import issuer_examples as examples
from claimcodes.api.code_files import codes_as_csv, codes_as_text
from claimcodes.api.issuer_filters import CodeFilters
from claimcodes.choosing import Made, choose, count_others
from claimcodes.exceptions import ClaimCodesTaken, ClaimCodeTaken
from claimcodes.models import Claim, ClaimCode
from claimcodes.querysets import ClaimCodeQuerySet
from claimcodes.services import (
    MAX_AT_ONCE,
    MAX_LENGTH,
    MIN_RANDOM,
    create_claim_code,
    create_claim_codes,
    delete_claim_code,
    update_claim_code,
)
from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.errors import Invalid
from config.api.issuer.fields import (
    FlagField,
    Input,
    MomentField,
    Shape,
    TextField,
    WholeField,
    spaced,
    timestamp,
)
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer, refuse_field
from config.api.issuer.wording import errors_of
from organizations.api.issuer_access import no_such
from organizations.enums import ApiScope, AuditAct
from organizations.services.audit import note_act

TAG = "Claim codes"
CODES = f"{TEMPLATE}/claim_codes"
CODE = f"{CODES}/<uuid:code_id>"
FILES = {"csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8"}
FORMATS = {"csv": "csv", "txt": "txt", "text": "txt"}
SHOWN_CLAIMS = 100


class CodeShape(Shape):
    """A claim code."""

    example = examples.CODE
    id = serializers.UUIDField()
    code = serializers.CharField()
    claimed = FlagField(help_text="1: claimed once at least, or marked so.")
    multiuse = FlagField()
    max_uses = serializers.IntegerField(allow_null=True, help_text="Of a multi-use code. Null: any number.")
    uses = serializers.IntegerField()
    email = serializers.CharField(allow_null=True, help_text="Of the last claim, or noted when it was made.")
    expires_at = serializers.CharField(
        allow_null=True, help_text="2024-09-24 07:53:39, in the organization's time zone"
    )
    claim_url = serializers.CharField(help_text="The page on which it is claimed: what a QR code leads to.")
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    updated_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")


class ClaimShape(Shape):
    """One use of a claim code."""

    example = examples.CLAIM
    email = serializers.CharField(allow_null=True, help_text="Null where the code was only marked.")
    badge_id = serializers.UUIDField(allow_null=True)
    claimed_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")


class FullCodeShape(CodeShape):
    """A claim code with the latest of its claims."""

    example = examples.CLAIMED
    claims = ClaimShape(many=True, help_text=f"At most {SHOWN_CLAIMS}, the latest first.")


class CodeChangeInput(Input):
    """What of a claim code may change. What was claimed stays so."""

    example = {"expires_at": "2024-12-31 23:59:59"}
    code = TextField(required=False)
    claimed = FlagField(required=False)
    multiuse = FlagField(required=False)
    max_uses = WholeField(required=False, allow_null=True, min_value=1)
    expires_at = MomentField(required=False, allow_null=True)
    email = serializers.EmailField(required=False, allow_null=True, max_length=254)

    def checked(self) -> dict[str, Any]:
        """Return the values that were sent, checked. Raises Invalid with all errors."""
        errors = {} if self.is_valid() else errors_of(self, self.errors)
        for name, message in self._contradictions():
            errors.setdefault(name, [message])
        if errors:
            raise Invalid(errors)
        return dict(self.validated_data)

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield the values that do not go with others."""
        values: Mapping[str, Any] = self.validated_data if not self.errors else {}
        if values.get("max_uses") and not values.get("multiuse", self.context.get("multiuse", False)):
            yield "max_uses", _("The max uses field is prohibited unless multiuse is 1.")


class CodesInput(CodeChangeInput):
    """One claim code (a random one without `code`), these `codes`, or `count` random ones."""

    example = {"count": 20, "prefix": "SPRING-"}
    code = TextField(required=False, allow_null=True)
    claimed = None  # type: ignore[assignment]  # nothing is claimed yet
    codes = serializers.ListField(
        child=TextField(), required=False, allow_null=True, allow_empty=False, max_length=MAX_AT_ONCE
    )
    count = WholeField(required=False, allow_null=True, min_value=1, max_value=MAX_AT_ONCE)
    prefix = TextField(required=False, allow_null=True, max_length=MAX_LENGTH - MIN_RANDOM)
    length = WholeField(
        required=False,
        allow_null=True,
        min_value=MIN_RANDOM,
        max_value=MAX_LENGTH,
        help_text="How many random hexadecimal digits follow the prefix.",
    )

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        yield from super()._contradictions()
        given = [name for name in ("code", "codes", "count") if self.initial_data.get(name) not in (None, "")]
        for name in given[1:]:
            yield name, _("Send either `code`, `codes` or `count`, not several of them.")
        for name in ("prefix", "length"):
            if set(given) & {"code", "codes"} and self.initial_data.get(name) not in (None, ""):
                yield name, _("This is for random codes only.")


def code_body(code: ClaimCode, zone: ZoneInfo) -> dict[str, Any]:
    """Return a claim code as CodeShape says; times without a zone are those of `zone`."""
    return {
        "id": str(code.uuid),
        "code": code.code,
        "claimed": int(code.is_claimed),
        "multiuse": int(code.is_multiuse),
        "max_uses": code.max_uses,
        "uses": code.uses,
        "email": code.email,
        "expires_at": spaced(code.expires_at, zone),
        "claim_url": code.public_url,
        "created_at": timestamp(code.created_at),
        "updated_at": timestamp(code.updated_at),
    }


def claim_body(claim: Claim) -> dict[str, Any]:
    """Return a claim as ClaimShape says. Its badge must be loaded."""
    return {
        "email": claim.email or None,
        "badge_id": str(claim.badge.uuid) if claim.badge is not None else None,
        "claimed_at": timestamp(claim.created_at),
    }


class CodeView(TemplateView):
    """A route of the claim codes of one template. To make codes is to give badges away, so it takes the scope to issue."""

    needs: ClassVar = {"POST": ApiScope.ISSUE, "PUT": ApiScope.ISSUE, "PATCH": ApiScope.ISSUE}
    multiuse = False
    guessed: Collection[str] = ()  # codes of other organizations that the request hit upon, folded

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request, and count guesses afterwards.

        By then what was refused has been taken back: a cache in the database would forget a count with it, and under an
        Idempotency-Key everything runs in one transaction.
        """
        response = super().dispatch(request, *args, **kwargs)
        if self.guessed:
            count_others(self.organization, self.guessed)
        return response

    def codes(self, template: BadgeTemplate) -> ClaimCodeQuerySet:
        """Return the template's codes, newest first."""
        codes: ClaimCodeQuerySet = ClaimCode.objects.filter(template=template).order_by("-id")
        return codes

    def code(self, template_id: UUID, code_id: UUID) -> ClaimCode:
        """Return one; raise Missing."""
        code = self.codes(self.template(template_id)).filter(uuid=code_id).first()
        if code is None:
            raise no_such(_("claim code"))
        self.multiuse = code.is_multiuse
        return code

    def claims(self, code: ClaimCode) -> Any:
        """Return who claimed, the latest first."""
        return Claim.objects.filter(claim_code=code).select_related("badge").order_by("-id")

    def narrowed(self, template: BadgeTemplate) -> ClaimCodeQuerySet:
        """Return the codes that the query asks for; raise Invalid."""
        codes = self.filtered(CodeFilters, self.codes(template))
        return cast("ClaimCodeQuerySet", codes)

    @property
    def zone(self) -> ZoneInfo:
        """The organization's time zone."""
        return ZoneInfo(self.organization.time_zone)

    def get_serializer_context(self) -> dict[str, Any]:
        """Inputs know whether the code may be used more than once now."""
        return super().get_serializer_context() | {"multiuse": self.multiuse}

    def chosen(self, codes: Sequence[str], act: Callable[[], Made]) -> Made:
        """Do what writes codes that the client chose. Raises what `choose` raises; of many Invalid, with their places."""
        try:
            return choose(organization=self.organization, codes=codes, act=act)
        except ClaimCodeTaken as refusal:
            self.guessed = refusal.others
            if not isinstance(refusal, ClaimCodesTaken):
                raise
            places = [f"codes.{list(codes).index(code)}" for code in refusal.codes]
            said = _("The %(attribute)s has already been taken.")
            raise Invalid({place: [said % {"attribute": place}] for place in places}) from refusal


class CodesRoute(CodeView):
    """`/api/v1/issuers/organization/badge_templates/{id}/claim_codes`"""

    @documented(
        "List claim codes",
        tag=TAG,
        answer=CodeShape,
        listed=True,
        refusals=[422],
        parameters=CodeFilters.parameters(),
    )
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        """Answer a page of the template's codes."""
        found = self.narrowed(self.template(template_id))
        zone = self.zone
        return answer(page_of(request, QuerySetSource(found), lambda code: code_body(code, zone)))

    @documented(
        "Make claim codes",
        tag=TAG,
        description="One code, answered as an object; or with `count` or `codes` many, all or none, answered as a list.",
        request=CodesInput,
        answer=CodeShape,
        status=201,
        one_or_many=True,
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request, template_id: UUID) -> HttpResponse:
        """Make one code or many."""
        template = self.template(template_id)
        values = self.checked(CodesInput)
        common = {
            "template": template,
            "is_multiuse": values.get("multiuse", False),
            "max_uses": values.get("max_uses"),
            "expires_at": values.get("expires_at"),
            "email": values.get("email"),
            "by": self.actor,
        }
        codes, text = values.get("codes"), values.get("code")
        is_random = values.get("prefix") or values.get("length")
        if codes is not None:
            return self._made(self.chosen(codes, lambda: create_claim_codes(codes=codes, **common)))
        if text is not None:
            code = self.chosen([text], lambda: create_claim_code(code=text, **common))
        elif values.get("count") is None and not is_random:
            code = create_claim_code(**common)
        else:
            many = create_claim_codes(
                count=values.get("count") or 1,
                prefix=values.get("prefix") or "",
                length=values.get("length"),
                **common,
            )
            if values.get("count") is not None:
                return self._made(many)
            code = many[0]
        return answer({"data": code_body(code, self.zone)}, 201)

    def _made(self, codes: Iterable[ClaimCode]) -> HttpResponse:
        zone = self.zone
        return answer({"data": [code_body(code, zone) for code in codes]}, 201)


class CodeRoute(CodeView):
    """`/api/v1/issuers/organization/badge_templates/{id}/claim_codes/{code_id}`"""

    @documented("A claim code, and who claimed with it", tag=TAG, answer=FullCodeShape)
    def get(self, request: Request, template_id: UUID, code_id: UUID) -> HttpResponse:
        """Answer one with the latest of its claims."""
        code = self.code(template_id, code_id)
        claims = [claim_body(claim) for claim in self.claims(code)[:SHOWN_CLAIMS]]
        return answer({"data": code_body(code, self.zone) | {"claims": claims}})

    @documented(
        "Change a claim code",
        tag=TAG,
        description="Only what is sent is changed. One that badges were claimed with cannot become unclaimed.",
        request=CodeChangeInput,
        answer=CodeShape,
        refusals=[409],
    )
    def put(self, request: Request, template_id: UUID, code_id: UUID) -> HttpResponse:
        """Change what is sent."""
        code = self.code(template_id, code_id)
        values = self.checked(CodeChangeInput, partial=True)
        names = {"claimed": "is_claimed", "multiuse": "is_multiuse"}
        fields = {names.get(name, name): value for name, value in values.items()}

        def change() -> ClaimCode:
            return update_claim_code(claim_code=code, fields=fields, by=self.actor)

        changed = self.chosen([fields["code"]], change) if "code" in fields else change()
        return answer({"data": code_body(changed, self.zone)})

    patch = put

    @documented(
        "Delete a claim code",
        tag=TAG,
        description="With the record of who claimed with it. Badges that were claimed stay.",
        status=204,
    )
    def delete(self, request: Request, template_id: UUID, code_id: UUID) -> HttpResponse:
        """Delete it."""
        delete_claim_code(claim_code=self.code(template_id, code_id), by=self.actor)
        return HttpResponse(status=204)


class ClaimsRoute(CodeView):
    """`/api/v1/issuers/organization/badge_templates/{id}/claim_codes/{code_id}/claims`"""

    @documented("List the claims of a claim code", tag=TAG, answer=ClaimShape, listed=True)
    def get(self, request: Request, template_id: UUID, code_id: UUID) -> HttpResponse:
        """Answer a page of claims."""
        claims = self.claims(self.code(template_id, code_id))
        return answer(page_of(request, QuerySetSource(claims), claim_body))


class CodeFileRoute(CodeView):
    """`/api/v1/issuers/organization/badge_templates/{id}/claim_codes/export`"""

    @documented(
        "Claim codes as a file",
        tag=TAG,
        description="All codes that the list would show with the same filters, in the order in which they were made: as CSV"
        " with their addresses, or as text, one a line.",
        answer=bytes,
        wrapped=False,
        refusals=[422],
        media_types=("text/csv", "text/plain"),
        parameters=[
            OpenApiParameter("format", str, enum=list(FORMATS), description="`csv` where nothing is said."),
            *CodeFilters.parameters(),
        ],
    )
    def get(self, request: Request, template_id: UUID) -> StreamingHttpResponse:
        """Answer the file while it is written."""
        template = self.template(template_id)
        wanted = request.query_params.get("format", "").strip().lower() or "csv"
        if wanted not in FORMATS:
            refuse_field("format", _("The selected format is invalid."))
        kind = FORMATS[wanted]
        codes = self.narrowed(template)
        content: Iterator[bytes] = iter(())
        if self._method() != "HEAD":
            content = codes_as_csv(codes, self.zone) if kind == "csv" else codes_as_text(codes)
            note_act(
                organization=self.organization,
                act=AuditAct.DATA_EXPORTED,
                by=self.actor,
                subject=template.uuid,
                label=str(template),
                details={"claim_codes": kind},
            )
        return file_answer(content, f"claim-codes-{template.slug[:60]}.{kind}", FILES[kind])


urlpatterns = [
    path(CODES, CodesRoute.as_view()),
    path(f"{CODES}/export", CodeFileRoute.as_view()),
    path(CODE, CodeRoute.as_view()),
    path(f"{CODE}/claims", ClaimsRoute.as_view()),
]
