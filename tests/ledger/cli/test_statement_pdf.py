"""``statement --format pdf``: a document that finance files as it is."""

import io
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_AS_OF, Commands, commit_all, write_files
from tests.ledger.git.written_ledger import TIME_FILE, WrittenLedger

pypdf = pytest.importorskip("pypdf")
pytest.importorskip("reportlab")

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def read_pages(content: bytes) -> list[str]:
    """Return the text of each page, with single spaces."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def make_pdf(commands: Commands, slug: str, *options: object) -> tuple[bytes, str]:
    """Return the document that the command writes, and what it says on standard error."""
    file = commands.root.parent / "statement.pdf"
    ran = commands("statement", slug, "--format", "pdf", "--output", file, *options)
    assert (ran.status, ran.stdout) == (0, ""), ran.stderr
    return file.read_bytes(), ran.stderr


def make_pages(commands: Commands, slug: str, *options: object) -> list[str]:
    return read_pages(make_pdf(commands, slug, *options)[0])


def make_note_pdf(
    ledger: WrittenLedger, *notes: str, fonts: tuple[Path, ...] = ()
) -> tuple[list[str], str]:
    """Return the pages of a document with these notes, and what is said on standard error."""
    for number, note in enumerate(notes, start=6):
        text = json.dumps(note, ensure_ascii=False)
        entry = f"id: {number}-1, date: 2026-11-{number:02}, request: ACME-1, minutes: 15"
        ledger.append(TIME_FILE, f"- {{{entry}, note: {text}}}\n")
    content, said = make_pdf(ledger.run, "acme", *(x for font in fonts for x in ("--font", font)))
    return read_pages(content), said


def test_it_says_all_that_finance_files(sample: Commands) -> None:
    """Who, over which period, under which terms, every movement, the sums, the commit."""
    slug = "politechnika-nadmorska"
    everything = " ".join(make_pages(sample, slug))
    commit = sample.git("rev-parse", "HEAD")
    for part in (
        "Tracewell Tools",
        "Politechnika Nadmorska",
        "22 September 2025 to 20 November 2026",
        "one punchcard is 5h, list price 950.00 EUR, charged in steps of 15m",
        commit,
        "Bought +30h 4,780.00",
        "Goodwill, free of charge +1h",
        "Charged −23h 45m 3,635.50",  # noqa: RUF001 - a minus
        "Refunded −3h 432.00 −432.00",  # noqa: RUF001 - a minus
        "Closing balance 4h 15m",
        "In all 0m 31h 23h 45m 3h 4h 15m 4,067.50 4,780.00 432.00",
        "Closing balance, sums 4h 15m 4,067.50 4,348.00",
        "Professor Żurek and Dr Ćwik",
    ):
        assert part in everything, part
    movements = sample.json("statement", slug)["movements"]
    assert len(movements) > 30
    assert [each["reference"] for each in movements if each["reference"] not in everything] == []
    for movement in movements:
        assert " ".join((movement["note"] or "").split()) in everything, movement
    assert "For us only" not in everything


@pytest.mark.parametrize(
    ("slug", "language", "parts"),
    [
        ("mueller-messtechnik", "de-DE",
         ("Auszug der Stundenkarten", "10. März 2025 bis 20. November 2026",
          "Gekauft +30 h 5.550,00", "Seite 1 von ")),
        ("hoshizora", "ja-JP",
         ("時間チケット利用明細", "2025年1月20日", "ご購入 +15時間 2,850.00", "ページ")),
    ],
)  # fmt: skip
def test_it_is_in_the_language_of_the_customer(
    sample: Commands, slug: str, language: str, parts: tuple[str, ...]
) -> None:
    """Every word that is ours, every figure and every date."""
    content, said = make_pdf(sample, slug)
    first, *_ = read_pages(content)
    assert said == ""
    assert [part for part in parts if part not in first] == []
    english = ("Statement", "Opening", "Movement", " of ", "Purchase ", "charged", "Commit not")
    assert [word for word in english if word in first] == []
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.trailer["/Root"]["/Lang"] == language
    assert parts[0] in reader.metadata.title


def test_every_page_has_its_number_and_the_head_of_the_table(sample: Commands) -> None:
    pages = make_pages(sample, "acme")
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "acme · statement of punchcards to 20 November 2026 · commit " in page
        assert "Date Movement Cards Time Balance Value Amount" in page


def test_the_months_follow_from_one_another(sample: Commands) -> None:
    """Each month opens with the balance that the one before it closed with."""
    first, *_ = make_pages(sample, "acme")
    table = first[first.index("Month by month") : first.index("In all")]
    october, november = "12h 0m 1h 30m 0m 10h 30m 300.00", "10h 30m 0m 5h 0m 5h 30m 1,000.00"
    assert f"October 2026 {october} November 2026 {november}" in table


def test_the_same_commit_and_date_make_the_same_bytes(
    sample: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another process, at another time, in another place; another commit makes others."""
    here, _ = make_pdf(sample, "acme", "--rev", "HEAD")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("PYTHONHASHSEED", "4711")
    program = "import sys; from site_builder.punchcard import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "statement", "acme", "--rev", "HEAD", "--as-of",
         SAMPLE_AS_OF, "--format", "pdf"],
        cwd=sample.root, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == here
    assert done.stdout.startswith(b"%PDF-")
    commit_all(sample.root, "Nothing")
    assert make_pdf(sample, "acme", "--rev", "HEAD")[0] != here


def test_only_our_own_fonts_are_in_it_and_all_of_them_are_embedded(sample: Commands) -> None:
    content, _ = make_pdf(sample, "politechnika-nadmorska")
    reader = pypdf.PdfReader(io.BytesIO(content))
    fonts = {
        font.get_object()["/BaseFont"]: font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    for name, font in fonts.items():
        assert "LiberationSans" in name or "BIZUDPGothic" in name
        assert "/FontFile2" in font["/FontDescriptor"]


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Żurek, Ελληνικά, Кириллица – “ok”", "Żurek, Ελληνικά, Кириллица – “ok”"),
        ("日本の 髙﨑 ok", "日本の 髙﨑 ok"),
        ("한국 ok", "[U+D55C U+AD6D] ok"),
        ("שלום ok", "[U+05E9 U+05DC U+05D5 U+05DD] ok"),
        ("a\u202eb", "a[U+202E]b"),
        ("done 🎉", "done [U+1F389]"),
        ("<b>5 & 6</b> {{ x }}", "<b>5 & 6</b> {{ x }}"),
        ("&amp; <para> <img src='x'/>", "&amp; <para> <img src='x'/>"),
        ("one\ntwo", "one two"),
        ("non\u2011breaking", "non-breaking"),
        ("5\u202f000\u00a0km", "5 000 km"),
        ("col1\tcol2", "col1 col2"),
    ],
)
def test_any_text_is_shown_as_text(ledger: WrittenLedger, note: str, shown: str) -> None:
    """What our fonts have as it is; the rest written out, never as a gap."""
    pages, said = make_note_pdf(ledger, note)
    assert shown in " ".join(pages)
    assert ("the PDF's fonts lack U+" in said) == ("[U+" in shown)


@pytest.mark.parametrize(
    "note",
    [
        "word " * 4000,
        "x" * 20_000,
        "W" * 3_000,
        "家" * 2_000,
        "국" * 2_000,
        "line\n" * 300,
        "شركة " * 300,
    ],
    ids=["words", "one-word", "wide", "unspaced", "written-out", "lines", "right-to-left"],
)
def test_a_long_note_goes_on_on_the_next_page(ledger: WrittenLedger, note: str) -> None:
    """Nothing of it is lost, and the head of the table is there again."""
    pages, _ = make_note_pdf(ledger, "before", note, "after")
    assert len(pages) > 1
    text = "".join(pages)
    assert "before" in text
    assert "after" in text
    for _, page in pairwise(pages):
        assert "Date Movement Cards" in page
    letter = note[0]
    shown = letter if letter.isascii() or letter == "家" else f"{ord(letter):04X}"
    assert text.count(shown) >= note.count(letter)


@pytest.mark.skipif(not DEJAVU.is_file(), reason="needs the DejaVu fonts")
def test_a_font_that_is_named_lends_its_characters(ledger: WrittenLedger) -> None:
    pages, said = make_note_pdf(ledger, "five ⅝ of it ⚙", fonts=(DEJAVU,))
    assert said == ""
    assert "five ⅝ of it ⚙" in " ".join(pages)


def test_what_had_to_be_written_out_is_said(sample: Commands) -> None:
    file = "customers/hoshizora/customer.yml"
    text = (sample.root / file).read_text(encoding="utf-8")
    write_files(sample.root, {file: text.replace("Hoshizora", "한국 Hoshizora")})
    content, said = make_pdf(sample, "hoshizora")
    assert "warning: the PDF's fonts lack U+AD6D, U+D55C;" in said
    assert "--font" in said
    assert "Hoshizora Instruments" in read_pages(content)[0]


def test_what_is_no_font_is_refused(sample: Commands) -> None:
    arguments = ["statement", "acme", "--format", "pdf", "--output", "x.pdf", "--font"]
    assert "provider.yml is no font" in sample.refuse(*arguments, "customers/provider.yml")
    ran = sample("statement", "acme", "--font", "x.ttf")
    assert ran.status == 2


def test_files_that_differ_from_the_commit_are_said_to(sample: Commands) -> None:
    write_files(sample.root, {"customers/acme/adjustments.yml": "[]\n"})
    first, *_ = make_pages(sample, "acme")
    assert "Commit not recorded: made from files that differ from the last commit" in first


def test_doubtful_figures_are_marked_as_such(sample: Commands, tmp_path: Path) -> None:
    """The document is made, as the table is; it says itself that it is not to be filed."""
    write_files(sample.root, {"customers/acme/adjustments.yml": "- {id: x\n"})
    file = tmp_path / "acme.pdf"
    pdf = ("statement", "acme", "--format", "pdf", "--output", file)
    assert "adjustments.yml" in sample.refuse(*pdf, status=1)
    assert "The ledger has 1 error: these figures may be wrong." in read_pages(file.read_bytes())[0]


def test_the_commit_of_each_movement_can_be_said(sample: Commands) -> None:
    first, *_ = make_pages(sample, "savanna-sky", "--provenance")
    commit = sample.git("rev-parse", "--short=10", "HEAD")
    assert f"commit {commit}" in first.partition("Movements")[2]


def test_a_period_without_a_movement(sample: Commands) -> None:
    period = ["--from", "2024-01-01", "--to", "2024-01-31"]
    (page,) = make_pages(sample, "acme", *period)
    assert "1 January 2024 to 31 January 2024" in page
    assert "There was no movement in this period." in page


def test_no_pdf_goes_to_a_terminal(sample: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "--output" in sample.refuse("statement", "acme", "--format", "pdf")


def test_without_the_extra_it_says_what_to_install(
    sample: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(sys.modules):
        if name.startswith(("reportlab", "ledger.output.pdf")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    pdf = ("statement", "acme", "--format", "pdf", "--output", "x.pdf")
    assert "pip install 'service-punchcards[pdf]'" in sample.refuse(*pdf)
    assert not (sample.root / "x.pdf").exists()


def test_every_format_can_be_written_to_a_file(sample: Commands) -> None:
    for name in ("table", "json", "csv"):
        options = ["statement", "acme", "--format", name]
        sample.done(*options, "--output", name)
        assert (sample.root / name).read_bytes().decode() == sample.done(*options)
