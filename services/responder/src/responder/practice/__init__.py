"""The practice file: everything a practice would change, checked as a whole before anything is answered.

`model` is what the file says (start there), `loading` reads it, `errors` tells what is wrong and where.
"""
