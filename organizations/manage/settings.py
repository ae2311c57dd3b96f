"""Settings of the organization: who it is, what strangers see, its mails and what is kept of earners who leave."""

from django.conf import settings as server
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.forms import RefusableForm
from organizations.manage.desk import Desk, for_scope
from organizations.manage.settings_forms import PrivacyForm, ProfileForm, PublicForm
from organizations.models import MailStop, Message
from organizations.pictures import PictureRefused, prepare_picture, upload_content
from organizations.services.logos import change_logo
from organizations.services.organizations import update_organization
from organizations.services.outbox import retry_message

SHOWN = 50  # of messages, and of addresses whose owners asked for no more mails
PUBLIC = ("public_profile", "public_badge_templates", "public_learning_paths", "public_badge_types")


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.READ, to_write=ApiScope.WRITE)
def settings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show who the organization is; or change it, the logo with all the rest or nothing."""
    organization = desk.organization
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        organization=organization,
    )
    if form.is_valid():
        try:
            if form.cleaned_data["logo"]:
                content = upload_content(form.cleaned_data["logo"], field="logo")
                picture = prepare_picture(content, allow_svg=False, field="logo")
                change_logo(organization=organization, picture=picture, fields=form.values(), by=desk.user)
            else:
                update_organization(organization=organization, fields=form.values(), by=desk.user)
        except (RuleBroken, PictureRefused) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return desk.go("settings")
    context = {
        "form": form,
        "tab": "settings",
    }
    return desk.page(request, "manage/settings/profile.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.READ, to_write=ApiScope.WRITE)
def public_settings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what strangers see; or change it."""
    initial = {name: getattr(desk.organization, name) for name in PUBLIC}
    form = PublicForm(request.POST if request.method == "POST" else None, initial=initial)
    return _settled(request, desk, form, "public_settings") or desk.page(
        request,
        "manage/settings/public.html",
        {"form": form, "tab": "public_settings"},
        status=400 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.READ, to_write=ApiScope.WRITE)
def mail_settings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what earners are mailed, what waits or failed, which addresses get none; or settle what is kept of them."""
    form = PrivacyForm(
        request.POST if request.method == "POST" else None,
        initial={"account_deletion": desk.organization.account_deletion},
    )
    outbox = Message.objects.filter(organization=desk.organization, sent_at__isnull=True)
    return _settled(request, desk, form, "mail_settings") or desk.page(
        request,
        "manage/settings/mail.html",
        {
            "form": form,
            "tab": "mail_settings",
            "sender": server.DEFAULT_FROM_EMAIL,
            "waiting": outbox.filter(given_up_at__isnull=True).order_by("due_at")[:SHOWN],
            "failed": outbox.filter(given_up_at__isnull=False).order_by("-given_up_at")[:SHOWN],
            "stops": MailStop.objects.filter(organization=desk.organization)[:SHOWN],
        },
        status=400 if form.errors else 200,
    )


@require_POST
@for_scope(ApiScope.WRITE)
def retry_mail(request: HttpRequest, desk: Desk, message_id: int) -> HttpResponse:
    """Have a mail that was given up sent again."""
    message = get_object_or_404(Message, organization=desk.organization, pk=message_id)
    retry_message(message)
    messages.success(request, _("It is sent again within a minute."))
    return desk.go("mail_settings")


def _settled(request: HttpRequest, desk: Desk, form: RefusableForm, page: str) -> HttpResponse | None:
    """Save what a valid form says and lead back to its page; None where there is something to show."""
    if not form.is_valid():
        return None
    try:
        update_organization(organization=desk.organization, fields=form.cleaned_data, by=desk.user)
    except RuleBroken as refusal:
        form.refuse(refusal)
        return None
    messages.success(request, _("Saved."))
    return desk.go(page)
