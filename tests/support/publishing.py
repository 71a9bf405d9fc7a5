"""Publishing what an edit robbed of safeguards, for the engine to refuse and for tests of something else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from padwijzer.workflows.actions import publish_release
from padwijzer.workflows.core.catalogues import shipped_catalogue
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.errors import Unpublishable
from padwijzer.workflows.core.packs import Pack
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.proving.records import ProofRecord, record_of
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.terms import Terms, write_terms


@contextmanager
def without_a_proof() -> Iterator[None]:
    """Let what is published only be well made; its pack stands with it all the same, and watches over its cases."""
    with patch.object(publish_release, "proof_of", _nothing_proven):
        yield


def _nothing_proven(spec: ReleaseSpec, pack: Pack, terms: Terms, _published: ReleaseSpec | None) -> ProofRecord:
    plan = compile_release(spec, replace(shipped_catalogue(), terms=terms))
    if not isinstance(plan, Plan):
        raise Unpublishable(plan)
    return record_of(spec, pack, write_terms(terms), ())
