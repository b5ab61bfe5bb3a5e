# SPDX-License-Identifier: Apache-2.0
"""The clean job's data contract in plain pandas, as one would write it for one machine.

``python -m tests.nightly.benchmarks.pandas_clean INPUT.csv CLEAN.parquet REJECTED.jsonl RUN_DATE`` prints the
same counts as ``clean_job.py``. The whole file is in memory; it neither traces nor reads other formats.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.nightly.benchmarks.pandas_reading import read_text
from tests.nightly.benchmarks.pandas_values import amounts, days

KEY = ["host_name", "lat", "long", "price"]
DEFAULTS = {
    "house_rules": "Blank", "host_name": "Blank", "name": "Blank", "country": "United States",
    "host_identity_verified": "unconfirmed", "instant_bookable": "true", "cancellation_policy": "moderate",
}  # fmt: skip
NEEDED = ["neighbourhood_group", "neighbourhood", "lat", "long", "construction_year", "review_rate_number"]
ROOM_TYPES = ["Entire home/apt", "Private room", "Shared room", "Hotel room"]
COUNTS = ["reviews_per_month", "number_of_reviews", "calculated_host_listings_count"]
BOOLEANS = {"true": True, "t": True, "yes": True, "y": True, "1": True,
            "false": False, "f": False, "no": False, "n": False, "0": False}  # fmt: skip
DROPPED = ["host_id", "country_code", "license", "availability_365"]
WHOLE = ["id", "construction_year", "minimum_nights", "review_rate_number", *COUNTS[1:]]
AMOUNTS = ["price", "service_fee"]
AMOUNT = pa.decimal128(12, 2)


def main() -> None:
    """Clean one file."""
    source, clean_path, rejected_path, run_date = sys.argv[1:]
    text, malformed = read_text(source)
    rows, reason, no_date = clean(text, pd.Timestamp(run_date))
    rejected = reason.notna() & (reason != "duplicate")
    counts = reason[rejected].value_counts().to_dict()
    if malformed:
        counts["malformed_record"] = counts.get("malformed_record", 0) + len(malformed)
    _write_rejected(text.loc[rejected].assign(_reason=reason[rejected]), malformed, Path(rejected_path))
    _write_clean(rows.loc[reason.isna()], clean_path)
    summary = {
        "rows_read": len(text) + len(malformed), "rows_clean": int(reason.isna().sum()),
        "rows_duplicate": int((reason == "duplicate").sum()), "rows_rejected": sum(counts.values()),
        "rejected_by_reason": counts,
        "dates_replaced_by_reason": no_date[reason.isna()].value_counts().to_dict(),
    }  # fmt: skip
    print(json.dumps(summary))


def clean(text: pd.DataFrame, run_date: pd.Timestamp) -> tuple[pd.DataFrame, pd.Series[Any], pd.Series[Any]]:
    """Apply the rules; the typed rows, the first reason against each (null: none), and against its date."""
    rows = text.fillna(DEFAULTS).drop(columns=[*DROPPED, "_reason"], errors="ignore")
    _convert(rows, text, run_date)
    conditions: list[tuple[str, Any]] = [
        ("malformed_record", text["_reason"].notna()),
        ("duplicate", _duplicates(text, rows["id"])),
        ("minimum_nights_out_of_range", ~rows["minimum_nights"].between(1, 364)),
        *((f"invalid_{name}", rows[name].isna()) for name in AMOUNTS),
        *((f"negative_{name}", rows[name] < 0) for name in AMOUNTS),
        *((f"missing_{name}", text[name].isna()) for name in NEEDED),
        ("unknown_room_type", ~rows["room_type"].isin(ROOM_TYPES)),
    ]
    for name in COUNTS:
        conditions.append((f"invalid_{name}", text[name].notna() & rows[name].isna()))
        conditions.append((f"negative_{name}", rows[name] < 0))
    typed = ("id", "lat", "long", "construction_year", "review_rate_number", "instant_bookable")
    conditions += [(f"invalid_{name}", rows[name].isna()) for name in typed]
    names = [name for name, _ in conditions]
    masks = [condition.to_numpy(dtype=bool, na_value=False) for _, condition in conditions]
    reason = pd.Series(np.select(masks, names, default=""), index=text.index).replace("", None)
    no_date = _judge_dates(rows, text["last_review"], run_date)
    _fill(rows, reason.isna())
    return rows, reason, no_date


def _convert(rows: pd.DataFrame, text: pd.DataFrame, run_date: pd.Timestamp) -> None:
    """Read every column that is no text; what is not of its type becomes null."""
    for name in (*WHOLE, "lat", "long", "reviews_per_month"):
        number = pd.to_numeric(rows[name], errors="coerce")
        rows[name] = number.where(np.isfinite(number) & ((number % 1 == 0) | (name not in WHOLE)))
    for name in AMOUNTS:
        rows[name] = amounts(text[name])
    rows["instant_bookable"] = rows["instant_bookable"].str.lower().map(BOOLEANS)
    rows["neighbourhood_group"] = rows["neighbourhood_group"].replace(
        {"brookln": "Brooklyn", "manhatan": "Manhattan"}
    )
    rows["last_review"] = days(text["last_review"], run_date)


def _duplicates(text: pd.DataFrame, ids: pd.Series[Any]) -> pd.Series[bool]:
    """True for all but the smallest id of the well-formed rows that are equal in ``KEY``."""
    well_formed = ids[text["_reason"].isna()].sort_values(kind="stable", na_position="last")
    again = text.loc[well_formed.index, KEY].duplicated()
    return again.reindex(text.index, fill_value=False)


def _judge_dates(rows: pd.DataFrame, text: pd.Series[Any], run_date: pd.Timestamp) -> pd.Series[Any]:
    """Return why a date cannot be true (null: it can), and take it away."""
    dates = rows["last_review"]
    conditions = {
        "missing": text.isna(), "unreadable": dates.isna(), "in_future": dates > run_date,
        "before_construction": ~(dates.dt.year >= rows["construction_year"]),
    }  # fmt: skip
    found = np.select([mask.to_numpy(dtype=bool) for mask in conditions.values()], [*conditions], default="")
    reason = pd.Series(found, index=text.index).replace("", None)
    rows["last_review"] = dates.where(reason.isna())
    return reason


def _fill(rows: pd.DataFrame, left: pd.Series[bool]) -> None:
    """Put medians of the rows that are left where nothing stands."""
    for name in COUNTS:
        median = rows.loc[left, name].median()
        rows[name] = rows[name].fillna(median if name == COUNTS[0] else np.floor(median))
        rows[f"{name}_sqrt"] = np.sqrt(rows[name].where(rows[name] >= 0))
    dates = rows["last_review"]
    rows["last_review"] = dates.fillna(dates[left].median().floor("D"))


def _write_clean(rows: pd.DataFrame, path: str) -> None:
    integers = {name: "int64" if name in ("id", "number_of_reviews") else "int32" for name in WHOLE}
    table = pa.Table.from_pandas(rows.astype(integers), preserve_index=False)
    types = {"price": AMOUNT, "service_fee": AMOUNT, "last_review": pa.date32()}
    schema = pa.schema([field.with_type(types.get(field.name, field.type)) for field in table.schema])
    pq.write_table(table.cast(schema, safe=False), path, compression="snappy")


def _write_rejected(rows: pd.DataFrame, malformed: list[str], path: Path) -> None:
    rows.to_json(path, orient="records", lines=True, force_ascii=False)
    with path.open("a", encoding="utf-8") as file:
        for raw in malformed:
            file.write(json.dumps({"_reason": "malformed_record", "_raw": raw}) + "\n")


if __name__ == "__main__":
    main()
