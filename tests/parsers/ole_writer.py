"""Writes OLE2 files: a tree of storages (dict) and streams (bytes), small streams in 64-byte sectors as Office does."""

from __future__ import annotations

Tree = dict[str, "bytes | Tree"]

SECTOR, SMALL, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


class _Writer:
    def __init__(self) -> None:
        self.sectors: list[bytes] = []
        self.chain: list[int] = []
        self.small = bytearray()
        self.small_chain: list[int] = []
        self.entries: list[bytearray] = []

    def put(self, data: bytes) -> int:
        count = -(-len(data) // SECTOR)
        first = len(self.sectors)
        for number in range(count):
            self.sectors.append(data[number * SECTOR : (number + 1) * SECTOR].ljust(SECTOR, b"\0"))
            self.chain.append(first + number + 1 if number + 1 < count else END)
        return first if count else END

    def put_small(self, data: bytes) -> int:
        count = -(-len(data) // SMALL)
        first = len(self.small) // SMALL
        self.small += data.ljust(count * SMALL, b"\0")
        self.small_chain += [first + number + 1 for number in range(count - 1)] + ([END] if count else [])
        return first if count else END

    def add(self, name: str, content: bytes | Tree, kind: int) -> int:
        number = len(self.entries)
        text = name.encode("utf-16-le") + b"\0\0"
        entry = bytearray(text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + bytes([kind, 1]))
        entry += FREE.to_bytes(4, "little") * 3 + bytes(36) + END.to_bytes(4, "little") + bytes(8)
        self.entries.append(entry)
        if isinstance(content, bytes):
            start = self.put(content) if len(content) >= CUTOFF else self.put_small(content)
            self.place(number, start, len(content))
            return number
        previous = -1
        for child_name, child in content.items():  # siblings hang on each other's right, which is a tree as well
            added = self.add(child_name, child, 2 if isinstance(child, bytes) else 1)
            at, parent = (76, number) if previous < 0 else (72, previous)
            self.entries[parent][at : at + 4] = added.to_bytes(4, "little")
            previous = added
        return number

    def place(self, number: int, start: int, size: int) -> None:
        self.entries[number][116:124] = start.to_bytes(4, "little") + size.to_bytes(4, "little")


def ole2_file(tree: Tree) -> bytes:
    writer = _Writer()
    writer.add("Root Entry", tree, 5)
    writer.place(0, writer.put(bytes(writer.small)), len(writer.small))
    small_fat = writer.put(b"".join(link.to_bytes(4, "little") for link in writer.small_chain).ljust(1, b"\xff"))
    directory = writer.put(b"".join(bytes(entry) for entry in writer.entries))
    fats = 1
    while (len(writer.chain) + fats) * 4 > fats * SECTOR:
        fats += 1
    first_fat = len(writer.chain)
    chain = [*writer.chain, *[FAT] * fats]
    links = b"".join(link.to_bytes(4, "little") for link in chain).ljust(fats * SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + bytes(10)
    header += b"".join(
        value.to_bytes(4, "little")
        for value in (fats, directory, 0, CUTOFF, small_fat, -(-len(writer.small_chain) * 4 // SECTOR), END, 0)
    )
    header += b"".join((first_fat + number).to_bytes(4, "little") for number in range(fats))
    return header.ljust(SECTOR, b"\xff") + b"".join(writer.sectors) + links
