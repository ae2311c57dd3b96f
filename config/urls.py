"""All addresses: the table of contents of the web side."""

from django.contrib import admin
from django.urls import include, path

from config import views

# Addresses are tried from the top: those that verifiers ask for stand first.
urlpatterns = [
    path("", include("badges.urls")),
    path("", include("claimcodes.urls")),
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("media/<path:name>", views.media, name="media"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
