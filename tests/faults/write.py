"""Write `docs/reliability.md`: `python -m tests.faults.write`."""

from tests.faults.page import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page())
