"""`python -m exporter` is the same program as `serverfleet-exporter`."""

import sys

from exporter.cli import main

sys.exit(main())
