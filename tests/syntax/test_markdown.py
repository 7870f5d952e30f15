"""Markdown: places, slugs, front matter, agreement with markdown-it-py, and cost on hostile text."""

from __future__ import annotations

import time
from itertools import pairwise
from urllib.parse import unquote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from linter.model import Map, Source, Unknown
from linter.syntax import markdown, slugs

PAGE = """---
title: Röllback
owner: team-a
---
# Roll `x` é back

Intro [a](b.md "t") and ![i](é.png).

- [ ] stop é
- [x] start
  - nested

## Steps

```bash {a=b}
rm -rf é
```

### Deeper

text

## Steps
<a id="there" href="x.md"></a><!-- <a id="not"> TODO -->
"""


def cut(text: str, entry: tuple[int, int, int, int, int]) -> str:
    return text[entry[3] : entry[4]]


def test_places_are_code_points_of_the_whole_text() -> None:
    page = markdown.load(7, PAGE)
    assert page.span[0] == 7
    assert page["title"] == "Roll x é back"
    assert cut(PAGE, page.at["title"]) == "Roll `x` é back"
    assert cut(PAGE, page["front_matter"].at["owner"]) == "team-a"
    titles = [PAGE[e[1] : e[2]] for e in page["sections"].at]
    assert titles == ["Roll `x` é back", "Steps", "Deeper", "Steps"]
    assert [cut(PAGE, link.at["target"]) for link in page["links"]] == ["b.md", "é.png", "x.md"]
    assert [(link["image"], link["html"]) for link in page["links"]] == [(False, False), (True, False), (False, True)]
    assert cut(PAGE, page["code"][0].at["text"]) == page["code"][0]["text"] == "rm -rf é\n"


def test_sections_end_where_their_level_ends() -> None:
    sections = markdown.load(0, PAGE)["sections"]
    assert [s["anchor"] for s in sections] == ["roll-x-é-back", "steps", "deeper", "steps-1"]
    assert sections[1].span[2] == sections[3].span[1]
    assert list(sections[1]["blocks"]) == ["code"]
    assert sections[1]["words"] == 4  # `rm -rf é` and, below it, `text`
    assert sections[3]["words"] == 0
    assert sections[0]["text"].endswith("nested\n\n")


def test_code_and_tasks() -> None:
    page = markdown.load(0, PAGE)
    assert [(c["language"], c["section"], c["fenced"]) for c in page["code"]] == [("bash", "Steps", True)]
    assert [(t["text"], t["done"]) for t in page["tasks"]] == [("stop é", False), ("start", True)]


def test_anchors() -> None:
    anchors = list(markdown.load(0, PAGE + "\n## Named {#given}\n\n> ## Quoted\n\n<h2>In HTML</h2>\n")["anchors"])
    assert {"there", "given", "quoted", "in-html", "steps-1"} <= set(anchors)
    assert "not" not in anchors


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("a  b -- c_d", "a--b----c_d"),
        ("Überprüfung §3", "überprüfung-3"),
        ("1. First/second", "1-firstsecond"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_slugs_are_githubs(heading: str, slug: str) -> None:
    assert slugs.slugify(heading) == slug


def test_repeated_slugs_never_collide() -> None:
    page = markdown.load(0, "# a\n# a-1\n# a\n# a\n")
    assert [s["anchor"] for s in page["sections"]] == ["a", "a-1", "a-2", "a-3"]


def test_hidden_spans_cover_code_comments_and_front_matter() -> None:
    text = "---\na: 1\n---\nsee `TODO` <!-- TODO\n--> TODO\n\n    TODO\n"
    hidden = markdown.hidden_spans(text)
    shown = "".join(c for i, c in enumerate(text) if not any(a <= i < b for a, b in hidden))
    assert shown.count("TODO") == 1


class TestFrontMatter:
    def test_toml(self) -> None:
        text = '+++\ntitle = "T"\naliases = ["/a", "/b"]\n[x]\ny = 1\n+++\nbody\n'
        front = markdown.load(0, text)["front_matter"]
        assert (front["title"], list(front["aliases"])) == ("T", ["/a", "/b"])
        assert cut(text, front.at["title"]) == '"T"'

    def test_title_is_the_fallback(self) -> None:
        text = "---\ntitle: From above\n---\n## Only a part\n"
        page = markdown.load(0, text)
        assert page["title"] == "From above"
        assert cut(text, page.at["title"]) == "From above"

    @pytest.mark.parametrize(
        "text", ["---\n\nprose\n\n---\nmore\n", "--- x\na: b\n---\n", "---\na: 1\n", "----\na: 1\n---\n"]
    )
    def test_a_rule_is_none(self, text: str) -> None:
        assert "front_matter" not in markdown.load(0, text)

    def test_what_cannot_be_read_is_unknown(self) -> None:
        page = markdown.load(0, "---\ntitle: [a\n---\n# H\n")
        assert isinstance(page["front_matter"], Unknown)
        assert page["title"] == "H"

    def test_empty_and_crlf(self) -> None:
        assert markdown.load(0, "---\n---\n# H\n")["front_matter"] == {}
        assert markdown.load(0, "---\r\nowner: a\r\n---\r\n# H\r\n")["front_matter"] == {"owner": "a"}


def reference(text: str) -> tuple[list[tuple[int, int]], list[int], list[str]]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    headings = [(int(t.tag[1]), t.map[0]) for t in tokens if t.type == "heading_open" and t.level == 0 and t.map]
    fences = [t.map[0] for t in tokens if t.type in ("fence", "code_block") and t.map]
    inline = [child for token in tokens for child in token.children or ()]
    targets = [str(c.attrs["href"]) for c in inline if c.type == "link_open"]
    targets += [str(c.attrs["src"]) for c in inline if c.type == "image"]
    return headings, fences, sorted(map(unquote, targets))


def ours(text: str) -> tuple[list[tuple[int, int]], list[int], list[str]]:
    page, source = markdown.load(0, text), Source(0, "x.md", text)
    headings = [(s["level"], source.position(s.span[1])[0] - 1) for s in page["sections"]]
    fences = [source.position(c.span[1])[0] - 1 for c in page["code"]]
    return headings, fences, sorted(unquote(li["target"]) for li in page["links"] if not li["html"])


LINES = st.sampled_from(
    r"""# A;## B c;### é `x`;Setext;===;text [l](a.md#b) more;![i](p/é.png);[r];\n[r]: t.md\n;```sh;~~~;$ run;    indented;
- item;  - inner;- [ ] task;1. one;> quote;> # in quote;;;;| a | b |;|---|---|;<https://x.y/z>;*e* **s** `c`;***;
\# not;#no;####### seven;a  ;<b>x</b>""".replace(";\n", ";")
    .replace("\\n", "\n")
    .split(";")
)


def _apart(before: str, line: str) -> bool:
    """Where CommonMark leaves it open or GitHub's tables are read in two ways: after a table row or a link definition an
    indented line may be code or not, and a table may interrupt a paragraph or not."""
    if line.startswith("    "):
        return before.startswith(("|", "[r]:"))
    return line.startswith("| a") and bool(before.strip()) and not before.startswith(("#", "|"))


def _code_in_table(lines: list[str]) -> bool:
    """Whether an indented line stands where a table has not ended, as any line continues one."""
    tabled = False
    for line in lines:
        if tabled and line.startswith("    "):
            return True
        tabled = bool(line.strip()) and (tabled or line.startswith("|"))
    return False


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=14))
def test_agrees_with_markdown_it(lines: list[str]) -> None:
    assume(not any(_apart(before, line) for before, line in pairwise(lines)) and not _code_in_table(lines))
    text = "é\n\n" + "\n".join(lines) + "\n"
    assert ours(text) == reference(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="#*_`~[]()<>!-+=|:\\\n\r \té漢🙂a1\"'{}&;./", max_size=200))
def test_any_text_reads_and_spans_stay_inside(text: str) -> None:
    page = markdown.load(0, text)
    pending = [page]
    while pending:
        value = pending.pop()
        entries = value.at.values() if isinstance(value, Map) else value.at
        for _, key_start, key_end, start, end in entries:
            assert 0 <= key_start <= key_end <= len(text)
            assert 0 <= start <= end <= len(text)
        children = value.values() if isinstance(value, Map) else value
        pending.extend(child for child in children if hasattr(child, "span"))
    assert all(0 <= a <= b <= len(text) for a, b in markdown.hidden_spans(text))


def test_surrogates_are_read() -> None:
    assert markdown.load(0, "# a\ud800b é\n\n## c")["sections"][1]["title"] == "c"


HOSTILE = {
    "quotes": ">", "brackets": "[", "images": "![", "lists": "- ", "emphasis": "*a _b ", "tags": "<a ", "h1": "<h1>",
    "comments": "<!-- ", "tables": "|a|b|\n|-|-|\n", "headings": "# a\n", "fences": "```\n", "rules": "---\n",
    "attributes": "<a id='", "braces": "# {", "colons": "# :a", "slugs": "# a\n# a-1\n", "front": "---\na: [\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_cost_is_linear(name: str) -> None:
    def seconds(repeats: int) -> float:
        text = HOSTILE[name] * repeats
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            markdown.load(0, text)
            markdown.hidden_spans(text)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(2_000), seconds(16_000)
    assert large < 0.05 or large < 24 * small
