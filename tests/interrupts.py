"""How often Ctrl-C leaves a context or a lock on: `python -m tests.interrupts` presses it 400 times in each."""

import argparse
import dis
import gc
import signal
import sys
import threading
from random import Random

from autograd import Value, detect_anomaly, enable_grad, grad, jvp, no_grad, record_backward, record_lines, scope
from autograd.state.mode import MODE, current_mode
from autograd.sweep import sweeping

USUAL = current_mode()
"""The mode without any context."""


@no_grad()
def decorated():
    return Value(2) * 3


def nested():
    with scope("a"), no_grad(), enable_grad():
        return Value(2) * 3


def used(context):
    def use():
        with context():
            pass

    return use


USES = {
    "no_grad": used(no_grad),
    "scope": used(lambda: scope("layer 1")),
    "record_lines": used(record_lines),
    "detect_anomaly": used(detect_anomaly),
    "record_backward": used(record_backward),
    "nested": nested,
    "decorated": decorated,
    "sweeping": used(lambda: sweeping),
    "backward": lambda: (Value(2) * 3).backward(),
    "grad": lambda: grad(lambda x: x * x)(3),
    "jvp": lambda: jvp(lambda x: x * x, 3, 1),
}


def is_clean():
    """Say whether the thread records as usual, and every thread can read a graph."""
    free = []

    def read():
        with sweeping:
            free.append(True)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(10)
    return current_mode() is USUAL and bool(free)


def left_on(use, trials, seed=0):
    """Return how many of the trials, an interrupt each while `use` is called again and again, leave something on."""
    draw, left = Random(seed), 0
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        for _ in range(trials):
            try:
                signal.setitimer(signal.ITIMER_REAL, draw.uniform(20e-6, 400e-6))
                while True:
                    use()
            except KeyboardInterrupt:
                left += not is_clean()
                MODE.set(USUAL)
    finally:
        signal.signal(signal.SIGALRM, before)
    return left


CHECKS = ("RESUME", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "JUMP_BACKWARD")
"""After these instructions Python runs the handlers of signals."""


def handler(code, place):
    """Return where an exception at a place of the code goes."""
    return [entry.target for entry in dis._parse_exception_table(code) if entry.start <= place < entry.end]


def stopped_at(use, number):
    """Interrupt `use` the `number`-th time that Python may do so; say whether it came as far as that."""
    latest, passed = {}, 0

    def trace(frame, event, _):
        nonlocal passed
        frame.f_trace_opcodes = True
        if event == "opcode":
            code, here = frame.f_code, frame.f_lasti
            before, latest[frame] = latest.get(frame), here
            if before is None or dis.opname[code.co_code[before]] not in CHECKS:
                return trace
            if handler(code, before) == handler(code, here):  # else the interrupt would come where it cannot come
                passed += 1
                if passed == number:
                    raise KeyboardInterrupt
        return trace

    around = sys.gettrace()
    gc.disable()  # what a finalizer raises reaches nobody
    try:
        sys.settrace(trace)
        use()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(around)
        gc.enable()
    return False


if __name__ == "__main__":
    argparse.ArgumentParser("python -m tests.interrupts", description=__doc__).parse_args()
    for name, use in USES.items():
        print(f"{name}: left on after {left_on(use, 400)} of 400 interrupts", flush=True)
