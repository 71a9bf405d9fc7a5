"""The folder of facts is the registry: it is complete, and so is its specification."""

from pathlib import Path

import pytest

from padwijzer.forms.core.conditions import UNKNOWN, FactRef
from padwijzer.workflows.core import facts as folder
from padwijzer.workflows.core.facts import Law, Writer, facts
from padwijzer.workflows.core.registers import registers
from tests.support.case_files import a_case, a_child, a_lookup

FILES = sorted(path.stem for path in Path(folder.__file__).parent.glob("*.py") if path.stem != "__init__")
SAMPLE: dict[str, str | int | tuple[str, ...]] = {
    "field": "x",
    "column": "id",
    "key": "x",
    "of": "x",
    "group": "children",
    "person": "child",
    "role": "vap",
    "between": ("family",),
    "from": "x",
    "to": "x",
}


def test_every_file_is_a_fact_of_its_own_name() -> None:
    assert sorted(facts()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_every_fact_has_its_own_specification(name: str) -> None:
    assert Path(__file__).with_name(f"test_{name}.py").exists()


@pytest.mark.parametrize("name", FILES)
def test_every_fact_declares_what_a_proof_relies_on(name: str) -> None:
    spec = facts()[name].spec

    assert spec.law in Law
    assert spec.doc
    assert spec.writers
    assert set(spec.writers) <= {*registers(), *Writer}
    assert len({argument.name for argument in spec.arguments}) == len(spec.arguments)


@pytest.mark.parametrize("name", FILES)
def test_every_fact_answers_on_an_empty_case_and_never_fails(name: str) -> None:
    spec = facts()[name].spec
    required = {argument.name: SAMPLE[argument.name] for argument in spec.arguments if argument.required}
    ref = FactRef(name, tuple(sorted(required.items())))

    for lookup in (a_lookup(a_case()), a_lookup(a_case(a_child()))):
        value = lookup.fact(ref)
        assert spec.may_be_unknown or value is not UNKNOWN
        assert value is UNKNOWN or not spec.values or isinstance(value, frozenset) or value in spec.values


def test_the_language_page_names_every_fact() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "language.md").read_text(encoding="utf-8")

    assert [name for name in FILES if f"`{name}`" not in page] == []
