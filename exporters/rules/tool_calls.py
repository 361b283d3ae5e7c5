"""S13: tool calls and special formats must be reinforced, or the model "sometimes forgets".

Rows in which tools are declared and none is called stand beside them, or the model learns to call
always; they are counted against distinct tool calls.
"""

from __future__ import annotations

from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.rules.rule import Target

STEP = 110


def targets(recipe: Recipe) -> tuple[Target, ...]:
    """Return the bounds of tool calls with their no-tool contrast, and of structured output."""
    share, key = recipe.shares.tool_call, "shares.tool_call"
    asked: list[Target] = []
    if share.min > 0 or share.max < 1 or share.no_tool > 0:
        asked.append(Target("tool_call", key, "S13", ("tool_call",), share.min, share.max))
    if share.no_tool > 0:
        contrast, ratio = f"{key}.no_tool", share.no_tool
        asked.append(
            Target("no_tool", contrast, "S13", ("no_tool",), beside="tool_call", ratio=ratio)
        )
    share, name = recipe.shares.structured_output, "structured_output"
    if share.min > 0 or share.max < 1:
        asked.append(Target(name, f"shares.{name}", "S13", (name,), share.min, share.max))
    return tuple(asked)
