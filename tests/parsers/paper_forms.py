"""附件1 and 附件2 drawn on a sheet, stamped, signed and photographed, so that what they say is known."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.uint8]

PAGE: Final = (1654, 2339)  # A4 at 200 dpi
SERIF: Final = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
RED: Final = (205, 30, 38)
UNIT: Final = "金坛区某某镇社区教育中心"

STATISTICS_FIELDS: Final = {
    "organizer": "某某镇社区教育中心",
    "participants": "各村（社区）居民学校、某某中心小学",
    "leader_name": "张某某",
    "leader_position": "副校长",
    "leader_phone": "13800000126",
    "leader_email": "zhang@school.example",
    "mobilization_time": "2023年11月6日",
    "mobilization_place": "镇政府三楼会议室",
    "theme": "让学习成为一种生活方式",
    "mobilization_attendance": "120",
}
STATISTICS_ROWS: Final = (
    ("11月8日", "全民阅读", "读书分享会、图书漂流", "镇文化站", "60"),
    ("11月9日", "老年教育", "智慧助老手机培训", "老年大学教室", "45"),
    ("11月10日", "家庭教育", "专家讲座", "中心小学报告厅", "210"),
    ("11月13日", "职业技能", "月嫂、电工技能培训班", "成校实训室", "38"),
)
SCHEDULE_ROWS: Final = (
    ("1", "全民阅读分享会", "镇文化站", "11月8日", "60"),
    ("2", "智慧助老手机培训", "老年大学教室", "11月9日", "45"),
    ("3", "家庭教育专家讲座", "中心小学报告厅", "11月10日", "210"),
)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(SERIF, size, index=2)


def statistics_page(*, is_stamped: bool = True, is_signed: bool = True, is_filled: bool = True) -> Image.Image:
    """附件2 as printed and, unless it comes back as it was sent out, filled."""
    page = Image.new("RGB", PAGE, (252, 252, 250))
    pen = ImageDraw.Draw(page)
    _title(pen, "附件2：", ("金坛区2023-2024年度全民终身学习活动", "周活动情况统计表"))
    pen.text((150, 400), f"单位名称（盖章）：{UNIT if is_filled else ''}", "black", font(30))
    pen.text((1000, 400), "分管领导（签字）：", "black", font(30))
    if is_signed:
        _sign(pen, 1280, 390)
    table = _Lines(pen, left=150, top=470)
    fields = STATISTICS_FIELDS if is_filled else dict.fromkeys(STATISTICS_FIELDS, "")
    rows = STATISTICS_ROWS if is_filled else ()
    table.row(80, [(300, "组织单位"), (1050, fields["organizer"])])
    table.row(80, [(300, "参与单位"), (1050, fields["participants"])])
    top = table.bottom
    name = [(250, "姓  名"), (290, fields["leader_name"]), (200, "单位职务"), (310, fields["leader_position"])]
    phone = [(250, "联系方式\n电话："), (290, fields["leader_phone"]), (200, "E-mail"), (310, fields["leader_email"])]
    table.row(90, name, left=450)
    table.row(100, phone, left=450)
    pen.rectangle((150, top, 450, table.bottom), outline="black", width=3)
    _centred(pen, (150, top, 450, table.bottom), "“启动周”\n主要负责人")
    time, place = fields["mobilization_time"], fields["mobilization_place"]
    table.row(80, [(300, "动员会时间"), (350, time), (300, "动员会举办地点"), (400, place)])
    theme, people = fields["theme"], fields["mobilization_attendance"]
    table.row(90, [(300, "活动周主题"), (350, theme), (300, "参与动员会人数"), (400, people)])
    widths = (230, 280, 400, 270, 170)
    heading = ("活动时间", "活动项目", "形式与内容", "活动地点", "参加人数")
    for row in (heading, *rows, *[("",) * 5] * 3):
        table.row(95, list(zip(widths, row, strict=True)))
    pen.text((150, table.bottom + 20), "注：此表纸质稿盖章拍照后于2023年11月20日前发至区教育局。", "black", font(26))
    if is_stamped:
        page = stamped(page, (520, 410))
    return page


def schedule_page(*, dashes: tuple[int, int] | None = None) -> Image.Image:
    """附件1 as printed and filled: nobody stamps it. `dashes`: pixels of a dash and of the gap after it."""
    page = Image.new("RGB", PAGE, (252, 252, 250))
    pen = ImageDraw.Draw(page)
    _title(pen, "附件1：", ("金坛区2023-2024年度全民终身学习活动周", "主要活动安排表"))
    pen.text((150, 400), f"报送地区（单位）：{UNIT}", "black", font(30))
    table = _Lines(pen, left=150, top=470, dashes=dashes)
    for row in (("序号", "活动主题", "活动地点", "活动时间", "参加人数"), *SCHEDULE_ROWS, *[("",) * 5] * 5):
        table.row(95, list(zip((120, 480, 320, 240, 190), row, strict=True)))
    return page


def stamped(page: Image.Image, centre: tuple[int, int], *, radius: int = 160, strength: float = 0.8) -> Image.Image:
    """A round seal with its text in a ring and a star, transparent as ink is."""
    return Image.fromarray(_inked(np.asarray(page), seal(radius), centre, strength))


def seal(radius: int, text: str = UNIT) -> Pixels:
    """The ink of a round seal, 0…255."""
    side = 2 * radius + 20
    mask = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((10, 10, side - 10, side - 10), outline=255, width=max(5, radius // 18))
    star = [
        (side / 2 + r * math.sin(turn * math.pi / 5), side / 2 - r * math.cos(turn * math.pi / 5))
        for turn in range(10)
        for r in ((radius * 0.3) if turn % 2 == 0 else (radius * 0.12),)
    ]
    pen.polygon(star, fill=255)
    letters = font(radius // 4)
    for position, sign in enumerate(text):
        angle = -130 + 260 * position / max(1, len(text) - 1)
        tile = Image.new("L", (radius // 3, radius // 3), 0)
        ImageDraw.Draw(tile).text((radius // 24, -radius // 24), sign, 255, letters)
        tile = tile.rotate(-angle, expand=True)
        x = side / 2 + radius * 0.76 * math.sin(math.radians(angle)) - tile.width / 2
        y = side / 2 - radius * 0.76 * math.cos(math.radians(angle)) - tile.height / 2
        mask.paste(255, (round(x), round(y)), tile)
    return np.asarray(mask)


def _inked(page: Pixels, ink: Pixels, centre: tuple[int, int], strength: float) -> Pixels:
    result = page.astype(np.float32)
    top, left = centre[1] - ink.shape[0] // 2, centre[0] - ink.shape[1] // 2
    part = result[top : top + ink.shape[0], left : left + ink.shape[1]]
    weight = (ink.astype(np.float32) / 255 * strength)[..., None]
    part[:] = part * (1 - weight) + np.minimum(part, np.array(RED, dtype=np.float32)) * weight
    return result.astype(np.uint8)


def _title(pen: ImageDraw.ImageDraw, annex: str, lines: tuple[str, ...]) -> None:
    pen.text((150, 120), annex, "black", font(32))
    for number, line in enumerate(lines):
        width = pen.textlength(line, font(44))
        pen.text(((PAGE[0] - width) / 2, 190 + number * 75), line, "black", font(44))


def _centred(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], text: str, size: int = 28) -> None:
    """Wrapped at the cell's width, as a word processor does."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for sign in paragraph:
            if pen.textlength(line + sign, font(size)) > box[2] - box[0] - 20:
                lines.append(line)
                line = ""
            line += sign
        lines.append(line)
    top = (box[1] + box[3]) / 2 - len(lines) * size * 0.65
    for number, line in enumerate(lines):
        width = pen.textlength(line, font(size))
        pen.text(((box[0] + box[2] - width) / 2, top + number * size * 1.3 - 6), line, "black", font(size))


def _sign(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """A scrawl that no reader reads."""
    points = [(x + 6 * i, y + 28 + 22 * math.sin(i * 0.9) * math.cos(i * 0.23)) for i in range(34)]
    pen.line(points, fill=(25, 25, 60), width=4, joint="curve")


class _Lines:
    """Rows of cells, one under another."""

    def __init__(self, pen: ImageDraw.ImageDraw, *, left: int, top: int, dashes: tuple[int, int] | None = None) -> None:
        self._pen, self._left, self.bottom, self._dashes = pen, left, top, dashes

    def row(self, height: int, cells: list[tuple[int, str]], *, left: int | None = None) -> None:
        x = self._left if left is None else left
        for width, text in cells:
            box = (x, self.bottom, x + width, self.bottom + height)
            self._frame(box)
            _centred(self._pen, box, text)
            x += width
        self.bottom += height

    def _frame(self, box: tuple[int, int, int, int]) -> None:
        if self._dashes is None:
            self._pen.rectangle(box, outline="black", width=3)
            return
        dash, gap = self._dashes
        left, top, right, bottom = box
        for x in range(left, right, dash + gap):
            for y in (top, bottom):
                self._pen.rectangle((x, y - 1, min(right, x + dash - 1), y + 1), fill="black")
        for y in range(top, bottom, dash + gap):
            for x in (left, right):
                self._pen.rectangle((x - 1, y, x + 1, min(bottom, y + dash - 1)), fill="black")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """How a sheet is photographed."""

    turn: int = 0  # quarter turns
    degrees: float = 2.0
    tilt: float = 0.06
    curl: float = 0.0
    shade: float = 0.3
    blur: float = 0.8
    noise: float = 3.0
    size: tuple[int, int] = (3000, 4000)
    desk: tuple[int, int, int] = (116, 92, 70)
    quality: int = 88


def photographed(page: Image.Image, shot: Shot | None = None, *, seed: int = 1) -> Image.Image:
    """The sheet on a desk: bent, tilted, unevenly lit, noisy."""
    shot = shot or Shot()
    dice = np.random.default_rng(seed)
    sheet = _curled(np.asarray(page), shot.curl)
    width, height = shot.size
    corners = _corners(shot, sheet.shape[1] / sheet.shape[0], dice)
    source = np.array([[0, 0], [sheet.shape[1], 0], [sheet.shape[1], sheet.shape[0]], [0, sheet.shape[0]]], np.float32)
    move = cv2.getPerspectiveTransform(source, corners)
    canvas = np.full((height, width, 3), shot.desk, np.uint8)
    photo = cv2.warpPerspective(
        sheet, move, (width, height), dst=canvas, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
    )
    photo = cv2.GaussianBlur(photo, (0, 0), shot.blur)
    across = np.linspace(1.0, 1.0 - shot.shade, width)[None, :, None] * np.linspace(1.0, 0.92, height)[:, None, None]
    lit = photo * across + dice.normal(0, shot.noise, photo.shape)
    picture = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))
    return picture.rotate(90 * shot.turn, expand=True) if shot.turn else picture


def side_by_side(*pages: Image.Image, size: tuple[int, int] = (4000, 3000)) -> Image.Image:
    """Sheets on one desk, each turned a little its own way."""
    share = size[0] // len(pages)
    shots = [Shot(degrees=(-1) ** number * 2.5, size=(share, size[1])) for number in range(len(pages))]
    whole = Image.new("RGB", size)
    for number, (page, shot) in enumerate(zip(pages, shots, strict=True)):
        whole.paste(photographed(page, shot, seed=number), (number * share, 0))
    return whole


def in_dark_mode(page: Image.Image) -> Image.Image:
    """As a phone shows a document at night."""
    return page.point([24 + (255 - value) * 205 // 255 for value in range(256)] * 3)


def _corners(shot: Shot, aspect: float, dice: np.random.Generator) -> npt.NDArray[np.float32]:
    width, height = shot.size
    tall = min(height * 0.84, width * 0.86 / aspect)
    wide = tall * aspect
    square = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / 2
    square *= 1 + shot.tilt * dice.uniform(-1, 1, (4, 2))
    angle = math.radians(shot.degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return (square @ turn.T + np.array([width, height]) / 2).astype(np.float32)


def _curled(sheet: Pixels, curl: float) -> Pixels:
    """The paper rises in the middle: lines bow upwards by `curl` of the height."""
    if not curl:
        return sheet
    height, width = sheet.shape[:2]
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bow = curl * height * np.sin(np.pi * xs / width) * (0.4 + 0.6 * ys / height)
    return cv2.remap(sheet, xs, ys + bow.astype(np.float32), cv2.INTER_LINEAR, borderValue=(90, 80, 70))


def jpeg(picture: Image.Image, quality: int = 88) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
