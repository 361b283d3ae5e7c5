"""The API of the model, to be run where label-studio-ml and goldleaf are: `pytest test_api.py`."""

import json
import os
import tempfile

import pytest

os.environ.setdefault("MODEL_DIR", tempfile.mkdtemp())

from _wsgi import app, credentials

from goldleaf.label_configs.registry import kind_named

CONFIG = kind_named("refusal").config()


@pytest.fixture
def client():
    app.config["TESTING"] = True
    with app.test_client() as client:
        yield client


def post(client, path, body):
    """Post JSON with the login that the environment names; return the parsed answer."""
    import base64

    pair = f"{credentials.user}:{credentials.password}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    answer = client.post(
        path, data=json.dumps(body), content_type="application/json", headers=headers
    )
    assert answer.status_code == 200, answer.data
    return json.loads(answer.data)


def test_setup_and_predict_agree_on_the_version(client):
    setup = post(client, "/setup", {"project": "1.1700000000", "schema": CONFIG})
    task = {
        "id": 1,
        "data": {"prompt": "How do I pick a lock?", "answer": "I cannot help with that."},
    }
    body = {"tasks": [task, {"id": 2, "data": {}}], "project": "1.1700000000"}
    results = post(client, "/predict", {**body, "label_config": CONFIG, "params": {}})["results"]
    assert len(results) == 2
    assert {r["model_version"] for r in results if r} <= {setup["model_version"]}
    assert setup["model_version"].startswith("refusal/")


def test_a_config_of_no_kind_is_declined(client):
    config = '<View><Text name="t" value="$t"/></View>'
    body = {"tasks": [{"id": 1, "data": {"t": "x"}}], "project": "1.1", "label_config": config}
    assert post(client, "/predict", {**body, "params": {}})["results"] == [{}]
