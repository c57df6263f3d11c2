"""The vendors' APIs, and what every vendor needs to talk to one."""
