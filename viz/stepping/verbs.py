"""Old and other words for the verbs of the Stepper and of the prompt, so that each is answered with ours."""

OTHER_WORDS = {
    **dict.fromkeys(("step", "s", "forward", "forwards"), "next"),
    **dict.fromkeys(("prev", "previous", "backward", "backwards", "undo"), "back"),
    **dict.fromkeys(("cont", "continue_", "resume"), "run"),
    **dict.fromkeys(("stop_at", "stop", "break_", "breakpoint", "tbreak"), "break"),
    **dict.fromkeys(("delete", "clear_breakpoints"), "clear"),
    **dict.fromkeys(("reset", "rewind"), "restart"),
    **dict.fromkeys(("jump", "j", "go_to"), "goto"),
    **dict.fromkeys(("display",), "watch"),
    **dict.fromkeys(("undisplay",), "unwatch"),
    **dict.fromkeys(("whatif",), "what_if"),
    **dict.fromkeys(("exit",), "quit"),
}
"""Old spellings, and words of other debuggers, each with the verb that it stands for here."""

IN_PYTHON = {"break": "break_at", "continue": "run", "loss": "root", "quit": ""}
"""What is called otherwise in Python, or ("") is not there."""

AT_THE_PROMPT = ("print", "list", "where", "help")
"""Verbs that show or explain something, which only the prompt has."""


def advice(name: str) -> str:
    """Return what to say of an attribute that a Stepper does not have; "" for nothing.

    >>> advice("stop_at"), advice("list")
    ('; use break_at', '; the prompt that viz.debug opens has list')
    """
    if name == "step":
        return "; use next to go on, present for the step that was done last"
    if name in AT_THE_PROMPT:
        return f"; the prompt that viz.debug opens has {name}"
    verb = OTHER_WORDS.get(name, name)
    verb = IN_PYTHON.get(verb, verb)
    return f"; use {verb}" if verb not in ("", name) else ""
