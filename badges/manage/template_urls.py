"""The addresses of templates; below /manage/<organization>/."""

from django.urls import path

from badges.manage import alignments, template_acts, template_versions, templates, version_pictures

TEMPLATE = "templates/<uuid:template_id>"
VERSION = f"{TEMPLATE}/versions/<uuid:version_id>"

urlpatterns = [
    path("templates", templates.templates, name="templates"),
    path("templates/new", templates.new_template, name="new_template"),
    path("templates/preview", templates.template_preview, name="template_preview"),
    path("templates/alignments", alignments.template_alignments, name="template_alignments"),
    path(TEMPLATE, templates.template, name="template"),
    path(f"{TEMPLATE}/edit", templates.edit_template, name="edit_template"),
    path(f"{TEMPLATE}/duplicate", template_acts.duplicate, name="duplicate_template"),
    path(f"{TEMPLATE}/archive", template_acts.archive, name="archive_template"),
    path(f"{TEMPLATE}/restore", template_acts.restore, name="restore_template"),
    path(f"{TEMPLATE}/publish", template_acts.publish, name="publish_template"),
    path(f"{TEMPLATE}/versions", template_versions.template_versions, name="template_versions"),
    path(VERSION, template_versions.template_version, name="template_version"),
    path(f"{VERSION}/picture.png", version_pictures.version_picture, name="version_picture"),
]
