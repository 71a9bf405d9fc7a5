"""
What the meanings of steps are called in Dutch, in the two forms that the statements of safeguards need.

A statement says "er is *een plan van het gezin* voordat *de gemeente besluit*": the thing, and that it happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from padwijzer.forms.core.nodes import parse


@dataclass(frozen=True, slots=True)
class Words:
    """A meaning in Dutch. Args: thing: after "er is"; happens: after "voordat" or "nadat"."""

    thing: str
    happens: str


WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "afterwards_list": Words("een lijst voor daarna", "de lijst voor daarna is gemaakt"),
        "application": Words("een vraag of signaal", "de vraag of het signaal binnenkomt"),
        "child_heard": Words("een gesprek met het kind", "met het kind is gesproken"),
        "closing": Words("een afronding", "de zaak sluit"),
        "consent_asked": Words("een vraag om toestemming", "om toestemming is gevraagd"),
        "consent_replaced": Words("een beslissing in plaats van een ja", "iemand beslist in plaats van een ja"),
        "contact_arrangement": Words("een afspraak over contact", "het contact is afgesproken"),
        "contact_person_chosen": Words("een vast aanspreekpunt", "het vaste aanspreekpunt is gekozen"),
        "crisis_report": Words("een spoedmelding", "een spoedmelding is gedaan"),
        "day_one_plan": Words("een dag-1-plan", "het dag-1-plan is gemaakt"),
        "deviation": Words("een afwijking met reden", "iemand afwijkt"),
        "deviation_review": Words("een terugblik op de afwijking", "op de afwijking is teruggekeken"),
        "end_of_help": Words("een einde aan de hulp", "de hulp stopt"),
        "evaluation": Words("een gezamenlijke evaluatie", "samen is geëvalueerd"),
        "evaluation_after_placement": Words("een terugblik op de plaatsing", "op de plaatsing is teruggekeken"),
        "expert_advice": Words("een advies van experts", "experts advies geven"),
        "explained": Words("uitleg over de hulp", "de hulp is uitgelegd"),
        "explained_voluntary": Words("uitleg dat hulp vrijwillig is", "is uitgelegd dat hulp vrijwillig is"),
        "family_help": Words("hulp voor het hele gezin", "het hele gezin hulp krijgt"),
        "family_plan": Words("een plan van het gezin", "het gezin een plan heeft"),
        "family_plan_offered": Words("een aanbod van een familieplan", "een eigen familieplan is aangeboden"),
        "first_talk": Words("een eerste gesprek", "het eerste gesprek er is"),
        "follow_up": Words("een vinger aan de pols", "iemand de vinger aan de pols houdt"),
        "follow_up_after_return": Words("contact na thuiskomst", "er contact is na thuiskomst"),
        "gi_step": Words("een stap van de jeugdbeschermer", "de jeugdbeschermer een stap zet"),
        "help_chosen": Words("een keuze van hulp", "de hulp is gekozen"),
        "help_contact": Words("contact over de lopende hulp", "er contact is over de hulp"),
        "information_shared": Words("een afspraak over informatie delen", "informatie wordt gedeeld"),
        "informed_consent": Words("toestemming na uitleg", "er toestemming is"),
        "investigation_meeting": Words("overleg over onderzoek", "er overleg is over onderzoek"),
        "investigation_request": Words("een verzoek tot onderzoek", "iemand om onderzoek vraagt"),
        "ladder_choice": Words("een keuze op de plaatsingsladder", "op de plaatsingsladder is gekozen"),
        "legal_ground": Words("een wettelijke grond", "de wettelijke grond vaststaat"),
        "measure_end": Words("een einde aan de maatregel", "de maatregel stopt"),
        "measure_evaluation": Words("een evaluatie van de maatregel", "de maatregel wordt geëvalueerd"),
        "measure_help_start": Words("een start van hulp bij een maatregel", "hulp bij een maatregel start"),
        "measure_start": Words("een maatregel", "een maatregel begint"),
        "mentor_chosen": Words("een JIM", "de jongere een JIM kiest"),
        "municipal_decision": Words("een besluit van de gemeente", "de gemeente besluit"),
        "ordinary_support": Words("gewone steun", "er gewone steun is"),
        "placement_end": Words("een einde aan de plaatsing", "een plaatsing stopt"),
        "placement_evaluation": Words("een evaluatie tijdens de plaatsing", "de plaatsing wordt geëvalueerd"),
        "placement_start": Words("een start van de plaatsing", "een plaatsing start"),
        "plan_for_18": Words("een plan voor na 18 jaar", "het plan voor na 18 klaar is"),
        "planned_placement_start": Words("een start van een geplande plaatsing", "een geplande plaatsing start"),
        "renewal_decision": Words("een keuze over verlengen", "iemand over verlengen beslist"),
        "renewal_ruling": Words("een uitspraak over verlengen", "de rechter over verlengen beslist"),
        "route_chosen": Words("een keuze van de weg", "de weg is gekozen"),
        "safety_judgement": Words("een oordeel over veiligheid", "over veiligheid is geoordeeld"),
        "school_informed": Words("bericht aan de school", "de school bericht krijgt"),
        "second_look": Words("een blik van een tweede deskundige", "een tweede deskundige meekijkt"),
        "shared_analysis": Words("een gedeelde verklarende analyse", "het gezin en de hulpverlener samen begrijpen"),
        "shared_history": Words("een gezamenlijke terugblik", "samen is teruggekeken"),
        "start_of_help": Words("een start van de hulp", "de hulp start"),
        "stay_home_considered": Words("een zoektocht naar hulp thuis", "naar hulp thuis is gezocht"),
        "tailor_made_decision": Words("een besluit over maatwerk", "iemand over maatwerk beslist"),
        "turned_18": Words("een achttiende verjaardag", "de jongere 18 wordt"),
        "view_asked": Words("een vraag naar ieders mening", "ieders mening is gevraagd"),
        "voluntary_help_contact": Words("contact met de vrijwillige hulp", "er contact is met de vrijwillige hulp"),
        "withdrawal_of_consent": Words("een intrekking van toestemming", "iemand de toestemming intrekt"),
    }
)
"""Words by meaning; every meaning that a definition uses is here."""


def thing(meanings: Iterable[str]) -> str:
    """What these meanings are, joined by "of". Raises: KeyError for a meaning without words."""
    return listed([WORDS[meaning].thing for meaning in meanings])


def happens(meanings: Iterable[str]) -> str:
    """That one of these meanings happens, joined by "of". Raises: KeyError for a meaning without words."""
    return listed([WORDS[meaning].happens for meaning in meanings])


@cache
def role_labels() -> Mapping[str, str]:
    """What each role is called inside a sentence, by key."""
    roles = parse((files("padwijzer") / "fixtures" / "roles.json").read_bytes()).child("roles")
    return MappingProxyType({key: _inside(node.child("label").string()) for key, node in roles.items()})


def people(roles: Iterable[str]) -> str:
    """Who has one of these roles, joined by "of". Raises: KeyError for a role that is not known."""
    return listed([role_labels()[role] for role in roles])


def listed(words: list[str]) -> str:
    """Words as in "a, b of c"."""
    return " of ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def starting(words: str) -> str:
    """Words as the start of a sentence."""
    return words[:1].upper() + words[1:]


def _inside(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
