"""The addresses of who works for organizations, or is about to: signing up, invitations, which ones, their own profile.

Tried before allauth's: where both have a page, ours is it.
"""

from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

from organizations.manage import invitations, mine, profile, sign_up

INVITATION = "invitation/<uuid:uuid>/<str:signature>"

urlpatterns = [
    path("sign-up", sign_up.sign_up, name="sign_up"),
    path("sign-up/sent", sign_up.sign_up_sent, name="sign_up_sent"),
    path("sign-up/confirm/<uuid:asked>/<str:token>", sign_up.sign_up_link, name="sign_up_link"),
    path(INVITATION, invitations.invitation, name="invitation"),
    path(f"{INVITATION}/decline", invitations.decline, name="decline_invitation"),
    path(f"{INVITATION}/switch", invitations.switch_account, name="switch_for_invitation"),
    path("manage", mine.my_organizations, name="my_organizations"),
    path("manage/", RedirectView.as_view(pattern_name="my_organizations")),
    path("manage/new", sign_up.new_organization, name="new_organization"),
    path("manage/profile", profile.my_profile, name="my_profile"),
    path("manage/profile/address", profile.new_address, name="new_address"),
    path("manage/profile/address/<str:token>", profile.confirm_address, name="confirm_address"),
    path("manage/profile/sessions", profile.end_sessions, name="end_sessions"),
    path("manage/stop-looking-in", mine.stop_looking_in, name="stop_looking_in"),
    path("manage/<int:organization>/look-in", mine.look_in, name="look_in"),
    path("language", profile.switch_language, name="set_language"),
    path("accounts/signup/", RedirectView.as_view(url=reverse_lazy("sign_up"))),
    # One account has one address, which changes by the link of a mail.
    path("accounts/email/", RedirectView.as_view(url=reverse_lazy("my_profile"))),
    path("accounts/confirm-email/", RedirectView.as_view(url=reverse_lazy("my_profile"))),
    path("accounts/confirm-email/<str:key>/", RedirectView.as_view(url=reverse_lazy("my_profile"))),
]
