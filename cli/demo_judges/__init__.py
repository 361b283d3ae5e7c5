"""What the scripted annotator of the demo answers, one file a kind.

Each offers `judge(data, draft, place)`, an answer built on the draft, and `opposite(answer)`, what
a second annotator would say who disagrees, or None. Rules of thumb, good enough for sample tasks.
"""
