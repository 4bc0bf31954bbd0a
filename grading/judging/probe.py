"""The part of the grader that runs beside the student's code: it calls, and shows what came back.

Ask puts the text of this file and that of the lab's drivers into the notebook's kernel; the judge
imports both and calls the reference in exactly the same way. So this needs only NumPy and IPython,
and holds no answer.
"""

import base64
import json
import sys
import warnings

import numpy as np

MIME = "application/vnd.grading.answers+json"
# Whatever a notebook has set: an underflow that NumPy lets pass is no mistake.
NUMPY_DEFAULT = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
MAX_MESSAGE = 300  # characters of an error
MAX_BYTES = 1 << 20  # of one array


def pack(value):
    """A JSON value for a plain Python value or an array: its dtype, shape and bytes, no pickle."""
    if not isinstance(value, np.ndarray):
        return value
    data = base64.b64encode(value.tobytes()).decode("ascii")
    return {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}


def unpack(value):
    """The value that `pack` was given. Only for what the grader itself packed."""
    if not isinstance(value, dict):
        return value
    data = base64.b64decode(value["data"])
    return np.frombuffer(data, value["dtype"]).reshape(value["shape"]).copy()


def show_value(value):
    """What a student's code returned: an array of numbers, or in words what it is instead."""
    try:
        array = np.asarray(value)
    except Exception as error:
        return {"unfit": f"cannot be made into an array ({type(error).__name__})"}
    if array.dtype.kind not in "biuf":
        return {"unfit": f"is not an array of numbers (its dtype is {array.dtype})"}
    if array.nbytes > MAX_BYTES:
        return {"unfit": f"is too large (its shape is {array.shape})"}
    return pack(array)


class Call:
    """One call to be made: of a student's answer, with these inputs by name.

    A lab's driver is a function from a Call to the values to be shown, by name.
    """

    def __init__(self, answer, inputs, returns):
        self.answer, self.inputs, self.returns = answer, inputs, returns

    def make(self, function=None, returns=None):
        """Call the answer (or another function), and name the values that it returns.

        The arrays that it was given are shown, too.
        """
        function, returns = function or self.answer, returns or self.returns
        result = function(**self.inputs)
        values = (result,) if len(returns) == 1 else result
        several = isinstance(values, (tuple, list)) and len(values) == len(returns)
        if len(returns) > 1 and not several:
            raise TypeError(f"{len(returns)} values are to be returned: {', '.join(returns)}")
        arrays = {n: value for n, value in self.inputs.items() if isinstance(value, np.ndarray)}
        after = {f"{name} after the call": value for name, value in arrays.items()}
        return dict(zip(returns, values, strict=True)) | after

    @staticmethod
    def names_beside(function):
        """The names that a function can use: its module's, or else the notebook's."""
        return getattr(function, "__globals__", vars(sys.modules["__main__"]))


def answer(question, student, drivers):
    """Answers to all cases of a question, in order, as JSON values.

    question: [{"driver": name in drivers or "", "returns": [value names], "inputs": packed}, ...].
    An answer is {"values": {name: shown value}, "types": {name: type name}}
    or {"error": {"kinds": [names of the exception's classes], "message": ...}}.
    """
    with warnings.catch_warnings(), np.errstate(**NUMPY_DEFAULT):
        warnings.simplefilter("ignore")
        return [answer_case(case, student, drivers) for case in question]


def answer_case(case, student, drivers):
    drive = drivers[case["driver"]] if case["driver"] else Call.make
    try:
        inputs = {name: unpack(value) for name, value in case["inputs"].items()}
        values = drive(Call(student, inputs, case["returns"]))
        return {
            "values": {name: show_value(value) for name, value in values.items()},
            "types": {name: type(value).__name__ for name, value in values.items()},
        }
    except (Exception, SystemExit) as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return {"error": {"kinds": kinds, "message": describe(error)}}


def describe(error):
    try:
        return str(error)[:MAX_MESSAGE]
    except Exception:
        return "(its message cannot be shown)"


def show(exercise, question, find_student, drivers_source):
    """Answer in the kernel: display the answers, or why there is nothing to ask."""
    from IPython.display import display

    drivers = {"__name__": "drivers"}
    exec(drivers_source, drivers)
    try:
        answers = answer(json.loads(question), find_student(), drivers)
        content = {"exercise": exercise, "answers": answers}
    except NameError as error:
        content = {"exercise": exercise, "undefined": describe(error)}
    display({MIME: content, "text/plain": ""}, raw=True)
