import pytest

from tests.support.sizes import profiles, size


def test_every_profile_names_the_same_sizes() -> None:
    assert {frozenset(sizes) for sizes in profiles().values()} == {frozenset(profiles()["ci"])}


@pytest.mark.parametrize("name", sorted(profiles()["ci"]))
def test_the_full_profile_looks_further_than_ci(name: str) -> None:
    assert profiles()["full"][name] > profiles()["ci"][name] > 0


def test_the_environment_chooses_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PADWIJZER_SIZES", "full")
    assert size("races") == profiles()["full"]["races"]
    monkeypatch.delenv("PADWIJZER_SIZES")
    assert size("races") == profiles()["ci"]["races"]


def test_an_unknown_profile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PADWIJZER_SIZES", "enormous")
    with pytest.raises(LookupError, match="has ci, full"):
        size("races")


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(LookupError, match="no size 'sprints'"):
        size("sprints")
