"""Extracts the key schedule of the traces in RFC 8448 for the tests of `cairn_schedule::tls13`.

Usage: python3 crates/schedule/tests/rfc8448.py < rfc8448.txt > crates/schedule/tests/rfc8448.txt

The output has a line `= title` for each trace, a line `- side step` for each step with values, and a line
`name hex` for each value. Key pairs and records are omitted.
"""

import re
import sys

TRACES = re.compile(r"^([3-7])\.  (\S.*)$")
STEP = re.compile(r"^   \{(client|server)\}  (.*)$")
VALUE = re.compile(r"^      ([A-Za-z0-9 ]+?)(?: \((\d+) octets\))?:  (.*)$")
OMITTED = re.compile(r"^(create|send) ")

text = sys.stdin.read()
text = re.sub(r"\n*Thomson +Informational +\[Page \d+\]\n\f\n?RFC 8448 .*\n+", "\n", text)
values, started = [], False
for line in text.split("\n"):
    if found := TRACES.match(line):
        values.append(("=", found[2], None))
        started = True
    elif not started or line.startswith("8.  "):
        started = False
    elif found := STEP.match(line):
        values.append(("-", f"{found[1]} {found[2]}", None))
    elif found := VALUE.match(line):
        values.append(("value", found[3], (found[1], found[2])))
    elif line.startswith("         ") and values:
        kind, content, name = values[-1]
        values[-1] = (kind, f"{content} {line.strip()}", name)

step, keep = None, False
for kind, content, name in values:
    if kind == "=":
        print("=", content)
    elif kind == "-":
        step, keep = content.rstrip(":"), not OMITTED.match(content.split(" ", 1)[1])
    elif keep:
        label, octets = name
        digits = "" if "(" in content else content.replace(" ", "")
        assert octets is None or len(digits) == 2 * int(octets), (step, name, content)
        if step:
            print("-", step)
            step = None
        print(f"  {label.replace(' ', '_')} {digits}".rstrip())
