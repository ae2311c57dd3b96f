"""The addresses of the overview; below /manage/<organization>/."""

from django.urls import path

from badges.manage import dashboard, verifiability

urlpatterns = [
    path("settings/verifiability", verifiability.verifiability, name="verifiability"),
    path("", dashboard.dashboard, name="dashboard"),
]
