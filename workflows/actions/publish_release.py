"""Publish a release: definitions and terms together, checked as one whole, and never changed again."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from django.db import transaction

from padwijzer.forms.core.nodes import canonical_json
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.catalogues import shipped_catalogue
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.errors import Unpublishable
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.reading import canonical, digest
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.streams import definition_stream
from padwijzer.workflows.core.terms import Terms, write_terms
from padwijzer.workflows.history.append import Entry, append_all
from padwijzer.workflows.models import DefinitionVersion, Release


def publish_release(acting: Acting, spec: ReleaseSpec, terms: Terms, *, reason: str = "") -> Release:
    """
    Publish definitions and terms as a release; the same content twice is one release.

    Args:
        acting: who publishes, and when.
        spec: the definitions, all whole.
        terms: every duration they use.
        reason: why, for people.

    Returns:
        The release: a new one, or the one of this very content.

    Raises:
        Unpublishable: with the findings, when one of them is an error or a definition is a skeleton.
    """
    plan = compile_release(spec, replace(shipped_catalogue(), terms=terms))
    if not isinstance(plan, Plan):
        raise Unpublishable(plan)
    stored_terms = write_terms(terms)
    whole = hashlib.sha256(canonical_json([spec.digest(), stored_terms])).hexdigest()
    with transaction.atomic():
        known: Release | None = Release.objects.filter(digest=whole).first()
        if known is not None:
            return known
        versions = [_version(acting, spec, key) for key in spec.definitions]
        newest = Release.objects.select_for_update().order_by("-number").first()
        release = Release.objects.create(
            number=newest.number + 1 if newest else 1,
            start=spec.start,
            members={version.key: version.number for version, _ in versions},
            terms=stored_terms,
            digest=whole,
            reason=reason,
            published_at=acting.at,
            published_by=acting.user,
        )
        actor = acting.pseudonym()
        append_all(
            [
                Entry(
                    definition_stream(version.key.lower()),
                    "definition.published",
                    actor,
                    {
                        "definition": f"{version.key}@{version.number}",
                        "sha256": version.digest,
                        "release": release.number,
                    },
                )
                for version, is_new in versions
                if is_new
            ],
            acting.at,
        )
    return release


def _version(acting: Acting, spec: ReleaseSpec, key: str) -> tuple[DefinitionVersion, bool]:
    definition = spec.definitions[key]
    known = DefinitionVersion.objects.filter(digest=digest(definition)).first()
    if known is not None:
        return known, False
    newest = DefinitionVersion.objects.filter(key=key).order_by("-number").first()
    version = DefinitionVersion.objects.create(
        key=key,
        number=newest.number + 1 if newest else 1,
        digest=digest(definition),
        content=canonical(definition).decode(),
        published_at=acting.at,
    )
    return version, True
