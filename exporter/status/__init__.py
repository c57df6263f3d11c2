"""What the status page and its JSON documents say."""
