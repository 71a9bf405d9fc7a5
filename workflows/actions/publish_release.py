"""Publish a release: definitions, terms and safeguards, proven as one whole, and never changed again."""

from __future__ import annotations

import json

from django.db import transaction
from django.utils.translation import gettext as _

from padwijzer.forms.core.nodes import canonical_json
from padwijzer.workflows.actions.acting import Acting
from padwijzer.workflows.core.errors import Conflict
from padwijzer.workflows.core.packs import Pack, joined, national, write_pack
from padwijzer.workflows.core.proving.checking import proof_of
from padwijzer.workflows.core.proving.records import write_record
from padwijzer.workflows.core.reading import canonical, digest
from padwijzer.workflows.core.releases import ReleaseSpec, release_digest
from padwijzer.workflows.core.streams import definition_stream
from padwijzer.workflows.core.terms import Terms, write_terms
from padwijzer.workflows.history.append import Entry, append_all
from padwijzer.workflows.models import DefinitionVersion, Release
from padwijzer.workflows.queries.releases import newest_release, spec_of


def publish_release(
    acting: Acting, spec: ReleaseSpec, terms: Terms, *, local: Pack | None = None, reason: str = ""
) -> Release:
    """
    Publish definitions and terms as a release; the same content twice is one release.

    It is proven first, and outside the transaction: on no route is a safeguard lost. There is no way around the
    national pack: a municipality only adds to it.

    Args:
        acting: who publishes, and when.
        spec: the definitions, all whole.
        terms: every duration they use.
        local: what the municipality asks beside the national pack.
        reason: why, for people.

    Returns:
        The release, with its pack and its proof: a new one, or the one of this very content.

    Raises:
        Unpublishable: with the findings, when one of them is an error: of structure, or a safeguard that can be lost,
            with the story of how.
        Conflict: somebody else published in the meantime.
        ValueError: when `local` has a key of the national pack.
    """
    pack = national() if local is None else joined(national(), local)
    stored_terms = write_terms(terms)
    whole = release_digest(spec, stored_terms, pack.digest)
    same = Release.objects.filter(digest=whole)
    if known := same.first():
        return known
    before = newest_release()
    proof = proof_of(spec, pack, terms, spec_of(before) if before is not None else None)
    with transaction.atomic():
        newest = Release.objects.select_for_update().order_by("-number").first()
        if known := same.first():
            return known
        if newest != before:
            raise Conflict(_("Another release was published in the meantime. Look at it first, and publish again."))
        versions = [_version(acting, spec, key) for key in spec.definitions]
        release = Release.objects.create(
            number=newest.number + 1 if newest else 1,
            start=spec.start,
            members={version.key: version.number for version, _is_new in versions},
            terms=stored_terms,
            safeguards=json.dumps(write_pack(pack), ensure_ascii=False),
            proof=canonical_json(write_record(proof)).decode(),
            digest=whole,
            reason=reason,
            published_at=acting.at,
            published_by=acting.user,
        )
        actor = acting.pseudonym()
        append_all(
            [
                *(
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
                ),
                Entry(
                    definition_stream(spec.start.lower()),
                    "release.published",
                    actor,
                    {"release": release.number, "sha256": whole, "safeguards": pack.digest, "proof": proof.digest},
                ),
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
