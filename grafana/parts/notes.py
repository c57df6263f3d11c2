"""What must be said in words?"""

from grafana_foundation_sdk.builders import text as texts
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.text import TextMode


def note(title: str, text: str, words: str) -> dashboard.Panel:
    """Show a text in Markdown."""
    return (
        texts.Panel().title(title).description(text).mode(TextMode.MARKDOWN).content(words).build()
    )
