"""Everything that people read is Dutch, complete, and at level B1."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import allauth
import django
import pytest
from babel.messages import Catalog, Message
from django.apps import apps
from django.utils.translation import gettext, ngettext, override, pgettext

from tests.support.messages import (
    ARGUMENTS,
    COMPILED,
    ROOT,
    SOURCE,
    Found,
    NoLiteralError,
    catalogue,
    compiled,
    dutch_of,
    english_of,
    extracted,
    in_python,
    in_template,
    renewed,
    sources,
    untranslated,
    written,
)

pytestmark = pytest.mark.once

LONGEST = 20
"""Words in one sentence; level B1 asks for short ones."""
REASONED_LONG: frozenset[str] = frozenset()
"""Dutch sentences that may be longer; beside each stands why."""
HARD_WORDS = (
    *("activiteit", "audit", "casus", "derhalve", "dient", "guardrail", "indien", "invoer", "item", "middels"),
    *("ongeldig", "procesdefinitie", "submit", "tevens", "teneinde", "timeline", "token", "wizard", "workflow"),
)
"""Words that nobody says aloud in the office, or whose thing has another name here; their beginnings count."""
FAMILIAR = re.compile(r"\b(je|jij|jou|jouw|jullie|gij)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%")
END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@cache
def dutch() -> Catalog:
    return catalogue()


def entries() -> list[Message]:
    return [message for message in dutch() if message.id]


def translations() -> Iterator[tuple[str, str]]:
    """Every English sentence with its Dutch one, the plurals too."""
    for message in entries():
        yield from zip(english_of(message), dutch_of(message), strict=True)


def words(sentence: str) -> int:
    return sum(1 for word in sentence.split() if re.search(r"\w", word))


def too_long(texts: Iterator[str]) -> list[str]:
    found = {sentence for text in texts for sentence in END_OF_SENTENCE.split(text) if words(sentence) > LONGEST}
    return sorted(found - REASONED_LONG)


def hard_words(texts: Iterator[str]) -> list[str]:
    pattern = re.compile(rf"\b(?:{'|'.join(HARD_WORDS)})", re.IGNORECASE)
    return sorted({text for text in texts if pattern.search(text)})


# The catalogue


def test_the_catalogue_holds_every_sentence_of_code_and_templates_and_no_other() -> None:
    held = set()
    for message in entries():
        singular, plural = (*english_of(message), "")[:2]
        held.add(Found(singular, plural, message.context or ""))
    assert held == set(extracted())


def test_every_sentence_is_translated() -> None:
    assert untranslated(dutch()) == []


def test_no_translation_is_a_guess_and_none_is_left_over() -> None:
    assert [message.id for message in entries() if message.fuzzy] == []
    assert not dutch().fuzzy
    assert list(dutch().obsolete) == []


def test_the_file_is_as_it_would_be_written_again() -> None:
    assert SOURCE.read_bytes() == written(renewed(dutch()))


def test_what_django_reads_is_what_the_file_says() -> None:
    assert COMPILED.read_bytes() == compiled(renewed(dutch()))
    assert [message.id for message in entries() if said_by(COMPILED, message) != dutch_of(message)] == []


def test_a_translation_fills_in_what_the_sentence_fills_in() -> None:
    def filled(text: str) -> list[str]:
        return sorted(match[0] for match in PLACEHOLDER.finditer(text))

    assert [pair for pair in translations() if filled(pair[0]) != filled(pair[1])] == []


def test_a_translation_begins_and_ends_as_the_sentence_does() -> None:
    def frame(text: str) -> tuple[bool, str]:
        begins_large = text[:1].isupper() if text[:1].isalpha() else False
        return begins_large, text[-1:] if text[-1:] in {".", "?", "!", ":"} else ""

    different = [pair for pair in translations() if frame(pair[0]) != frame(pair[1])]
    assert [pair for pair in different if not {"%", "“"} & {pair[0][:1], pair[1][:1]}] == []


def test_django_finds_the_catalogue() -> None:
    assert SOURCE.samefile(Path(apps.get_app_config("padwijzer_cms").path) / "locale/nl/LC_MESSAGES/django.po")
    with override("nl"):
        assert gettext("My tasks") == "Mijn taken"
        assert pgettext("kind of notice", "Please note") == "Let op"
        assert ngettext("%(days)s day left", "%(days)s days left", 1) == "nog %(days)s dag"
        assert ngettext("%(days)s day left", "%(days)s days left", 2) == "nog %(days)s dagen"


def test_a_word_that_another_app_translates_too_means_the_same_there() -> None:
    """Which of two apps wins depends on their order in the settings of the municipality."""
    different = {
        (path.as_posix(), english_of(message), dutch_of(message), theirs)
        for path in catalogues_of_others()
        for message in entries()
        if (theirs := said_by(path, message)) not in {english_of(message), dutch_of(message)}
    }
    assert different == set()


def catalogues_of_others() -> list[Path]:
    """The Dutch catalogues of Django and of the apps that a site has beside the plugin."""
    folders = {Path(config.path) for config in apps.get_app_configs() if not config.name.startswith("padwijzer.")}
    folders |= {Path(django.__file__).parent / "conf", Path(allauth.__file__).parent}
    found = [folder / "locale" / name / "LC_MESSAGES" / "django.mo" for folder in folders for name in ("nl", "nl_NL")]
    return sorted(path for path in found if path.exists())


@cache
def read(path: Path) -> GNUTranslations:
    with path.open("rb") as stream:
        return GNUTranslations(stream)


def said_by(path: Path, message: Message) -> tuple[str, ...]:
    """What a compiled catalogue makes of a sentence; the English itself where it has none."""
    told, english = read(path), english_of(message)
    if len(english) == 1:
        return (told.pgettext(message.context, english[0]) if message.context else told.gettext(english[0]),)
    one, more = english
    if message.context:
        return tuple(told.npgettext(message.context, one, more, number) for number in (1, 2))
    return tuple(told.ngettext(one, more, number) for number in (1, 2))


# Level B1


def test_no_dutch_sentence_of_the_pages_is_longer_than_twenty_words() -> None:
    assert too_long(translation for _english, translation in translations()) == []


def test_no_hard_word_stands_on_the_pages() -> None:
    assert hard_words(translation for _english, translation in translations()) == []


def test_the_pages_say_u() -> None:
    assert [translation for _english, translation in translations() if FAMILIAR.search(translation)] == []


def test_quotation_marks_are_the_same_everywhere() -> None:
    assert [translation for _english, translation in translations() if re.search(r"‘[^’]*’|\"", translation)] == []


# Texts of definitions


def dutch_texts(node: Any) -> Iterator[str]:
    """Every text of a definition that stands under `nl`."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "nl" and isinstance(value, str):
                yield value
            else:
                yield from dutch_texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from dutch_texts(value)


def definitions() -> list[Path]:
    return sorted((ROOT / "fixtures" / "paths").glob("*.json"))


def test_there_are_definitions_with_texts() -> None:
    assert sum(1 for path in definitions() for _text in dutch_texts(json.loads(path.read_text("utf-8")))) > 1000


@pytest.mark.parametrize("path", definitions(), ids=lambda path: path.stem)
def test_the_texts_of_a_definition_are_short_and_plain(path: Path) -> None:
    texts = list(dutch_texts(json.loads(path.read_text(encoding="utf-8"))))
    assert too_long(iter(texts)) == []
    assert hard_words(iter(texts)) == []


# How sentences are gathered


def test_a_template_gives_every_kind_of_sentence() -> None:
    template = """{% load i18n %}{# nothing #}
    <p title="{% translate 'One' %}">{{ _("Two") }} {% include "x.html" with title=_("Three") %}</p>
      {% blocktranslate trimmed with name=who %}
         Four for
         {{ name }}
      {% endblocktranslate %}
    {% blocktranslate count number=n %}{{ number }} dog{% plural %}{{ number }} dogs{% endblocktranslate %}
    {% translate "Six" context "page" as six %}{% comment %}{% translate "Hidden" %}{% endcomment %}"""
    assert set(in_template(template, "x.html")) == {
        Found("One"),
        Found("Two"),
        Found("Three"),
        Found("Four for %(name)s"),
        Found("%(number)s dog", "%(number)s dogs"),
        Found("Six", context="page"),
    }


def test_a_module_gives_every_kind_of_sentence() -> None:
    module = """
a = _("One" " and more"); b = ngettext("dog", "dogs", n); c = pgettext_lazy("page", "Two"); d = x.msgid("Three")
e = npgettext("yard", "cat", "cats", n); f = gettext(fault.sentence); g = gettext(SENTENCES[code])
"""
    assert set(in_python(module, "x.py")) == {
        Found("One and more"),
        Found("dog", "dogs"),
        Found("Two", context="page"),
        Found("Three"),
        Found("cat", "cats", "yard"),
    }


@pytest.mark.parametrize("call", ['_(f"one {n}")', "gettext(words)", 'ngettext("one", n)', 'pgettext("page", words)'])
def test_a_sentence_put_together_while_running_is_refused(call: str) -> None:
    with pytest.raises(NoLiteralError, match=r"x\.py:1"):
        list(in_python(call, "x.py"))


def test_no_module_gives_a_translating_function_another_name() -> None:
    renamed = [
        f"{path.relative_to(ROOT)}: {alias.asname}"
        for path in sources(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in ARGUMENTS and (alias.asname or alias.name) not in {alias.name, "_"}
    ]
    assert renamed == []


TAGS = (
    r"\{% block main_class %\}.*?\{% endblock %\}",
    r"\{% comment .*?\{% endcomment %\}",
    r"\{% comment %\}.*?\{% endcomment %\}",
    r"\{% blocktranslate.*?\{% endblocktranslate %\}",
    r"\{#.*?#\}",
    r"\{%.*?%\}",
    r"\{\{.*?\}\}",
)
SPOKEN = re.compile(r"\b(?:aria-label|aria-description|title|alt|placeholder)=\"([^\"]*)\"")


def bare_words(template: str) -> list[str]:
    """What a template says without having it translated: text, and attributes that are read out or shown."""
    for tag in TAGS:
        template = re.sub(tag, " ", template, flags=re.DOTALL)
    spoken = SPOKEN.findall(template)
    text = re.sub(r"<!--.*?-->|<[^>]*>|&\w+;", " ", template, flags=re.DOTALL)
    return [part.strip() for part in (*spoken, *text.split("\n")) if re.search(r"[A-Za-zÀ-ž]{2,}", part)]


def test_bare_words_in_a_template_are_seen() -> None:
    template = '<p class="x" title="Hint">{% translate "Fine" %} Oops {{ name }}</p>'
    assert bare_words(template) == ["Hint", "Oops"]


@pytest.mark.parametrize("path", list(sources(".html")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_template_says_nothing_that_is_not_translated(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == []
