"""Writes the files of made portals, and says what there is to remember of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from site_builder.file_links import (
    has_plain_folders,
    link_same,
    make_folders,
    share_file,
    write_file,
)
from site_builder.input_digests import digest
from site_builder.page_frames import FrameBook
from site_builder.pages.site import SitePage
from site_builder.portal_cache import NOTHING_KEPT, KeptPortal, PortalCache, pack
from site_builder.portal_parts import MadePortal
from site_builder.search_index import SEARCH_INDEX_PATH, SearchIndexWriter
from site_builder.security_policy import PolicyNeeds, find_needs, write_policy
from site_builder.theme_memory import ThemeMemory, recall_theme, remember_theme

if TYPE_CHECKING:
    from site_builder.mkdocs_site.builder import SiteBuilder
    from site_builder.portal_renewal import RenewedPortal

_HTML = ".html"
_TAUGHT_BY = 2
"""How many portals show what they have in common: not fewer, and more are seldom needed."""


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """What to remember of a portal's files.

    Attributes:
        digests: of each file, by path.
        packed: the files that are the portal's own, as the cache keeps them.
        needs: what its pages need to be allowed, by path, as plain data.
        core_digests: of what some parts are made around, by name.
        policy: the Content-Security-Policy that they need.
    """

    digests: Mapping[str, str]
    packed: Mapping[str, bytes]
    needs: Mapping[str, Any]
    core_digests: Mapping[str, str]
    policy: str


class PortalWriter:
    """Writes one portal after the other; the first ones warm up for the rest."""

    def __init__(
        self, configuration: Path, cache: PortalCache | None = None, look: str = ""
    ) -> None:
        """Begin with what the cache knows of the look, if it does."""
        self._configuration = configuration
        self._cache = cache
        self._look = look
        theme = None if cache is None else recall_theme(cache, look)
        self._recalled = None if theme is None else theme.assets
        self._frames = FrameBook() if theme is None else theme.frames
        self._index = SearchIndexWriter() if theme is None else theme.index
        self._first: Path | None = None
        self._built = 0

    @property
    def is_warm(self) -> bool:
        """Whether portals were written, so that others can share what is the same in all."""
        if self._recalled is not None:
            return self._first is not None
        return self._built >= (_TAUGHT_BY if self._built and self._builder.is_plain else 1)

    def write(self, made: MadePortal, folder: Path, kept: KeptPortal | None) -> WrittenFiles:
        """Write a portal into ``folder``.

        Args:
            made: the portal.
            folder: where to write it; nothing is there.
            kept: the portal as it was built last; None if nothing is to be remembered.
        """
        made, index = self._finish(made, kept)
        if index is not None and made.is_ready and self._has_assets:
            contents = _list_ready(made, index)
            for path, content in contents.items():
                write_file(folder / path, content)
            self._put_assets(folder)
        else:
            index = self._build(made, folder)
            contents = {**dict(_list_contents(made, folder)), SEARCH_INDEX_PATH: index}
        return self._describe(made, contents, kept)

    @property
    def can_renew(self) -> bool:
        """Whether pages can be finished without MkDocs, which would want to see all of them."""
        return self._has_assets and len(self._frames) > 0

    def renew(
        self, renewed: RenewedPortal, folder: Path, before: Path, kept: KeptPortal
    ) -> WrittenFiles | None:
        """Write a portal that was renewed; None if its pages need more than their frames.

        Args:
            renewed: the portal.
            folder: where to write it; nothing is there.
            before: the folder where it lies as it was built last, if it does.
            kept: the portal as it was built last.
        """
        framed = self._frames.fill(renewed.site, renewed.pages)
        if len(framed) < len(renewed.pages):
            return None
        contents = {f"{path}{_HTML}": text.encode() for path, text in framed.items()}
        contents.update((file.path, file.content) for file in renewed.files)
        make_folders(folder, [*renewed.lasting, *contents])
        if not self._put_lasting(renewed.lasting, folder, before, kept):
            shutil.rmtree(folder)
            return None
        for path, content in contents.items():
            folder.joinpath(path).write_bytes(content)
        self._first = self._first or folder
        return self._describe_renewed(renewed, contents, kept)

    def _put_lasting(
        self, lasting: Mapping[str, str], folder: Path, before: Path, kept: KeptPortal
    ) -> bool:
        """Put the files that stay where they are to be; return whether all of them are there."""
        is_there = has_plain_folders(before, lasting)
        return all(
            (is_there and link_same(f"{before}/{path}", f"{folder}/{path}", expected))
            or self._put_kept(path, expected, folder, kept)
            for path, expected in lasting.items()
        )

    def _put_kept(self, path: str, expected: str, folder: Path, kept: KeptPortal) -> bool:
        if self._asset_digests.get(path) == expected:
            self._put_asset(path, folder)
            return True
        content = kept.get(path)
        if content is None:
            return False
        write_file(folder / path, content)
        return True

    def _describe_renewed(
        self, renewed: RenewedPortal, contents: Mapping[str, bytes], kept: KeptPortal
    ) -> WrittenFiles:
        needs = dict(kept.portal.needs)
        for path, content in contents.items():
            if path.endswith(_HTML):
                needs[path] = find_needs(path, content).to_plain()
        made = {path: digest(content) for path, content in contents.items()}
        # The theme's own files are those of the same look.
        known = kept.portal.facts["policy"] if needs == kept.portal.needs else ""
        policy = known or self._write_policy(needs)
        return WrittenFiles({**renewed.lasting, **made}, {}, needs, {}, policy)

    def _describe(
        self, made: MadePortal, contents: Mapping[str, bytes], kept: KeptPortal | None
    ) -> WrittenFiles:
        """Return what to remember; of what was taken from what is kept, that is known."""
        before = NOTHING_KEPT.portal if kept is None else kept.portal
        digests, needs = {}, {}
        for path, content in contents.items():
            is_taken = path in made.taken
            digests[path] = before.digests[path] if is_taken else digest(content)
            known = before.needs.get(path) if is_taken else None
            if path.endswith(_HTML):
                needs[path] = known or find_needs(path, content).to_plain()
        policy = self._write_policy(needs)
        all_digests = {**self._asset_digests, **digests}
        if kept is None:
            return WrittenFiles(all_digests, {}, {}, {}, policy)
        core_digests = {name: digest(core) for name, core in made.cores.items()}
        return WrittenFiles(
            digests=all_digests,
            packed=dict(_pack_all({**contents, **made.cores}, {**digests, **core_digests}, kept)),
            needs=needs,
            core_digests=core_digests,
            policy=policy,
        )

    def _write_policy(self, needs: Mapping[str, Any]) -> str:
        return write_policy([self._asset_needs, *map(PolicyNeeds.from_plain, needs.values())])

    def _finish(self, made: MadePortal, kept: KeptPortal | None) -> tuple[MadePortal, bytes | None]:
        """Finish the pages whose frame is known; return the search index, if that is, too."""
        missing = (page for page in made.site.pages if page.path not in made.ready)
        framed = self._frames.fill(made.site, missing)
        index = self._index.write(made.site)
        if index is None and kept is not None and made.is_ready:
            index = kept.get(SEARCH_INDEX_PATH)
        return replace(made, ready={**made.ready, **framed}), index

    def _build(self, made: MadePortal, folder: Path) -> bytes:
        """Have MkDocs build a portal; return its search index."""
        self._builder.build(made.site, folder, made.ready)
        self._built += 1
        index = (folder / SEARCH_INDEX_PATH).read_bytes()
        if self._recalled is None:
            self._first = self._builder.first
            self._learn(made, folder, index)
        return index

    def _learn(self, made: MadePortal, folder: Path, index: bytes) -> None:
        """Learn from what MkDocs has written, if nobody else had a hand in it."""
        if not self._builder.is_plain:
            return
        built = {page.path for page in made.site.pages} - made.ready.keys()
        self._frames.learn(made.site, lambda page: _read_page(folder, page), built)
        self._index.learn(index, made.site)
        if self._cache is not None and self._built == _TAUGHT_BY:
            theme = ThemeMemory(self._frames, self._index, dict(self._read_assets()))
            remember_theme(self._cache, self._look, theme, self._asset_digests)

    @property
    def _has_assets(self) -> bool:
        return self._first is not None or self._recalled is not None

    def _put_assets(self, folder: Path) -> None:
        """Put the theme's own files into a portal's folder: they are written once, and shared."""
        for path in self._asset_digests:
            self._put_asset(path, folder)
        self._first = self._first or folder

    def _put_asset(self, path: str, folder: Path) -> None:
        if self._first is not None:
            share_file(self._first / path, folder / path)
        elif self._recalled is not None:
            write_file(folder / path, self._recalled[path])

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
        if self._recalled is not None:
            yield from self._recalled.items()
        elif self._first is not None:
            for path in self._builder.assets:
                yield path, (self._first / path).read_bytes()

    @cached_property
    def _builder(self) -> SiteBuilder:
        # MkDocs is loaded when there is something that only it can do.
        from site_builder.mkdocs_site.builder import SiteBuilder

        return SiteBuilder(self._configuration, shares_assets=True)


def _list_ready(made: MadePortal, index: bytes) -> dict[str, bytes]:
    """Return the portal's own files, all of whose pages are ready."""
    contents = {f"{path}{_HTML}": text.encode() for path, text in made.ready.items()}
    contents[SEARCH_INDEX_PATH] = index
    contents.update((file.path, file.content) for file in made.site.files)
    return contents


def _read_page(folder: Path, page: SitePage) -> str:
    return (folder / f"{page.path}{_HTML}").read_bytes().decode()


def _list_contents(made: MadePortal, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the portal's own files: those that are ready need not be read again."""
    for page in made.site.pages:
        path = f"{page.path}{_HTML}"
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
