import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.core.errors import Unreadable
from padwijzer.workflows.core.reading import readable
from padwijzer.workflows.core.releases import ReleaseSpec, read_release, shipped
from tests.support.definitions import definition, release, step

V, D_VAP, SKELETON = (
    definition("V", step("begin")),
    definition("D-VAP", step("kies")),
    definition("P", step("plek"), whole=False),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "paths").mkdir()
    for each in (V, D_VAP, SKELETON):
        (tmp_path / "paths" / f"{each.key}.json").write_text(readable(each), encoding="utf-8")
    (tmp_path / "paths" / "README.md").write_text("no definition", encoding="utf-8")
    (tmp_path / "release.json").write_text(json.dumps({"start": "V", "definitions": ["V", "D-VAP"]}))
    return tmp_path


def test_a_release_holds_what_it_names(folder):
    assert read_release(folder) == release(V, D_VAP)


def test_skeletons_are_added_only_when_asked_for(folder):
    assert read_release(folder, include_skeletons=True) == release(V, D_VAP, SKELETON)


def test_a_named_definition_without_a_file_is_refused(folder):
    (folder / "release.json").write_text(json.dumps({"start": "V", "definitions": ["V", "D-JIM"]}))
    with pytest.raises(Unreadable) as refused:
        read_release(folder)
    assert refused.value.place == "definitions"
    assert "D-JIM" in refused.value.reason


def test_the_digest_names_start_and_definitions():
    assert release(V, D_VAP).digest() != release(D_VAP, V).digest()
    assert release(V, D_VAP).digest() != release(V).digest()
    changed = definition("V", step("begin", minutes=6))
    assert release(V, D_VAP).digest() != release(changed, D_VAP).digest()


@given(st.permutations([V, D_VAP, SKELETON]))
def test_the_digest_does_not_depend_on_the_order(definitions):
    spec = ReleaseSpec("V", {each.key: each for each in definitions})
    assert spec.digest() == release(V, D_VAP, SKELETON).digest()


def test_a_release_does_not_change_with_the_mapping_it_was_made_from():
    given_ = {"V": V}
    spec = ReleaseSpec("V", given_)
    given_["P"] = SKELETON
    assert list(spec.definitions) == ["V"]


def test_the_shipped_release_starts_on_the_voluntary_path():
    spec = shipped()
    assert spec.start == "V"
    assert all(each.whole for each in spec.definitions.values())
    assert set(spec.definitions) <= set(shipped(include_skeletons=True).definitions)
