"""Regions before a name are told from the name."""

from __future__ import annotations

import pytest

from rules.regions import region_before, region_in, regions_of, take_apart


@pytest.mark.parametrize(
    ("name", "region", "level", "core"),
    [
        ("江苏省常州市金坛区实验小学", "金坛区", 3, "实验小学"),
        ("常州市实验小学", "常州市", 2, "实验小学"),
        ("江苏省华罗庚中学", "江苏省", 1, "华罗庚中学"),
        ("金坛区社区培训学院", "金坛区", 3, "社区培训学院"),
        ("直溪镇社区教育中心", "", 0, "直溪镇社区教育中心"),
        ("西城社区教育中心", "", 0, "西城社区教育中心"),
        ("第二市民学校", "", 0, "第二市民学校"),
        ("金坛区", "", 0, "金坛区"),
        ("", "", 0, ""),
    ],
)
def test_the_innermost_region_is_split_off(name, region, level, core):
    apart = take_apart(name)
    assert (apart.region, apart.level, apart.core) == (region, level, core)


@pytest.mark.parametrize(
    ("title", "region"),
    [("金坛区2023-2024年度全民终身学习活动", "金坛区"), ("全民终身学习活动周", ""), ("全区社区教育活动", ""), ("", "")],
)
def test_a_campaign_says_whose_district_it_is(title, region):
    assert region_in(title) == region


def test_the_region_before_a_place_in_the_text_is_the_nearest():
    assert region_before("由江苏省常州市金坛区") == "金坛区"
    assert region_before("报送社区") == ""


def test_a_region_that_one_unit_of_many_has_is_not_home():
    names = [f"金坛区第{number}小学" for number in range(20)]
    assert regions_of([*names, "溧阳区联合小学"]).home == {"金坛区"}
    assert regions_of(["实验小学"], [""]).home == frozenset()
    assert regions_of(["实验小学"], ["金坛区"]).is_home("金坛市")
    assert not regions_of(["实验小学"], ["金坛区"]).is_home("武进区")
