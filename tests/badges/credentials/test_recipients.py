"""Recipients are hashed as verifiers hash them."""

import hashlib

from badges.credentials.recipients import identity_hash, name_hash, new_salt


def test_identity_hash_is_that_of_address_and_salt() -> None:
    expected = "sha256$" + hashlib.sha256(b"ada@example.orgs4lt").hexdigest()
    assert identity_hash("ada@example.org", "s4lt") == expected


def test_identity_hash_is_one_for_all_spellings_of_an_address() -> None:
    spellings = ["ada@example.org", " ada@example.org\n", "Ada@Example.ORG"]
    assert {identity_hash(spelling, "s") for spelling in spellings} == {identity_hash("ada@example.org", "s")}


def test_identity_hash_differs_by_salt() -> None:
    assert identity_hash("ada@example.org", "a") != identity_hash("ada@example.org", "b")


def test_name_hash_keeps_the_spelling() -> None:
    assert name_hash(" Ada ", "s") == "sha256$" + hashlib.sha256(b"Adas").hexdigest()


def test_salts_are_fresh_and_long() -> None:
    salts = {new_salt() for _ in range(100)}
    assert len(salts) == 100
    assert {len(salt) for salt in salts} == {22}
