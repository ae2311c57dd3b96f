"""What changes earners: they are added, put on lists, imported from files; their accounts."""

from earners.services.accounts import create_login_token
from earners.services.importing import ImportReport, RowReport, RowResult, import_earners
from earners.services.lists import (
    ListedPerson,
    Put,
    change_membership,
    create_list,
    delete_list,
    put_on_list,
    remove_from_list,
    remove_many_from_list,
    update_list,
)
from earners.services.people import CHUNK, MAX_EMAIL, Person, add_earners, checked_email, in_chunks
from earners.services.tokens import list_login_tokens, open_with_token, revoke_login_token

__all__ = [
    "CHUNK",
    "MAX_EMAIL",
    "ImportReport",
    "ListedPerson",
    "Person",
    "Put",
    "RowReport",
    "RowResult",
    "add_earners",
    "change_membership",
    "checked_email",
    "create_list",
    "create_login_token",
    "delete_list",
    "import_earners",
    "in_chunks",
    "list_login_tokens",
    "open_with_token",
    "put_on_list",
    "remove_from_list",
    "remove_many_from_list",
    "revoke_login_token",
    "update_list",
]
