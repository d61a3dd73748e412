"""The images of a format, put where its writer finds them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import panflute as pf

from renderer.book import BookTree, ChapterTree
from renderer.execute import PNG_DPI
from renderer.kept import digest
from renderer.parts import write_if_other
from renderer.project import Project
from renderer.render_error import RenderError
from renderer.typeset import own_settings


def place_images(project: Project, book: BookTree, made: Mapping[str, bytes], output_format: str, work: Path) -> None:
    """Write every image of the book below `work`; for Word, vector files become pictures.

    made: content of the figures that cells drew, by path.
    """
    work.mkdir(parents=True, exist_ok=True)
    for chapter in book.chapters:
        for path in chapter.images:
            target = work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            write_if_other(target, _content(project, chapter, path, made))
            if output_format == "docx" and target.suffix == ".svg":
                target.with_suffix(".png").write_bytes(as_png(target, work, project.root / "fonts"))


def image_digests(project: Project, chapter: ChapterTree, made: Mapping[str, bytes]) -> dict[str, str]:
    """Digest of each image of a chapter, by path."""
    return {path: digest(_content(project, chapter, path, made)) for path in chapter.images}


def _content(project: Project, chapter: ChapterTree, path: str, made: Mapping[str, bytes]) -> bytes:
    if path in made:
        return made[path]
    if (project.root / path).is_file():
        return (project.root / path).read_bytes()
    raise RenderError(f"there is no image {path}", chapter.source.name, chapter.source.find(Path(path).name))


def pictures_for_word(blocks: list[pf.Block]) -> list[pf.Block]:
    """Names of pictures in the place of vector files."""
    for block in blocks:
        block.walk(_png_instead)
    return blocks


def _png_instead(element: pf.Element, doc: pf.Doc | None) -> None:
    if isinstance(element, pf.Image) and element.url.endswith(".svg"):
        element.url = element.url.removesuffix(".svg") + ".png"


def size_in_pixels(image: Path) -> tuple[int, int] | None:
    """Width and height at which a browser shows an SVG or PNG file; None where the file does not say."""
    if image.suffix == ".png":
        width, height = struct.unpack(">II", image.read_bytes()[16:24])
        return width, height
    if image.suffix != ".svg":
        return None
    root = re.search(r"<svg\b[^>]*>", image.read_text(encoding="utf-8"))
    sides = [re.search(rf'\s{name}="([^"]*)"', root[0]) for name in ("width", "height")] if root else [None, None]
    width, height = (in_pixels(side[1]) if side else None for side in sides)
    return (width, height) if width and height else None


def in_pixels(length: str) -> int | None:
    """A length of an SVG file as a browser shows it; None where it is none in points or pixels.

    >>> in_pixels("453.6pt"), in_pixels("605"), in_pixels("100%"), in_pixels("")
    (605, 605, None, None)
    """
    size = re.fullmatch(r"(\d+\.?\d*|\.\d+)(pt|px)?", length)
    return round(float(size[1]) * (4 / 3 if size[2] == "pt" else 1)) if size else None


def as_png(image: Path, root: Path, fonts: Path) -> bytes:
    """A vector image as a picture, drawn by Typst (Pandoc would ask for a program that few machines have)."""
    import typst

    path = image.relative_to(root).as_posix().replace('"', '\\"')
    source = f'#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image("/{path}")'
    content = typst.compile(source.encode("utf-8"), format="png", ppi=float(PNG_DPI), **own_settings(fonts, root))
    per_metre = round(PNG_DPI / 0.0254)
    chunk = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    header_end = 8 + 12 + 13  # signature, then the header chunk
    density = struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return content[:header_end] + density + content[header_end:]
