"""Inputs for the aspects of each exercise, drawn from a student's own random generator.

Each aspect's cases leave every other aspect's mistake without effect where that is possible:
d_k = 1 hides a wrong scale, a window wider than the sequence hides an edge that is off by one.
So a mistake costs the points of the aspect it breaks, and no others.

One module a notebook, and draws.py for what all of them use.
"""
