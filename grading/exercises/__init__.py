"""The one table of exercises: what is asked, what each aspect is worth, where the reference is.

One module a notebook. To add an exercise, add an entry to its module and a cell to the notebook
whose grade_id is the entry's id.
"""

from grading.exercises import (
    global_tokens,
    linear_time,
    longformer,
    multi_head,
    rolling_cache,
    sliding_window,
)

NOTEBOOKS = (  # in the order in which they are met
    sliding_window,
    global_tokens,
    multi_head,
    rolling_cache,
    linear_time,
    longformer,
)
EXERCISES = {exercise.id: exercise for notebook in NOTEBOOKS for exercise in notebook.EXERCISES}
ASSIGNMENTS = tuple(dict.fromkeys(e.notebook.assignment for e in EXERCISES.values()))
