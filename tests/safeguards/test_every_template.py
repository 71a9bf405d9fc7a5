"""The folder is the registry; what goes for one template goes for every one."""

import json
import random
import re
from dataclasses import FrozenInstanceError, fields
from itertools import combinations, permutations, product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from padwijzer.forms.core.conditions import Collection, ColumnCompare, Filter, Operator, Quantifier, Rows
from padwijzer.workflows.core import meanings
from padwijzer.workflows.core.definition import RecordEvent
from padwijzer.workflows.core.safeguards import (
    BREACH,
    STEP,
    Deviable,
    Scope,
    Structural,
    Watched,
    around,
    forgiving,
    sharing,
    skipped,
    templates,
)
from padwijzer.workflows.core.safeguards.absence import Absence
from padwijzer.workflows.core.safeguards.chain_precedence import ChainPrecedence
from padwijzer.workflows.core.safeguards.coexistence import Coexistence
from padwijzer.workflows.core.safeguards.existence import Existence
from padwijzer.workflows.core.safeguards.init import Init
from padwijzer.workflows.core.safeguards.ladder_order import LadderOrder
from padwijzer.workflows.core.safeguards.no_deviation import NoDeviation
from padwijzer.workflows.core.safeguards.not_coexistence import NotCoexistence
from padwijzer.workflows.core.safeguards.only_while import OnlyWhile
from padwijzer.workflows.core.safeguards.precedence import Precedence
from padwijzer.workflows.core.safeguards.response import Response
from padwijzer.workflows.core.safeguards.separation_of_duties import SeparationOfDuties
from padwijzer.workflows.core.safeguards.standing_duty import StandingDuty
from padwijzer.workflows.core.safeguards.standing_track import StandingTrack
from padwijzer.workflows.core.safeguards.succession import Succession
from padwijzer.workflows.core.safeguards.waits_for_consent import WaitsForConsent
from padwijzer.workflows.core.safeguards.who_may_perform import WhoMayPerform

ROOT = Path(__file__).parents[2]
TALK, PLAN, CLOSING = ("first_talk",), ("family_plan",), ("closing",)
EXAMPLES = {
    "absence": Absence(("investigation_request",)),
    "chain_precedence": ChainPrecedence(("legal_ground",), ("placement_start",)),
    "coexistence": Coexistence(("mentor_chosen",), TALK, CLOSING),
    "existence": Existence(TALK),
    "init": Init(("application",)),
    "ladder_order": LadderOrder(("ladder_choice",), ("t1", "t2")),
    "no_deviation": NoDeviation(("consent_asked",)),
    "not_coexistence": NotCoexistence(("ordinary_support",), ("investigation_request",)),
    "only_while": OnlyWhile(
        CLOSING,
        Rows(
            Collection("children"),
            Quantifier.NONE,
            Filter(Quantifier.ALL, (ColumnCompare("running_measure", Operator.IS_NOT, "none"),)),
        ),
        "loopt er geen maatregel meer",
        "De zaak sluit hier terwijl er nog een maatregel loopt.",
    ),
    "precedence": Precedence(PLAN, ("municipal_decision",)),
    "response": Response(("placement_start",), ("contact_arrangement",), CLOSING),
    "separation_of_duties": SeparationOfDuties(("safety_judgement",), "gedragswetenschapper"),
    "standing_duty": StandingDuty(("placement_end",), ("evaluation_after_placement",), CLOSING),
    "standing_track": StandingTrack(
        ("measure_start",), RecordEvent.MEASURE_STARTED, ("voluntary_help_contact",), ("measure_end",)
    ),
    "succession": Succession(("crisis_report",), ("afterwards_list",), CLOSING),
    "waits_for_consent": WaitsForConsent(("start_of_help",)),
    "who_may_perform": WhoMayPerform(("municipal_decision",), ("jeugdconsulent", "mandaathouder")),
}
WATCHED = {
    **{name: example for name, example in EXAMPLES.items() if isinstance(example, Watched)},
    "precedence anew": Precedence(PLAN, ("municipal_decision",), ("placement_end",)),
    "precedence each time": Precedence(PLAN, ("municipal_decision",), ("municipal_decision",)),
    "two kinds of debt": Response(("placement_start", "placement_end"), (*TALK, *PLAN), ("closing", "measure_end")),
}
MONITORS = {
    **{name: example.monitor() for name, example in WATCHED.items()},
    **{f"{name}, forgiving": forgiving(it) for name, it in WATCHED.items() if isinstance(it, Deviable)},
    **{f"{name}, shared": sharing(it, it.monitor()) for name, it in WATCHED.items() if isinstance(it, Deviable)},
    **{f"{name}, both": sharing(it, forgiving(it)) for name, it in WATCHED.items() if isinstance(it, Deviable)},
}
each_monitor = pytest.mark.parametrize("monitor", MONITORS.values(), ids=MONITORS)
each_watched = pytest.mark.parametrize("example", WATCHED.values(), ids=WATCHED)
RUNS = range(4)


def whole_steps(monitor):
    """What one step can give: its letters, and that it is over; a skipped step is not over, but gone."""
    alone = sorted(it for it in monitor.letters if it.startswith(("*", "skip:")))
    done = sorted(monitor.letters - {STEP, *alone})
    return [
        (STEP,),
        *((it, STEP) for it in done),
        *((*pair, STEP) for pair in permutations(done, 2)),
        *((it,) for it in alone),
    ]


def only(word, runs):
    return tuple(letter for run, step in word if run in runs for letter in step)


def needs(monitor, word):
    """Of how many runs the events are enough to break it."""
    return next(
        count
        for count in range(5)
        if any(not monitor.judge(only(word, chosen)) for chosen in combinations(RUNS, count))
    )


def test_the_folder_is_the_registry():
    files = {path.stem for path in (ROOT / "workflows/core/safeguards").glob("*.py")} - {"__init__"}
    assert set(templates()) == files == set(EXAMPLES)


@pytest.mark.parametrize("name", templates())
def test_every_template_has_its_own_specification(name):
    assert Path(__file__).with_name(f"test_{name}.py").exists()


@pytest.mark.parametrize("name", templates())
def test_every_template_is_a_frozen_value_named_like_its_file(name):
    example = EXAMPLES[name]
    assert type(example) is templates()[name]
    assert isinstance(example, Watched) is not isinstance(example, Structural)
    assert not hasattr(example, "__dict__")
    with pytest.raises(FrozenInstanceError):
        setattr(example, fields(example)[0].name, ())


@pytest.mark.parametrize("name", templates())
def test_the_example_in_its_docstring_is_what_it_says(name):
    module = (ROOT / f"workflows/core/safeguards/{name}.py").read_text(encoding="utf-8")
    assert f'    "{EXAMPLES[name].statement()}"' in module.split('"""')[1]


@pytest.mark.parametrize("name", templates())
def test_a_statement_is_one_short_sentence_that_names_no_key(name):
    statement = EXAMPLES[name].statement()
    assert re.fullmatch(r"[A-Z][^.?!]*\.", statement)
    assert len(statement.split()) <= 17
    assert "_" not in statement
    assert set(re.findall(r"\w+", statement)).isdisjoint(meanings.WORDS)


@each_watched
def test_what_is_lost_is_one_short_sentence_that_names_no_key(example):
    monitor = example.monitor()
    letters = sorted({*monitor.letters, *example.monitor().asks, "first_talk", "*first_talk"} - {STEP})
    broken = [word for length in (1, 2, 3) for word in product(letters, repeat=length) if breaks_last(monitor, word)]
    for word in broken:
        for scope in Scope:
            lost = example.lost(tuple(it.rstrip("+-") for it in word), scope)
            assert re.fullmatch(r"[A-Z][^.?!]*\.", lost)
            assert len(lost.split()) <= 20
            assert set(re.findall(r"\w+", lost)).isdisjoint(meanings.WORDS)
    assert broken


def breaks_last(monitor, word):
    """Whether a word is broken by its last letter, or after it by the end of that step."""
    return monitor.judge(word[:-1]) and not monitor.judge((*word, STEP))


def test_a_meaning_without_words_has_no_statement():
    with pytest.raises(KeyError):
        Absence(("renamed",)).statement()


@each_monitor
def test_a_monitor_knows_what_to_do_in_every_state(monitor):
    for state, letter in product(monitor.states, (*monitor.letters, STEP, "unheard_of")):
        assert monitor.after(state, letter) in monitor.states
    assert len(monitor.states) <= 16


@each_monitor
def test_it_is_kept_at_first_and_can_be_broken(monitor):
    assert monitor.judge(())
    assert BREACH in monitor.moves.values()
    found, reached = {monitor.start}, set()
    while found - reached:
        reached |= found
        found = {monitor.after(state, letter) for state in reached for letter in monitor.letters}
    assert reached | found == monitor.states


@each_monitor
def test_a_breach_is_never_left(monitor):
    assert {monitor.after(BREACH, letter) for letter in (*monitor.letters, "closing", STEP)} == {BREACH}


@each_monitor
def test_what_is_asked_is_heard_only_with_its_answer(monitor):
    assert monitor.letters.isdisjoint(monitor.asks)


@each_watched
def test_what_must_happen_counts_for_the_row_itself_only(example):
    for fulfilling in getattr(example, "fulfilled_by", ()):
        monitor = example.monitor()
        assert fulfilling in monitor.letters
        assert around(fulfilling) not in monitor.letters
        assert skipped(fulfilling) not in monitor.letters
        assert skipped(fulfilling) in forgiving(example).letters


@each_watched
def test_what_is_shared_counts_too_when_it_happens_around_the_row_and_asks_nothing_less(example):
    for fulfilling in getattr(example, "fulfilled_by", ()):
        monitor, forgiven = example.monitor(), forgiving(example)
        shared, both = sharing(example, monitor), sharing(example, forgiven)
        assert around(skipped(fulfilling)) not in shared.letters
        for state in monitor.states:
            assert shared.after(state, around(fulfilling)) == monitor.after(state, fulfilling)
            assert both.after(state, around(skipped(fulfilling))) == forgiven.after(state, skipped(fulfilling))
            for letter in monitor.letters:
                assert shared.after(state, letter) == monitor.after(state, letter)


@each_monitor
@given(data=st.data())
def test_so_many_runs_are_enough_to_break_it(monitor, data):
    word = data.draw(st.lists(st.tuples(st.sampled_from(RUNS), st.sampled_from(whole_steps(monitor))), max_size=10))
    assume(not monitor.judge(only(word, RUNS)))
    assert needs(monitor, word) <= monitor.width


@each_monitor
def test_so_many_runs_are_enough_in_many_words(monitor):
    dice = random.Random(20261125)  # noqa: S311 - the same words in every run; nothing here is a secret
    steps, broken = whole_steps(monitor), 0
    for _ in range(2000):
        word = [(dice.choice(RUNS), dice.choice(steps)) for _ in range(8)]
        if not monitor.judge(only(word, RUNS)):
            broken += 1
            assert needs(monitor, word) <= monitor.width
    assert broken > 100


@each_monitor
def test_fewer_runs_would_not_be_enough(monitor):
    two_runs = list(product(range(2), whole_steps(monitor)))
    words = (word for length in (1, 2, 3) for word in product(two_runs, repeat=length))
    most = 0
    for word in words:
        if not monitor.judge(only(word, RUNS)):
            most = max(most, needs(monitor, word))
        if most == monitor.width:
            return
    pytest.fail(f"{most} runs are enough in every short word, and it says {monitor.width}")


def meanings_of_shipped_steps():
    for path in sorted((ROOT / "fixtures" / "paths").glob("*.json")):
        for activity in json.loads(path.read_text(encoding="utf-8"))["activities"]:
            yield from activity.get("meanings", ())


def test_every_meaning_that_a_shipped_step_has_is_known_in_words_and_no_other():
    assert set(meanings_of_shipped_steps()) == set(meanings.WORDS)


@pytest.mark.parametrize("key", meanings.WORDS)
def test_a_meaning_has_words_that_fit_inside_a_sentence(key):
    words = meanings.WORDS[key]
    assert re.fullmatch(r"[a-z][\w \-]+", words.thing)
    assert re.fullmatch(r"[a-z][\w \-]+", words.happens)
    assert len(words.happens.split()) <= 7
