"""The addresses of the issuers' pages about earners; below /manage/<organization>/."""

from django.urls import path

from earners.manage import earners, imports, lists, members, merging

urlpatterns = [
    path("earners", earners.earners, name="earners"),
    path("earners/import", imports.import_earners, name="import_earners"),
    path("earners/import/<uuid:upload_id>", imports.import_preview, name="import_preview"),
    path("earners/import/<uuid:upload_id>/failed", imports.import_failed, name="import_failed"),
    path("earners/import/<uuid:upload_id>/drop", imports.drop_import, name="drop_import"),
    path("earners/lists", lists.earners_lists, name="earners_lists"),
    path("earners/lists/new", lists.new_list, name="new_list"),
    path("earners/lists/<uuid:list_id>", members.members, name="list"),
    path("earners/lists/<uuid:list_id>/edit", lists.edit_list, name="edit_list"),
    path("earners/lists/<uuid:list_id>/delete", lists.delete, name="delete_list"),
    path("earners/lists/<uuid:list_id>/export", lists.export, name="export_list"),
    path("earners/lists/<uuid:list_id>/add", members.add_member, name="add_member"),
    path("earners/lists/<uuid:list_id>/remove", members.remove_members, name="remove_members"),
    path(
        "earners/lists/<uuid:list_id>/earners/<uuid:earner_id>/edit", members.edit_member, name="edit_member"
    ),
    path("earners/<uuid:earner_id>", earners.earner, name="earner"),
    path("earners/<uuid:earner_id>/edit", earners.edit_earner, name="edit_earner"),
    path("earners/<uuid:earner_id>/mails", earners.allow_mails, name="allow_mails"),
    path("earners/<uuid:earner_id>/merge", merging.merge, name="merge_earners"),
    path("earners/<uuid:earner_id>/erase", earners.erase, name="erase_earner"),
]
