"""The bytes of `/metrics`: rendered when data change, joined when somebody scrapes."""
