"""Opens Office Open XML packages that strangers sent: bounded before anything is unpacked, mended where that is easy.

`checked_package(source)` answers the path of a package that python-docx and openpyxl can be given. It looks at the
zip's own directory (zipfile never unpacks more than is declared there) and raises LimitExceeded for what would not fit.
Packages with relations that point outside, or at nothing (both are common), or of the macro kind are copied without
these: nothing is ever fetched, and a missing picture is no reason to refuse a form.
"""

from __future__ import annotations

import posixpath
import shutil
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

from lxml import etree

from parsers.content import EmbeddedFile, LimitExceeded, SourceFile
from parsers.limits import MIB

MAX_XML_BYTES: Final = 64 * MIB  # of one XML part: its tree costs five to ten times as much
RATIO_FLOOR: Final = 10 * MIB
COPY_BYTES: Final = 1 * MIB
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MACRO_TYPES: Final = (b".macroEnabled.main+xml", b".macroEnabledTemplate.main+xml", b".template.main+xml")
_MAIN_TYPES: Final = {
    "word/": b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xl/": b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}


def checked_package(source: SourceFile) -> Path:
    """The file itself, or a mended copy in scratch. Raises LimitExceeded, zipfile.BadZipFile, lxml's XMLSyntaxError."""
    with zipfile.ZipFile(source.path) as package:
        _check_sizes(source, package)
        changed = {name: mended for name in package.namelist() if (mended := _mended(package, name)) is not None}
        return _copy(package, changed, source.scratch / "mended") if changed else source.path


def embedded_files(
    path: Path, folders: tuple[str, ...], source: SourceFile, *, without: Collection[str] = ()
) -> tuple[EmbeddedFile, ...]:
    """The pictures and objects of these folders of the package, `without` some of them, copied into scratch."""
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if name.startswith(folders) and not name.endswith("/")]
        names = [name for name in names if name not in without]
        if len(names) > source.limits.members:
            raise LimitExceeded("too many embedded files")
        return tuple(_extracted(package, name, source.scratch / f"embedded-{at}") for at, name in enumerate(names))


def _extracted(package: zipfile.ZipFile, name: str, target: Path) -> EmbeddedFile:
    with package.open(name) as read_from, target.open("wb") as write_to:
        shutil.copyfileobj(read_from, write_to, COPY_BYTES)
    return EmbeddedFile(name=posixpath.basename(name), path=target)


def parse_xml(data: bytes) -> etree._Element:
    """Entities are not resolved and nothing is fetched; libxml2's own bounds on depth and size stay on."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    return etree.fromstring(data, parser)


def _check_sizes(source: SourceFile, package: zipfile.ZipFile) -> None:
    infos = package.infolist()
    unpacked = sum(info.file_size for info in infos)
    packed = max(source.path.stat().st_size, 1)
    if len(infos) > source.limits.members * 5:
        raise LimitExceeded(f"{len(infos)} parts")
    if unpacked > source.limits.unpacked_bytes:
        raise LimitExceeded(f"{unpacked} bytes unpacked")
    if unpacked > RATIO_FLOOR and unpacked / packed > source.limits.ratio:
        raise LimitExceeded(f"unpacks to {unpacked // packed} times its size")
    for info in infos:
        if info.filename.endswith((".xml", ".rels")) and info.file_size > MAX_XML_BYTES:
            raise LimitExceeded(f"{info.filename}: {info.file_size} bytes")


def _mended(package: zipfile.ZipFile, name: str) -> bytes | None:
    """The new bytes of a part that must change, else None."""
    if name.endswith(".rels"):
        return _without_dead_relations(package, name)
    if name == "[Content_Types].xml":
        return _as_plain_type(package, name)
    return None


def _without_dead_relations(package: zipfile.ZipFile, name: str) -> bytes | None:
    root = parse_xml(package.read(name))
    folder = posixpath.dirname(posixpath.dirname(name))
    present = set(package.NameToInfo)
    dead = [relation for relation in root.iter(_RELATION) if not _leads_somewhere(relation, folder, present)]
    for relation in dead:
        root.remove(relation)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") if dead else None


def _leads_somewhere(relation: etree._Element, folder: str, present: set[str]) -> bool:
    if relation.get("TargetMode") == "External":
        return False
    target = relation.get("Target", "")
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    return path in present


def _as_plain_type(package: zipfile.ZipFile, name: str) -> bytes | None:
    data = package.read(name)
    if not any(ending in data for ending in _MACRO_TYPES):
        return None
    root = parse_xml(data)
    for element in root.iter():
        part, declared = element.get("PartName", "").lstrip("/"), element.get("ContentType", "").encode()
        for folder, plain in _MAIN_TYPES.items():
            if part.startswith(folder) and declared.endswith(_MACRO_TYPES):
                element.set("ContentType", plain.decode())
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _copy(package: zipfile.ZipFile, changed: dict[str, bytes], target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for info in package.infolist():
            if info.filename in changed:
                copy.writestr(info.filename, changed[info.filename])
                continue
            with package.open(info) as read, copy.open(info.filename, "w") as write:
                while block := read.read(COPY_BYTES):
                    write.write(block)
    return target
