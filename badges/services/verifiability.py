"""Will a badge verify elsewhere? Looks at settings, keys, texts, pictures, and at what is published."""

import json
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from badges.credentials import admission, status
from badges.credentials.exceptions import Refused
from badges.credentials.exceptions import Unsignable as CannotBeSigned
from badges.credentials.keys import Ed25519Key, Ed25519PublicKey, RsaKey
from badges.credentials.signing import verify_credential
from badges.exceptions import Unsignable
from badges.models import Badge, BadgeTemplate, StatusList
from badges.services.fetching import Fetcher
from badges.services.findings import Finding, Level, Reporter
from badges.services.issuers import issuer_did
from badges.services.picture_quality import check_picture
from badges.services.pictures import png_of
from badges.services.publication import Visitor
from badges.services.values import check_version, issuer_of
from organizations.encryption import decrypt, encrypt
from organizations.enums import KeyAlgorithm, KeyStatus
from organizations.exceptions import KeyNotUsable
from organizations.models import Organization, SigningKey

# Names that lead nowhere outside one network (RFC 6761, RFC 6762, RFC 8375, and what people use).
INNER_DOMAINS = {
    "corp",
    "example",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
    "test",
}
UNSENT = {"console", "dummy", "filebased", "locmem"}  # Django's mail backends that reach nobody


def check_verifiability(organization: Organization | None = None, *, fetch: Fetcher | None) -> list[Finding]:
    """Return what speaks for and against the badges of an organization, or of all, verifying elsewhere.

    With `fetch` (services/fetching.py has one) the published addresses are looked at as well, as a stranger
    would; with None nothing leaves this machine. Changes nothing. What depends on a badge is checked with the
    newest one, and left out where there is none.
    """
    findings = [*_installation()]
    organizations = [organization] if organization is not None else list(_issuing())
    if not organizations:
        findings.append(
            Reporter("organization", _("This server")).warning(
                _("There is no organization yet, so nobody can issue."),
                _("Make one: manage.py create_organization NAME"),
            )
        )
    for issuer in organizations:
        findings += _organization(issuer)
        if fetch is not None:
            findings += Visitor(issuer, fetch).findings()
    return findings


def check_issuer(organization: Organization) -> list[Finding]:
    """Return what speaks for and against badges of an organization verifying elsewhere, as far as it is told at once.

    Looks at this server, the keys and the profile; at no template, no list of revoked badges, and nothing published: so it
    can stand on a page that is opened often.
    """
    return [*_installation(), *_keys_and_profile(organization)]


def _issuing() -> Iterator[Organization]:
    """Yield the organizations that issue: those that stand for a system only when they have templates."""
    for organization in Organization.objects.order_by("name", "pk"):
        if not organization.is_system_itself or organization.badge_templates.exists():
            yield organization


def _installation() -> Iterator[Finding]:
    subject = _("This server")
    yield from address_findings()
    yield _encryption(Reporter("encryption_keys", subject))
    yield _mail(Reporter("mail", subject))


def address_findings() -> Iterator[Finding]:
    """Yield what keeps PUBLIC_URL from being an address at which others find badges. Asks nothing and nobody."""
    report = Reporter("public_address", _("This server"))
    parts = urlsplit(settings.PUBLIC_URL)
    permanent = _("Set PUBLIC_URL before the first real badge: it stands in each badge for ever.")
    reason = _unreachable(parts.hostname or "")
    if reason:
        yield report.error(
            _("PUBLIC_URL is %(url)s. %(reason)s So nobody elsewhere can look up whether a badge is valid.")
            % {"url": settings.PUBLIC_URL, "reason": reason},
            permanent,
        )
    if parts.scheme != "https":
        yield report.error(
            _("PUBLIC_URL is %(url)s, without https: verifiers look up an issuer's keys by https alone.")
            % {"url": settings.PUBLIC_URL},
            _("Set up https for a public name. %(permanent)s") % {"permanent": permanent},
        )
    elif not reason:
        yield report.ok(_("PUBLIC_URL is %(url)s, a public https address.") % {"url": settings.PUBLIC_URL})


def _unreachable(host: str) -> str:
    """Return why a host name leads nowhere elsewhere, as a sentence; an empty text when it may lead here."""
    try:
        address = ip_address(host)
    except ValueError:
        labels = host.rstrip(".").lower().split(".")
        if any(".".join(labels[-length:]) in INNER_DOMAINS for length in (1, 2)):
            return _("This name is known on one machine or in one network only.")
        return "" if len(labels) > 1 else _("This name has no dot, so it is known in your own network only.")
    if not address.is_global:
        return _("This IP address is reached on one machine or in one network only.")
    return _("This is an IP address: issuers are looked up by a name (did:web section 3.1).")


def _encryption(report: Reporter) -> Finding:
    try:
        encrypt(b"")
    except KeyNotUsable as refusal:
        return report.error(refusal.message, _("Until then no badge can be signed."))
    return report.ok(_("Signing keys are kept encrypted, and can be used."))


def are_mails_sent() -> bool:
    """Whether this server's mails reach anybody, as far as its settings tell."""
    return settings.EMAIL_BACKEND.rpartition(".")[0].rpartition(".")[2] not in UNSENT


def _mail(report: Reporter) -> Finding:
    if not are_mails_sent():
        return report.warning(
            _("Mails are not sent: earners are not told of their badges."),
            _("Set EMAIL_URL, such as smtp+tls://user:password@mail.example.org:587."),
        )
    return report.ok(_("Mails are sent from %(sender)s.") % {"sender": settings.DEFAULT_FROM_EMAIL})


def _organization(organization: Organization) -> Iterator[Finding]:
    """Yield what can be told of an organization without asking its addresses."""
    yield from _keys_and_profile(organization)
    for status_list in StatusList.objects.filter(organization=organization).select_related("signing_key"):
        status_list.organization = organization
        yield _status_list(Reporter("revocations", organization.name), status_list)
    yield from _templates(organization)


def _keys_and_profile(organization: Organization) -> Iterator[Finding]:
    keys = {key.algorithm: key for key in SigningKey.objects.active().filter(organization=organization)}
    for algorithm in KeyAlgorithm:
        yield _key(Reporter("signing_keys", organization.name), algorithm, keys.get(algorithm))
    ed25519 = keys.get(KeyAlgorithm.ED25519)
    if ed25519 is not None:
        yield from _issuer(Reporter("issuer", organization.name), organization, ed25519)


def _key(report: Reporter, algorithm: KeyAlgorithm, key: SigningKey | None) -> Finding:
    """Return whether a key of the algorithm is there, can be decrypted, and is the one that is published."""
    use = {
        KeyAlgorithm.ED25519: _("no badge can be issued"),
        KeyAlgorithm.RSA: _("badges cannot be had as JWT, nor as signed Open Badges 2.0"),
    }[algorithm]
    if key is None:
        return report.error(
            _("There is no active %(algorithm)s key, so %(use)s.")
            % {"algorithm": algorithm.label, "use": use},
            _("Make one in the admin, under signing keys."),
        )
    try:
        private = decrypt(key.encrypted_private_bytes)
    except KeyNotUsable as refusal:
        return report.error(
            _("The %(algorithm)s key cannot be used, so %(use)s.")
            % {"algorithm": algorithm.label, "use": use},
            refusal.message,
        )
    signer = Ed25519Key if algorithm is KeyAlgorithm.ED25519 else RsaKey
    try:
        is_pair = signer.from_private_bytes(private).public_bytes == bytes(key.public_bytes)
    except ValueError:
        is_pair = False
    if not is_pair:
        return report.error(
            _("The %(algorithm)s key is damaged: its two halves do not belong together.")
            % {"algorithm": algorithm.label},
            _("Restore the database from a backup, or revoke this key; a new one is made."),
        )
    return report.ok(_("There is an active %(algorithm)s key.") % {"algorithm": algorithm.label})


def _issuer(report: Reporter, organization: Organization, key: SigningKey) -> Iterator[Finding]:
    """Yield whether the issuer's profile has what verifiers demand."""
    found = []
    try:
        admission.check_issuer(issuer_of(organization, issuer_did(organization, key)))
    except CannotBeSigned as error:
        found.append(
            report.error(
                _("The organization's %(field)s cannot stand in a badge: %(message)s")
                % {"field": error.field, "message": _(error.sentence) % error.values},
                _("Change it in the organization's profile."),
            )
        )
    if not organization.email:
        found.append(
            report.warning(
                _("There is no contact e-mail address. Open Badges 2.0 demands one: %(stand_in)s stands in.")
                % {"stand_in": settings.DEFAULT_FROM_EMAIL},
                _("Add one to the organization's contacts."),
            )
        )
    if not organization.website:
        found.append(
            report.warning(
                _("There is no website, so badges name this server's page as that of the issuer."),
                _("Add the website to the organization's profile."),
            )
        )
    yield from found or [report.ok(_("Name, website and contact address are there."))]


def _status_list(report: Reporter, status_list: StatusList) -> Finding:
    """Return whether a list of revocations is signed by a trusted key, complete, and at its address."""
    document = json.loads(status_list.body)
    url, number = f"{settings.PUBLIC_URL}{status_list.public_path}", status_list.number
    if document["id"] != url:
        return report.error(
            _("Badges were issued under another address, %(former)s: they are looked up there.")
            % {"former": document["id"].partition("/public/")[0]},
            _("Set PUBLIC_URL back, or keep the former address served by this installation."),
        )
    key = status_list.signing_key
    try:
        is_signed = verify_credential(document, Ed25519PublicKey(bytes(key.public_bytes)))
        bits = status.decode(document["credentialSubject"]["encodedList"])
    except (Refused, KeyError):
        is_signed = False
    # Under did:key the key is the issuer: no other could sign, so there it stays, also when it was revoked.
    if not is_signed or (settings.IS_SECURE and key.status == KeyStatus.REVOKED):
        return report.error(
            _("List %(number)d of revoked badges has no trusted signature, so its badges are refused.")
            % {"number": number},
            _("Run manage.py publish_status_lists: it signs all lists anew."),
        )
    revoked = Badge.objects.filter(status_list=status_list, revoked_at__isnull=False)
    if set(revoked.values_list("status_index", flat=True)) != set(bits.indices()):
        return report.error(
            _("List %(number)d of revoked badges does not tell of all that were revoked.")
            % {"number": number},
            _("Run manage.py publish_status_lists: it signs all lists anew."),
        )
    return report.ok(_("List %(number)d of revoked badges is signed and complete.") % {"number": number})


def _templates(organization: Organization) -> Iterator[Finding]:
    """Yield what is wrong with the texts and pictures of templates from which badges can be issued."""
    templates = BadgeTemplate.objects.issuable().filter(organization=organization).order_by("pk")
    count = 0
    found: list[Finding] = []
    for template in templates.select_related("current_version__template").iterator(chunk_size=100):
        version = template.current_version
        if version is None:
            continue
        count += 1
        what = _("“%(title)s”") % {"title": version.title}
        texts = Reporter("texts", organization.name)
        try:
            check_version(version)
        except Unsignable as error:
            found.append(
                texts.error(
                    _("The %(field)s of %(what)s cannot be signed: %(message)s")
                    % {"field": error.field or _("text"), "what": what, "message": error.message},
                    _("Change the template."),
                )
            )
        if not version.description:
            found.append(
                texts.warning(
                    _("%(what)s has no description: others see its title twice.") % {"what": what},
                    _("Add one."),
                )
            )
        if not (version.assignment_criteria or version.criteria or version.criteria_url):
            found.append(
                texts.warning(
                    _("%(what)s does not say what earners did for it, so it is worth little elsewhere.")
                    % {"what": what},
                    _("Add criteria to the template."),
                )
            )
        pictures = Reporter("picture", organization.name)
        try:
            picture = png_of(version)
        except (OSError, ValueError) as error:
            found.append(
                pictures.error(
                    _("The picture of %(what)s cannot be read from the storage: %(error)s")
                    % {"what": what, "error": type(error).__name__},
                    _("Check STORAGE_URL, or upload the picture again."),
                )
            )
        else:
            found += check_picture(
                pictures, _("The picture of %(what)s") % {"what": what}, picture, is_square=True
            )
    if count and not any(finding.level is Level.ERROR for finding in found):
        found.append(
            Reporter("texts", organization.name).ok(
                _("%(count)d templates can be signed.") % {"count": count}
            )
        )
    yield from found
