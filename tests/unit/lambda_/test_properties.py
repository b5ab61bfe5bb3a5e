# SPDX-License-Identifier: Apache-2.0
"""What holds for any key: names, inputs, traces and log lines."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layout.datasets import FolderMarker, NotADataSet, dataset_of
from data_layout.formats import COMPRESSED, FORMATS
from start_pipeline.execution import execution_input, execution_name
from start_pipeline.object_version import ObjectVersion
from start_pipeline.s3_events import object_version
from start_pipeline.trace_plan import invocation_trace, is_sampled, own_trace_id, plan_trace
from xray_common.json_lines import JsonLines, fields

# S3 takes any UTF-8 of up to 1,024 bytes: no half of a surrogate pair can be among it.
characters = st.characters(exclude_categories=["Cs"])
names = st.text(characters, min_size=1, max_size=180).filter(
    lambda text: (
        not any(
            part == "" or part[0] in "._" or part.lower().startswith("run_id=") for part in text.split("/")
        )
    )
)
EXTENSIONS = [f"{plain}{packed}" for plain in FORMATS for packed in ("", COMPRESSED)]
extensions = st.sampled_from(EXTENSIONS)
datasets = names.filter(lambda text: not text.endswith("/"))


def for_all(*given_: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Check a property without a limit of time per example: the machine may be busy."""
    return lambda test: settings(deadline=None)(given(*given_)(test))


def an_upload(*, key: str = "input/x.csv", sequencer: str = "01") -> ObjectVersion:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    return ObjectVersion(
        bucket="b", key=key, version_id=None, etag="e", sequencer=sequencer, event_time=moment
    )


@st.composite
def uploads(draw: st.DrawFn) -> ObjectVersion:
    return ObjectVersion(
        bucket=draw(st.from_regex(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", fullmatch=True)),
        key=f"input/{draw(datasets)}{draw(extensions)}",
        version_id=draw(st.none() | st.text(characters, min_size=1, max_size=30)),
        etag=draw(st.from_regex(r"[0-9a-f]{32}(-[0-9]{1,5})?", fullmatch=True)),
        sequencer=draw(st.from_regex(r"[0-9A-F]{16,20}", fullmatch=True)),
        event_time=draw(st.datetimes(datetime(2006, 3, 14), datetime(2100, 1, 1), timezones=st.just(UTC))),
    )


@for_all(uploads())
def test_a_name_is_one_that_step_functions_takes_and_logs(upload: ObjectVersion) -> None:
    assert re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_-]{0,79}", execution_name(upload))


@for_all(uploads(), st.sampled_from(["bucket", "key", "version_id", "sequencer"]))
def test_any_other_part_makes_another_name_and_trace(upload: ObjectVersion, part: str) -> None:
    changed = {
        **upload.__dict__,
        part: f"{getattr(upload, part) or ''}x" if part != "key" else f"input/x{upload.key[6:]}",
    }
    changed.pop("digest", None)
    other = ObjectVersion(**changed)

    assert execution_name(other) != execution_name(upload)
    assert own_trace_id(other) != own_trace_id(upload)


@for_all(uploads())
def test_what_s3_encodes_is_read_back(upload: ObjectVersion) -> None:
    content = {"key": quote_plus(upload.key), "eTag": upload.etag, "sequencer": upload.sequencer}
    if upload.version_id is not None:
        content["versionId"] = upload.version_id
    record = {
        "eventTime": upload.event_time.isoformat().replace("+00:00", "Z"),
        "s3": {"bucket": {"name": upload.bucket}, "object": content},
    }

    found = object_version(record)

    # "null" is S3's way to write: no version.
    expected = None if upload.version_id == "null" else upload.version_id
    assert (found.bucket, found.key, found.version_id) == (upload.bucket, upload.key, expected)
    assert found.event_time == upload.event_time


@for_all(datasets, extensions, st.sampled_from([str.lower, str.upper, str.title]))
def test_the_data_set_is_the_key_without_prefix_and_extension(
    dataset: str, extension: str, case: Callable[[str], str]
) -> None:
    given = case(extension.removesuffix(".gz")) + (".gz" if extension.endswith(".gz") else "")
    assert dataset_of(f"input/{dataset}{given}") == dataset


@for_all(st.text(characters, max_size=50))
def test_any_key_is_a_data_set_or_says_why_not(key: str) -> None:
    try:
        dataset = dataset_of(f"input/{key}")
    except FolderMarker:
        assert key == "" or key.endswith("/")
    except NotADataSet as reason:
        assert str(reason).endswith(".")
    else:
        assert key.startswith(dataset)
        assert key[len(dataset) :].lower() in EXTENSIONS


@for_all(uploads())
def test_outputs_stay_below_their_prefix_and_end_with_the_run(upload: ObjectVersion) -> None:
    name = execution_name(upload)
    document = execution_input(upload, name=name, trace_header="h")

    assert json.loads(json.dumps(document)) == document
    for prefix in ("clean", "processed", "rejected"):
        uri = document[f"{prefix}_uri"] or ""
        assert uri == f"s3://{upload.bucket}/{prefix}/{document['dataset']}/run_id={name}/"
        assert not {".", ".."} & set(uri.split("/"))
        assert uri.count("//") == 1  # the one after s3:


@for_all(uploads())
def test_headers_are_short_ascii_and_read_back(upload: ObjectVersion) -> None:
    header = plan_trace(upload, join=None, rate=1.0).header

    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1", str(header))
    assert invocation_trace(str(header)) == header


@for_all(st.text(max_size=300))
def test_no_text_breaks_the_header_parser(text: str) -> None:
    assert invocation_trace(text) is None or "Root=1-" in text


@for_all(uploads(), st.floats(0, 1), st.floats(0, 1))
def test_sampling_grows_with_the_rate(upload: ObjectVersion, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert is_sampled(upload, low) <= is_sampled(upload, high)
    assert is_sampled(upload, 1.0)
    assert not is_sampled(upload, 0.0)


def test_a_rate_of_a_quarter_samples_about_a_quarter() -> None:
    sampled = sum(is_sampled(an_upload(sequencer=str(number)), 0.25) for number in range(4000))

    assert 880 < sampled < 1120  # more than four standard deviations (27) to each side


@for_all(st.text())
def test_a_key_cannot_forge_a_log_line(key: str) -> None:
    record = logging.makeLogRecord({"msg": "Started.", "levelname": "INFO"})
    record.__dict__.update(fields(object=key, absent=None))

    line = JsonLines().format(record)

    assert line.isascii()
    assert len(line.splitlines()) == 1
    parsed = json.loads(line)
    assert (parsed["object"], parsed["level"], parsed["message"]) == (key, "INFO", "Started.")
    assert "absent" not in parsed


@pytest.mark.parametrize(
    ("key", "stem"),
    [
        ("input/listings.csv", "listings"),
        ("input/2026/Été à Paris.csv", "Ete-a-Paris"),
        ("input/品物.csv", "upload"),
        ("input/a b+c%d.e.csv.gz", "a-b-c-d-e"),
        ("input/-- --.csv", "upload"),
        (f"input/{'x' * 300}.csv", "x" * 55),
        ("input/品_x.csv", "x"),  # an id begins with a letter or a digit
    ],
)
def test_stems_can_be_read(key: str, stem: str) -> None:
    assert re.fullmatch(re.escape(stem) + "-[0-9a-f]{24}", execution_name(an_upload(key=key)))
