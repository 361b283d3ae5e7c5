"""Rows whose author said no to training: refused under every source, however they say it."""

import json

import pytest

ROW = {"instruction": "Say hello.", "output": "Hello!"}
NO = [
    {"consent": False},
    {"consent": "no"},
    {"consent": "FALSE"},
    {"consent": "0"},
    {"consent": 0},
    {"Consent": "Denied."},
    {"consent": "否"},
    {"consent": "拒绝"},
    {"consent": "已撤回"},
    {"是否同意": "不同意"},
    {"consent": {"training": False, "research": True}},
    {"user_consent": "no"},
    {"consent_status": "withdrawn"},
    {"opt_in": False},
    {"opt_out": "yes"},
    {"optOut": True},
    {"Opt-Out": 1},
    {"opt_out": "是"},
    {"withdrawn": "2026-03-01"},
    {"consent_withdrawn_at": "2026-03-01T10:00:00Z"},
    {"do_not_train": True},
    {"meta": {"consent": False}},
    {"metadata": {"user": {"consent": "n"}}},
    {"metadata": '{"consent": false}'},
    {"provenance": {"consent": "no"}},
    {"provenance": [{"consent": "yes"}, {"withdrawn": True}]},
    {"consent": True, "opt_out": True},
]
SAYS_NOTHING = [
    {"consent": None},
    {"consent": ""},
    {"consent": "unstated"},
    {"consent": "asked in the app"},
    {"consent": True},
    {"consent": "同意"},
    {"opt_out": False},
    {"opt_out": "否"},
    {"opt_out": ""},
    {"withdrawn": None},
    {"withdrawn_at": "none"},
    {"consent_withdrawn": "no"},
    {"consent_required": False},
    {"consent_form_version": 0},
    {"metadata": {"given": False, "consent": "yes"}},
    {"tools": [{"name": "ask", "parameters": {"properties": {"consent": {"const": False}}}}]},
    {"label_note": "no consent"},
]


def imported(inside, tmp_path, rows, *more):
    file = tmp_path / "rows.jsonl"
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text("".join(lines), encoding="utf-8")
    listing = tmp_path / "rejected.jsonl"
    listing.unlink(missing_ok=True)
    to = ("--records", tmp_path / "r.jsonl", "--rejected", listing, "--json")
    done = inside("import", file, *to, *more)
    assert done.stdout, done.stderr
    return json.loads(done.stdout), [
        json.loads(line) for line in listing.read_text("utf-8").splitlines()
    ]


@pytest.mark.parametrize("source", ["public", "self_instruct", "expert", "online_log", "feedback"])
def test_a_no_is_a_no_under_every_source(inside, tmp_path, source):
    rows = [ROW | {"id": n, "annotator": "a"} | no for n, no in enumerate(NO)]
    counted, listed = imported(inside, tmp_path, [ROW | {"annotator": "a"}, *rows])
    assert counted["reasons"] == {"no_consent": len(NO)}
    assert counted["written"] == 1
    by_row = {row["row"]: row["detail"] for row in listed}
    assert "metadata.user.consent is 'n'" in by_row[f"rows.jsonl:{NO.index(NO[22]) + 2}"]


def test_what_is_no_no_is_read(inside, tmp_path):
    rows = [ROW | {"id": n} | said for n, said in enumerate(SAYS_NOTHING)]
    counted, listed = imported(inside, tmp_path, rows)
    assert listed == []
    assert counted["written"] == len(SAYS_NOTHING)


def test_a_no_for_the_whole_file(inside, tmp_path):
    counted, _ = imported(inside, tmp_path, [ROW], "--source", "online_log", "--consent", "No")
    assert counted["reasons"] == {"no_consent": 1}


@pytest.mark.parametrize("said", [False, "no", "拒绝"])
def test_records_that_say_no_are_neither_imported_nor_exported(inside, tmp_path, said):
    turns = {
        "context": [{"role": "user", "content": "Hello?"}],
        "response": [{"role": "assistant", "content": "Hello!"}],
    }
    no = {"record": "demonstration", **turns, "parents": [{"source": "S2", "consent": said}]}
    yes = {**no, "parents": [{"source": "S2", "consent": "given"}]}
    yes["response"] = [{"role": "assistant", "content": "Good day!"}]
    counted, _ = imported(inside, tmp_path, [no, yes])
    assert (counted["written"], counted["reasons"]) == (1, {"no_consent": 1})
    done = inside("export", tmp_path / "rows.jsonl", "--out", tmp_path / "out", "--json")
    told = json.loads(done.stdout)
    assert told["answers"]["rejected"] == 1
    assert told["reasons"]["rejected"] == {"no_consent": 1}


def test_the_reason_has_words_in_both_languages():
    from goldleaf.core.translations import Translations

    assert "agree" in Translations("en")("reason.no_consent")
    assert "同意" in Translations("zh")("reason.no_consent")
