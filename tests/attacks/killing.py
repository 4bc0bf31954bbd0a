"""Attacks that end their own kernel, or try to end more than that."""

from attacks.corpus import FIRST_ANSWERS, WITHOUT_FIRST, attack, without

FIRST = FIRST_ANSWERS[:1]


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def exits():
    """Ends its process at once."""
    import os

    os._exit(0)


@attack(
    "crashed",
    without("masked-attention", "attended-pairs", "receptive-field"),
    cells=("masked-attention-answer",),
)
def exits_when_asked():
    """Ends its process when its function is called."""
    import os

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(masked_attention=lambda *inputs: os._exit(0)),
    )


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def crashes_its_process():
    """Reads from address 0."""
    import ctypes

    ctypes.string_at(0)


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def kills_everything_it_may():
    """Sends the signal that cannot be refused to all processes."""
    import os

    os.kill(-1, 9)
    os.kill(os.getpid(), 9)


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def kills_its_parents():
    """Sends the signal that cannot be refused to its parent, and to the first process there is."""
    import os
    import time

    for process in (os.getppid(), 1):
        try:
            os.kill(process, 9)
        except OSError:
            pass
    time.sleep(1)
    os.abort()


@attack("crashed", WITHOUT_FIRST, cells=FIRST)
def closes_its_sockets():
    """Closes every file it has, those it talks through included."""
    import os

    os.closerange(0, 256)


@attack("crashed", without("window-mask"), cells=FIRST)
def interrupts_itself_when_asked():
    """Raises what the interrupt key raises, in its function."""

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(create_sliding_window_mask=interrupt),
    )


@attack("graded", without("window-mask"), cells=FIRST)
def exits_politely_when_asked():
    """Calls sys.exit in its function."""
    import sys

    get_ipython().events.register(
        "post_run_cell",
        lambda *args: get_ipython().user_ns.update(create_sliding_window_mask=sys.exit),
    )
