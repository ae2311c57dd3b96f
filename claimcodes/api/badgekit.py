"""Claim codes in the BadgeKit API (seed 004): seven operations in each of three scopes, and what users asked for beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.urls import URLPattern

from badges.api.badgekit_bodies import badge_body
from claimcodes.api.badgekit_bodies import (
    EXTENDED,
    PLAIN,
    as_csv,
    as_text,
    claim_body,
    code_body,
    row_body,
)
from claimcodes.api.badgekit_code_documentation import (
    BADGE_OF_CODE_ROUTE,
    CLAIM_ROUTE,
    CLAIMS_OF_BADGE_ROUTE,
    CLAIMS_OF_CODE_ROUTE,
    CODES_ROUTE,
    RANDOM_ROUTE,
)
from claimcodes.api.badgekit_codes import CodesView, CodeView, already_claimed, code_not_found
from claimcodes.api.badgekit_filters import filtered, is_filtered
from claimcodes.exceptions import ClaimCodesTaken, ClaimCodeTaken, ClaimCodeUnknown, ClaimCodeUsedUp
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code, create_claim_code, create_claim_codes
from config.api.badgekit import BadgekitRequest, Fields, answer, conflict, paged
from config.statements import Listing, Statement
from organizations.api.badgekit import in_each_scope

# The plain list is asked for most: put together once.
CODES: Statement[tuple[Any, ...]] = Statement(
    lambda places: (
        ClaimCode.objects.filter(template=places.number("template")).order_by("pk").values_list(*PLAIN)
    )
)
COUNT: Statement[tuple[int]] = Statement(
    lambda places: (
        ClaimCode.objects.filter(template=places.number("template"))
        .order_by()
        .values("template")
        .annotate(number=Count("pk"))
        .values_list("number")
    )
)
FORMATS = {"text": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8"}


class CodeListView(CodesView):
    """All codes of a badge: list them (operation 1), or make one (operation 4), or many."""

    described = CODES_ROUTE

    def get(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """List the codes in the order in which they were made; `?format=text` and `?format=csv` export them all."""
        template = self.find_template(badge_slug)
        is_extended = self.is_extended(request)
        if is_filtered(request) or is_extended or "format" in request.query:
            codes = filtered(request, ClaimCode.objects.filter(template=template).order_by("pk"))
            wanted = request.first("format")
            if wanted in FORMATS:
                return _file(as_text(codes) if wanted == "text" else as_csv(codes), wanted, template.slug)
            rows, page_data, link = paged(request, codes.values_list(*(EXTENDED if is_extended else PLAIN)))
        else:
            rows, page_data, link = paged(request, Listing(CODES, COUNT, template=template.pk))
        body: dict[str, Any] = {
            "claimCodes": [row_body(row) for row in rows],
            "badge": badge_body(template),
        }
        if page_data is not None:
            body["pageData"] = page_data
        return answer(body, headers={"Link": link} if link else None)

    def post(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Make the code that is named, or with `codes` all that are: all of them or none."""
        template = self.find_template(badge_slug)
        fields = Fields(request.data)
        is_many = fields.has("codes")
        code = None if is_many else fields.text("code", required=True)
        codes = _read_codes(fields) if is_many else []
        values = read_values(fields)
        fields.check()
        if is_many:
            try:
                made = self.chosen(
                    template,
                    codes,
                    lambda: create_claim_codes(template=template, codes=codes, **values, by=self.actor),
                )
            except ClaimCodesTaken as refusal:
                raise conflict("claimCode", "code", {"codes": refusal.codes}) from refusal
            return self.created(request, made, template, is_many=True)
        try:
            row = self.chosen(
                template,
                [code or ""],
                lambda: create_claim_code(template=template, code=code, **values, by=self.actor),
            )
        except ClaimCodeTaken as refusal:
            sent = {name: request.data[name] for name in SENT if name in request.data}
            raise conflict("claimCode", "code", sent) from refusal
        return self.created(request, [row], template)


SENT = ("code", "claimed", "email", "multiuse")


class RandomCodeView(CodesView):
    """Make a random code (operation 5), or with `count` many. A code that is itself called `random` is here too."""

    described = RANDOM_ROUTE

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Leave everything but POST to the view of one code."""
        if request.method != "POST":
            response: HttpResponse = CodeView.as_view()(request, **kwargs, code="random")
            return response
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Make it; the body may be empty. `prefix` stands before the random digits, of which there are `length`."""
        template = self.find_template(badge_slug)
        fields = Fields(request.data)
        count = fields.integer("count", minimum=1)
        prefix = fields.text("prefix", may_be_empty=True)
        length = fields.integer("length", minimum=1)
        is_many = count is not None
        values = read_values(fields)
        fields.check()
        if not is_many and not prefix and length is None:
            row = create_claim_code(template=template, **values, by=self.actor)
            return self.created(request, [row], template)
        made = create_claim_codes(
            template=template, count=count or 1, prefix=prefix or "", length=length, **values, by=self.actor
        )
        return self.created(request, made, template, is_many=is_many)


class ClaimView(CodesView):
    """Claim a code (operation 7)."""

    described = CLAIM_ROUTE
    suffix = "claim"

    def post(self, request: BadgekitRequest, badge_slug: str, code: str) -> HttpResponse:
        """Claim: with `email` its badge is issued (to `firstName` and `lastName`, if sent); without, it is marked."""
        guesser = self.guesser(request)
        guesser.check()
        row = self.find_code(code, badge_slug)
        if row is None:
            guesser.count(code)
            raise code_not_found(code)
        fields = Fields(request.data)
        email = fields.email("email")
        first_name = fields.text("firstName", may_be_empty=True)
        last_name = fields.text("lastName", may_be_empty=True)
        fields.check()
        try:
            claim = claim_code(
                claim_code=row,
                email=email,
                first_name=first_name or "",
                last_name=last_name or "",
                by=self.actor,
            )
        except ClaimCodeUsedUp as refusal:
            raise already_claimed(row) from refusal
        except ClaimCodeUnknown as refusal:
            raise code_not_found(code) from refusal
        is_extended = self.is_extended(request)
        shown = code_body(row, is_extended=is_extended)
        if (
            claim.email
        ):  # of who claims again too, and never of who claimed last: sites show it to their visitors
            shown["email"] = claim.email
        body = {
            "status": "updated",
            "claimCode": shown,
            "badge": badge_body(row.template),
        }
        if is_extended:
            body["claim"] = claim_body(claim)
        return answer(body)


class ClaimsOfCodeView(CodesView):
    """Who claimed with a code, and when. Only who may read the organization's rows gets here."""

    described = CLAIMS_OF_CODE_ROUTE

    suffix = "claims"

    def get(self, request: BadgekitRequest, badge_slug: str, code: str) -> HttpResponse:
        """List the claims, the oldest first."""
        row = self.find_code(code, badge_slug)
        if row is None:
            raise code_not_found(code, is_read=True)
        claims = Claim.objects.filter(claim_code=row).select_related("badge").order_by("pk")
        rows, page_data, link = paged(request, claims)
        body: dict[str, Any] = {
            "claims": [claim_body(claim) for claim in rows],
            "claimCode": code_body(row, is_extended=True),
        }
        if page_data is not None:
            body["pageData"] = page_data
        return answer(body, headers={"Link": link} if link else None)


class ClaimsOfBadgeView(CodesView):
    """Who claimed a badge, with which of its codes."""

    described = CLAIMS_OF_BADGE_ROUTE

    def get(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """List the claims, the oldest first."""
        template = self.find_template(badge_slug)
        claims = Claim.objects.filter(claim_code__template=template).select_related("badge", "claim_code")
        rows, page_data, link = paged(request, claims.order_by("pk"))
        body: dict[str, Any] = {
            "claims": [claim_body(claim) | {"code": claim.claim_code.code} for claim in rows],
            "badge": badge_body(template),
        }
        if page_data is not None:
            body["pageData"] = page_data
        return answer(body, headers={"Link": link} if link else None)


class BadgeOfCodeView(CodesView):
    """Find the badge of a code, wherever in the system, issuer or program it is (operation 3)."""

    described = BADGE_OF_CODE_ROUTE

    def get(self, request: BadgekitRequest, code: str) -> HttpResponse:
        """Answer the badge, with `claimed` as its last key: 1 where nobody new can claim with the code, else 0."""
        guesser = self.guesser(request)
        guesser.check()
        row = self.find_code(code)
        if row is None:
            guesser.count(code)
            raise code_not_found(code, is_read=True)
        return answer({"badge": badge_body(row.template) | {"claimed": int(not row.is_claimable)}})


def read_values(fields: Fields) -> dict[str, Any]:
    """Return what a body says of new codes, as the services take it; what is wrong is remembered in `fields`."""
    return {
        "is_claimed": bool(fields.flag("claimed")),
        "email": fields.email("email"),
        "is_multiuse": bool(fields.flag("multiuse")),
        "max_uses": fields.integer("maxUses", minimum=1),
        "expires_at": fields.time("expires"),
    }


def _read_codes(fields: Fields) -> list[str]:
    codes = fields.data["codes"]
    if isinstance(codes, str):
        codes = [codes]
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        fields.refuse("codes", "Not a list of strings")
        return []
    return codes


def _file(content: str, kind: str, name: str) -> HttpResponse:
    encoded = content.encode()
    headers: Mapping[str, str] = {
        "Content-Length": str(len(encoded)),
        "Content-Disposition": f'attachment; filename="{name}-codes.{"txt" if kind == "text" else "csv"}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(encoded, content_type=FORMATS[kind], headers=headers)


BADGE = "badges/<str:badge_slug>"
urlpatterns: list[URLPattern] = [
    *in_each_scope(f"{BADGE}/codes", CodeListView, "codes"),
    *in_each_scope(f"{BADGE}/codes/random", RandomCodeView, "random_code"),
    *in_each_scope(f"{BADGE}/codes/<path:code>/claim", ClaimView, "claim"),
    *in_each_scope(f"{BADGE}/codes/<path:code>/claims", ClaimsOfCodeView, "claims_of_code"),
    *in_each_scope(f"{BADGE}/codes/<path:code>", CodeView, "code"),
    *in_each_scope(f"{BADGE}/claims", ClaimsOfBadgeView, "claims_of_badge"),
    *in_each_scope("codes/<path:code>", BadgeOfCodeView, "badge_of_code"),
]
