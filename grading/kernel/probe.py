"""The part of the grader that runs beside the student's code: it calls, and shows what came back.

Ask puts the text of this file and that of the lab's drivers into the notebook's kernel; the judge
imports both and calls the reference in exactly the same way. So this needs only NumPy and IPython,
and holds no answer.
"""

import base64
import contextlib
import copy
import marshal
import warnings

import numpy as np

if __name__ != "probe":  # in a kernel, the text of that file stands above this one
    from labkit.stand_ins import in_place_of

MIME = "application/vnd.grading.answers+json"
# Whatever a notebook has set: an underflow that NumPy lets pass is no mistake.
NUMPY_DEFAULT = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
MAX_MESSAGE = 300  # characters of an error
MAX_BYTES = 1 << 20  # of one array
MAX_TEXT = 1 << 16  # characters of one text


def pack(value):
    """A JSON value for a plain Python value or an array: its dtype, shape and bytes, no pickle."""
    if not isinstance(value, np.ndarray):
        return value
    data = base64.b64encode(value.tobytes()).decode("ascii")
    return {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}


def unpack(value):
    """The value that `pack` was given, for the callee to keep. Only for what the grader packed."""
    if not (isinstance(value, dict) and set(value) == {"dtype", "shape", "data"}):
        return copy.deepcopy(value)  # a list may be changed, and is asked with again
    data = base64.b64decode(value["data"])
    return np.frombuffer(data, value["dtype"]).reshape(value["shape"]).copy()


def show_value(value):
    """What a student's code returned: numbers, a text, or in words what it is instead."""
    if value is None:
        return {"unfit": "is None: nothing was returned"}
    if isinstance(value, str):
        text = str.__str__(value)  # of a class of the student's own, too
        if len(text) > MAX_TEXT:
            return {"unfit": f"is too long (it is a text of {len(text)} characters)"}
        is_whole = text.encode("utf-8", "ignore").decode("utf-8") == text
        return {"text": text} if is_whole else {"unfit": "is a text that UTF-8 cannot hold"}
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

    names: the notebook's own namespace, where the answer finds the student's other parts.
    parts: what stands in for other answers in this round, by name.
    by_name: inputs that stand behind the * of the answer. All others are given by position, as
    notebooks do: what a student calls a parameter is the student's business.
    A lab's driver is a function from a Call to the values to be shown, by name.
    """

    def __init__(self, answer, inputs, names=None, by_name=(), returns=()):
        self.answer, self.inputs, self.names = answer, inputs, {} if names is None else names
        self.by_name, self.returns, self.parts = by_name, returns, {}

    def make(self, function=None, returns=None):
        """Call the answer (or another function), and name the values that it returns.

        The arrays that it was given are shown, too.
        """
        returns = returns or self.returns
        result = self.run(function or self.answer, self.inputs)
        values = (result,) if len(returns) == 1 else result
        if len(returns) > 1 and not (_is_several(values) and len(values) == len(returns)):
            raise TypeError(f"{len(returns)} values are to be returned: {', '.join(returns)}")
        arrays = {n: value for n, value in self.inputs.items() if isinstance(value, np.ndarray)}
        after = {f"{name} after the call": value for name, value in arrays.items()}
        return dict(zip(returns, values, strict=True)) | after

    def run(self, function, inputs):
        """What a function returns for inputs that are in the order of its parameters."""
        by_name = {name: value for name, value in inputs.items() if name in self.by_name}
        return function(*(v for name, v in inputs.items() if name not in by_name), **by_name)

    def part(self, name):
        """Another answer of the notebook, or what stands in for it."""
        if name not in self.names:
            raise NameError(f"{name} is not defined in the notebook")
        return self.names[name]

    @contextlib.contextmanager
    def with_parts(self, parts):
        """Let the answer find these functions in place of those that have their names."""
        with contextlib.ExitStack() as stack:
            for wanted, part in parts.items():
                stack.enter_context(in_place_of(wanted, self.answer, part, self.names))
            yield


def _is_several(value):
    return isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def answer(question, name, names, drivers):
    """Answers to all cases of a question, in order, as JSON values.

    question: [{"driver": name in drivers or "", "returns": [value names], "by_name": [input
    names], "parts": [names of other answers that are stood in for], "inputs": packed}, ...].
    name: of the answer, in the namespace `names`.
    An answer is {"values": {name: shown value}, "types": {name: type name}}
    or {"error": {"kinds": [names of the exception's classes], "message": ...}}.
    """
    with warnings.catch_warnings(), np.errstate(**NUMPY_DEFAULT):
        warnings.simplefilter("ignore")
        return [answer_case(case, name, names, drivers) for case in question]


def answer_case(case, name, names, drivers):
    drive = drivers[case["driver"]] if case["driver"] else Call.make
    try:
        inputs = {name: unpack(value) for name, value in case["inputs"].items()}
        call = Call(names[name], inputs, names, case["by_name"], case["returns"])
        call.parts = {part: drivers["STAND_INS"][part](call) for part in case["parts"]}
        with call.with_parts(call.parts):
            values = drive(call)
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


def show(exercise, question, name, drivers, names):
    """Answer in the kernel: display the answers, or why there is nothing to ask.

    drivers: the code of the lab's drivers, by marshal.
    """
    from IPython.display import display

    content = {"exercise": exercise}
    if name in names:
        lab = {"__name__": "drivers"}
        exec(marshal.loads(base64.b64decode(drivers)), lab)
        content["answers"] = answer(question, name, names, lab)
    else:
        content["undefined"] = name
    display({MIME: content, "text/plain": ""}, raw=True)
