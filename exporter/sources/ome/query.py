"""How is an OData query written so that every build of the appliance understands it?"""

from urllib.parse import quote

_KEPT = "'(),:/"
"""Left as they are in a value; a blank becomes `%20`, because `+` breaks the filters."""


def odata(
    *,
    where: str = "",
    orderby: str = "",
    top: int | None = None,
    skip: int | None = None,
) -> str:
    """Write a query string.

    The `$` stays literal: some builds are said to refuse a percent-encoded name.

    Args:
        where: An OData expression such as `Type eq 1000`.
        orderby: A field, followed by ` desc` for the other direction.
        top: Records to give.
        skip: Records to leave out first.
    """
    options = {"$filter": where, "$orderby": orderby, "$top": top, "$skip": skip}
    return "&".join(
        f"{name}={quote(str(value), safe=_KEPT)}"
        for name, value in options.items()
        if value not in (None, "")
    )


def any_of(field: str, codes: tuple[int, ...]) -> str:
    """Write an expression that is true where a field has one of several codes."""
    return " or ".join(f"{field} eq {code}" for code in codes)
