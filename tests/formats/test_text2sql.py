"""text2sql-data: every way of asking becomes a question, with the values filled in."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.formats import text2sql
from goldleaf.formats.format_registry import guess_format

SQL = 'SELECT P.NAME FROM PEOPLE AS P WHERE P.CITY = "city_name0" AND P.AGE > age0 ;'


def row(*sentences, **more):
    variables = [{"name": "city_name0", "example": "Lyon"}, {"name": "age0", "example": "30"}]
    asked = [{"text": text, "variables": values} for text, values in sentences]
    return {"sentences": asked, "sql": [SQL, "SELECT 1"], "variables": variables} | more


def test_each_sentence_is_a_question_with_its_own_values():
    given = row(
        ("who in city_name0 is over age0 ?", {"city_name0": "Nantes", "age0": "40"}),
        ("people of city_name0 , route66 apart", {"city_name0": "Brest"}),
    )
    assert guess_format([given]) is text2sql
    one, other = text2sql.read(given)
    assert one.context[0].content == "who in Nantes is over 40 ?"
    assert one.response[0].content == SQL.replace("city_name0", "Nantes").replace("age0", "40")
    assert other.context[0].content == "people of Brest , route66 apart"
    assert "P.AGE > 30" in other.response[0].content, "the example of the file stands in"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(("who?", {}), sql=[]), "missing_field"),
        (row(("who?", {}), sql=[" "]), "empty_response"),
        (row(("  ", {})), "no_prompt"),
        (row((5, {})), "not_text"),
        (row(("who in city_name0?", {"city_name0": 3})), "not_text"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(bad, reason):
    with pytest.raises(BadRow) as caught:
        text2sql.read(bad)
    assert caught.value.reason == reason
