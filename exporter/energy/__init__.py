"""How does the energy of every server become a counter that outlives the exporter?"""
