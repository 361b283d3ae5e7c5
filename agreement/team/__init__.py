"""How a team works: who did what, how fast, how well it agrees, and whom to talk to."""
