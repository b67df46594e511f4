"""Lines that look round in the jail, for the tests."""

from rmsprop_lib.grading import jail


def look(body, **limits):
    """Run a body of lines in the jail; the text or number that it returns."""
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    cell = f"def answer():\n{lines}\nseen = str(answer())"
    keys = {"kind": "concept", "answer": "seen", "keys": []}
    reply = jail.run([cell], [keys], jail.Limits(**limits))
    if reply.problem or reply.cells != [{}]:
        return reply.problem or reply.cells[0]["error"]
    return reply.answers[0]["fault"]["sentence"].partition("got ")[2].strip("'\"")
