"""Pictures that are no form, though much in them is red, round or printed."""

from __future__ import annotations

import random
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from ingest.samples.media import scene
from ingest.samples.paper.fonts import BOLD, PRINTED, Face, font
from ingest.samples.paper.ink import Pen, Pixels, print_line, wrapped
from ingest.samples.paper.sheet import PRINT, Sheet
from ingest.samples.prose import activities as any_activities
from ingest.samples.prose import plan_paragraphs, plan_title

_SLOGANS: Final = (
    "金坛区2023-2024年度全民终身学习活动周开幕式", "让学习成为一种生活方式", "热烈祝贺全民终身学习活动周启动",
    "书香金坛 全民阅读", "社区教育惠民生 终身学习促和谐",
)  # fmt: skip


def crowd(chance: random.Random, *, size: tuple[int, int]) -> Pixels:
    """An activity with people under a red banner, lanterns or balloons beside it."""
    image = scene(chance.randrange(10_000, 99_999), size)
    draw = ImageDraw.Draw(image)
    width, height = size
    top, left = height * chance.uniform(0.05, 0.2), width * chance.uniform(0.02, 0.12)
    bottom, right = top + height * chance.uniform(0.08, 0.15), width - left
    draw.rectangle((left, top, right, bottom), fill=(chance.randrange(185, 220), 22, 30))
    slogan = chance.choice(_SLOGANS)
    pixels = int(min((bottom - top) * 0.6, (right - left) / (len(slogan) + 1)))
    middle = ((left + right) / 2, (top + bottom) / 2)
    ink = chance.choice(((250, 240, 110), (250, 250, 250)))
    draw.text(middle, slogan, font=font(chance.choice(BOLD), pixels), fill=ink, anchor="mm")
    for _ in range(chance.randrange(0, 4)):
        _lantern(draw, chance, size)
    return np.asarray(image)


def _lantern(draw: ImageDraw.ImageDraw, chance: random.Random, size: tuple[int, int]) -> None:
    radius = size[1] * chance.uniform(0.03, 0.09)
    x, y = size[0] * chance.uniform(0.05, 0.95), size[1] * chance.uniform(0.1, 0.8)
    area = (x - radius, y - radius, x + radius, y + radius)
    if chance.random() < 0.5:
        draw.ellipse(area, fill=(200, 30, 36))
    else:
        draw.ellipse(area, outline=(200, 30, 36), width=max(3, int(radius / 8)))


_SUBJECTS: Final = ("语文", "数学", "英语", "音乐", "体育", "美术", "科学", "班会", "劳动", "阅读")


def with_board(crowd: Pixels, chance: random.Random) -> Pixels:
    """A ruled board, a window of many panes or a red exhibition board behind the people."""
    image = Image.fromarray(crowd)
    draw = ImageDraw.Draw(image)
    width, height = image.size
    left, top = width * chance.uniform(0.05, 0.3), height * chance.uniform(0.22, 0.35)
    right, bottom = left + width * chance.uniform(0.35, 0.6), top + height * chance.uniform(0.2, 0.35)
    paper, line = chance.choice((((238, 238, 234), (70, 70, 74)), ((176, 30, 34), (240, 220, 120))))
    draw.rectangle((left, top, right, bottom), fill=paper)
    rows, columns = chance.randrange(3, 6), chance.randrange(3, 7)
    pen = font(chance.choice(PRINTED), max(10, int((bottom - top) / rows * 0.35)))
    for row in range(rows):
        for column in range(columns):
            area = (
                left + (right - left) * column / columns, top + (bottom - top) * row / rows,
                left + (right - left) * (column + 1) / columns, top + (bottom - top) * (row + 1) / rows,
            )  # fmt: skip
            draw.rectangle(area, outline=line, width=max(2, width // 500))
            if chance.random() < 0.7:
                middle = ((area[0] + area[2]) / 2, (area[1] + area[3]) / 2)
                draw.text(middle, chance.choice(_SUBJECTS), font=pen, fill=line, anchor="mm")
    return np.asarray(image)


def timetable(chance: random.Random, unit: str, *, dpi: int) -> Sheet:
    """A ruled table on paper that is none of the forms: lessons by weekday, or a register with 序号 and 活动时间."""
    width, height = round(210 / 25.4 * dpi), round(297 / 25.4 * dpi)
    page = Image.new("RGB", (width, height), (252, 252, 251))
    title, pen = (Pen(face=Face.SONG_BOLD, pixels=round(size / 72 * dpi)) for size in (17, 12))
    is_register = chance.random() < 0.5
    heads = (
        ("序号", "姓名", "班级", "联系电话", "备注")
        if is_register
        else ("节次", "星期一", "星期二", "星期三", "星期四", "星期五")
    )
    name = "社团报名登记表" if is_register else "课程表"
    margin, y = width * 0.12, height * 0.08
    print_line(page, ((width - title.width(name)) / 2, y), name, title, PRINT)
    y += 1.8 * title.line_height
    step, tall = (width - 2 * margin) / len(heads), height * 0.045
    draw = ImageDraw.Draw(page)
    for row in range(chance.randrange(8, 14)):
        for column, head in enumerate(heads):
            text = head if row == 0 else str(row) if column == 0 else chance.choice(_SUBJECTS)
            area = (margin + column * step, y, margin + (column + 1) * step, y + tall)
            draw.rectangle(area, outline=PRINT, width=max(2, dpi // 90))
            at = area[0] + (step - pen.width(text)) / 2, y + (tall - pen.line_height) / 2
            print_line(page, at, text, pen, PRINT)
        y += tall
    y += pen.line_height
    area = (width - margin - pen.width(unit), y, width - margin, y + 2 * pen.line_height)
    print_line(page, (area[0], y), unit, pen, PRINT)
    return Sheet(pixels=np.asarray(page), dpi=dpi, unit_area=area, sign_area=None)


def printed_letter(chance: random.Random, unit: str, *, dpi: int) -> Sheet:
    """A plan on paper, without any table; the seal belongs over the unit's name at its end."""
    width, height = round(210 / 25.4 * dpi), round(297 / 25.4 * dpi)
    page = Image.new("RGB", (width, height), (252, 252, 251))
    face = chance.choice(PRINTED)
    margin, pen = width * 0.13, Pen(face=face, pixels=round(12 / 72 * dpi))
    title = Pen(face=Face.SONG_BOLD, pixels=round(17 / 72 * dpi))
    y = height * 0.08
    for line in wrapped(plan_title(chance, unit), title, width - 2 * margin):
        print_line(page, ((width - title.width(line)) / 2, y), line, title, PRINT)
        y += title.line_height
    paragraphs = plan_paragraphs(chance, unit, any_activities(chance, 4))
    for paragraph in paragraphs[:-2]:
        for line in wrapped("\u3000\u3000" + paragraph, pen, width - 2 * margin):
            print_line(page, (margin, y), line, pen, PRINT)
            y += pen.line_height * 1.15
    y += pen.line_height
    area = (width - margin - pen.width(unit), y, width - margin, y + 2 * pen.line_height)
    for number, line in enumerate(paragraphs[-2:]):
        print_line(page, (area[0], y + number * pen.line_height * 1.2), line, pen, PRINT)
    return Sheet(pixels=np.asarray(page), dpi=dpi, unit_area=area, sign_area=None)
