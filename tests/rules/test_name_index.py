"""No name of the roster is ever taken for another; a name that is not in it is never certain."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.name_index import NameIndex
from rules.name_reading import read_field, read_label
from rules.names import normalise_name, normalise_text
from rules.roster import Roster, Unit
from tests.rules.confusable import HOME, STRANGERS, confusable_roster

ROSTER = confusable_roster()
INDEX = NameIndex(ROSTER, regions=[HOME])
NAMES = [unit.name for unit in ROSTER.units]

PLAIN_SURROUNDINGS = (
    "{}",
    "金坛区{}",
    "常州市金坛区{}",
    "江苏省常州市金坛区{}",
    "附件2-金坛区{}统计表(盖章)",
    "附件1：{}活动周安排表",
    "{}2023-2024年度全民终身学习活动方案",
    "关于{}开展全民终身学习活动的总结",
    "来自{}的报送材料",
    "报送：{}（终版）",
    "【{}】活动照片",
    "2023年11月{}总结",
    "（{}）",
    "我校（{}）材料",
    "—— {}",
)
SENTENCES = (
    "本次活动由{}承办，区教育局指导。",
    "11月15日上午在{}举行启动仪式",
    "校长带领老师前往{}参观学习",
    "感谢{}和社区居民的支持",
    "地点:{}报告厅",
    "联系人张三，{}，电话",
)
SEPARATORS = ("", "、", "与", " ", "-", "\n", "镇", "及其附属", "第二", "新")


def spaced(name: str) -> str:
    return " ".join(name)


def full_width(name: str) -> str:
    return "　".join(name)


@pytest.mark.parametrize("surrounding", PLAIN_SURROUNDINGS)
def test_plain_mentions_of_every_unit_are_certain(surrounding):
    wrong = {name: read_label(INDEX, surrounding.format(name)).unit for name in NAMES}
    assert wrong == {name: name for name in NAMES}


@pytest.mark.parametrize("surrounding", SENTENCES)
def test_sentences_name_the_unit_or_nobody(surrounding):
    found = {name: read_label(INDEX, surrounding.format(name)).unit for name in NAMES}
    assert {unit for name, unit in found.items() if unit != name} <= {None}


@pytest.mark.parametrize("write", [spaced, full_width, str])
def test_letter_spaced_and_stamped_fields_are_certain(write):
    fields = {name: read_field(INDEX, f"{write(name)}（盖章）").unit for name in NAMES}
    assert fields == {name: name for name in NAMES}


def test_no_mention_of_a_unit_is_taken_for_another_with_any_neighbour():
    for name in NAMES:
        for other in NAMES[::7]:
            for separator in SEPARATORS:
                unit = read_label(INDEX, f"{name}{separator}{other}").unit
                assert unit in (None, name, other), (name, separator, other)


def test_two_units_side_by_side_are_never_one_of_them_unless_one_is_above_the_other():
    for name in NAMES:
        for other in NAMES[::11]:
            unit = read_label(INDEX, f"{name}、{other}").unit
            assert unit == (name if name == other else None), (name, other)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("surrounding", [*PLAIN_SURROUNDINGS, *SENTENCES])
def test_names_that_hold_a_name_of_the_roster_are_never_certain(stranger, surrounding):
    assert read_label(INDEX, surrounding.format(stranger)).unit is None


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_field_with_a_name_outside_the_roster_names_nobody(stranger):
    reading = read_field(INDEX, stranger)
    assert reading.unit is None
    assert reading.stranger


@pytest.mark.parametrize("gone", ["东城实验小学", "西城实验小学", "第二初级中学", "华罗庚实验学校", "直溪中心小学"])
def test_a_unit_that_is_taken_out_of_the_roster_is_no_longer_anybody(gone):
    index = NameIndex(Roster(tuple(unit for unit in ROSTER.units if unit.name != gone)), regions=[HOME])
    for surrounding in (*PLAIN_SURROUNDINGS, *SENTENCES):
        assert read_label(index, surrounding.format(gone)).unit is None
    assert read_field(index, f"常州市金坛区{gone}").unit is None


@pytest.mark.parametrize(
    ("short", "unit"),
    [
        ("直溪社区教育中心", "直溪镇社区教育中心"),
        ("直溪镇社教中心", "直溪镇社区教育中心"),
        ("直溪社教中心", "直溪镇社区教育中心"),
        ("西城社教中心", "西城街道社区教育中心"),
        ("直溪镇中心小学", "直溪中心小学"),
        ("直溪镇直溪中心小学", "直溪中心小学"),
        ("直溪镇社区教育中心直溪中心小学", "直溪中心小学"),
        ("直溪初中", "直溪初级中学"),
        ("第一初中", "第一初级中学"),
        ("金坛第一中学", "第一中学"),
        ("金坛市第一中学", "第一中学"),
        ("区实验小学", "实验小学"),
    ],
)
def test_usual_short_forms_are_understood(short, unit):
    assert read_field(INDEX, short).unit == unit
    assert read_label(INDEX, f"附件2-{short}统计表").unit == unit


@pytest.mark.parametrize(
    "vague", ["直溪镇", "直溪", "中心小学", "一中", "直溪小学", "西城街道实验小学", "实小", "初级中学"]
)
def test_names_that_may_mean_several_are_not_certain(vague):
    assert read_field(INDEX, vague).unit is None


def test_a_town_offers_its_units_to_a_person():
    assert {"直溪镇社区教育中心", "直溪中心小学"} <= read_field(INDEX, "直溪镇").candidates
    assert not read_field(INDEX, "直溪镇").stranger


def test_the_short_name_of_a_towns_only_primary_school_is_understood():
    index = NameIndex(Roster((Unit(name="直溪中心小学"), Unit(name="直溪镇社区教育中心"))))
    assert read_field(index, "直溪小学").unit == "直溪中心小学"


def test_a_town_that_is_itself_a_unit_is_known_by_its_offices():
    index = NameIndex(Roster((Unit(name="直溪镇"), Unit(name="西城街道"), Unit(name="直溪中心小学"))))
    assert read_field(index, "直溪镇").unit == "直溪镇"
    assert read_field(index, "直溪镇社区教育中心").unit == "直溪镇"
    assert read_field(index, "金坛区西城街道办事处").unit == "西城街道"
    assert read_label(index, "直溪镇中心小学总结").unit == "直溪中心小学"
    assert read_label(index, "直溪镇2023年活动方案").unit == "直溪镇"
    assert read_label(index, "直溪镇卫生院总结").unit is None


def test_regions_of_the_roster_are_home_and_others_are_not():
    index = NameIndex(Roster((Unit(name="常州市金坛区实验小学"), Unit(name="常州市金坛区直溪中心小学"))))
    assert read_field(index, "实验小学").unit == "常州市金坛区实验小学"
    assert read_field(index, "金坛区实验小学").unit == "常州市金坛区实验小学"
    assert read_field(index, "金坛实验小学").unit == "常州市金坛区实验小学"
    assert read_field(index, "武进区实验小学").unit is None
    assert read_field(index, "常州市实验小学").unit is None


def test_units_of_two_districts_are_told_apart_by_their_district():
    index = NameIndex(Roster((Unit(name="金坛区实验小学"), Unit(name="武进区实验小学"))))
    assert read_field(index, "常州市武进区实验小学").unit == "武进区实验小学"
    assert read_field(index, "金坛区实验小学").unit == "金坛区实验小学"
    assert read_field(index, "实验小学").unit is None


def test_an_alias_of_the_roster_counts_as_the_name():
    index = NameIndex(Roster((Unit(name="江苏省金坛中等专业学校", aliases=("金坛中专", "省金坛中专校")),)))
    assert read_field(index, "省金坛中专校").unit == "江苏省金坛中等专业学校"
    assert read_label(index, "金坛中专活动总结").unit == "江苏省金坛中等专业学校"


def test_a_slip_is_only_a_candidate_and_a_meaningful_character_is_no_slip():
    assert read_field(INDEX, "直渓中心小学").candidates == {"直溪中心小学"}
    assert read_field(INDEX, "直渓中心小学").unit is None
    assert not read_field(INDEX, "直渓中心小学").stranger
    assert read_field(INDEX, "南城实验小学").stranger


def test_a_name_over_two_lines_is_not_certain():
    assert read_label(INDEX, "参加单位:西城\n实验小学").unit is None
    assert [m.unit for m in INDEX.mentions(normalise_text("由滨湖\n实验小学承办"))] == [None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("直溪・中心小学", "直溪·中心小学"),
        ("直溪―中心小学", "直溪—中心小学"),
        ("直溪中心小学（盖章）", "直溪中心小学"),
        ("ＡＢ小学", "ab小学"),
        (" 直 溪 中 心 小 学\u200b", "直溪中心小学"),
        ("直溪中心小学：", "直溪中心小学"),
        ("【直溪中心小学】", "直溪中心小学"),
    ],
)
def test_spellings_of_one_name_are_equal(one, other):
    assert normalise_name(one) == normalise_name(other)


@given(st.sampled_from(NAMES), st.text(max_size=6), st.text(max_size=6))
@settings(max_examples=400, deadline=None)
def test_whatever_stands_around_a_name_never_makes_it_another(name, before, after):
    assert read_label(INDEX, before + name + after).unit in (None, name)


HEAD = st.text(
    st.sampled_from("滨湖新华太和求是河朱家桥云阳虹育才明德民东方五叶春风第六"), min_size=2, max_size=4
).filter(
    lambda head: "是和" not in head  # two connecting words: 参加的是和实验小学
)


@given(st.sampled_from(("实验小学", "第一中学", "实验幼儿园", "中等专业学校", "特殊教育学校")), HEAD)
@settings(max_examples=400, deadline=None)
def test_an_unknown_head_makes_a_plain_name_uncertain(name, head):
    assert read_field(INDEX, head + name).unit is None


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_read(text):
    read_label(INDEX, text)
    read_field(INDEX, text)
    assert "".join(normalise_text(text).lines) == normalise_text(text).text


def test_long_texts_are_read_quickly():
    text = "为深入学习贯彻精神，各单位要认真组织实验活动，在直溪开展中心工作。\n" * 6000
    started = time.process_time()
    INDEX.mentions(normalise_text(text))
    assert time.process_time() - started < 1
