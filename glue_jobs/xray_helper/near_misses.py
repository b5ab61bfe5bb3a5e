# SPDX-License-Identifier: Apache-2.0
"""Slips in the arguments of this library, one sentence each.

A job has arguments of its own, so a name is doubted only where it can hardly be one of these: where it is
nearly a name that nobody else would choose, or a plain word with ``on`` or ``off`` behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_OUR_OWN_WORDS: Final = (
    "trace_header", "otlp_endpoint", "spill_uri", "spans_uri", "log_correlation", "aws_calls",
    "scrub_patterns", "metrics_run_id", "share_bytes", "execution_start",
)  # fmt: skip
_MEASURES: Final = ("rows", "time")
_ON: Final = ("on", "true", "yes", "1", "enable", "enabled")
_OFF: Final = ("off", "false", "no", "0", "disable", "disabled")
_ENDPOINTS: Final = ("http://", "https://")
_ENDPOINT_WORDS: Final = ("xray", "file")
_LIKENESS: Final = 0.85  # of a long name
_LIKENESS_OF_A_WORD: Final = 0.8
_MOST_MISSING: Final = 2  # characters


def corrections(given: Mapping[str, str], *, switches: Sequence[str]) -> Iterator[str]:
    """Yield what was probably meant.

    Parameters
    ----------
    given
        Values by name, without dashes.
    switches
        Names whose values are ``on`` and ``off``.

    Examples
    --------
    >>> list(corrections({"otlp-endpoint": "http://c:4318", "trace": "s3://b/t", "day": "1"}, switches=()))
    ['--otlp-endpoint sets nothing: write --otlp_endpoint.']
    >>> list(corrections({"aws_calls": "true"}, switches=["aws_calls"]))
    ['--aws_calls is neither on nor off and changes nothing: write --aws_calls on.']
    """
    for name, value in given.items():
        meant = _value(name, value, switches) or _name(name, value, switches)
        if meant:
            yield f"--{name} {meant}"


def _name(name: str, value: str, switches: Sequence[str]) -> str | None:
    spelled = name.lower().replace("-", "_")
    if name in switches or name in _OUR_OWN_WORDS:
        return None
    likely = _nearest(spelled, _OUR_OWN_WORDS, _LIKENESS)
    if likely is None and value in ("on", "off"):
        likely = _nearest(spelled, switches, _LIKENESS_OF_A_WORD)
    return f"sets nothing: write --{likely}." if likely else None


def _value(name: str, value: str, switches: Sequence[str]) -> str | None:
    word = value.strip().lower()
    if name in switches and value not in ("on", "off") and word in (*_ON, *_OFF):
        right = "on" if word in _ON else "off"
        return f"is neither on nor off and changes nothing: write --{name} {right}."
    if name == "measure" and value not in _MEASURES:
        likely = _nearest(word, _MEASURES, _LIKENESS_OF_A_WORD)
        return f"is neither rows nor time and changes nothing: write --measure {likely}." if likely else None
    if name == "share_bytes" and value and not value.isdecimal():
        return "is no number of bytes and changes nothing: write digits only."
    if name == "otlp_endpoint" and value and not _is_endpoint(value):
        return "has no scheme and reaches nobody: write http:// or https:// before it."
    return None


def _is_endpoint(value: str) -> bool:
    return value.lower().startswith(_ENDPOINTS) or value in _ENDPOINT_WORDS


def _nearest(word: str, words: Sequence[str], likeness: float) -> str | None:
    near = [one for one in words if one[:1] == word[:1] and abs(len(one) - len(word)) <= _MOST_MISSING]
    if not near:
        return None
    import difflib  # here: most jobs never need it

    found = difflib.get_close_matches(word, near, n=1, cutoff=likeness)
    return found[0] if found else None
