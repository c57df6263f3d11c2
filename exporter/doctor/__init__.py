"""Why does a source not work, and what is to be done? The steps of `check --probe`."""
