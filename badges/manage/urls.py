"""The addresses of the issuers' pages about templates and badges; below /manage/<organization>/."""

from django.urls import include, path

urlpatterns = [
    path("", include("badges.manage.dashboard_urls")),
    path("", include("badges.manage.issue_urls")),
    path("", include("badges.manage.badge_urls")),
    path("", include("badges.manage.template_urls")),
    path("", include("badges.manage.picture_urls")),
    path("", include("badges.manage.path_urls")),
]
