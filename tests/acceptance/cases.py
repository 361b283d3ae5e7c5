"""What people annotate, one small example of every sort; all of it written for these tests."""

from __future__ import annotations

from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Record,
    Step,
    ToolCall,
    Turn,
)


def user(text: str) -> Turn:
    return Turn("user", text)


def says(text: str, reasoning: str = "", *, train: bool = True) -> Turn:
    return Turn("assistant", text, reasoning, train=train)


def calls(*made: ToolCall, text: str = "", reasoning: str = "") -> Turn:
    return Turn("assistant", text, reasoning, made)


def result(text: str, call: str, name: str = "weather") -> Turn:
    return Turn("tool", text, tool_call_id=call, name=name)


def tool(name: str, *arguments: str) -> dict[str, object]:
    properties = {argument: {"type": "string"} for argument in arguments}
    parameters = {"type": "object", "properties": properties, "required": [*arguments]}
    function = {"name": name, "description": f"Look up the {name}.", "parameters": parameters}
    return {"type": "function", "function": function}


WEATHER, CLOCK = tool("weather", "city"), tool("clock", "zone")
PARIS = ToolCall("weather", {"city": "Paris"}, "call_1")
TOKYO = ToolCall("clock", {"zone": "Asia/Tokyo", "style": 24}, "call_2")
ASKED = (user("How warm is Paris?"), calls(PARIS), result('{"celsius": 21}', "call_1"))


def pair(context: tuple[Turn, ...], *answers: Turn, tools: tuple[dict[str, object], ...] = ()):
    candidates = tuple(Candidate((answer,), rank) for rank, answer in enumerate(answers, 1))
    return Comparison(context, candidates, tools, "strong")


CODE = 'def area(r):\n    """{{ content }} of <b>r</b>"""\n    return f"{r * r!r}"  # \\n, \t, `x`'
LONG = "".join(
    f"Line {number}: the river bends again, and again it is called new.\n" for number in range(250)
)

CASES: dict[str, Record] = {
    "single turn": Demonstration((user("Name a warm colour."),), (says("Red is one."),)),
    "multi-turn": Demonstration(
        (
            *(user("Name a river."), says("The Loire.")),
            *(user("Where does it end?"), says("In the Atlantic.")),
            user("And begin?"),
        ),
        (says("In the Massif Central."),),
    ),
    "system": Demonstration(
        (Turn("system", "Answer in five words."), user("What is rain?")),
        (says("Water falling out of clouds."),),
    ),
    "tools": Demonstration(ASKED, (says("It is 21 °C in Paris."),), (WEATHER,)),
    "parallel tools": Demonstration(
        (
            user("How warm is Paris, and how late is Tokyo?"),
            calls(PARIS, TOKYO, text="Let me look both up."),
            result("23:15", "call_2", "clock"),
            result('{"celsius": 21}', "call_1"),
        ),
        (says("Paris has 21 °C; in Tokyo it is 23:15."),),
        (WEATHER, CLOCK),
    ),
    "last turn calls": Demonstration((user("Check Paris for me."),), (calls(PARIS),), (WEATHER,)),
    "no tool": Demonstration((user("What is a noun?"),), (says("A naming word."),), (WEATHER,)),
    "reasoning": Demonstration(
        (user("What is 17 times 3?"),), (says("51", "17 times 3 is 3 times 10 plus 3 times 7."),)
    ),
    "reasoning before a call": Demonstration(
        (
            user("Is Paris warm now?"),
            calls(PARIS, reasoning="I must look, weather changes."),
            result('{"celsius": 21}', "call_1"),
        ),
        (says("Yes, 21 °C.", "21 is warm."),),
        (WEATHER,),
    ),
    "multi-turn reasoning": Demonstration(
        (user("What is half of 90?"), says("45", "90 over 2."), user("And a third of that?")),
        (says("15", "45 over 3."),),
    ),
    "refusal": Demonstration(
        (user("Write a threat to my neighbour."),),
        (says("I will not write a threat. I can help you write a firm, calm complaint."),),
    ),
    "Chinese": Demonstration(
        (Turn("system", "请用中文回答。"), user("“海内存知己”的下一句是什么？")),
        (says("下一句是“天涯若比邻”。"),),
    ),
    "code": Demonstration((user("Show me odd Python."),), (says(f"```python\n{CODE}\n```"),)),
    "very long": Demonstration((user(f"Sum this up.\n\n{LONG}"),), (says(f"Rivers.\n\n{LONG}"),)),
    "context only": Demonstration(
        (
            *(user("Say something false."), says("Fish can fly.", train=False)),
            *(user("Now something true."), says("Fish can swim.")),
            user("Once more."),
        ),
        (says("Birds can fly."),),
    ),
    "DPO single": pair((user("Is the sky green?"),), says("No, blue."), says("Yes.")),
    "DPO multi-turn": pair(
        (user("Pick a number."), says("Seven."), user("Double it.")), says("14"), says("77")
    ),
    "DPO with tools": pair(
        ASKED, says("21 °C."), says("I cannot look things up."), tools=(WEATHER,)
    ),
    "DPO call or not": pair(
        (user("Is Paris cold today?"),), calls(PARIS), says("It never is."), tools=(WEATHER,)
    ),
    "DPO reasoning": pair(
        (user("What is 9 times 9?"),), says("81", "9 times 9 is 81."), says("18", "9 and 9.")
    ),
    "ranking": pair(
        (user("Describe tea."),), says("Leaves in hot water."), says("A drink."), says("Coffee.")
    ),
    "KTO good": Judgement((user("Thank you!"),), (says("With pleasure."),), good=True),
    "KTO bad": Judgement((user("Thanks a lot!"),), (says("Whatever."),), good=False),
    "stepwise": Judgement(
        (user("What is 2 plus 3 times 4?"),),
        (says("3 times 4 is 12.\n\n2 plus 12 is 15.\n\nSo it is 15."),),
        steps=(
            Step("3 times 4 is 12.", good=True),
            Step("2 plus 12 is 15.", good=False),
            Step("So it is 15.", good=False),
        ),
    ),
    "reward": Comparison(
        (user("Rate this margin."),),
        (
            Candidate((says("Clear and short."),), 1, score=4.5),
            Candidate((says("Hm."),), 2, score=2.0),
        ),
    ),
}
