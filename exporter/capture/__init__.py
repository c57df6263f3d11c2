"""How are a source's answers saved without what identifies anybody, and served again?"""
