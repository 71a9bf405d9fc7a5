import re

import pytest

from padwijzer.permissions.catalogue import CATALOGUE, Permission, Reach
from padwijzer.permissions.policies import SYSTEM_MAY
from padwijzer.permissions.roles import shipped_roles


@pytest.mark.parametrize("permission", CATALOGUE.values(), ids=str)
def test_every_permission_has_a_verb_and_a_sentence_for_the_administrator(permission: Permission) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", permission.key)
    assert str(permission.sentence).strip()


def test_no_two_permissions_read_the_same() -> None:
    sentences = [str(permission.sentence) for permission in CATALOGUE.values()]
    assert len(set(sentences)) == len(sentences)


def test_every_permission_is_held_by_a_role_or_by_the_system_and_never_by_both() -> None:
    held = {key for role in shipped_roles().values() for key in role.permissions}
    assert held | SYSTEM_MAY == set(CATALOGUE)
    assert not held & SYSTEM_MAY


def test_what_needs_a_mandate_is_done_in_a_step() -> None:
    assert [p.key for p in CATALOGUE.values() if p.needs_mandate] == ["sign_decision"]
    assert CATALOGUE["sign_decision"].reach is Reach.STEP


def test_the_catalogue_cannot_be_added_to_while_running() -> None:
    with pytest.raises(TypeError):
        CATALOGUE["see_everything"] = CATALOGUE["see_case"]  # type: ignore[index]  # that is what is refused
