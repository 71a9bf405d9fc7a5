"""The widgets: what they read, and that they show it again."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from padwijzer.forms.widgets import (
    UNKNOWN,
    Answering,
    ChoiceRadios,
    ChoiceSelect,
    DateBoxes,
    FileUpload,
    LongText,
    ManyChoices,
    MomentBoxes,
    NumberBox,
    RowColumn,
    Rows,
    ShortText,
    YesNo,
    choice_widget,
    is_confirmed,
)

FEW = [("thuis", "Begeleiding thuis"), ("groep", "Dagbehandeling")]
MANY = [(f"hulp{number}", f"Soort hulp {number}") for number in range(1, 9)]


def talks(**options: Any) -> Rows:
    columns = [
        RowColumn("with", "Met wie?", ShortText()),
        RowColumn("on", "Datum", DateBoxes()),
        RowColumn("about", "Waarover", ManyChoices(choices=FEW), required=False),
    ]
    return Rows(columns, row_name="Gesprek", **options)


WIDGETS: list[Callable[[], Answering]] = [
    lambda: ShortText(unknown=True),
    lambda: LongText(unknown=True),
    lambda: NumberBox(unit="uur", unknown=True),
    lambda: YesNo(unknown=True),
    lambda: ChoiceRadios(choices=FEW, unknown=True),
    lambda: ChoiceSelect(choices=MANY, unknown=True),
    lambda: ManyChoices(choices=FEW, unknown=True),
    lambda: DateBoxes(unknown=True),
    lambda: MomentBoxes(unknown=True),
    lambda: FileUpload(limits="Een PDF", unknown=True),
    lambda: talks(unknown=True),
]
KINDS = [type(make()).__name__ for make in WIDGETS]
NAMES = [
    f"f{ending}"
    for ending in ("", "__day", "__month", "__year", "__time", "__unknown", "__count", "__add", "__remove_0")
] + ["f-0-with", "f-0-on__day", "f-0-about", "f-1__key", "f-0__key"]
TYPED = st.one_of(
    st.none(),
    st.integers(),
    st.text(),
    st.sampled_from(["9" * 5000, "1", "30", "-1", "\x00", UNKNOWN, "T", "-"]),
    st.lists(st.one_of(st.text(), st.none(), st.integers()), max_size=3),
    st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2),
)


def shown(widget: Answering, value: Any, **attrs: Any) -> str:
    return widget.render("f", value, {"id": "id_f", **attrs}, DjangoTemplates())


@pytest.mark.parametrize("make", WIDGETS, ids=KINDS)
@given(data=st.dictionaries(st.sampled_from(NAMES), TYPED))
def test_whatever_is_posted_is_read_and_shown_again(make: Callable[[], Answering], data: dict[str, Any]) -> None:
    widget = make()
    value = widget.value_from_datadict(data, data, "f")
    assert shown(widget, value)
    assert shown(widget, value, disabled=True)
    assert isinstance(widget.value_omitted_from_data(data, data, "f"), bool)


@pytest.mark.parametrize("make", WIDGETS, ids=KINDS)
@given(value=TYPED)
def test_whatever_a_draft_kept_is_shown(make: Callable[[], Answering], value: Any) -> None:
    if isinstance(value, str | list | None):
        assert shown(make(), value)


@pytest.mark.parametrize("make", WIDGETS, ids=KINDS)
def test_not_knowing_is_read_and_shown_again(make: Callable[[], Answering]) -> None:
    widget = make()
    name = "f" if widget.offers_unknown_itself else "f__unknown"
    value = widget.value_from_datadict(QueryDict(f"{name}={UNKNOWN}"), {}, "f")
    assert value == UNKNOWN
    assert shown(widget, value).count("checked") + shown(widget, value).count("selected") == 1
    assert widget.shown(value) == []


@pytest.mark.parametrize("make", WIDGETS, ids=KINDS)
def test_not_knowing_is_no_answer_where_it_is_not_offered(make: Callable[[], Answering]) -> None:
    widget = make()
    widget.unknown = False
    assert widget.value_from_datadict(QueryDict("f__unknown=1"), {}, "f") in ("", [], None)
    assert "__unknown" not in shown(widget, None)


@given(st.text(alphabet=st.characters(exclude_categories=["C"])))
def test_a_text_is_escaped_and_kept(words: str) -> None:
    value = ShortText().value_from_datadict({"f": words}, {}, "f")
    assert value == words.strip()
    assert "<script" not in shown(ShortText(), f"<script>{words}")


def test_a_choice_is_radio_buttons_up_to_six_options_and_a_list_above() -> None:
    assert isinstance(choice_widget(MANY[:6]), ChoiceRadios)
    assert isinstance(choice_widget(MANY[:7]), ChoiceSelect)


def test_many_choices_are_read_once_each() -> None:
    assert ManyChoices(choices=FEW).value_from_datadict(QueryDict("f=thuis&f=groep&f=thuis"), {}, "f") == [
        "thuis",
        "groep",
    ]


def test_an_answer_is_shown_in_words() -> None:
    assert DateBoxes().shown("2026-11-01") == ["1 november 2026"]
    assert DateBoxes().shown(date(2026, 11, 1)) == ["1 november 2026"]
    assert MomentBoxes().shown(datetime(2026, 11, 1, 9, 30, tzinfo=UTC))[0].startswith("1 november 2026")
    assert "10:30" in MomentBoxes().shown(datetime(2026, 11, 1, 9, 30, tzinfo=UTC))[0]
    assert ManyChoices(choices=FEW).shown(["groep"]) == ["Dagbehandeling"]
    assert NumberBox(unit="uur").shown(3) == ["3 uur"]
    assert talks().shown([{"with": "Moeder", "on": "2026-11-01"}]) == ["Met wie? Moeder\nDatum: 1 november 2026"]


def test_half_a_date_is_shown_as_it_was_typed() -> None:
    value = DateBoxes().value_from_datadict({"f__day": "31", "f__month": "", "f__year": "2026"}, {}, "f")
    html = shown(DateBoxes(), value)
    assert 'value="31"' in html
    assert 'value="2026"' in html


def test_a_file_is_read_and_its_name_shown() -> None:
    file = SimpleUploadedFile("verslag.pdf", b"%PDF")
    assert FileUpload().value_from_datadict({}, {"f": file}, "f") is file
    assert "verslag.pdf" in shown(FileUpload(), file)


def test_rows_are_read_with_the_key_of_a_row_that_was_kept() -> None:
    data = QueryDict(
        "f__count=2&f-0-with=Moeder&f-0__key=7&f-0-on__day=1&f-0-on__month=11&f-0-on__year=2026&f-0-about=thuis"
    )
    kept, empty = talks().value_from_datadict(data, {}, "f")
    assert kept == {"with": "Moeder", "on": "2026-11-01", "about": ["thuis"], "__key": "7"}
    assert talks().filled([kept, empty]) == [kept]


def test_a_button_adds_or_removes_a_row_and_the_page_is_not_judged() -> None:
    widget = talks()
    added = QueryDict("f__count=1&f-0-with=Moeder&f__add=1")
    assert widget.pressed(added, "f")
    assert [row.get("with") for row in widget.value_from_datadict(added, {}, "f")] == ["Moeder", None]
    removed = QueryDict("f__count=2&f-0-with=Moeder&f-1-with=Vader&f__remove_0=1")
    assert widget.pressed(removed, "f")
    assert [row["with"] for row in widget.value_from_datadict(removed, {}, "f")] == ["Vader"]
    assert not widget.pressed(QueryDict("f__count=1"), "f")


def test_no_more_rows_are_read_than_the_most() -> None:
    assert len(talks(most=3).value_from_datadict(QueryDict("f__count=9999&f__add=1"), {}, "f")) == 3


def test_rows_with_titles_are_fixed() -> None:
    widget = talks(titles=["Sam", "Noor"])
    data = QueryDict("f__count=2&f__remove_0=1&f__add=1&f-0-with=Moeder")
    assert not widget.pressed(data, "f")
    assert [row["with"] for row in widget.value_from_datadict(data, {}, "f")] == ["Moeder", ""]
    html = shown(widget, [])
    assert "Sam" in html
    assert "Noor" in html
    assert "__add" not in html
    assert "__remove" not in html


def test_a_wrong_cell_is_marked_described_and_led_to() -> None:
    widget = talks()
    widget.cell_errors = {(1, "with"): "Vul in met wie"}
    html = shown(widget, [{}, {}])
    assert html.count('aria-invalid="true"') == 1
    assert 'aria-describedby="id_f_1_with_error"' in html
    assert widget.focus_id("id_f") == "id_f_1_with"
    assert widget.focus_id("id_f", {"row": 0, "column": "on", "part": "year"}) == "id_f_0_on_2"


def test_a_confirmation_is_read() -> None:
    assert is_confirmed(QueryDict("f__confirmed=1"), "f")
    assert not is_confirmed(QueryDict("f=1"), "f")
