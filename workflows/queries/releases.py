"""Releases as they run: the plan, the terms and the version numbers of a release, compiled once in a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from padwijzer.forms.core.nodes import Node
from padwijzer.workflows.core.compiling import compile_release
from padwijzer.workflows.core.errors import Unpublishable
from padwijzer.workflows.core.packs import Pack, load_pack, national
from padwijzer.workflows.core.plan import Plan
from padwijzer.workflows.core.reading import read_definition
from padwijzer.workflows.core.releases import ReleaseSpec
from padwijzer.workflows.core.terms import Terms, read_terms
from padwijzer.workflows.models import DefinitionVersion, Release


@dataclass(frozen=True, slots=True, eq=False)
class RunningRelease:
    """
    A published release, compiled.

    Args:
        number: its number.
        digest: its SHA-256.
        plan: its definitions, resolved.
        terms: its terms.
        versions: definition key to version number.
        pack: the safeguards that it was proven to keep, and that watch over its cases.
    """

    number: int
    digest: str
    plan: Plan
    terms: Terms
    versions: Mapping[str, int]
    pack: Pack


def running_release(digest: str) -> RunningRelease:
    """
    The release of that digest; a digest names one content for ever, so nothing is ever stale.

    Raises:
        Release.DoesNotExist: when it was never published here.
        Unpublishable: when it holds what this version of Padwijzer no longer accepts.
    """
    return _running_release(digest)


@lru_cache(maxsize=64)
def _running_release(digest: str) -> RunningRelease:
    release = Release.objects.get(digest=digest)
    plan = compile_release(spec_of(release))
    if not isinstance(plan, Plan):
        raise Unpublishable(plan)
    return RunningRelease(
        release.number, digest, plan, read_terms(Node(release.terms)), release.members, pack_of(release)
    )


def spec_of(release: Release) -> ReleaseSpec:
    """The definitions of a release, as they were published."""
    contents = {
        (version.key, version.number): version.content
        for version in DefinitionVersion.objects.filter(key__in=release.members)
    }
    definitions = {key: read_definition(contents[key, number]) for key, number in release.members.items()}
    return ReleaseSpec(release.start, definitions)


def pack_of(release: Release) -> Pack:
    """The safeguards of a release, as they were; the national ones of now for one that is older than proofs."""
    return load_pack(release.safeguards) if release.safeguards else national()


def newest_release() -> Release | None:
    """The release on which a new case starts, or None when nothing was published yet."""
    found: Release | None = Release.objects.order_by("-number").first()
    return found
