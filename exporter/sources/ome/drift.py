"""Which of the appliance's words and codes have we never seen before?"""

from collections.abc import Container, Hashable, Iterable

from exporter.sources.text import clean

MOST_NAMED = 5
LONGEST_WORD = 32


def unknown_values(
    field: str, values: Iterable[Hashable | None], known: Container[object] = ()
) -> tuple[str, ...]:
    """Write one sentence that names the values of a field which are not known, or none.

    The sentence is the same as long as the values are, because it is logged when it changes.
    """
    unseen = {value for value in values if value is not None and value not in known}
    if not unseen:
        return ()
    words = sorted(clean(str(value))[:LONGEST_WORD] for value in unseen)
    more = ", …" if len(words) > MOST_NAMED else ""
    return (f"{field} has values that are not known: {', '.join(words[:MOST_NAMED])}{more}",)
