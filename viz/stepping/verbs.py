"""Other words for the commands of the Stepper and of the prompt, each with the name that works here."""

OTHER_WORDS = {
    **dict.fromkeys(("step", "s", "forward", "forwards"), "next"),
    **dict.fromkeys(("prev", "previous", "backward", "backwards", "undo"), "back"),
    **dict.fromkeys(("cont", "continue_", "resume", "end"), "run"),
    **dict.fromkeys(("stop_at", "stop", "break_", "breakpoint", "tbreak"), "break"),
    **dict.fromkeys(("delete", "clear_breakpoints"), "clear"),
    **dict.fromkeys(("reset", "rewind"), "restart"),
    **dict.fromkeys(("jump", "j", "go_to"), "goto"),
    **dict.fromkeys(("display",), "watch"),
    **dict.fromkeys(("undisplay",), "unwatch"),
    **dict.fromkeys(("whatif", "set"), "what_if"),
    **dict.fromkeys(("save", "draw", "picture"), "svg"),
    **dict.fromkeys(("table",), "where"),
    **dict.fromkeys(("explain", "show"), "print"),
    **dict.fromkeys(("line", "equations"), "lines"),
    **dict.fromkeys(("contribution", "postings"), "contributions"),
    **dict.fromkeys(("bye", "leave"), "quit"),
}
"""Words of other debuggers and languages, each with the command for it here."""

IN_PYTHON = {
    "break": "break_at",
    "continue": "run",
    "loss": "root",
    "quit": "",
    "lines": 'by("line")',
    "contributions": 'by("contribution")',
}
"""Commands that have another name in Python, or none ("")."""

AT_THE_PROMPT = ("print", "list", "where", "help")
"""Commands that show or explain something; only the prompt has them."""


def advice(name: str) -> str:
    """Return a hint for an attribute that a Stepper does not have; "" if there is no hint.

    >>> advice("stop_at"), advice("list")
    ('; use break_at', '; only the prompt of viz.debug has list')
    """
    if name == "step":
        return "; use next to go on, present for the last step"
    verb = OTHER_WORDS.get(name, name)
    if verb in AT_THE_PROMPT:
        return f"; only the prompt of viz.debug has {verb}"
    verb = IN_PYTHON.get(verb, verb)
    return f"; use {verb}" if verb not in ("", name) else ""
