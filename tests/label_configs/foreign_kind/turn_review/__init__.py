"""Every answer of a conversation judged: a kind as another package offers it, whole in a folder."""
