"""Which warranties, subscriptions and certificates end, and when?"""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard

from grafana.parts.bars import shares
from grafana.parts.links import to_server_of_row, to_source_of_row
from grafana.parts.page import Section, line
from grafana.parts.queries import of_chosen_models, of_fleet, states_of
from grafana.parts.tables import label, table, value
from grafana.parts.tiles import tile
from grafana.parts.values import (
    BLUE,
    COUNT,
    COVERAGE,
    FAULTS,
    GREEN,
    ORANGE,
    RED,
    WARNINGS,
    YES_GOOD,
    Scale,
)

IDENTITY = "source, vendor, serial, server"
WARRANTY = "serverfleet_server_warranty_end_timestamp_seconds"
SUBSCRIPTION = "serverfleet_server_subscription"
SUBSCRIPTION_END = "serverfleet_server_subscription_end_timestamp_seconds"
CERTIFICATE = "serverfleet_source_certificate_not_after_timestamp_seconds"
SERVERS = "serverfleet:servers:count"
DAYS_LEFT = Scale(unit="suffix:d", decimals=0, base=RED, steps=((30, ORANGE), (90, GREEN)))
CERTIFICATE_DAYS_LEFT = replace(DAYS_LEFT, steps=((14, ORANGE), (60, GREEN)))
PLAIN = Scale(decimals=0)


def section() -> Section:
    """Describe the row."""
    return Section(
        "Warranties, subscriptions and certificates",
        (
            line(4, *_figures()),
            line(9, _warranties_ending(), _subscriptions_ending()),
            line(8, _by_source(), _subscriptions(), _certificates(), widths=(11, 6, 7)),
        ),
    )


def highlights() -> list[dashboard.Panel]:
    """Show how many servers lack a contract now or soon."""
    none_needed = replace(FAULTS, missing="None needed")
    expired = of_fleet(SUBSCRIPTION, 'state=~"required|expired"')
    return [
        tile(
            "Warranty ended",
            "Servers whose support has ended.",
            _ended(WARRANTY),
            replace(FAULTS, missing="None told"),
        ),
        tile(
            "Warranty ends",
            "Servers whose support ends within 90 days.",
            _ending(WARRANTY, 90),
            replace(WARNINGS, missing="None told"),
        ),
        tile(
            "Not subscribed",
            "Servers whose COM subscription is missing or has expired. Dell OME needs none.",
            f"sum(max by (source, serial) ({expired}))",
            none_needed,
        ),
        tile(
            "Renewals due",
            "Servers whose COM subscription ends within 90 days. Dell OME needs none.",
            _ending(SUBSCRIPTION_END, 90),
            replace(WARNINGS, missing="None needed"),
        ),
    ]


def _figures() -> list[dashboard.Panel]:
    told = f"count(max by (source, serial) ({of_fleet(WARRANTY)}))"
    return [
        tile(
            "Warranty known",
            "Share of the servers whose end of support is known: the figures speak of these only.",
            f"{told} / sum({of_fleet(SERVERS)})",
            COVERAGE,
        ),
        _soon("Warranty, 30 days", "support", WARRANTY, 30),
        _soon("Warranty, 90 days", "support", WARRANTY, 90),
        _soon("Warranty, 365 days", "support", WARRANTY, 365),
        tile(
            "Subscription ended",
            "Servers whose COM subscription has ended. Dell OME needs none.",
            _ended(SUBSCRIPTION_END),
            replace(FAULTS, missing="None needed"),
        ),
        _soon("Subscription, 30 days", "COM subscription", SUBSCRIPTION_END, 30),
        _soon("Subscription, 90 days", "COM subscription", SUBSCRIPTION_END, 90),
        _soon("Subscription, 365 days", "COM subscription", SUBSCRIPTION_END, 365),
    ]


def _soon(title: str, what: str, family: str, days: int) -> dashboard.Panel:
    urgent = {30: FAULTS, 90: WARNINGS}.get(days, COUNT)
    return tile(
        title,
        f"Servers whose {what} ends within {days} days, those not counted whose {what} has ended.",
        _ending(family, days),
        replace(urgent, missing="None told"),
    )


def _ended(family: str) -> str:
    return f"sum(max by (source, serial) ({of_fleet(family)}) < bool time())"


def _ending(family: str, days: int) -> str:
    each = f"max by (source, serial) ({of_fleet(family)})"
    return f"sum({each} < bool time() + {days} * 86400) - {_ended(family)}"


def _warranties_ending() -> dashboard.Panel:
    left = f"({of_fleet(WARRANTY)} - time()) / 86400"
    return table(
        "Warranties that end first",
        "Servers whose support ends first or has ended, 50 of them.",
        [f"min by ({IDENTITY}, model) (bottomk(50, {of_chosen_models(left)}))"],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Ends in", DAYS_LEFT, width=100),
            label("model", "Model"),
            label("source", "Source", width=100),
            label("serial", "Serial number", width=110),
        ],
        order=[("Ends in", False)],
        missing="None told",
    )


def _subscriptions_ending() -> dashboard.Panel:
    left = f"({of_fleet(SUBSCRIPTION_END)} - time()) / 86400"
    return table(
        "Subscriptions that end first",
        "Servers whose COM subscription ends first or has ended, 50 of them. Dell OME needs none.",
        [f"min by ({IDENTITY}, tier, model) (bottomk(50, {of_chosen_models(left)}))"],
        [
            label("server", "Server", link=to_server_of_row()),
            value("A", "Ends in", DAYS_LEFT, width=100),
            label("tier", "Tier", width=90),
            label("model", "Model"),
            label("source", "Source", width=100),
            label("serial", "Serial number", width=110),
        ],
        order=[("Ends in", False)],
        missing="None needed",
    )


def _by_source() -> dashboard.Panel:
    def each(family: str) -> str:
        return f"max by (source, vendor, serial) ({of_fleet(family)})"

    def within(family: str, days: int) -> str:
        return f"sum by (source, vendor) ({each(family)} < bool time() + {days} * 86400)"

    count = of_fleet(SERVERS)
    return table(
        "Contracts by source",
        "Servers of each source, how many of them have an end of support, and the ends of support "
        "and subscription within 90 days, also those that are past.",
        [
            f"max by (source, vendor) ({count})",
            f"count by (source, vendor) ({each(WARRANTY)}) / max by (source, vendor) ({count})",
            within(WARRANTY, 90),
            f"(min by (source, vendor) ({each(WARRANTY)}) - time()) / 86400",
            within(SUBSCRIPTION_END, 90),
            f"(min by (source, vendor) ({each(SUBSCRIPTION_END)}) - time()) / 86400",
        ],
        [
            label("source", "Source", link=to_source_of_row()),
            value("A", "Servers", PLAIN, width=75),
            value("B", "Warranty known", COVERAGE, width=125),
            value("C", "Warranties, 90 days", WARNINGS, width=145),
            value("D", "First warranty", DAYS_LEFT, width=110),
            value("E", "Renewals, 90 days", WARNINGS, width=140),
            value("F", "First to renew", DAYS_LEFT, width=110),
        ],
        order=[("Source", False)],
    )


def _subscriptions() -> dashboard.Panel:
    return shares(
        "Subscriptions",
        "Servers by the state of their COM subscription. Dell OME needs none.",
        (f"sum by (state) ({of_fleet(SUBSCRIPTION)})", "{{state}}"),
        replace(COUNT, base=BLUE, missing="None needed"),
        states=states_of(SUBSCRIPTION),
    )


def _certificates() -> dashboard.Panel:
    verified = of_fleet("serverfleet_source_tls_verification_enabled")
    return table(
        "Certificates",
        "Certificates of the sources, and the days until they end. Where a certificate is not "
        "verified, its end is not known.",
        [
            f"min by (source, vendor) ({verified})",
            f"(min by (source, vendor) ({of_fleet(CERTIFICATE)}) - time()) / 86400",
            of_fleet("serverfleet:source_up:max"),
        ],
        [
            label("source", "Source", link=to_source_of_row()),
            value("C", "Up", Scale(words=YES_GOOD), width=60),
            value("A", "Verified", Scale(words=YES_GOOD), width=90),
            value("B", "Ends in", CERTIFICATE_DAYS_LEFT, width=90),
        ],
        order=[("Ends in", False)],
    )
