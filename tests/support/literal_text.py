"""
The literal text of the paths, as it was before it was mended: ten runs in which it loses a safeguard.

Each is a small edit of the JSON of the shipped release, which is the cured text, with the run that goes wrong in it
and the statement that refuses it. Three more edits lose a safeguard of the voluntary path.

Source: "What the definition language must be able to say", 8.1, which took the text of the paths at its word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Final
from unittest.mock import patch

from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.packs import Safeguard, national
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving import repairs as mender
from padwijzer.workflows.core.proving.faults import story_of_fault
from padwijzer.workflows.core.proving.machine import Machine
from padwijzer.workflows.core.proving.repairs import Repair, repairs, repairs_of_fault
from padwijzer.workflows.core.proving.replay import replayed
from padwijzer.workflows.core.proving.search import BOUND, Move, Verdict, prove
from padwijzer.workflows.core.proving.stories import Story, story
from padwijzer.workflows.core.proving.walking import Here, Walker
from padwijzer.workflows.core.reading import read_definition, write_definition
from padwijzer.workflows.core.releases import ReleaseSpec, shipped
from padwijzer.workflows.core.safeguards import BREACH, Monitor, Scope, Structural, Watched, around
from padwijzer.workflows.core.safeguards.standing_duty import StandingDuty

Documents = dict[str, Any]
"""The JSON of the definitions of a release by key."""
MOST_WAYS: Final = 200
"""How many ways to walk a script so far are kept."""


@dataclass(frozen=True)
class Loss:
    """
    A text in which a safeguard is lost.

    Args:
        number: its number.
        title: what is lost, in English, as a heading.
        says: what the text says, in English.
        edit: makes the documents of the shipped release say that.
        safeguard: what refuses it.
        script: the run: what happens at each event, by which component, at which step, and the exits that it takes.
        seen_from: what the run is looked at from.
        passes: titles of steps that the run passes, in order; for one of the ten, those that their table names.
        order: for a safeguard about how steps are made: what goes wrong in the run, as a statement about order.
    """

    number: int
    title: str
    says: str
    edit: Callable[[Documents], None]
    safeguard: Safeguard
    script: tuple[str, ...]
    seen_from: Scope
    passes: tuple[str, ...]
    order: Watched | None = None

    @property
    def told_by(self) -> Safeguard:
        """The safeguard as it is heard where the run is looked at."""
        told = self.safeguard if self.order is None else replace(self.safeguard, template=self.order)
        return told if self.seen_from is told.scope else replace(told, template=Near(told), scope=self.seen_from)


@dataclass(frozen=True)
class Near:
    """A statement about the family, to which what happens to a row in focus is all the same. Args: of: it."""

    of: Safeguard

    @property
    def template(self) -> Watched:
        """What it says of the family."""
        template = self.of.template
        assert isinstance(template, Watched)
        return template

    def statement(self) -> str:
        """What it says, in Dutch."""
        return self.template.statement()

    def lost(self, heard: Sequence[str], scope: Scope) -> str:
        """What is lost, as for the family."""
        return self.template.lost([it.removeprefix("*") for it in heard], self.of.scope)

    def monitor(self) -> Monitor:
        """The same automaton, which hears everything that happens around the row as if it happened to it."""
        monitor = self.template.monitor()
        plain = {at: after for at, after in monitor.moves.items() if not at[1].startswith("*")}
        wide = {(state, around(letter)): after for (state, letter), after in plain.items()}
        asks = {**monitor.asks, **{around(it): asked for it, asked in monitor.asks.items()}}
        return replace(monitor, moves={**plain, **wide}, asks=asks)


# the release


@cache
def cured() -> ReleaseSpec:
    """The shipped release, with the definitions that are not whole yet."""
    return shipped(include_skeletons=True)


def documents(spec: ReleaseSpec) -> Documents:
    """The JSON of a release."""
    return {key: deepcopy(write_definition(it)) for key, it in spec.definitions.items()}


def release_of(found: Documents) -> ReleaseSpec:
    """The release of documents. Raises: Unreadable."""
    return ReleaseSpec(shipped().start, {key: read_definition(json.dumps(it)) for key, it in found.items()})


def edited(edit: Callable[[Documents], None]) -> ReleaseSpec:
    """The cured text after an edit."""
    found = documents(cured())
    edit(found)
    return release_of(found)


def planned(spec: ReleaseSpec) -> Plan:
    """The plan of a release; what is wrong with it fails the test."""
    made = compile_release(spec, allow_skeletons=True)
    assert isinstance(made, Plan), made
    return made


def step_of(found: Documents, definition: str, key: str) -> Any:
    """A step in the documents."""
    return next(it for it in found[definition]["activities"] if it["key"] == key)


def track_of(found: Documents, definition: str, key: str) -> Any:
    """A track in the documents."""
    return next(it for it in found[definition]["tracks"] if it["key"] == key)


def drop(found: Documents, definition: str, key: str, what: str, naming: str) -> None:
    """Take the rules or exits whose condition names something out of a step; there must be one."""
    step = step_of(found, definition, key)
    left = [it for it in step[what] if naming not in json.dumps(it["when"])]
    assert len(left) < len(step[what])
    step[what] = left


def answer_is(field: str, value: str) -> dict[str, Any]:
    """The condition that a question was answered so."""
    return {"fact": {"name": "answer", "field": field}, "is": "is", "value": value}


# the edits


def running_help_starts_it(found: Documents) -> None:
    """At V15 the help itself starts, and nothing asks there for consent."""
    drop(found, "V", "help_starts", "rules", "consent_state")
    found["V"]["activities"].append(deepcopy(step_of(found, "D-WACHT", "help_begins")) | {"rules": []})
    found["V"]["tracks"].append(deepcopy(track_of(found, "D-WACHT", "help_begins")))
    waiting = {"all": [{"column": "status", "is": "in", "value": ["proposed", "matched", "waiting"]}]}
    each = {"of": "help_item", "where": waiting}
    opened = {"track": "help_begins", "owner": "help", "at": "completing", "for_each": each}
    step_of(found, "V", "help_starts")["opens"].append(opened)


def refusal_leads_to_evaluation(found: Documents) -> None:
    """Run 1."""
    running_help_starts_it(found)
    step = step_of(found, "IVH", "discuss_worries")
    step["exits"] = [it for it in step["exits"] if it["to"] != {"jump": "V", "at": "family_plan"}]
    back = next(it for it in step["exits"] if it["to"] == {"jump": "V", "at": "evaluate_together"})
    back["when"] = answer_is("zorg_uitkomst", "geen")


def crisis_leads_to_evaluation(found: Documents) -> None:
    """Run 2."""
    running_help_starts_it(found)
    step = step_of(found, "D-SPOED", "crisis_over")
    step["exits"] = [step["exits"][0], {"when": "else", "to": {"jump": "V", "at": "evaluate_together"}}]


def move_skips_the_ground(found: Documents) -> None:
    """Run 3."""
    step_of(found, "P", "another_place")["exits"] = [{"when": "else", "to": {"goto": "before_ladder"}}]
    step = step_of(found, "P", "placement_starts")
    step["rules"] = step["rules"][:1]
    for part in step["rules"][0]["when"]["all"]:
        del part["fact"]["since"]


def crisis_tells_the_way_itself(found: Documents, at: str) -> None:
    """S6 itself leads to the OTS path. Args: at: the step there."""
    exits = step_of(found, "D-SPOED", "after_first_days")["exits"]
    exits.insert(1, {"when": answer_is("sp_verder", "ots"), "to": {"jump": "OTS", "at": at}})


def consent_is_a_tick(found: Documents) -> None:
    """Run 4."""
    crisis_tells_the_way_itself(found, "ruling")
    drop(found, "OTS", "end_of_ots", "rules", "consent_state")
    gone = ("consent_for_help", "consent_for_placement")
    for key in ("OTS", "P"):
        text = json.dumps(found[key])
        for name in ("goto", "at"):
            text = text.replace(f'"{name}": "{gone[0]}"', f'"{name}": "end_of_ots"')
        found[key] = json.loads(text)
    ots = found["OTS"]
    ots["activities"] = [it for it in ots["activities"] if it["key"] not in gone]
    ots["entries"] = ["end_of_ots" if it == gone[0] else it for it in ots["entries"]]
    step = step_of(found, "OTS", "end_of_ots")
    next(it for it in step["fields"] if it["key"] == "einde_kinderen")["required"] = False
    asked = {"key": "einde_toest", "label": {"nl": "Is de toestemming voor die hulp klaar?"}, "type": "yes_no"}
    step["fields"].append(asked | {"required": True, "scope": "family", "privacy": "personal"})
    words = {"nl": "Nu is alles weer vrijwillig: vraag toestemming."}
    refuses = {"when": answer_is("einde_toest", "nee"), "effect": "block", "text": words, "ground": "C12"}
    step["rules"].append(refuses)


def child_home_again_is_forgotten(found: Documents) -> None:
    """Run 5."""
    crisis_tells_the_way_itself(found, "warm_start")
    track_of(found, "P", "evaluation")["opens_by"] = "activity"
    step = step_of(found, "P", "end_of_placement")
    running = {"all": [{"column": "status", "is": "is", "value": "running"}]}
    step.setdefault("opens", []).append(
        {
            "track": "evaluation",
            "owner": "placement",
            "at": "completing",
            "for_each": {"of": "placement", "where": running},
        }
    )
    drop(found, "D-NAZORG", "close_together", "rules", "lives_at")


def home_without_an_end(found: Documents) -> None:
    """Run 6."""
    drop(found, "P", "stay_home_options", "exits", "lives_at")
    for way in step_of(found, "D-SPOED", "after_first_days")["exits"]:
        if way["to"] == {"jump": "P"}:
            way["to"] = {"jump": "P", "at": "stay_home_options"}
    drop(found, "D-NAZORG", "close_together", "rules", "lives_at")


def refused_without_an_end(found: Documents) -> None:
    """Run 7."""
    home_without_an_end(found)
    for key in ("court_order", "municipal_decision"):
        drop(found, "P", key, "exits", "lives_at")


def crisis_softens_closing(found: Documents) -> None:
    """Run 8."""
    rules = step_of(found, "D-NAZORG", "close_together")["rules"]
    owed = [it for it in rules if it["effect"] == "block" and it["when"].get("rows") == "duty"]
    assert len(owed) == 2
    for rule in owed:
        rule["afterwards"] = "crisis_review"


def voluntary_help_comes_later(found: Documents) -> None:
    """Run 9."""
    crisis_tells_the_way_itself(found, "ruling")
    track_of(found, "OTS", "voluntary_help").update(opens_by="activity", owner="family")
    step = step_of(found, "OTS", "explain_under_measure")
    step.setdefault("opens", []).append({"track": "voluntary_help", "owner": "family", "at": "completing"})


def ladder_may_be_skipped(found: Documents) -> None:
    """Run 10."""
    step = step_of(found, "P", "placement_ladder")
    del step["skippable"]
    step["skip"] = {"goto": "which_place"}
    drop(found, "P", "placement_ladder", "rules", "order_kinds")


def plan_is_passed_by(found: Documents) -> None:
    """The analysis leads to help, and the decision does not ask for a plan."""
    for way in step_of(found, "V", "understand_together")["exits"]:
        if way["to"] == {"goto": "family_plan"}:
            way["to"] = {"goto": "choose_help"}
    step_of(found, "V", "plan_is_there")["exits"] = [{"when": "else", "to": {"goto": "municipal_decision"}}]
    drop(found, "V", "municipal_decision", "rules", "V.family_plan")


def explaining_may_be_skipped(found: Documents) -> None:
    """The explanation becomes a step of policy, of which nothing asks what was explained."""
    step = step_of(found, "D-TOEST", "explain")
    del step["skippable"]
    step.update(obligation="policy", rules=[])


def taking_back_changes_nothing(found: Documents) -> None:
    """The step at which help begins does not ask for consent any more."""
    drop(found, "D-WACHT", "help_begins", "rules", "consent_state")


# the statements and the runs

NATIONAL: Final = {it.key: it for it in national().safeguards}
CRISIS: Final = ("start:emergency D-SPOED@family.", "complete D-SPOED@family.crisis_report")
AT_HOME: Final = (*CRISIS, "complete D-SPOED@family.crisis_solution crisis_solution>1")
PLACED: Final = (
    *CRISIS,
    "complete D-SPOED@family.crisis_solution crisis_solution>0",
    "complete D-SPOED@family.crisis_ground crisis_ground>0",
    "complete D-SPOED@family.register_placement",
)
AFTER: Final = "complete D-SPOED@family.after_first_days"
ROUTE: Final = (
    "complete V@family.first_talk",
    "complete D-VAP@family.choose_person choose_contact_person>0",
)
TO_CONSENT: Final = (
    "complete V@family.question_or_signal question_or_signal>1",
    *ROUTE,
    "complete V@family.choose_route choose_route>1",
    "complete V@family.short_plan",
    "complete V@family.municipal_decision municipal_decision>1 !ask_consent",
    "complete D-TOEST@focus.who_consents",
)
TO_THE_LADDER: Final = (
    "complete P@family.stay_home_options stay_home_options>0",
    "complete P@focus.understand_together",
    "complete P@focus.speak_with_each_child speak_with_each_child>1 legal_basis>1 before_ladder>2",
)
CLOSES_AT_HOME: Final = (
    "complete V@family.choose_help plan_is_there>0",
    "complete V@family.family_plan family_plan>0",
    "complete V@family.ordinary_support",
    "complete D-NAZORG@family.close_together",
)
UNDER_MEASURE: Final = (
    "complete OTS@family.warm_start",
    "skip OTS@family.explain_under_measure",
    "complete OTS@family.plan_of_action",
    "complete OTS@family.help_starts help_starts>2 before_evaluation>2",
)
OVER: Final = "recheck OTS@family.evaluate_measure consent_for_help>0 consent_for_placement>1"
EVALUATED: Final = StandingDuty(("placement_start",), ("evaluation_after_placement",), ("closing",))
STAYED: Final = StandingDuty(("measure_start",), ("voluntary_help_contact",), ("measure_end",))


@cache
def ten_runs() -> tuple[Loss, ...]:
    """The ten, in order."""
    return (
        Loss(
            1,
            "Help starts after a refusal",
            "After a refusal T4 leads to O1. Its answer that there is no worry leads to the evaluation V16, and that "
            "to V15, where help runs. V15 does not ask for consent.",
            refusal_leads_to_evaluation,
            NATIONAL["consent_before_help"],
            (
                *TO_CONSENT,
                "complete D-TOEST@focus.explain",
                "complete D-TOEST@focus.answers answers>2",
                "complete D-TOEST@focus.no_full_consent no_full_consent>2 ask_consent>0",
                "complete IVH@family.discuss_worries discuss_worries>1",
                "complete V@family.evaluate_together evaluate_together>5",
                "complete V@family.help_starts",
                "complete V.help_begins@focus.help_begins",
            ),
            Scope.HELP,
            (
                "Er is geen volledig ja",
                "Toestemming vragen",
                "Zorgen eerlijk bespreken",
                "Samen evalueren",
                "Hulp begint: hoe houden we contact?",
                "De hulp begint",
            ),
        ),
        Loss(
            2,
            "Help starts after a crisis without anybody being asked",
            "After a crisis at home S6 leads to the evaluation V16, and that to V15: help runs while nobody made a "
            "plan, took the decision or asked for consent.",
            crisis_leads_to_evaluation,
            NATIONAL["consent_before_help"],
            (
                "complete V@family.question_or_signal question_or_signal>0",
                *AT_HOME[1:],
                f"{AFTER} after_first_days>2 crisis_over>1",
                "complete V@family.evaluate_together evaluate_together>5",
                "complete V@family.help_starts",
                "complete V.help_begins@focus.help_begins",
            ),
            Scope.HELP,
            (
                "Vraag of signaal",
                "Kan het kind veilig thuis of bij eigen mensen blijven?",
                "Na de eerste dagen",
                "Samen evalueren",
                "Hulp begint: hoe houden we contact?",
            ),
        ),
        Loss(
            3,
            "A second place on the ground of the first",
            "When a child moves, P21 leads to the ladder P7. P12 asks whether the ground was ever settled, and so "
            "takes that of the old place for the new one.",
            move_skips_the_ground,
            NATIONAL["ground_for_every_placement"],
            (
                *PLACED,
                f"{AFTER} after_first_days>0",
                "complete P@family.possible_placement possible_placement>1",
                *TO_THE_LADDER,
                "complete P@focus.placement_ladder placement_ladder>2",
                "complete P@focus.which_place which_place>1",
                "complete P@focus.day_one_plan day_one_plan>0",
                "complete P@focus.evaluate_placement evaluate_placement>1",
                "complete P@focus.another_place another_place>0 before_ladder>2",
                "complete P@focus.placement_ladder placement_ladder>2",
                "complete P@focus.which_place which_place>1",
                "complete P@focus.day_one_plan day_one_plan>1",
                "complete P@focus.calm_move",
                "complete P@focus.placement_starts !old_place_left",
            ),
            Scope.CHILD,
            (
                "Samen kijken tijdens de plaatsing",
                "Andere plek",
                "De plaatsingsladder",
                "Welke plek precies?",
                "Dag-1-plan voor het hele gezin",
                "Rustig verhuizen",
                "Plaatsing start",
            ),
        ),
        Loss(
            4,
            "Help goes on after a measure without consent",
            "When a judge ends a measure, O21 asks by a yes or no whether consent is ready. Nobody has to be asked "
            "for it.",
            consent_is_a_tick,
            NATIONAL["consent_after_measure"],
            (
                *AT_HOME,
                f"{AFTER} after_first_days>1",
                "complete OTS@family.ruling ruling>0 measure_starts>0",
                *UNDER_MEASURE,
                "start: OTS.renewal@focus.",
                "complete OTS.renewal@focus.renew_or_end renew_or_end>1",
                "complete OTS.renewal@focus.renewal_ruling",
                "recheck OTS@family.evaluate_measure",
                "complete OTS@family.end_of_ots",
            ),
            Scope.MEASURE,
            ("Uitspraak over verlenging", "De OTS stopt; hulp gaat gewoon verder"),
        ),
        Loss(
            5,
            "A child that is home again after a crisis, and nobody looks back",
            "S6 leads a child that is home again to the OTS path. The step that looks back, P22, only opens at P23.",
            child_home_again_is_forgotten,
            NATIONAL["evaluation_after_every_placement"],
            (
                *PLACED,
                f"{AFTER} after_first_days>1",
                *UNDER_MEASURE,
                OVER,
                "complete OTS@family.end_of_ots end_of_ots>1",
                "complete D-NAZORG@family.close_together",
            ),
            Scope.FAMILY,
            (
                "Plaatsing in spoed vastleggen",
                "Na de eerste dagen",
                "Samen starten: gezin, vast aanspreekpunt en jeugdbeschermer",
            ),
            EVALUATED,
        ),
        Loss(
            6,
            "A child goes home and its placement never ends",
            "After a crisis S6 leads a child that stays elsewhere to P2, where it may go home: to V11, past the end "
            "of the placement. N1 does not ask where children live.",
            home_without_an_end,
            NATIONAL["placement_ends_before_closing"],
            (
                "complete V@family.question_or_signal question_or_signal>0",
                *PLACED[1:],
                f"{AFTER} after_first_days>0",
                "complete P@family.stay_home_options stay_home_options>2",
                *CLOSES_AT_HOME,
            ),
            Scope.CHILD,
            ("Na de eerste dagen", "Wat is nodig om thuis te blijven?", "Hulp kiezen en passen"),
        ),
        Loss(
            7,
            "An emergency placement is refused and never ends",
            "When the municipality refuses, P9 leads to P2, and when the judge refuses, P6 leads to O16: both past "
            "the end of a placement that began in a crisis.",
            refused_without_an_end,
            NATIONAL["placement_ends_before_closing"],
            (
                "complete V@family.question_or_signal question_or_signal>0",
                *PLACED[1:],
                f"{AFTER} after_first_days>0",
                *TO_THE_LADDER,
                "complete P@focus.placement_ladder placement_ladder>2",
                "complete P@focus.which_place which_place>0 before_decision>1",
                "complete P@focus.own_plan_offered",
                "complete P@focus.municipal_decision municipal_decision>1",
                "complete P@focus.stay_home_options stay_home_options>2",
                *CLOSES_AT_HOME,
            ),
            Scope.CHILD,
            ("Plaatsing in spoed vastleggen", "Besluit gemeente", "Wat is nodig om thuis te blijven?"),
        ),
        Loss(
            8,
            "A case closes while the list of a crisis is open",
            "N1 is a step of policy, so while the list of a crisis is open its blocks soften: a case closes with "
            "that list open, and with a look back that is still owed.",
            crisis_softens_closing,
            NATIONAL["emergency_list_before_closing"],
            (
                "complete V@family.question_or_signal question_or_signal>1",
                *AT_HOME,
                f"{AFTER} after_first_days>2 crisis_over>2",
                *ROUTE,
                "complete V@family.choose_route choose_route>0",
                "complete V@family.ordinary_support",
                "complete D-NAZORG@family.close_together",
            ),
            Scope.FAMILY,
            ("Spoedmelding", "Na de eerste dagen", "Samen afronden"),
        ),
        Loss(
            9,
            "A measure runs and voluntary help is out of sight",
            "The duty to keep in touch with voluntary help opens at O14, after O13, and not when the measure begins.",
            voluntary_help_comes_later,
            NATIONAL["voluntary_help_stays"],
            (
                *AT_HOME,
                f"{AFTER} after_first_days>1",
                "complete OTS@family.ruling ruling>0 measure_starts>0",
                *UNDER_MEASURE,
                OVER,
                "complete OTS@family.end_of_ots",
            ),
            Scope.FAMILY,
            (
                "Uitspraak kinderrechter",
                "Samen starten: gezin, vast aanspreekpunt en jeugdbeschermer",
                "Uitleg en mening vragen, ook bij een maatregel",
            ),
            STAYED,
        ),
        Loss(
            10,
            "The ladder is skipped",
            "P7 is a step of policy: the whole ladder may be skipped with one deviation.",
            ladder_may_be_skipped,
            NATIONAL["ladder_is_never_skipped"],
            (
                *PLACED,
                f"{AFTER} after_first_days>0",
                "complete P@family.possible_placement possible_placement>1",
                *TO_THE_LADDER,
                "skip P@focus.placement_ladder",
            ),
            Scope.CHILD,
            ("Moet het kind ergens anders wonen?", "De plaatsingsladder"),
        ),
    )


@cache
def three_edits() -> tuple[Loss, ...]:
    """Three more, on the voluntary path."""
    return (
        Loss(
            11,
            "A decision without a plan of the family",
            "The analysis leads to choosing help, past the plan of the family, and the decision does not ask for it.",
            plan_is_passed_by,
            NATIONAL["family_plan_before_decision"],
            (
                "complete V@family.question_or_signal question_or_signal>1",
                *ROUTE,
                "complete V@family.choose_route choose_route>2",
                "complete V@family.look_back",
                "complete V@family.understand_together understand_together>1",
                "complete V@family.choose_help plan_is_there>0",
                "complete V@family.municipal_decision",
            ),
            Scope.CHILD,
            ("Samen begrijpen: verklarende analyse", "Hulp kiezen en passen", "Besluit van de gemeente"),
        ),
        Loss(
            12,
            "Consent without an explanation",
            "The explanation may be skipped with a reason.",
            explaining_may_be_skipped,
            NATIONAL["explained_before_consent"],
            (*TO_CONSENT, "skip D-TOEST@focus.explain", "complete D-TOEST@focus.answers answers>1"),
            Scope.HELP,
            ("Wie moet ja zeggen?", "Uitleggen", "Antwoord van ieder"),
        ),
        Loss(
            13,
            "Help begins after consent was taken back",
            "The step at which help begins does not ask for consent any more.",
            taking_back_changes_nothing,
            NATIONAL["consent_before_help"],
            (
                *TO_CONSENT,
                "complete D-TOEST@focus.explain",
                "complete D-TOEST@focus.answers answers>1 ask_consent>1 consent_complete>0",
                "complete D-WACHT@focus.plan_intake",
                "complete D-WACHT@focus.intake_outcome intake_outcome>1 intake_and_waiting>0",
                "start:hand D-INTREK@focus.",
                "complete D-INTREK@focus.withdraw_consent withdraw_consent>1",
                "complete D-WACHT.help_begins@focus.help_begins",
            ),
            Scope.HELP,
            ("Toestemming vragen", "Past deze hulp?", "Toestemming intrekken", "De hulp begint"),
        ),
    )


# walking and telling


class Ways(Walker):
    """Moves that are told apart by how they are made too, so that a script can choose."""

    def _merged(self, some: Any) -> list[Here]:
        found: dict[object, Here] = {}
        for here in some:
            at, box = frozenset(here.at.items()), frozenset(here.box.items())
            found.setdefault((at, box, here.watch, here.agenda, here.path), here)
        return list(found.values())


def in_words(here: Here) -> str:
    """What a move is, as the scripts say it."""
    what, who, activity, _ = here.path[0]
    taken = [f"{key}>{number}" for name, _, key, number in here.path if name == "exit"]
    done = [it[1] for it in here.seen]
    return " ".join((f"{':'.join(what.split(':')[:2])} {who}.{activity}", *taken, *done))


def fits(wanted: str, words: str) -> bool:
    """Whether a move is what a line of a script wants."""
    return all(it[1:] not in words if it.startswith("!") else it in words for it in wanted.split())


def members_of(script: Sequence[str]) -> tuple[str, ...]:
    """The names of the components that a script follows."""
    return tuple(dict.fromkeys(line.split()[1].rpartition(".")[0] for line in script))


def run_of(machine: Machine, monitor: Monitor, script: Sequence[str]) -> Verdict:
    """
    The run of a script, which breaks the statement at its last event and which the reference semantics walks.

    Raises:
        AssertionError: with the line that cannot happen, and what can.
    """
    names = members_of(script)
    members = frozenset(it for it in machine.components if it.name in names)
    walker = Ways(machine, monitor, members, frozenset())
    runs: list[tuple[Here, tuple[Move, ...]]] = [(it, (Move(it.path, it.seen),)) for it in walker.first()]
    for number, wanted in enumerate(script):
        found: dict[object, tuple[Here, tuple[Move, ...]]] = {}
        can: set[str] = set()
        for before, run in runs:
            for here in walker.moves(Here(before.at, {}, before.watch)):
                can.add(in_words(here))
                if fits(wanted, in_words(here)) and (here.watch == BREACH) is (number == len(script) - 1):
                    key = frozenset(here.at.items()), here.watch, here.path
                    found.setdefault(key, (here, (*run, Move(here.path, here.seen))))
        assert found, (wanted, sorted(can))
        runs = list(found.values())[:MOST_WAYS]
    for _, run in runs:
        if replayed(machine, monitor, members, run) is not None:
            return Verdict(False, 0, components=names, run=run)
    raise AssertionError(script)


def holds(plan: Plan, safeguard: Safeguard, bound: int = BOUND) -> bool:
    """Whether a plan is proven to keep a safeguard. Args: bound: how many states may be looked at."""
    if isinstance(safeguard.template, Structural):
        return not safeguard.template.faults(plan)
    assert safeguard.monitor is not None
    return prove(machine_of(plan, safeguard.scope), safeguard.monitor, bound).proven


@lru_cache(len(Scope))
def machine_of(plan: Plan, scope: Scope) -> Machine:
    """A plan as it is searched."""
    return Machine(plan, scope)


@cache
def told(text: Loss) -> tuple[Story, Repair]:
    """
    The run of a literal text as a story, which advises the change that was tried first and proven, and that change.

    Raises:
        AssertionError: when the run does not happen, or no change mends it.
    """
    spec = edited(text.edit)
    machine = Machine(planned(spec), text.seen_from)
    safeguard = text.told_by
    assert safeguard.monitor is not None
    verdict = run_of(machine, safeguard.monitor, text.script)
    found = story(machine, safeguard, verdict)
    if isinstance(text.safeguard.template, Structural):
        (place,) = text.safeguard.template.faults(machine.plan)
        found = replace(found, lost=story_of_fault(machine.plan, text.safeguard, place).lost)
    first = mending(text, spec, machine.plan, verdict, found)
    return found.advising(first.advice, first.place, first.where), first


def mending(text: Loss, spec: ReleaseSpec, plan: Plan, verdict: Verdict, found: Story) -> Repair:
    """The first change that mends a literal text."""
    template = text.safeguard.template
    if isinstance(template, Structural):
        (place,) = template.faults(plan)
        offered = repairs_of_fault(spec, text.safeguard, place, allow_skeletons=True)
    else:
        offered = ()
        for published in (None, cured()):
            with patch.object(mender, "MOST", 1):
                offered = offered or repairs(
                    spec, text.safeguard, verdict, found, published=published, allow_skeletons=True
                )
    assert offered, text.number
    return offered[0]
