"""The certificate of a badge as PDF, for paper."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify

from badges.models import Badge
from badges.services.certificates import certificate_of, draw_certificate
from badges.views import answers


@answers.document
def certificate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the certificate of a badge that is not hidden; of one that was revoked or expired it says so."""
    badges = Badge.objects.reachable().select_related("organization", "version")
    badge = badges.filter(uuid=uuid).first()
    if badge is None:
        raise Http404
    sheet = certificate_of(badge)
    etag = f'"{sheet.digest}"'
    if answers.is_known(request, etag):
        return answers.unchanged(etag, answers.FOR_A_MINUTE)
    try:
        content = draw_certificate(sheet)
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"{slugify(badge.version.title)[:60].strip('-') or 'badge'}-certificate.pdf"
    response = answers.body(request, content, "application/pdf", cache=answers.FOR_A_MINUTE, etag=etag)
    # Opened in the browser, and under its name when it is kept.
    kind = "attachment" if request.GET.get("download") == "1" else "inline"
    response["Content-Disposition"] = f'{kind}; filename="{name}"'
    return answers.without_index(response)
