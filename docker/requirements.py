"""Print the dependencies of a `pyproject.toml`, and of the extras that are named after it.

    python requirements.py pyproject.toml studio

They are installed in a layer of their own, before the code is copied.
"""

import sys
import tomllib

with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
needed = list(project["dependencies"])
for extra in sys.argv[2:]:
    needed += project["optional-dependencies"][extra]
sys.stdout.write("\n".join(needed) + "\n")
