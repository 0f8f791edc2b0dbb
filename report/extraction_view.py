"""What the parsers saw in one file, for a person at a terminal: `baosong parse FILE` without `--json`.

Everything shown comes from the file, so it goes through `plain` and into `Text`, never into markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from report.form_words import COLUMN_ZH, FIELD_ZH, UNIT_ZH
from report.plain import plain, plain_line
from report.words import FINDING_ZH, KIND_ZH, NOTHING, duration_text, finding_sentence, size_text
from rules.extraction import UNIT, Extraction, Form, FormRow, Link, Photo, Video
from rules.findings import Finding

_SEEN_ZH = {True: "有", False: "没有"}


def print_extraction(extraction: Extraction, console: Console) -> None:
    for renderable in describe_extraction(extraction):
        console.print(renderable, markup=False, highlight=False)
    console.print()


def describe_extraction(extraction: Extraction) -> Iterator[RenderableType]:
    """Heading, facts, forms, findings; then the same for every file inside, indented."""
    yield Text.assemble((plain_line(extraction.file), "bold"), "  ", (kinds_text(extraction), "bold cyan"))
    yield _inset(facts_table(extraction_facts(extraction)))
    for form in extraction.forms:
        yield _inset(_form_fields(form))
        yield _inset(_form_rows(form))
    for finding in extraction.findings:
        yield _inset(finding_line(finding))
    for member in extraction.members:
        for renderable in describe_extraction(member):
            yield _inset(renderable)


def kinds_text(extraction: Extraction) -> str:
    """`工作方案，兼活动安排表`."""
    also = "、".join(KIND_ZH[kind] for kind in extraction.also)
    return f"{KIND_ZH[extraction.kind]}，兼{also}" if also else KIND_ZH[extraction.kind]


def extraction_facts(extraction: Extraction) -> Iterator[tuple[str, str]]:
    """What is known of a file, each as a label and its words; what is not known is left out."""
    if extraction.title:
        yield "标题", plain_line(extraction.title)
    if extraction.unit_names:
        yield "单位", "、".join(plain_line(name) for name in extraction.unit_names)
    if extraction.stamped is not None:
        yield "公章", _SEEN_ZH[extraction.stamped]
    if extraction.signed is not None:
        yield "签字", _SEEN_ZH[extraction.signed]
    if extraction.photo:
        yield "照片", photo_text(extraction.photo)
    if extraction.video:
        yield "视频", video_text(extraction.video)
    for link in extraction.links:
        yield "链接", link_text(link)
    size = f"，{size_text(extraction.size_bytes)}" if extraction.size_bytes else ""
    yield "格式", f"{extraction.media_type}{size}"
    yield "读取", _read_by_text(extraction)


def photo_text(photo: Photo) -> str:
    taken = f"，拍摄于 {photo.taken_at:%Y-%m-%d %H:%M}" if photo.taken_at else ""
    return f"{photo.width}×{photo.height} 像素{taken}"


def video_text(video: Video) -> str:
    length = duration_text(video.seconds) if video.seconds is not None else "时长无法读出"
    size = f"，{video.width}×{video.height}" if video.width and video.height else ""
    return f"{length}{size}{f'，{video.codec}' if video.codec else ''}"


def link_text(link: Link) -> str:
    details = filter(None, (link.filename, link.size_text, f"{link.expires_at} 到期" if link.expires_at else ""))
    code = (f"提取码 {link.access_code}",) if link.access_code else ()
    return plain_line("，".join((link.provider, *details, link.url, *code)))


def finding_line(finding: Finding) -> Text:
    """`✗` for what blocks, `·` for a remark; then its label and the sentence."""
    mark, style = ("✗", "bold red") if finding.is_blocking else ("·", "yellow")
    return Text.assemble(
        (f"{mark} {FINDING_ZH[finding.code].label}", style), f"  {plain_line(finding_sentence(finding))}"
    )


def _read_by_text(extraction: Extraction) -> str:
    if extraction.read_by != "ocr":
        return "文件自带的文字"
    sure = f"，可信度 {extraction.confidence:.0%}" if extraction.confidence is not None else ""
    return f"图像文字识别{sure}"


def facts_table(facts: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, words in facts:
        table.add_row(label, Text(words))
    return table


def _form_fields(form: Form) -> Table:
    title = f"{KIND_ZH[form.form]}：{len(form.rows)} 项活动"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, label in FIELD_ZH.items():
        if name in form.fields:
            table.add_row(label, Text(plain(form.fields[name]) or NOTHING))
    return table


def _form_rows(form: Form) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    columns = COLUMN_ZH.get(form.form, {}) | ({UNIT: UNIT_ZH} if form.names_units else {})
    for label in (*columns.values(), "起止日期"):
        table.add_column(label, overflow="fold")
    for row in form.rows:
        table.add_row(*(_cell(row, name) for name in columns), Text(_days_text(row)))
    return table


def _cell(row: FormRow, name: str) -> Text:
    """The text as written; a number that could not be read is marked, never shown as 0."""
    written = plain(row.cells.get(name, ""))
    if name != "attendance" or row.attendance is None:
        return Text(f"{written}（未读出）" if name == "attendance" and written else written or NOTHING)
    return Text(str(row.attendance))


def _days_text(row: FormRow) -> str:
    if row.starts_on is None:
        return NOTHING
    if row.ends_on in (None, row.starts_on):
        return row.starts_on.isoformat()
    return f"{row.starts_on.isoformat()} 至 {row.ends_on}"


def _inset(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 2), expand=False)
