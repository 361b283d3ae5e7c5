"""Learning from annotations: examples, a small text classifier, and the worker that trains it."""
