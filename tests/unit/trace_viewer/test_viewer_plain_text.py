# SPDX-License-Identifier: Apache-2.0
"""What strangers wrote reaches a terminal as text on its line, and without secrets."""

from __future__ import annotations

import base64
import gzip
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from tests.unit.xray_common.planted import SECRETS
from trace_viewer import (
    Trace,
    compare,
    render_comparison,
    render_comparison_html,
    render_html,
    render_tree,
    to_otlp,
    to_perfetto,
)  # fmt: skip
from trace_viewer.cli import main
from trace_viewer.rendering.terminal.log_lines import render_logs
from trace_viewer.rendering.terminal.trace_list import render_list
from trace_viewer.xray.logs import Line

ATTACKS = {
    "title": "\x1b]0;pwned\x07",
    "clear the screen": "\x1b[2J\x1b[H",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "link": "\x1b]8;;http://evil/\x1b\\click\x1b]8;;\x1b\\",
    "8-bit control": "\x9b31m\x9d0;x\x9c",
    "a line of its own": "\n07:26:40.000 ERROR   forged",
    "back to the start": "\rERROR forged\x08\x08",
    "line separators": "\u2028forged\u2029forged\x85forged\x0bforged\x0cforged",
    "bidi": "\u202egnp.exe\u2066\u2069\u200f",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg",
    "tags": "\U000e0041\U000e007f",
    "surrogate": "\ud800",
}


def is_plain(text: str) -> bool:
    """Return whether nothing but line ends moves the cursor, hides, or reorders."""
    kinds = {unicodedata.category(character) for character in text if character != "\n"}
    return not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def everywhere(words: str) -> Trace:
    """Return a trace that has the words in every field that the terminal shows."""
    reasons = {"default": {"rejected_by_reason": {words: 3}, "spark.step.outcome": words}}
    step = doc(
        f"step {words}",
        1,
        2,
        id=f"2{words}",
        namespace="aws",
        aws={"operation": words},
        **fails(words, words),
    )
    job = doc(f"job {words}", 0, 3, id="1", annotations={words: words, f"rows_{words}": 3}, metadata=reasons)
    job |= {"fault": True, "origin": words, "subsegments": [step]}
    orphan, broken = doc(f"lost {words}", 1, 2, f"gone {words}", id="3"), {"name": words}
    trace = as_trace(job, orphan, broken)
    return Trace(words, trace.segments, notes=(words,))


def drawings(trace: Trace) -> dict[str, str]:
    other = as_trace(doc("job", 0, 9, id="1"))
    lines = [Line(time=0, node="1", text=trace.id, level=trace.id, exception=f"Traceback\n{trace.id}")]
    return {
        "tree": render_tree(trace, width=400),
        "comparison": render_comparison(compare(trace, other), width=400),
        "list": render_list([trace], width=400),
        "logs": render_logs(trace, [*lines, Line(time=1, node=f"2{trace.id}", text="x")]),
    }


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_escape_sequence_reaches_the_terminal(attack: str) -> None:
    words = ATTACKS[attack]
    expected = drawings(everywhere("harmless"))
    for name, drawn in drawings(everywhere(words)).items():
        assert is_plain(drawn), name
        if "\n" not in words and name != "logs":  # in logs, the lines of a traceback stay lines
            assert drawn.count("\n") == expected[name].count("\n"), name


def test_a_log_event_cannot_forge_a_line() -> None:
    trace = as_trace(doc("job", 0, 9, id="1"))
    forged = "key\n  07:26:40.000 ERROR   all is lost"
    drawn = render_logs(trace, [Line(time=0, node="1", text=forged, exception=f"E: {forged}")])
    assert drawn.splitlines() == [
        "job",
        "  00:00:00.000         key   07:26:40.000 ERROR   all is lost",
        "                       | E: key",
        "                       |   07:26:40.000 ERROR   all is lost",
    ]


@pytest.mark.parametrize("attack", set(ATTACKS) - {"surrogate"})
def test_errors_with_names_of_files_are_one_plain_line(
    attack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"trace{ATTACKS[attack].replace('/', '')}.json"
    assert main(["--file", str(path)]) == 1
    path.write_text(json.dumps(as_trace(doc("job", 0, 1)).to_json()))
    assert main(["--file", str(path), "--html", str(tmp_path / f"{path.name}.html")]) == 0
    assert main(["--file", str(path), "--html", str(tmp_path)]) == 1
    assert main(["--file", str(path), "--trace-id", ATTACKS[attack]]) == 1
    out, err = capsys.readouterr()
    assert is_plain(out) and is_plain(err)
    assert len(err.splitlines()) == 4


def unpacked(page: str) -> str:
    """Return a page with its exports as text."""
    packed = re.compile(r'(<script type="application/gzip\+base64"[^>]*>)([A-Za-z0-9+/=]+)<')
    return packed.sub(lambda found: found[1] + gzip.decompress(base64.b64decode(found[2])).decode(), page)


def test_words_of_the_command_line_are_one_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):  # as of `--file *.json`, where a shell found more than one
        main(["--file", "a.json", f"{''.join(ATTACKS.values())}.json"])
    err = capsys.readouterr().err
    assert is_plain(err) and "forged.json" not in err.splitlines()
    assert err.splitlines()[-1].startswith("glue-xray view: error: '\\x1b]0;pwned")


OUTPUTS: dict[str, Callable[[Trace], str]] = {
    "tree": lambda trace: render_tree(trace, width=4_000),
    "page": lambda trace: unpacked(render_html(trace)),
    "json": lambda trace: json.dumps(trace.to_json()),
    "otlp": lambda trace: json.dumps(to_otlp(trace)),
    "perfetto": lambda trace: json.dumps(to_perfetto(trace)),
    "comparison": lambda trace: render_comparison_html(compare(trace, trace)),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_no_secret_of_a_trace_gets_out(output: str) -> None:
    documents = [
        doc(
            f"s{number}",
            0,
            5,
            "s0" if number else None,
            metadata={"default": {"text": text, "list": [text]}},
            annotations={"why": text},
            **fails("Error", text),
        )
        for number, (text, _) in enumerate(SECRETS.values())
    ]
    written = OUTPUTS[output](as_trace(*documents))
    for kind, (_, parts) in SECRETS.items():
        assert not [part for part in parts if part in written], kind


def test_no_secret_of_a_log_line_or_an_error_gets_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = as_trace(doc("job", 0, 9, id="1"))
    lines = [Line(time=0, node="1", text=text) for text, _ in SECRETS.values()]
    main(["--file", str(tmp_path / "password=hunter2")])
    printed = render_logs(trace, lines) + capsys.readouterr().err
    for kind, (_, parts) in SECRETS.items():
        assert not [part for part in parts if part in printed], kind


def test_a_document_without_secrets_stays_as_it_was(pipeline: Trace) -> None:
    texts = [item["Document"] for item in pipeline.to_json()["Segments"]]
    assert texts == [text for _, text in pipeline.segments]
