"""The addresses of claiming: printed on posters and in QR codes, so they never change."""

from django.urls import path
from django.views.generic import RedirectView

from claimcodes import views

urlpatterns = [
    path("claim", views.claim_page, name="claim"),
    path("claim/", RedirectView.as_view(pattern_name="claim", permanent=True, query_string=True)),
]
