"""Tool calls, JSON and SQL: what must be called or written, checked, and what needs no tool."""
