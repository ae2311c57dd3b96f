"""The addresses of badges; below /manage/<organization>/."""

from django.urls import path

from badges.manage import badge, badges, bulk

urlpatterns = [
    path("badges", badges.badges, name="badges"),
    path("badges/export", badges.export_badges, name="export_badges"),
    path("badges/revoke", bulk.revoke_many, name="revoke_badges"),
    path("badges/revocations/<uuid:revocation_id>", bulk.revocation, name="revocation"),
    path("badges/send-again", bulk.resend_many, name="resend_badge_mails"),
    path("badges/<uuid:uuid>", badge.badge, name="badge"),
    path("badges/<uuid:uuid>/change", badge.edit_badge, name="edit_badge"),
    path("badges/<uuid:uuid>/revoke", badge.revoke, name="revoke_badge"),
    path("badges/<uuid:uuid>/send-again", badge.resend_mail, name="resend_badge_mail"),
    path("badges/<uuid:uuid>/files/<str:form>", badge.download_badge, name="download_badge"),
]
