# SPDX-License-Identifier: Apache-2.0
"""Names of columns: those of the data contract, and those that only travel inside the clean job."""

from __future__ import annotations

from typing import Final

REQUIRED: Final = (
    "id",
    "name",
    "host_name",
    "host_identity_verified",
    "neighbourhood_group",
    "neighbourhood",
    "lat",
    "long",
    "country",
    "instant_bookable",
    "cancellation_policy",
    "room_type",
    "construction_year",
    "price",
    "service_fee",
    "minimum_nights",
    "number_of_reviews",
    "last_review",
    "reviews_per_month",
    "review_rate_number",
    "calculated_host_listings_count",
    "house_rules",
)
DROPPED: Final = ("host_id", "country_code", "license", "availability_365")

# Skewed counts: filled with their median, and given a square root.
COUNTS: Final = ("reviews_per_month", "number_of_reviews", "calculated_host_listings_count")
CLEAN: Final = (*REQUIRED, *(f"{count}_sqrt" for count in COUNTS))

# Inside the job. An underscore cannot collide: columns of the input are renamed when they are read.
REASON: Final = "_reason"  # why the row is not in the clean data; null: it is
RAW: Final = "_raw"  # the text of a record that could not be taken apart
ENCODING: Final = "_encoding"  # "ISO-8859-1" where the values are not UTF-8 and stand here byte for byte
MORE: Final = "_more"  # JSON only: keys of the record that are no columns
SET_ASIDE: Final = "_set_aside"  # columns that clean rows do not have and rejected rows keep
ORIGINAL: Final = "_original"  # the row as it was read, on rejected rows alone
NO_DATE: Final = "_no_date"  # why the median stands for the date of the last review; null: it does not
FOR_DATE: Final = "_for_date"  # the text that stood in the median's place
NOTES: Final = (REASON, ENCODING, RAW, MORE)

MALFORMED: Final = "malformed_record"
DUPLICATE: Final = "duplicate"  # never written: a duplicate is counted and left out
