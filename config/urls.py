"""All addresses: the table of contents of the web side."""

from django.contrib import admin
from django.urls import include, path

from config import views

# The pages of issuers: each app has those of its own.
MANAGE = [
    path("", include("badges.manage.urls")),
    path("", include("earners.manage.urls")),
    path("", include("claimcodes.manage.urls")),
    path("", include("organizations.manage.urls")),
]

# Addresses are tried from the top: those of the APIs, told apart by how they begin, and those that verifiers ask for first.
urlpatterns = [
    path("", include("config.api.urls")),
    path("", include("badges.urls")),
    path("", include("claimcodes.urls")),
    path("", include("badges.my_urls")),
    path("", include("earners.urls")),
    path("manage/<int:organization>/", include((MANAGE, "manage"))),
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("media/<path:name>", views.media, name="media"),
    path("admin/", admin.site.urls),
    path("", include("organizations.urls")),
    path("accounts/", include("allauth.urls")),
]

handler400 = "config.fallbacks.bad_request"
handler403 = "config.fallbacks.permission_denied"
handler404 = "config.fallbacks.page_not_found"
handler500 = "config.fallbacks.server_error"
