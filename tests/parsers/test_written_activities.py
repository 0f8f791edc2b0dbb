"""附件1 and 附件2 of units that write their activities one after another instead of into a table."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from parsers.content import Paragraph, Table
from parsers.read import read_file
from parsers.written_activities import with_tables
from rules.extraction import Extraction, Kind
from rules.findings import Code

HEAD = "金坛区2023-2024年度全民终身学习活动周主要活动安排表\n报送单位：青禾小学\n"
ACTIVITIES = [("启动仪式", "11月13日上午", "文化广场", "200"), ("亲子共读", "11月14日", "图书馆", "60")]
PLAN = (
    "青禾小学2023年全民终身学习活动周实施方案\n一、指导思想\n深入贯彻落实党的二十大精神，推进全民终身学习，建设学习型社会，"
    "营造浓厚学习氛围，确保活动周取得实效。\n"
)


def _listed(pattern: str) -> str:
    """The activities, each as `pattern` has it: number, numeral, theme, time, place, people."""
    lines = (
        pattern.format(n=number, c="一二"[number - 1], theme=theme, time=time, place=place, people=people)
        for number, (theme, time, place, people) in enumerate(ACTIVITIES, start=1)
    )
    return "\n".join(lines)


@pytest.fixture
def word(tmp_path: Path):
    """Reads a Word document whose paragraphs are the lines of a text."""

    def read(text: str, name: str = "附件1.docx") -> Extraction:
        document = docx.Document()
        for line in text.splitlines():
            document.add_paragraph(line)
        document.save(str(tmp_path / "file.docx"))
        return read_file(tmp_path / "file.docx", name)

    return read


@pytest.fixture
def text(tmp_path: Path):
    def read(written: str, name: str) -> Extraction:
        (tmp_path / "file").write_text(written)
        return read_file(tmp_path / "file", name)

    return read


def _rows(seen: Extraction) -> list[tuple[str, str, str, str]]:
    return [
        (row.cells.get("theme") or row.cells["activity"], row.cells["time"], row.cells["place"], str(row.attendance))
        for form in seen.forms
        for row in form.rows
    ]


def _codes(seen: Extraction) -> set[Code]:
    return {finding.code for finding in seen.findings}


@pytest.mark.parametrize(
    "pattern",
    [
        "{c}、活动主题：{theme}\n时间：{time}\n地点：{place}\n参加人数：约{people}人",
        "{n}. 活动主题：{theme}；活动时间：{time}；活动地点：{place}；参加人数：{people}人。",
        "（{c}）{theme}\n1.活动时间：{time}\n2.活动地点：{place}\n3.参与人数：{people}人",
        "{theme}\n时　间：{time}　地　点：{place}　人　数：{people}人",
        "【活动主题】{theme}\n【活动时间】{time}\n【活动地点】{place}\n【参加人数（人）】{people}",
        "活动{c}：{theme}（时间：{time}，地点：{place}，人数：{people}人）",
        "活动主题：\n{theme}\n活动时间：\n{time}\n活动地点：\n{place}\n参加人数：\n{people}人",
        "活动时间：{time}  活动地点：{place}\n活动内容：{theme}\n参加对象：居民\n参加人数：{people}人",
        "{n}、{time}，在{place}举办{theme}，约{people}人参加。",
        "{time}在{place}举行{theme}（{people}人）",
        "{n}.{time}，青禾小学在{place}举办{theme}，参与人数{people}人次",
        "{n}.{theme}：定于{time}在{place}举行（{people}人）",
        "【{theme}】\n活动时间、地点：{time}，{place}\n人数：{people}人",
        "{n}．活动内容：{theme}。活动形式：线下。时间：{time}；地点：{place}；人数：{people}人。",
    ],
)
def test_activities_without_a_table_are_the_rows_of_the_form(pattern: str, word) -> None:
    seen = word(HEAD + _listed(pattern) + "\n联系人：王某 电话：0519-80000000")
    assert (seen.kind, seen.forms[0].unit_name, _rows(seen)) == (Kind.SCHEDULE, "青禾小学", ACTIVITIES)
    assert seen.findings == ()


def test_what_stands_over_all_activities_is_none_of_them_and_is_for_a_person(word) -> None:
    pattern = "活动主题：{theme}\n活动时间：{time}\n活动地点：{place}\n参加人数：{people}人"
    seen = word(f"{HEAD}活动时间：11月13日至19日\n活动地点：全镇\n{_listed(pattern)}")
    assert (_rows(seen), _codes(seen)) == (ACTIVITIES, {Code.LOW_CONFIDENCE})


def test_lines_to_write_on_hold_nothing(word) -> None:
    blank = "{n}.活动主题：______\n活动时间：____年__月__日\n活动地点：______\n参加人数：____人"
    assert word(HEAD + _listed(blank)).forms == ()


def test_an_activity_that_is_called_like_a_place_is_an_activity_and_a_units_name_over_several_is_their_unit(
    word,
) -> None:
    labels = "时间：11月13日\n地点：文化站\n人数：60"
    called = word(f"{HEAD}1.传统文化进社区\n{labels}\n2.亲子共读\n{labels}")
    assert [row.cells["theme"] for row in called.forms[0].rows] == ["传统文化进社区", "亲子共读"]
    over = word(f"{HEAD}一、青禾小学\n1.主题：共读\n{labels}\n二、松涛小学\n1.主题：班会\n{labels}")
    assert [(row.cells["theme"], row.cells["unit"]) for row in over.forms[0].rows] == [
        ("共读", "青禾小学"),
        ("班会", "松涛小学"),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        "{theme}：{time}，地点：{place}，参加人数：{people}人",
        "{n}.主题：{theme}\n时间：{time}\n另请专家到场指导\n地点：{place}\n人数：{people}人",
        "活动时间、地点：{place}，{time}\n活动主题：{theme}\n人数：{people}人",
    ],
)
def test_words_that_nobody_can_put_to_a_column_are_for_a_person(pattern: str, word) -> None:
    assert Code.LOW_CONFIDENCE in _codes(word(HEAD + _listed(pattern)))


def test_a_single_activity_under_the_title_of_the_form_is_one(word) -> None:
    one = "活动主题：启动仪式\n活动时间：11月13日上午\n活动地点：文化广场\n参加人数：200人"
    assert _rows(word(HEAD + one)) == ACTIVITIES[:1]


def test_the_head_and_the_activities_of_the_statistics_may_be_lines(word) -> None:
    head = (
        "附件2\n2023-2024年度全民终身学习活动周活动情况统计表\n单位名称（盖章）：青禾小学  分管领导（签字）：田某\n"
        "组织单位：青禾小学\n参与单位：青禾社区\n主要负责人姓名：李某\n联系方式：13900000000\n动员会时间：11月10日\n"
        "活动周主题：让学习成为一种生活方式\n参与动员会人数：80人\n活动情况：\n"
    )
    pattern = "{n}.活动时间：{time}\n活动项目：{theme}\n形式与内容：讲座\n活动地点：{place}\n参加人数：{people}人"
    seen = word(head + _listed(pattern), "附件2.docx")
    (form,) = seen.forms
    assert (form.form, _rows(seen), _codes(seen)) == (Kind.STATISTICS, ACTIVITIES, set())
    assert (form.fields["organizer"], form.fields["leader_name"], form.mobilization_attendance) == (
        "青禾小学", "李某", 80,
    )  # fmt: skip
    assert [row.cells["content"] for row in form.rows] == ["讲座", "讲座"]


def test_activities_in_the_text_of_a_mail_are_a_schedule(text) -> None:
    pattern = "{n}. {theme}\n   时间：{time}\n   地点：{place}\n   参加人数：{people}人\n"
    seen = text(f"老师您好：我校2023年活动周安排如下\n{_listed(pattern)}\n青禾小学\n2023年10月20日", "正文.txt")
    assert (seen.kind, _rows(seen)) == (Kind.SCHEDULE, ACTIVITIES)
    assert "请核对是否作为附件1报送" in seen.findings[0].detail


def test_a_sentence_that_says_more_is_for_a_person(word) -> None:
    seen = word(
        f"{HEAD}1. 11月13日上午，在文化广场举办启动仪式，200人参加。\n"
        "2. 11月14日组织学生到图书馆参观并开展亲子共读活动，预计60人。\n"
    )
    assert (_rows(seen), _codes(seen)) == (ACTIVITIES[:1], {Code.LOW_CONFIDENCE})


def test_no_line_with_a_day_in_a_list_is_passed_over_in_silence(word) -> None:
    seen = word(
        f"{HEAD}1. 十一月十三日，在文化广场举办启动仪式，全体师生参加。\n2. 11.14，图书馆，亲子共读，60人\n"
        "本表请于10月30日前报送。\n青禾小学\n2023年10月20日"
    )
    assert [(row.cells["time"], row.cells["attendance"]) for row in seen.forms[0].rows] == [
        ("十一月十三日", "全体师生参加")
    ]
    assert [finding.detail for finding in seen.findings if finding.code is Code.LOW_CONFIDENCE] == [
        "“2. 11.14，图书馆，亲子共读，60”没有列成表格，未能逐栏读出，请对照原件核对"
    ]


def test_a_list_of_which_nothing_is_certain_is_the_form_that_it_is_called_and_for_a_person(word) -> None:
    seen = word(f"{HEAD}11月13日至19日，各班将陆续开展丰富多彩的活动。\n11月19日请专家来校举办讲座，另行通知。")
    assert (seen.kind, seen.forms) == (Kind.SCHEDULE, ())
    assert Code.LOW_CONFIDENCE in _codes(seen)


def test_an_activity_without_labels_among_labelled_ones_is_told(word) -> None:
    labelled = "{n}. 活动主题：{theme} 时间：{time} 地点：{place} 人数：{people}人"
    seen = word(f"{HEAD}{_listed(labelled)}\n3. 老年大学学员作品展")
    assert _rows(seen) == ACTIVITIES
    assert "老年大学学员作品展" in seen.findings[0].detail


@pytest.mark.parametrize(
    "ending",
    [
        "二、活动主题：让学习成为一种生活方式\n三、活动时间：11月13日至19日\n四、活动地点：各村\n五、参加人数：2000人",
        "活动主题：让学习成为一种生活方式\n活动时间：11月13日\n活动地点：全镇\n参加人数：2000人\n二、工作要求\n务必重视",
        "二、活动安排\n（一）启动仪式\n时间：11月13日\n地点：广场\n（二）闭幕式\n时间：11月19日\n地点：广场",
        "二、活动安排\n11月13日上午，在文化广场举办启动仪式，约200人参加。\n11月14日，在图书馆举办讲座，60人参加。",
    ],
)
def test_the_prose_of_a_plan_is_no_schedule(ending: str, word) -> None:
    seen = word(PLAN + ending, "方案.docx")
    assert (seen.kind, seen.also, seen.forms) == (Kind.PLAN, (), ())


def test_a_plan_that_is_hardly_more_than_its_activities_stays_a_plan(word) -> None:
    pattern = "{n}. 活动主题：{theme} 时间：{time} 地点：{place} 人数：{people}人"
    seen = word(f"青禾小学2023年全民终身学习活动周工作方案\n{_listed(pattern)}\n{_listed(pattern)}", "方案.docx")
    assert (seen.kind, seen.also) == (Kind.PLAN, (Kind.SCHEDULE,))
    assert "请核对是否作为附件1报送" in seen.findings[0].detail


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("正文.txt", "王老师：会议通知\n时间：11月13日\n地点：三楼会议室\n参加人员：全体\n请准时参加"),
        ("正文.txt", "附件1、附件2见附件，请查收。\n联系人：王某 电话：82801837\n地址：青禾镇"),
        ("新闻.txt", "青禾镇举行活动\n11月13日，在文化广场举办启动仪式，约200人参加。"),
    ],
)
def test_what_is_no_list_of_activities_is_no_form(name: str, written: str, text) -> None:
    assert text(written, name).forms == ()


def test_a_list_of_thousands_is_read_to_its_end(text) -> None:
    line = "活动主题：共读 时间：11月13日 地点：馆 人数：20"
    seen = text(HEAD + "\n".join([line] * 3000) + "\n" + "：".join(["啊"] * 50_000), "附件1.txt")
    assert len(seen.forms[0].rows) == 3000


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ("活动主题：让学习成为一种生活方式\n活动时间：11月13日至19日\n活动地点：全镇\n参加人数：2000人", set()),
        ("11月13日至19日，各班陆续开展活动。", set()),
        (_listed("{n}.主题：{theme} 时间：{time} 地点：{place} 人数：{people}"), {Code.LOW_CONFIDENCE}),
    ],
    ids=["what holds for all", "a sentence", "a list"],
)
def test_what_stands_beside_the_table_of_the_form_adds_no_activity(
    lines: str, codes: set[Code], tmp_path: Path
) -> None:
    document = docx.Document()
    for line in (HEAD + lines).splitlines():
        document.add_paragraph(line)
    table = document.add_table(2, 5)
    for row, texts in enumerate(
        (["序号", "活动主题", "活动地点", "活动时间", "参加人数"], ["1", "班会", "教室", "11月15日", "40"])
    ):
        for column, written in enumerate(texts):
            table.cell(row, column).text = written
    document.save(str(tmp_path / "file.docx"))
    seen = read_file(tmp_path / "file.docx", "附件1.docx")
    assert (_rows(seen), _codes(seen)) == ([("班会", "11月15日", "教室", "40")], codes)


def test_a_line_that_ends_where_the_page_has_no_more_room_goes_on_in_the_next() -> None:
    lines = [
        ("主要活动安排表", False),
        ("1.主题：亲子共读；时间：11月14日14：", True),
        ("30；地点：图书馆二楼阅览室；参加", True),
        ("人数：60人", False),
        ("2.主题：启动仪式；参加人数：200人；地点：文化", True),
        ("服务中心；时间：11月13日", True),
        ("青禾镇社区教育中心", False),
        ("2023年10月20日", False),
    ]
    blocks, told = with_tables([Paragraph(text=text, reaches_edge=edge) for text, edge in lines], "a.pdf")
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert [cell.text for cell in table.cells if cell.row > 0] == [
        *("1", "亲子共读", "11月14日14：30", "图书馆二楼阅览室", "60人"),
        *("2", "启动仪式", "11月13日", "文化服务中心", "200人"),
    ]
    assert told == ()
