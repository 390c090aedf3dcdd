"""The commands of the prompt, what each one does, and other words for them with the name that works here."""

MOST_ROWS = 200
COMMANDS = {
    "next": ("n(ext) [COUNT]", "go one step forwards, or several; an empty line repeats the last move"),
    "back": ("b(ack) [COUNT]", "go one step back, or several"),
    "run": ("run, c(ontinue)", "go on to the next breakpoint, or to the end"),
    "rcontinue": ("rc(ontinue)", "go back to the breakpoint before, or to the beginning"),
    "last": ("last NAME", "go back to the step that last changed a node, or only its gradient: w35.grad"),
    "until": ("u(ntil) NAME", "go on to the next step that changes a node, or to a line"),
    "goto": ("g(oto) NUMBER|NAME", "go to a step, to the first that changes a node, or to a line"),
    "restart": ("r(estart)", "go back to the beginning"),
    "guess": ("guess NUMBER", "say the number of the next line before it is shown; a wrong one gets its slip named"),
    "ask": ("ask", "ask for the number of the next line until it is right, shown or skipped"),
    "hint": ("hint", "show the formula of the next line, without its number"),
    "lines": ("lines", "go on by line: each step is a line, as a lecture writes it"),
    "contributions": ("contributions", "go on by contribution: each step is one part of a gradient"),
    "break": ("break [NAME]", "stop at a node or a line; without a name, list the breakpoints"),
    "break op": ("break op OPERATION", "stop at an operation, such as relu"),
    "break if": ("break [if] CONDITION", "stop where a comparison becomes true, such as abs(w35.grad) > 10"),
    "clear": ("clear [NUMBER]", "remove a breakpoint, or all of them"),
    "print": ("p(rint) NAME", "a node's data and gradient now, and its contributions or lines so far"),
    "list": ("l(ist)", "the steps around this one"),
    "where": ("w(here)", f"the nodes with their numbers now, at most {MOST_ROWS} around this step"),
    "tree": ("tree [NAME]", "the graph at this step as a tree, from its root or from a node down"),
    "watch": ("watch [NAME]", "show a node at every step; without a name, list what is watched"),
    "watch expression": ("watch EXPRESSION", "show its value, such as w13*x1, and stop where it changes"),
    "unwatch": ("unwatch NAME", "stop watching a node or an expression"),
    "set": ("set NAME = NUMBER", "go on with another number in a leaf; back restores the old one"),
    "what_if": (
        "what_if NAME=NUMBER ...",
        "compute again with other numbers in some leaves; add exact at the end for fractions",
    ),
    "svg": ("svg FILE", "write the graph at this step as a picture"),
    "help": ("h(elp) [COMMAND]", "show what the commands do"),
    "quit": ("q(uit)", "leave; so does Ctrl-D, the end of the input"),
}
"""The commands: what a user types, and what it does."""
ALIASES = {usage[0]: name for name, (usage, _) in COMMANDS.items() if usage[1:2] == "("}
ALIASES |= {"rc": "rcontinue", "c": "run", "continue": "run", "break_at": "break", "exit": "quit"}
"""Short forms and other spellings, each with its command."""
MOVES = ("next", "back", "run", "rcontinue", "last", "until", "goto", "restart")
"""The commands that an empty line repeats."""
MORE = {
    "set": (
        "NAME is a leaf, a parameter, an input or a target; all other numbers are computed. NUMBER may be 1/3, or an "
        "expression of what is known now, such as w13 - 0.1.\n\n"
        "The whole pass is computed again from the recorded operations, with its gradients and its update; you stay "
        "at this step. Going back before this step restores the old number; to walk through the whole pass with the "
        "new one, type restart before set. Your graph does not change.\n\n"
        "A relu or a maximum is a recorded operation, so it takes its other side where it should. An if in your "
        "Python code is not recorded: the pass keeps its branch. gradstep step FILE.py:NAME sees which Values your "
        "code compares, and says where it would now go another way; viz.debug and viz.Stepper get a graph that is "
        "already made, and cannot say it. Nor can anything see an if about plain numbers, such as x.data."
    )
}
"""What else `help` says of a command."""

OTHER_WORDS = {
    **dict.fromkeys(("step", "s", "forward", "forwards"), "next"),
    **dict.fromkeys(("prev", "previous", "backward", "backwards", "undo"), "back"),
    **dict.fromkeys(("cont", "continue_", "resume", "end"), "run"),
    **dict.fromkeys(("stop_at", "stop", "break_", "breakpoint", "tbreak"), "break"),
    **dict.fromkeys(("delete", "clear_breakpoints"), "clear"),
    **dict.fromkeys(("reverse", "reverse_continue", "reverse-continue", "run_back"), "rcontinue"),
    **dict.fromkeys(("change", "assign", "let"), "set"),
    **dict.fromkeys(("answer", "check", "predict"), "guess"),
    **dict.fromkeys(("reset", "rewind"), "restart"),
    **dict.fromkeys(("jump", "j", "go_to"), "goto"),
    **dict.fromkeys(("display",), "watch"),
    **dict.fromkeys(("undisplay",), "unwatch"),
    **dict.fromkeys(("whatif",), "what_if"),
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
