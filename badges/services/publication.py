"""What an organization publishes, looked at from outside: is each document there, for everybody?"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.credentials import dids, ob2
from badges.enums import DocumentKind
from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion, StatusList
from badges.services.documents import hosted_assertion, hosted_url
from badges.services.fetching import ORIGIN, Answer, Fetcher, NotFetched
from badges.services.findings import Finding, Reporter
from badges.services.issuers import did_document, key_url, signing_profile_url
from badges.services.picture_quality import check_picture
from badges.services.profiles import cryptographic_key_of, profile_of, signing_profile_of
from badges.services.values import achievement_of
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey

LINKED_DATA = "application/ld+json"
CREDENTIAL = "application/vc+ld+json"
MAX_SKEW = timedelta(seconds=60)


class Visitor:
    """A stranger who looks at what one organization publishes, address by address."""

    def __init__(self, organization: Organization, fetch: Fetcher) -> None:
        self.organization = organization
        self._fetch = fetch
        self._skew: timedelta | None = None

    def findings(self) -> Iterator[Finding]:
        """Yield what is found at each address, and then what the clocks say."""
        yield from self._issuer()
        badge = _latest_badge(self.organization)
        version = badge.version if badge is not None else _public_version(self.organization)
        status_list = StatusList.objects.filter(organization=self.organization).order_by("number").last()
        if status_list is not None:
            status_list.organization = self.organization
            yield from self._status_list(status_list)
        if version is not None:
            yield from self._version(version)
        if badge is not None:
            yield from self._badge(badge)
        else:
            yield self._report("badge").ok(
                _("There is no badge yet, so only what is there was looked at."),
                _("Issue a badge to yourself, then run this check again."),
            )
        if self._skew is not None:
            yield self._clock(self._skew)

    def _issuer(self) -> Iterator[Finding]:
        organization = self.organization
        active = {key.algorithm: key for key in SigningKey.objects.active().filter(organization=organization)}
        if settings.IS_SECURE:
            document = did_document(organization)
            yield from self._document(
                "did_document",
                _("The list of the issuer's keys (did.json)"),
                dids.did_document_url(document["id"]),
                accept="application/did+json, application/json",
                why=_("Open Badges 3.0 verifiers look there for the key of each signature."),
                expected=document,
                is_vital=True,
            )
        yield from self._document(
            "profile",
            _("The issuer's profile (Open Badges 2.0)"),
            organization.public_url,
            accept=LINKED_DATA,
            why=_("Open Badges 2.0 verifiers read there who issued a badge."),
            expected=profile_of(organization),
            is_vital=True,
        )
        rsa = active.get(KeyAlgorithm.RSA)
        if rsa is not None:
            yield from self._document(
                "key_document",
                _("The key for signed Open Badges 2.0"),
                key_url(rsa),
                accept=LINKED_DATA,
                why=_("Verifiers of signed Open Badges 2.0 need it."),
                expected=cryptographic_key_of(rsa),
                is_vital=True,
            )
            yield from self._document(
                "signing_profile",
                _("The issuer's profile for signed Open Badges 2.0"),
                signing_profile_url(rsa),
                accept=LINKED_DATA,
                why=_("Verifiers of signed Open Badges 2.0 read there whose key it is."),
                expected=signing_profile_of(rsa),
                is_vital=True,
            )
        if organization.logo:
            yield from self._picture("logo", _("The logo"), f"{organization.public_url}/logo.png")

    def _status_list(self, status_list: StatusList) -> Iterator[Finding]:
        yield from self._document(
            "status_list",
            _("The list that tells which badges are revoked"),
            f"{settings.PUBLIC_URL}{status_list.public_path}",
            accept=CREDENTIAL,
            why=_("Verifiers read it each time, and refuse badges when they cannot."),
            expected=json.loads(status_list.body),
            is_vital=True,
        )

    def _version(self, version: BadgeTemplateVersion) -> Iterator[Finding]:
        yield from self._document(
            "badge_class",
            _("The description of the badge “%(title)s”") % {"title": version.title},
            version.public_url,
            accept=LINKED_DATA,
            why=_("Open Badges 2.0 verifiers read there what was earned."),
            expected=ob2.badge_class(achievement_of(version), self.organization.public_url),
        )
        what = _("The picture of the badge “%(title)s”") % {"title": version.title}
        yield from self._picture("picture", what, f"{version.public_url}/image.png")

    def _badge(self, badge: Badge) -> Iterator[Finding]:
        body = badge.documents.filter(kind=DocumentKind.OB3).values_list("body", flat=True).first()
        if body is not None:
            yield from self._document(
                "badge",
                _("The newest badge as Open Badges 3.0"),
                f"{badge.public_url}/ob3.json",
                accept=CREDENTIAL,
                why=_("Earners hand this address to others."),
                expected=json.loads(body),
            )
        yield from self._document(
            "hosted_badge",
            _("The newest badge as Open Badges 2.0"),
            hosted_url(badge),
            accept=LINKED_DATA,
            why=_("An Open Badges 2.0 badge is valid because it is found there."),
            expected=hosted_assertion(badge),
            is_vital=True,
        )

    def _document(
        self,
        code: str,
        what: str,
        url: str,
        *,
        accept: str,
        why: str,
        expected: Mapping[str, Any],
        is_vital: bool = False,
    ) -> Iterator[Finding]:
        """Compare a published document with what Laurel says now; a vital one may not be an old copy."""
        report = self._report(code)
        document, problems = self._read(report, what, url, accept, why)
        if document is not None and document.get("id") != expected["id"]:
            problems.append(_is_another(report, what, url))
        elif document is not None and document != expected:
            problems.append(
                (report.error if is_vital else report.warning)(
                    _("%(what)s is not what Laurel publishes now: %(url)s answers another copy.")
                    % {"what": what, "url": url},
                    _("If it changed a moment ago, wait five minutes. Else empty the cache in front."),
                )
            )
        yield from problems or [_is_published(report, what, url)]

    def _picture(self, code: str, what: str, url: str) -> Iterator[Finding]:
        report = self._report(code)
        answer, problem = self._answer(
            report, what, url, "image/png", _("It is shown beside the badge everywhere.")
        )
        if answer is None:
            yield from problem
            return
        if answer.content_type == "image/png":
            problems = check_picture(report, what, answer.body, is_square=code == "picture")
        else:
            problems = [_wrong_type(report, what, answer)]
        if not _is_open(answer):
            problems.append(_is_closed(report.warning, what, url))
        yield from problems or [_is_published(report, what, url)]

    def _read(
        self, report: Reporter, what: str, url: str, accept: str, why: str
    ) -> tuple[dict[str, Any] | None, list[Finding]]:
        """Return the document at an address, or None, and what is wrong with how it is answered."""
        answer, problems = self._answer(report, what, url, accept, why)
        if answer is None:
            return None, problems
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            return None, [_wrong_type(report, what, answer)]
        if "json" not in answer.content_type:
            problems.append(_wrong_type(report, what, answer))
        if not _is_open(answer):
            problems.append(_is_closed(report.error, what, url))
        return document, problems

    def _answer(
        self, report: Reporter, what: str, url: str, accept: str, why: str
    ) -> tuple[Answer | None, list[Finding]]:
        """Return what an address answers with status 200, or None and why not."""
        try:
            answer = self._fetch(url, accept=accept)
        except NotFetched as error:
            message = _("%(what)s cannot be read at %(url)s: %(reason)s. %(why)s")
            advice = _("Start the server, and open this address from another network.")
            return None, [
                report.error(message % {"what": what, "url": url, "reason": error, "why": why}, advice)
            ]
        self._note_clock(answer)
        if answer.status == 200:
            return answer, []
        message = _("%(what)s cannot be read: %(url)s answers with status %(status)d. %(why)s")
        return None, [
            report.error(
                message % {"what": what, "url": url, "status": answer.status, "why": why},
                _advice(answer.status),
            )
        ]

    def _note_clock(self, answer: Answer) -> None:
        """Keep how far our clock is ahead of that of the answer: the least, as answers take time."""
        try:
            dated = parsedate_to_datetime(answer.headers["date"])
            age = timedelta(seconds=int(answer.headers.get("age", "0")))  # of a copy in a cache
        except (KeyError, ValueError, OverflowError):
            return
        skew = timezone.now() - (dated if dated.tzinfo else dated.replace(tzinfo=UTC)) - age
        if self._skew is None or abs(skew) < abs(self._skew):
            self._skew = skew

    def _clock(self, skew: timedelta) -> Finding:
        report = self._report("clock")
        seconds = round(abs(skew).total_seconds())
        advice = _("Set the clocks by NTP, here and on the proxy.")
        if skew > MAX_SKEW:
            message = _(
                "The clock here is %(seconds)d seconds ahead of the one that others see: badges would be"
                " issued in the future, and refused until then."
            )
            return report.warning(message % {"seconds": seconds}, advice)
        if skew < -MAX_SKEW:
            message = _("The clock here is %(seconds)d seconds behind the one that others see.")
            return report.warning(message % {"seconds": seconds}, advice)
        return report.ok(_("The clock here agrees with the one that others see."))

    def _report(self, code: str) -> Reporter:
        return Reporter(code, self.organization.name)


def _latest_badge(organization: Organization) -> Badge | None:
    """Return the newest badge that everybody with its address may see and that was not revoked."""
    return (
        Badge.objects.reachable()
        .filter(organization=organization, revoked_at__isnull=True, is_imported=False)
        .select_related("organization", "version__template")
        .first()
    )


def _public_version(organization: Organization) -> BadgeTemplateVersion | None:
    """Return a version whose documents are public although no badge is: that of a published template."""
    template = (
        BadgeTemplate.objects.published()
        .filter(organization=organization)
        .select_related("current_version__template")
        .first()
    )
    return template.current_version if template is not None else None


def _is_open(answer: Answer) -> bool:
    """Tell whether scripts of other sites may read the answer (CORS)."""
    return answer.headers.get("access-control-allow-origin", "").strip() in {"*", ORIGIN}


def _is_published(report: Reporter, what: str, url: str) -> Finding:
    return report.ok(_("%(what)s is published at %(url)s.") % {"what": what, "url": url})


def _is_closed(finding: Callable[[str, str], Finding], what: str, url: str) -> Finding:
    return finding(
        _(
            "%(what)s can be read by servers, but not by verifiers that run in a browser: at %(url)s the"
            " header Access-Control-Allow-Origin: * is missing."
        )
        % {"what": what, "url": url},
        _("Laurel sends this header: let the proxy in front pass it on."),
    )


def _is_another(report: Reporter, what: str, url: str) -> Finding:
    return report.error(
        _("%(what)s is not at %(url)s: another document is there.") % {"what": what, "url": url},
        _("Point this address at this installation, and set PUBLIC_URL to the address that people use."),
    )


def _wrong_type(report: Reporter, what: str, answer: Answer) -> Finding:
    return report.error(
        _("%(what)s is answered as “%(type)s” at %(url)s, which verifiers do not read.")
        % {"what": what, "type": answer.content_type or _("nothing"), "url": answer.url},
        _(
            "Let the proxy in front pass on the Accept header and Laurel's answers as they are, and not"
            " mix them up in a cache (Vary: Accept)."
        ),
    )


def _advice(status: int) -> str:
    if status in {401, 403, 407, 451}:
        return _("Let everybody read what is under /public/, without signing in.")
    if status >= 500:
        return _("Look into the server's log.")
    return _("Let the proxy in front pass everything under /public/ on to Laurel, and check PUBLIC_URL.")
