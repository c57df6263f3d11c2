"""What does whoever is on call want to know: is all well, and if not, what is to be done?"""
