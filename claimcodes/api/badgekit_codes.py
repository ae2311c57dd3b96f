"""One claim code in the BadgeKit API: found by its path whatever characters it has, read, changed, deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from badges.api.badgekit_bodies import BADGE_PARTS, badge_body
from badges.enums import TemplateStatus
from badges.models import BadgeTemplate
from claimcodes.api.badgekit_bodies import code_body, created_body
from claimcodes.api.badgekit_code_documentation import CODE_ROUTE
from claimcodes.choosing import Made, choose, count_others
from claimcodes.exceptions import ClaimCodeTaken, ClaimCodeUnknown
from claimcodes.guesses import (
    check_guesses,
    check_server,
    count_guess,
    count_guess_of_server,
)
from claimcodes.models import ClaimCode
from claimcodes.services import delete_claim_code, update_claim_code
from config.api.badgekit import ApiError, BadgekitRequest, Fields, answer, conflict, not_found
from config.clients import client_at, client_of
from config.statements import Places, Statement
from config.text import folded
from organizations.api.badgekit import ScopedView
from organizations.enums import ApiScope
from organizations.models import ApiKey, System

VISITOR = "HTTP_LAUREL_VISITOR"  # the address of the person for whom an issuer's server asks


def _reached(given: frozenset[str], places: Places, path: str = "") -> Q:
    """Return the condition for templates below the slugs that a path gives; `path` leads to the template."""
    below = {
        "system": "system__slug",
        "issuer": "organization__slug",
        "program": "program__slug",
        "badge": "slug",
    }
    wanted: dict[str, object] = {
        "system__archived_at__isnull": True,
        "organization__archived_at__isnull": True,
        "current_version__isnull": False,
    }
    wanted |= {field: places.text(name) for name, field in below.items() if name in given}
    if "issuer" in given:
        wanted["organization__is_system_itself"] = False
    if "program" in given:
        wanted["program__archived_at__isnull"] = True
    undeleted = Q(**{f"{path}archived_at__isnull": True}) | Q(**{f"{path}status": TemplateStatus.ACTIVE})
    return Q(**{f"{path}{field}": value for field, value in wanted.items()}) & undeleted


@cache
def _code_statement(given: frozenset[str]) -> Statement[ClaimCode]:
    """Return the query for a code, with all that its badge's body needs."""
    parts = [f"template__{part}" for part in BADGE_PARTS]
    return Statement(
        lambda places: (
            ClaimCode.objects.select_related(*parts)
            .filter(
                _reached(given, places, "template__"),
                # Said of the code too, as its index begins with the system.
                system__in=System.objects.filter(slug=places.text("system")).values("pk"),
                code_key=places.text("code"),
            )
            .order_by("pk")[:1]
        )
    )


@cache
def _template_statement(given: frozenset[str]) -> Statement[BadgeTemplate]:
    """Return the query for a badge, with all that its body needs."""
    return Statement(
        lambda places: (
            BadgeTemplate.objects.select_related(*BADGE_PARTS)
            .filter(_reached(given, places))
            .order_by("pk")[:1]
        )
    )


@dataclass(frozen=True, slots=True)
class Guesser:
    """Who may be guessing codes: the visitor that an issuer's server names, or else the server itself, by its system."""

    visitor: str | None
    server: str

    def check(self) -> None:
        """Raise TooManyGuesses where too many wrong codes came from there."""
        if self.visitor is not None:
            check_guesses(self.visitor)
        else:
            check_server(self.server)

    def count(self, code: str) -> None:
        """Count a code that does not exist. Raises TooManyGuesses where that was one too many of a server."""
        if self.visitor is not None:
            count_guess(self.visitor, code)
        else:
            count_guess_of_server(self.server)


def code_not_found(code: str, *, is_read: bool = False) -> ApiError:
    """Return the 404 for a code, in the words of seed 004: it has others for reading (both ways) than for all else."""
    named = f"the request claim code: {code}" if is_read else f"claimCode field: `code`, value: {code}"
    return ApiError(404, "ResourceNotFound", f"Could not find {named}")


def already_claimed(code: ClaimCode) -> ApiError:
    """Return the 400 for a code that takes nobody new, in the words of seed 004."""
    return ApiError(400, "CodeAlreadyUsed", f"Claim code `{code.code}` has already been claimed")


def guesser_of(request: BadgekitRequest, system_slug: str) -> Guesser:
    """Return who is counted when a code that this request names turns out not to exist."""
    meta = request.http.META
    return Guesser(
        visitor=client_at(meta[VISITOR]) if VISITOR in meta else None,
        server=f"{system_slug} {client_of(request.http)}",
    )


class CodesView(ScopedView):
    """What all views of claim codes do: tell codes from paths, find codes by one query, say which part is not there."""

    # To make codes is to give badges away, so an API key needs the scope to issue, as in the issuer API.
    needs: ClassVar = {
        "GET": ApiScope.READ,
        "POST": ApiScope.ISSUE,
        "PUT": ApiScope.ISSUE,
        "DELETE": ApiScope.WRITE,
    }
    is_scope_read_early = False
    suffix: ClassVar[str] = ""  # what follows the code in the path

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Settle where the code in the path ends: codes may hold slashes, and be called `claim`.

        Django sees the path decoded, `a%2Fb` as `a/b`. Where the server tells the raw one (gunicorn does), it decides.
        Slashes that are doubled, or at the end, count for nothing.
        """
        code = kwargs.get("code")
        if code is None or not ("/" in code or self.suffix):
            return super().dispatch(request, *args, **kwargs)
        segments = BadgekitRequest(request).segments
        if request.path_info.endswith("/") and not (segments and segments[-1].endswith("/")):
            request.path_info = request.path_info.rstrip("/")
            match = resolve(request.path_info)
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
            return response
        if self.suffix and _is_part_of_code(self, request, segments):
            return CodeView.as_view()(request, **kwargs | {"code": f"{code}/{self.suffix}"})
        if not (segments and code in segments):
            kwargs["code"] = code.strip("/") or code
        return super().dispatch(request, *args, **kwargs)

    def find_template(self, badge_slug: str) -> BadgeTemplate:
        """Return the badge that the path names, with all that its body needs. Raises ApiError 404."""
        given = self._slugs(badge_slug)
        template = _template_statement(frozenset(given)).first(**given)
        if template is None or not self._may_see(template):
            _ = self.scope
            raise not_found("badge", "slug", badge_slug)
        return template

    def find_code(self, code: str, badge_slug: str | None = None) -> ClaimCode | None:
        """Return the code with its badge, or None. A badge, issuer, program or system that is not there is ApiError 404."""
        given = self._slugs(badge_slug)
        row = _code_statement(frozenset(given)).first(**given, code=folded(code))
        if row is not None and self._may_see(row.template):
            return row
        _ = self.scope
        if badge_slug is not None:
            self.find_template(badge_slug)
        return None

    def _slugs(self, badge_slug: str | None) -> dict[str, str]:
        slugs = {
            "system": self.system_slug,
            "issuer": self.issuer_slug,
            "program": self.program_slug,
            "badge": badge_slug,
        }
        return {name: slug for name, slug in slugs.items() if slug is not None}

    def _may_see(self, template: BadgeTemplate) -> bool:
        """Whether who asks may know of it; consumers and `master` were let into the whole system before."""
        return not isinstance(self.actor, ApiKey) or self.actor.organization_id == template.organization_id

    def chosen(self, template: BadgeTemplate, codes: Sequence[str], act: Callable[[], Made]) -> Made:
        """Do what writes codes that the client chose.

        An API key is slowed down where it is told of other organizations' codes; who acts in the whole system may list them.
        """
        if not isinstance(self.actor, ApiKey):
            return act()
        try:
            return choose(organization=template.organization, codes=codes, act=act)
        except ClaimCodeTaken as refusal:
            count_others(template.organization, refusal.others)
            raise

    def guesser(self, request: BadgekitRequest) -> Guesser:
        """Return who is counted when a code turns out not to exist."""
        return guesser_of(request, self.system_slug)

    def is_extended(self, request: BadgekitRequest) -> bool:
        """Whether the client asks for what seed 004 does not have."""
        return request.first("extended") in {"true", "1"}

    def created(
        self,
        request: BadgekitRequest,
        codes: Sequence[ClaimCode],
        template: BadgeTemplate,
        *,
        is_many: bool = False,
    ) -> HttpResponse:
        """Answer codes that were made: as in seed 004 what was sent, so without `email` where none was."""
        bodies = [
            created_body(code, has_email="email" in request.data, is_extended=self.is_extended(request))
            for code in codes
        ]
        body: dict[str, Any] = {"status": "created"}
        body |= {"claimCodes": bodies} if is_many else {"claimCode": bodies[0]}
        return answer(body | {"badge": badge_body(template)}, 201)


def _is_part_of_code(view: CodesView, request: HttpRequest, segments: list[str] | None) -> bool:
    """Return whether what looks like a suffix is the end of the code itself."""
    if segments is not None:
        return segments[-1] != view.suffix
    return not hasattr(view, (request.method or "").lower())


class CodeView(CodesView):
    """One code of a badge: read (operation 2), deleted (operation 6), changed."""

    described = CODE_ROUTE

    def get(self, request: BadgekitRequest, badge_slug: str, code: str) -> HttpResponse:
        """Answer the code and its badge. A visitor for whom the client asks may guess no more here than elsewhere."""
        guesser = self.guesser(request)
        if guesser.visitor is not None:
            guesser.check()
        row = self.find_code(code, badge_slug)
        if row is None:
            if guesser.visitor is not None:
                guesser.count(code)
            raise code_not_found(code, is_read=True)
        shown = code_body(row, is_extended=self.is_extended(request))
        return answer({"badge": badge_body(row.template), "claimCode": shown})

    def put(self, request: BadgekitRequest, badge_slug: str, code: str) -> HttpResponse:
        """Change what the body has: code, claimed, email, multiuse, maxUses, expires. Clients send back all they got."""
        row = self._existing(code, badge_slug)
        fields = Fields(request.data)
        values = {
            "code": fields.text("code", required=fields.has("code")),
            "is_claimed": fields.flag("claimed"),
            "email": fields.email("email"),
            "is_multiuse": fields.flag("multiuse"),
            "max_uses": fields.integer("maxUses", minimum=1),
            "expires_at": fields.time("expires"),
        }
        fields.check()
        given = {name for name, sent in SENT_AS.items() if fields.has(sent)}
        given -= {name for name in ("is_claimed", "is_multiuse") if values[name] is None}
        changes = {name: values[name] for name in values if name in given}

        def change() -> ClaimCode:
            return update_claim_code(claim_code=row, fields=changes, by=self.actor)

        try:
            changed = (
                self.chosen(row.template, [str(changes["code"])], change) if "code" in changes else change()
            )
        except ClaimCodeTaken as refusal:
            raise conflict("claimCode", "code", {"code": values["code"]}) from refusal
        except ClaimCodeUnknown as refusal:
            raise code_not_found(code) from refusal
        shown = code_body(changed, is_extended=self.is_extended(request))
        return answer({"status": "updated", "claimCode": shown, "badge": badge_body(row.template)})

    def delete(self, request: BadgekitRequest, badge_slug: str, code: str) -> HttpResponse:
        """Delete the code, claimed or not; answer its last state. Badges that it issued stay."""
        row = self._existing(code, badge_slug)
        try:
            deleted = delete_claim_code(claim_code=row, by=self.actor)
        except ClaimCodeUnknown as refusal:
            raise code_not_found(code) from refusal
        shown = code_body(deleted, is_extended=self.is_extended(request))
        return answer({"status": "deleted", "claimCode": shown, "badge": badge_body(row.template)})

    def _existing(self, code: str, badge_slug: str) -> ClaimCode:
        row = self.find_code(code, badge_slug)
        if row is None:
            raise code_not_found(code)
        return row


SENT_AS = {
    "code": "code",
    "is_claimed": "claimed",
    "email": "email",
    "is_multiuse": "multiuse",
    "max_uses": "maxUses",
    "expires_at": "expires",
}
