# SPDX-License-Identifier: Apache-2.0
"""One made-up listing with nothing wrong with it, in the columns of the public Airbnb Open Data set."""

from __future__ import annotations

import random
from typing import Final

HEADER: Final = (
    "id", "NAME", "host id", "host_identity_verified", "host name", "neighbourhood group", "neighbourhood",
    "lat", "long", "country", "country code", "instant_bookable", "cancellation_policy", "room type",
    "Construction year", "price", "service fee", "minimum nights", "number of reviews", "last review",
    "reviews per month", "review rate number", "calculated host listings count", "availability 365",
    "house_rules", "license",
)  # fmt: skip
Listing = dict[str, str]

FIRST_ID: Final = 1_001_254
ID_STEP: Final = 552
_PLACES: Final = (
    ("Brooklyn", "Williamsburg", 40.714, -73.953),
    ("Brooklyn", "Bedford-Stuyvesant", 40.687, -73.941),
    ("Brooklyn", "Bushwick", 40.694, -73.921),
    ("Manhattan", "Harlem", 40.812, -73.946),
    ("Manhattan", "East Village", 40.728, -73.985),
    ("Manhattan", "Hell's Kitchen", 40.764, -73.992),
    ("Queens", "Astoria", 40.764, -73.923),
    ("Queens", "Long Island City", 40.744, -73.948),
    ("Bronx", "Kingsbridge", 40.879, -73.905),
    ("Staten Island", "St. George", 40.643, -74.079),
)
_HOSTS: Final = ("Aïcha", "Björn", "Chloé", "Dmitri", "Elise", "José", "Linh", "Madaline", "Noah", "Zoë")
_KINDS: Final = (
    "Sunny loft",
    "Quiet room",
    "Garden flat",
    'The "Blue" studio',
    "Brownstone, top floor",
    "Café above",
)
_ROOMS: Final = ("Entire home/apt", "Private room", "Shared room", "Hotel room")
_RULES: Final = (
    "",
    "No smoking.",
    "No smoking, no parties.\nQuiet from 10 pm to 7 am.",
    'Shoes off, please: "slippers" are by the door.\n\nNo pets.',
    "Make yourself at home… the café downstairs opens at seven.",
)
_ROOM_WEIGHTS: Final = (52, 44, 2, 2)  # percent, about as in the public data


def make_listing(index: int, rng: random.Random) -> Listing:
    """Make the listing number ``index``; its place alone tells it from a million others.

    Parameters
    ----------
    index
        From 0; decides the id.
    rng
        Decides everything else.
    """
    group, neighbourhood, lat, long = rng.choice(_PLACES)
    host, price, year = rng.choice(_HOSTS), rng.randint(50, 1200), rng.randint(2003, 2016)
    reviews = int(rng.expovariate(1 / 30))
    values = (
        str(FIRST_ID + index * ID_STEP), f"{rng.choice(_KINDS)} in {neighbourhood}",
        str(rng.randint(10**9, 10**11)), rng.choice(("verified", "unconfirmed")), host, group, neighbourhood,
        f"{lat + rng.uniform(-0.01, 0.01):.3f}{index % 1000:03d}",
        f"{long + rng.uniform(-0.01, 0.01):.3f}{index // 1000 % 1000:03d}",
        "United States", "US", rng.choice(("TRUE", "FALSE")), rng.choice(("strict", "moderate", "flexible")),
        rng.choices(_ROOMS, _ROOM_WEIGHTS)[0], str(year), f"${price:,} ", f"${price // 5:,} ",
        str(rng.choice((1, 2, 3, 5, 7, 30, 364))), str(reviews),
        f"{rng.randint(1, 12)}/{rng.randint(1, 28)}/{rng.randint(year, 2022)}", f"{reviews / 40:.2f}",
        str(rng.randint(1, 5)), str(1 + int(rng.expovariate(0.5))), str(rng.randint(0, 365)),
        rng.choice(_RULES), "",
    )  # fmt: skip
    return dict(zip(HEADER, values, strict=True))
