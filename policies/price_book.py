"""List prices of what costs by the hour, day or month, whoever uses it: a small book, made by hand, of one day.

Prices change, differ by region and contract, and leave out what is paid by use (storage, requests, logs, traffic).
Source of every line: the golden files of infracost (Apache-2.0) of 2026-08-21, which hold list prices of the clouds'
public price lists; the region is that of the file's test.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HOURS = {"hour": 730.0, "day": 730.0 / 24, "month": 1.0}
"""How many of a unit are in a month."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one of something costs for a unit of time. ``region`` is "" where the price is the same everywhere."""

    thing: str
    region: str
    amount: float
    unit: str = "hour"
    currency: str = "USD"
    source: str = "infracost golden files"
    as_of: str = "2026-08-21"

    @property
    def monthly(self) -> float:
        """What it costs in a month of 730 hours."""
        return self.amount * HOURS[self.unit]


_MACHINES = (
    ("Standard_D2s_v3", 0.096, 0.12),
    ("Standard_D4s_v3", 0.192, 0.24),
    ("Standard_D8s_v3", 0.384, 0.48),
    ("Standard_D16s_v3", 0.768, 0.96),
    ("Standard_DS12_v2", 0.371, 0.379),
    ("Standard_F4s_v2", 0.169, 0.194),
    ("Standard_F8s_v2", 0.338, 0.388),
    ("Standard_F16s_v2", 0.677, 0.776),
    ("Standard_E4s_v3", 0.252, 0.32),
    ("Standard_E8s_v3", 0.504, 0.64),
    ("Standard_E16s_v3", 1.008, 1.28),
)
"""A machine of Azure ML by the hour: in East US, in West Europe."""

BOOK: tuple[Price, ...] = (
    *(Price(thing=size, region="eastus", amount=east) for size, east, _west in _MACHINES),
    *(Price(thing=size, region="westeurope", amount=west) for size, _east, west in _MACHINES),
    Price(thing="container registry Basic", region="westeurope", amount=0.166667, unit="day"),
    Price(thing="container registry Premium", region="westeurope", amount=1.666667, unit="day"),
    Price(thing="private endpoint", region="westus", amount=0.01),
    Price(thing="private DNS zone", region="", amount=0.5, unit="month"),
    Price(thing="managed DNS zone", region="", amount=0.2, unit="month"),
    Price(thing="e2-medium", region="us-central1", amount=0.033507),
    Price(thing="n1-standard-16", region="us-central1", amount=0.76),
    Price(thing="g2-standard-4", region="us-central1", amount=0.706836),
)


def price_of(thing: str, region: str, own: Iterable[Price] = ()) -> Price | None:
    """The price of a thing in a region, the user's own before the book's; None where neither has one."""
    wanted = (thing.lower(), region.lower().replace(" ", ""))
    for one in (*own, *BOOK):
        if one.thing.lower() == wanted[0] and one.region.lower() in ("", wanted[1]):
            return one
    return None


def own_price(text: str) -> Price | None:
    """A line of the user's own, such as ``Standard_DS3_v2 westeurope 0.27``: USD by the hour; None for other text."""
    thing, _, rest = text.strip().partition(" ")
    region, _, amount = rest.strip().partition(" ")
    try:
        return Price(thing=thing, region=region, amount=float(amount), source="groundplan.yaml", as_of="")
    except ValueError:
        return None
