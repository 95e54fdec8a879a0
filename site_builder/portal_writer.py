"""Writes the files of made portals, and says what there is to remember of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from site_builder.input_digests import digest
from site_builder.mkdocs_site.builder import SEARCH_INDEX_PATH, SiteBuilder
from site_builder.portal_cache import KeptPortal, pack
from site_builder.portal_parts import MadePortal
from site_builder.security_policy import PolicyNeeds, find_needs, write_policy


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """What to remember of a portal's files.

    Attributes:
        digests: of each file, by path.
        packed: the files that are the portal's own, as the cache keeps them.
        core_digests: of what some parts are made around, by name.
        policy: the Content-Security-Policy that they need.
    """

    digests: Mapping[str, str]
    packed: Mapping[str, bytes]
    core_digests: Mapping[str, str]
    policy: str


class PortalWriter:
    """Writes one portal after the other; the first one warms up for the rest."""

    def __init__(self, configuration: Path) -> None:
        self._builder = SiteBuilder(configuration, shares_assets=True)

    @property
    def is_warm(self) -> bool:
        """Whether a portal was written, so that others can share what is the same in all."""
        return self._builder.first is not None

    def write(self, made: MadePortal, folder: Path, kept: KeptPortal | None) -> WrittenFiles:
        """Write a portal into ``folder``.

        Args:
            made: the portal.
            folder: where to write it; nothing is there.
            kept: the portal as it was built last; None if nothing is to be remembered.
        """
        index = None if kept is None or not made.is_ready else kept.get(SEARCH_INDEX_PATH)
        if index is None or not self.is_warm:
            self._builder.build(made.site, folder, made.ready)
            index = (folder / SEARCH_INDEX_PATH).read_bytes()
        else:
            _write_ready_portal(made, index, folder)
            self._builder.share_assets(folder)
        contents = {**dict(_list_contents(made, folder)), SEARCH_INDEX_PATH: index}
        policy = write_policy([self._asset_needs, *map(find_needs, contents, contents.values())])
        if kept is None:
            return WrittenFiles({}, {}, {}, policy)
        digests = {path: digest(content) for path, content in contents.items()}
        core_digests = {name: digest(core) for name, core in made.cores.items()}
        return WrittenFiles(
            digests={**self._asset_digests, **digests},
            packed=dict(_pack_all({**contents, **made.cores}, {**digests, **core_digests}, kept)),
            core_digests=core_digests,
            policy=policy,
        )

    @cached_property
    def _asset_digests(self) -> Mapping[str, str]:
        return {path: digest(content) for path, content in self._read_assets()}

    @cached_property
    def _asset_needs(self) -> PolicyNeeds:
        needs = PolicyNeeds()
        for path, content in self._read_assets():
            needs |= find_needs(path, content)
        return needs

    def _read_assets(self) -> Iterator[tuple[str, bytes]]:
        if self._builder.first is None:
            raise RuntimeError("the first portal has them")
        for path in self._builder.assets:
            yield path, (self._builder.first / path).read_bytes()


def _write_ready_portal(made: MadePortal, index: bytes, folder: Path) -> None:
    contents = {f"{path}.html": text.encode() for path, text in made.ready.items()}
    contents[SEARCH_INDEX_PATH] = index
    contents.update((file.path, file.content) for file in made.site.files)
    for path, content in contents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _list_contents(made: MadePortal, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the portal's own files: those that are ready need not be read again."""
    for page in made.site.pages:
        path = f"{page.path}.html"
        ready = made.ready.get(page.path)
        yield path, (folder / path).read_bytes() if ready is None else ready.encode()
    for file in made.site.files:
        yield file.path, file.content


def _pack_all(
    contents: Mapping[str, bytes], digests: Mapping[str, str], kept: KeptPortal
) -> Iterator[tuple[str, bytes]]:
    """Yield each file as the cache keeps it; what is kept already is not packed again."""
    for path, content in contents.items():
        packed = None
        if digests[path] in {kept.portal.digests.get(path), kept.portal.cores.get(path)}:
            packed = kept.get_packed(path)
        yield path, pack(content) if packed is None else packed
