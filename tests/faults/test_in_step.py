"""Does the page that operators read say what the tests prove?"""

import yaml

from exporter.sources.vendors import SOURCES
from tests.faults import test_stories
from tests.faults.page import PAGE, alerts, page
from tests.faults.polled import COLLECTORS
from tests.faults.stories import STORIES
from tests.faults.table import FAULTS
from tests.prometheus.shipped import SHIPPED


def test_the_page_is_in_step() -> None:
    assert PAGE.read_text() == page(), "run make docs"


def test_every_collector_goes_through_every_fault() -> None:
    known = {f"{kind}.{name}" for kind, each in SOURCES.items() for name in each.intervals}
    assert {each.id for each in COLLECTORS} == known
    assert {name for fault in FAULTS for name in fault.but} <= known
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_every_alert_of_the_page_is_shipped() -> None:
    documents = [
        yaml.safe_load(path.read_text()) for path in (SHIPPED / "rules").glob("alerts-*.yml")
    ]
    shipped = {
        rule["alert"]
        for document in documents
        for group in document["groups"]
        for rule in group["rules"]
    }
    assert alerts() <= shipped


def test_every_story_is_told_by_a_test() -> None:
    assert all(hasattr(test_stories, story.test) for story in STORIES)
