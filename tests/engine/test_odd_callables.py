"""What a student calls things, and how a function is wrapped, changes no mark."""

import pytest

from catalogue import EXERCISES, draw, every_exercise
from grading.judging.judge import judge
from grading.judging.verdict import Verdict
from grading.kernel import probe


def verdict_on(source: str, exercise: str) -> Verdict:
    """On an answer that is written behind the right ones of its notebook."""
    lab, entry = EXERCISES[exercise]
    names: dict = {"__name__": "notebook"}
    for code in lab.reference_codes(exercise):
        exec(code, names)
    exec(source, names)
    question = draw(exercise)
    return judge(question, probe.answer(question.packed, entry.answer, names, lab.drivers), lab)


@every_exercise
def test_parameters_may_have_any_name(exercise):
    """Given by position; what stands behind a * keeps its name, because callers use it."""
    name = EXERCISES[exercise][1].answer
    if name[0].isupper():
        again = f"class {name}(right):\n    def __init__(self, *a):\n        super().__init__(*a)"
    else:
        again = f"def {name}(*a, **behind_the_star):\n    return right(*a, **behind_the_star)"
    assert verdict_on(f"right = {name}\n{again}", exercise).lost == ()


WRAPPED = {
    "a decorator of a library": "import numpy as np\n{0} = np.errstate(invalid='ignore')({0})",
    "functools.partial": "import functools\n{0} = functools.partial({0})",
    "an object that can be called": (
        "class Called:\n"
        "    def __init__(self, function):\n        self.function = function\n"
        "    def __call__(self, *a, **k):\n        return self.function(*a, **k)\n"
        "{0} = Called({0})"
    ),
    "a lambda": "right = {0}\n{0} = lambda *a, **k: right(*a, **k)",
    "a static method of a class": ("class Box:\n    inside = staticmethod({0})\n{0} = Box.inside"),
    "a cache by functools.wraps": (
        "import functools\nright = {0}\n"
        "@functools.wraps(right)\ndef {0}(*a, **k):\n    return right(*a, **k)"
    ),
}


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize(
    "exercise", [name for name, (_, entry) in EXERCISES.items() if not entry.answer[0].isupper()]
)
def test_a_function_may_be_wrapped(exercise, how):
    _, entry = EXERCISES[exercise]
    verdict = verdict_on(WRAPPED[how].format(entry.answer), exercise)
    assert verdict.lost == (), verdict.as_text()


LAYERS = {
    "a decorated forward": "def forward(self, x, m=None): return super().forward(x, m)\n"
    "    forward = np.errstate(invalid='ignore')(forward)",
    "a partialmethod": "import functools\n"
    "    def _run(self, flag, x, m=None): return super().forward(x, m)\n"
    "    forward = functools.partialmethod(_run, False)",
    "attention as an attribute": "attend = staticmethod(sliding_window_attention)\n"
    "    def _attend(self, x, m):\n"
    "        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:\n"
    "            raise ValueError(f'x {x.shape}')\n"
    "        q, k, v = (self._split_heads(x @ w) for w in (self.W_Q, self.W_K, self.W_V))\n"
    "        m = self._create_global_mask(x.shape[-2]) if m is None else m\n"
    "        return self.attend(q, k, v, self.window_size, m)",
    "attention kept in __init__": "def __init__(self, *a):\n"
    "        super().__init__(*a)\n        self.own = sliding_window_attention\n"
    "    def _attend(self, x, m):\n"
    "        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:\n"
    "            raise ValueError(f'x {x.shape}')\n"
    "        q, k, v = (self._split_heads(x @ w) for w in (self.W_Q, self.W_K, self.W_V))\n"
    "        m = self._create_global_mask(x.shape[-2]) if m is None else m\n"
    "        return self.own(q, k, v, self.window_size, m)",
    "heads one at a time": "def _attend(self, x, m):\n"
    "        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model:\n"
    "            raise ValueError(f'x {x.shape}')\n"
    "        q, k, v = (self._split_heads(x @ w) for w in (self.W_Q, self.W_K, self.W_V))\n"
    "        m = self._create_global_mask(x.shape[-2]) if m is None else m\n"
    "        each = [sliding_window_attention(q[..., h, :, :], k[..., h, :, :], v[..., h, :, :],\n"
    "                self.window_size, m) for h in range(self.num_heads)]\n"
    "        return tuple(np.stack(part, axis=-3) for part in zip(*each))",
}


@pytest.mark.parametrize("how", LAYERS)
@pytest.mark.parametrize("exercise", ["attention-layer", "end-to-end"])
def test_a_layer_may_reach_the_attention_in_its_own_way(exercise, how):
    own = "class SlidingWindowAttention(SlidingWindowAttention):\n    "
    verdict = verdict_on(own + LAYERS[how], exercise)
    assert verdict.lost == (), verdict.as_text()


def test_a_cache_may_have_slots():
    source = "class RollingCache(RollingCache):\n    __slots__ = ('more',)\n"
    assert verdict_on(source, "rolling-cache").lost == ()
