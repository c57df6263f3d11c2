"""How does the energy that an API still knows get into Prometheus as if it had been scraped?"""
