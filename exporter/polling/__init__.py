"""When does which collector run, and what becomes of its result?"""
