"""The pictures of the page and of the comment, as a browser shows them. The hash of their sources is kept, so that outdated pictures are detected:
after an intended change, `ORGROSTER_WRITE_PICTURES=1 tests/interop/run test_pictures.py` makes them again."""

import hashlib
import json
import os
import pathlib

from markdown_it import MarkdownIt
from test_page import project, rendered, run

IMAGES = pathlib.Path(__file__).parents[2] / "docs" / "images"
SOURCES = IMAGES / "sources.json"
STYLE = """
body { font: 16px/1.5 -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; max-width: 980px; margin: 24px; color: #1f2328; background: #fff }
code, pre { font: 13px ui-monospace, 'Liberation Mono', monospace; background: #f6f8fa; border-radius: 6px; padding: .15em .35em }
pre { padding: 12px; overflow: hidden } pre code { padding: 0 } table { border-collapse: collapse } td, th { border: 1px solid #d1d9e0; padding: 6px 13px }
h1, h2, h3 { border-bottom: 1px solid #d1d9e0; padding-bottom: .3em }
"""


def current(name, source, paint):
    """Compares the recorded sources of a picture with the current ones, or makes the picture."""
    made_from = json.loads(SOURCES.read_text()) if SOURCES.exists() else {}
    digest = hashlib.sha256(source.encode()).hexdigest()
    if os.environ.get("ORGROSTER_WRITE_PICTURES"):
        paint(IMAGES / name)
        SOURCES.write_text(json.dumps(dict(sorted((made_from | {name: digest}).items())), indent=2) + "\n")
        return
    assert (IMAGES / name).exists()
    assert made_from.get(name) == digest, f"docs/images/{name} shows something older: ORGROSTER_WRITE_PICTURES=1 tests/interop/run test_pictures.py"


def test_the_pictures_of_the_page_are_current(viewer, tmp_path):
    page = rendered(project(tmp_path / "project"))
    for scheme in ("light", "dark"):
        def paint(path, scheme=scheme):
            viewer.open(page, color_scheme=scheme, viewport={"width": 1280, "height": 800}).screenshot(path=path)
        current(f"page-{scheme}.png", page.read_text(), paint)


def test_the_picture_of_a_comment_is_current(viewer, tmp_path):
    text = run(project(tmp_path / "project"), "show", "-markdown", "-redact-emails", "plan.json")

    def paint(path):
        shown = tmp_path / "comment.html"
        body = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)
        shown.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}")
        viewer.open(shown, viewport={"width": 1030, "height": 1000}).screenshot(path=path)

    current("comment.png", text, paint)
