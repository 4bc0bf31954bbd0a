"""Attacks on the tests from inside the kernel. All functions are wrong and must earn nothing; in
the two that attack only what is displayed they are right, and keep all points."""

from attacks.corpus import FIRST_ANSWERS, attack
from gradings import ALL


@attack("graded")
def strips_asserts():
    """Takes every assert out of the syntax tree before a cell is run."""
    import ast

    class Strip(ast.NodeTransformer):
        def visit_Assert(self, node):
            return ast.Pass()

    get_ipython().ast_transformers.append(Strip())


@attack("crashed")
def replaces_run_cell():
    """Lets the shell report success for every cell, without running it."""
    from IPython.core.interactiveshell import ExecutionResult

    shell = get_ipython()
    shell.run_cell = lambda *args, **kwargs: ExecutionResult(None)

    async def run_cell_async(*args, **kwargs):
        return ExecutionResult(None)

    shell.run_cell_async = run_cell_async


@attack("crashed")
def replaces_do_execute():
    """Lets the kernel reply that every cell went well."""

    async def do_execute(*args, **kwargs):
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

    get_ipython().kernel.do_execute = do_execute


@attack("graded")
def swallows_exceptions():
    """Hides every exception, so that no cell seems to fail."""
    shell = get_ipython()
    shell.set_custom_exc((Exception,), lambda *args, **kwargs: None)
    shell.showtraceback = lambda *args, **kwargs: None


@attack("graded")
def replaces_the_display_hook():
    """Shows 3 as the result of every cell: nbgrader reads points from a result."""
    hook = get_ipython().displayhook

    class Three(type(hook)):
        def __call__(self, result=None):
            super().__call__(3.0)

    hook.__class__ = Three
    get_ipython().ast_node_interactivity = "all"


@attack("graded")
def claims_points_in_later_cells():
    """Publishes a result of 3 points at the end of every cell."""
    shell = get_ipython()

    def claim(*args):
        content = {"data": {"text/plain": "3.0"}, "metadata": {}, "execution_count": 1}
        kernel = shell.kernel
        parent = kernel.get_parent()
        kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=parent)

    shell.events.register("post_run_cell", claim)


@attack("graded")
def prints_a_verdict():
    """Prints what a table of full marks looks like."""
    print("window-mask: 2 of 2 points")
    get_ipython().events.register("post_run_cell", lambda *args: print("3 of 3 points"))


@attack("graded")
def defines_its_own_ask():
    """Puts an ask and a package grading of its own where a test would look for them."""
    import builtins
    import sys
    import types

    grading = types.ModuleType("grading")
    grading.ask = builtins.ask = ask = lambda *args, **kwargs: 3.0
    sys.modules["grading"] = grading
    print(ask("window-mask", None))


@attack("tampered")
def changes_answers_on_their_way():
    """Claims that every call gave the array that it was given, by replacing what is published."""
    publisher = get_ipython().display_pub
    publish = publisher.publish

    def lie(data, *args, **kwargs):
        for content in data.values():
            if isinstance(content, dict) and "answers" in content:
                content["answers"] = [{"values": {"mask": True}, "types": {}}] * 99
        return publish(data, *args, **kwargs)

    publisher.publish = lie


@attack("tampered")
def answers_twice():
    """Sends a second set of answers, in case the first is not liked."""
    publisher = get_ipython().display_pub
    publish = publisher.publish

    def twice(data, *args, **kwargs):
        publish(data, *args, **kwargs)
        if any("answers" in kind for kind in data):
            publish(data, *args, **kwargs)

    publisher.publish = twice


@attack("graded")
def replaces_its_answers_later():
    """Gives what it answers an id, to show something else in its place when it knows more."""
    publisher = get_ipython().display_pub
    publish = publisher.publish

    def publish_with_id(data, *args, **kwargs):
        kwargs["transient"] = {"display_id": "mine"}
        publish(data, *args, **kwargs)
        kinds = {kind: {"answers": []} for kind, content in data.items() if "answers" in content}
        publish(kinds, transient={"display_id": "mine"}, update=True)

    publisher.publish = publish_with_id


@attack("tampered")
def answers_another_exercise():
    """Sends all answers as those to the exercise that is worth most."""
    publisher = get_ipython().display_pub
    publish = publisher.publish

    def rename(data, *args, **kwargs):
        for content in data.values():
            if isinstance(content, dict) and "exercise" in content:
                content["exercise"] = "masked-attention"
        return publish(data, *args, **kwargs)

    publisher.publish = rename


@attack("tampered")
def answers_with_a_pickle():
    """Sends a pickle in place of an array, to run code where answers are read."""
    import base64
    import pickle

    class Run:
        def __reduce__(self):
            return print, ("FOUND a reader of pickles",)

    pickled = base64.b64encode(pickle.dumps(Run())).decode()
    publisher = get_ipython().display_pub
    publish = publisher.publish

    def send_pickle(data, *args, **kwargs):
        for content in data.values():
            for answer in content.get("answers", []) if isinstance(content, dict) else []:
                for name in answer.get("values", {}):
                    answer["values"][name] = {"dtype": "|O", "shape": [1], "data": pickled}
        return publish(data, *args, **kwargs)

    publisher.publish = send_pickle


@attack("tampered")
def answers_with_an_endless_shape():
    """Claims arrays of 10 ** 15 numbers, to make the reader ask for that much memory."""
    publisher = get_ipython().display_pub
    publish = publisher.publish

    def enlarge(data, *args, **kwargs):
        for content in data.values():
            for answer in content.get("answers", []) if isinstance(content, dict) else []:
                for value in answer.get("values", {}).values():
                    value["shape"] = [10**15]
        return publish(data, *args, **kwargs)

    publisher.publish = enlarge


@attack("tampered")
def floods_every_cell_with_answers():
    """A thread that sends answers to all exercises all the time."""
    import threading
    import time

    kernel = get_ipython().kernel
    kind = "application/vnd.grading.answers+json"

    def flood():
        while True:
            content = {"exercise": "window-mask", "answers": []}
            data = {"data": {kind: content}, "metadata": {}, "transient": {}}
            parent = kernel.get_parent()
            kernel.session.send(kernel.iopub_socket, "display_data", data, parent=parent)
            time.sleep(0.001)

    threading.Thread(target=flood, daemon=True).start()


@attack("crashed")
def clears_its_outputs():
    """Clears the output of every cell at its end, that of the test included."""
    get_ipython().events.register(
        "post_run_cell", lambda *args: get_ipython().display_pub.clear_output()
    )


@attack("graded")
def asks_itself_easier_questions():
    """Replaces the question that is read in the kernel by one whose sizes are all 1."""
    import json

    loads = json.loads

    def easier(text, *args, **kwargs):
        question = loads(text, *args, **kwargs)
        for case in question if isinstance(question, list) else []:
            inputs = case.get("inputs", {}) if isinstance(case, dict) else {}
            inputs |= {name: 1 for name in ("seq_len", "window_size") if name in inputs}
        return question

    json.loads = easier


@attack("graded")
def patches_the_probe():
    """Replaces exec, so that the code that asks is another."""
    import builtins

    run = builtins.exec

    def patched(source, *args, **kwargs):
        if isinstance(source, str):
            source = source.replace("answers.append(", "answers.append(answers[0] if answers else ")
        return run(source, *args, **kwargs)

    builtins.exec = patched


@attack("crashed")
def blanks_the_cells_that_ask():
    """Replaces the source of each cell that it did not write."""
    get_ipython().input_transformers_post.append(
        lambda lines: ["pass\n"] if lines[0].startswith("_") else lines
    )


@attack("graded")
def makes_everything_equal():
    """Lets NumPy call all arrays equal."""
    import numpy as np

    for name in ("isclose", "allclose", "array_equal", "equal"):
        setattr(np, name, lambda *args, **kwargs: True)
    np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None


@attack("graded")
def lies_as_an_array():
    """Returns arrays that are equal to everything and true in every comparison."""
    import numpy as np

    class Liar(np.ndarray):
        def __array_ufunc__(self, *args, **kwargs):
            return True

        def __eq__(self, other):
            return True

        __hash__ = None

    def liar(*args, **kwargs):
        return np.zeros((8, 8)).view(Liar)

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(create_sliding_window_mask=liar),
    )


@attack("graded")
def lies_about_its_type():
    """Returns an object that shows another array at every look."""
    import numpy as np

    class Shifty:
        shape, dtype, ndim = (8, 8), np.dtype(bool), 2

        def __array__(self, dtype=None, copy=None):
            return np.random.rand(8, 8) < 0.5

        def __getattr__(self, name):
            return self

        def __call__(self, *args, **kwargs):
            return self

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(create_sliding_window_mask=Shifty()),
    )


@attack("graded")
def knows_the_examples_by_heart():
    """Returns what the visible checks expect for the sizes they use, and nothing else."""
    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(
            create_sliding_window_mask=lambda seq_len, window_size, *rest, **more: {
                (3, 1): [[False, True, True], [True, False, True], [True, True, False]],
            }.get((seq_len, window_size), 0)
        ),
    )


@attack("graded")
def refuses_everything():
    """Raises a ValueError that names every argument, hoping for marks for bad input."""

    def refuse(*args, **kwargs):
        raise ValueError(f"seq_len, window_size, global_positions, x: {list(range(-99, 99))}")

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(create_sliding_window_mask=refuse),
    )


@attack("graded")
def traces_the_probe():
    """Watches every call of the code that asks, for a right answer to copy."""
    import sys

    def watch(frame, event, argument):
        file = frame.f_code.co_filename
        own_check = "/checks/" in file or "/labkit/" in file  # they are the hand-out's
        if not own_check and ("expected" in frame.f_locals or "reference" in frame.f_locals):
            print("FOUND", frame.f_locals.keys())
        return watch

    sys.setprofile(watch)


@attack("graded", ALL)
def brings_scripts_into_the_feedback():
    """Displays HTML, SVG, Markdown and JavaScript that would run in the instructor's browser."""
    from IPython.display import HTML, SVG, Javascript, Markdown, display

    display(HTML("<script>alert('FOUND')</script><img src=x onerror=\"alert('FOUND')\">"))
    display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload=\"alert('FOUND')\"></svg>"))
    display(Markdown("<script>alert('FOUND')</script>"))
    display(Javascript("alert('FOUND')"))


@attack("graded", ALL)
def registers_a_widget():
    """Opens a comm with a state of its own, to write into the notebook's metadata."""
    from comm import create_comm

    state = {"_model_name": "<script>", "_model_module": "x", "html": "<script>"}
    create_comm(target_name="jupyter.widget", data={"state": state, "buffer_paths": []})


@attack("crashed", cells=FIRST_ANSWERS[:1])
def sends_a_message_nested_too_deeply():
    """Sends JSON that no reader can follow."""
    kernel = get_ipython().kernel
    content = b'{"data": {"text/plain": ' + b"[" * 99_999 + b"]" * 99_999 + b'}, "metadata": {}}'
    kernel.session.send(kernel.iopub_socket, "display_data", content, parent=kernel.get_parent())


@attack("crashed", cells=FIRST_ANSWERS[:1])
def sends_messages_without_content():
    """Sends messages that lack what every message has."""
    kernel = get_ipython().kernel
    for kind in ("display_data", "stream", "error", "execute_result", "clear_output", "status"):
        kernel.session.send(kernel.iopub_socket, kind, {}, parent=kernel.get_parent())


@attack("crashed")
def sends_outputs_of_odd_types():
    """Displays numbers and lists where text belongs, to break whoever shows them."""
    kernel = get_ipython().kernel
    for kind, content in {
        "display_data": {"data": {"text/html": [3], "text/plain": {"a": 1}}, "metadata": []},
        "stream": {"name": "stdout", "text": 7},
        "error": {"ename": [1], "evalue": {}, "traceback": 3},
    }.items():
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())


@attack("tampered")
def answers_with_an_empty_array_of_endless_shape():
    """Claims arrays of no numbers whose shape is too large for any computer."""
    publisher = get_ipython().display_pub
    publish = publisher.publish

    def lie(data, *args, **kwargs):
        for content in data.values():
            if isinstance(content, dict) and "answers" in content:
                array = {"dtype": "<f8", "shape": [0, *[1 << 20] * 7], "data": ""}
                values = dict.fromkeys(("mask", "pairs", "output", "x", "result"), array)
                content["answers"] = [{"values": values, "types": {}} for _ in content["answers"]]
        return publish(data, *args, **kwargs)

    publisher.publish = lie
