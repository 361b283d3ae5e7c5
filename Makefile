# `make demo` runs the whole loop; `make test` runs every test. Both set everything up themselves.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check -q

.PHONY: help demo test lint clean bench bench-drafts bench-backend bench-curation bench-cluster bench-queue bench-agreement steer-proof
.PHONY: crash faults keys mutants gallery accept-swift accept-axolotl accept-serve accept-label-studio-ml
.PHONY: accept-templates accept-rows accept-gallery
.PHONY: accept-openapi
.PHONY: accept-team
.DEFAULT_GOAL := help

help:
	@echo "make demo   the whole loop: Label Studio, drafts, a scripted annotator, a DPO file"
	@echo "make test   every test, in a real Label Studio, Chromium and trainer"
	@echo "make lint   style, types, room boundaries"
	@echo "make bench  benchmarks: an export of 100,000 and of a million records, planning (minutes)"
	@echo "make bench-curation ROWS=FOLDER  what a curation finds on planted and labelled rows"
	@echo "make bench-cluster ROWS=FOLDER  a curation on a Dask cluster of which a part is killed, against one process"
	@echo "make bench-drafts ROWS=FOLDER  how good drafts are that were learned from 25 to 800 labels"
	@echo "make bench-backend ROWS=FOLDER  drafts a second of one and two processes; requests and saves while it trains"
	@echo "make bench-queue ROWS=FOLDER  labels saved by the order in which tasks are served"
	@echo "make bench-agreement ROWS=FOLDER  which answers are settled where annotators are careless"
	@echo "make steer-proof ROWS=FOLDER  answers saved where the queue follows a recipe"
	@echo "make crash  an export, a generation, backups and restores killed at forty moments, a training at a hundred"
	@echo "make keys   every key from every focus of every screen, in both languages"
	@echo "make faults  import, drafts, answers, export and learning through a proxy that injects 500 network faults"
	@echo "make mutants  small faults planted in five core modules: would the nearest tests notice?"
	@echo "make gallery  pictures of every screen in both languages, taken anew into docs/screens/"
	@echo "make accept-swift    our files through ms-swift and TRL's PRM trainer, in an environment of its own (2 GB)"
	@echo "make accept-templates  twenty answers to each of Label Studio's own templates, clicked and exported"
	@echo "make accept-rows ROWS=FOLDER  300 public rows through all seven kinds, from import to export"
	@echo "make accept-gallery  a project of every template of Label Studio's gallery, by mouse, in both languages"
	@echo "make accept-axolotl  our files through axolotl's prompt strategies"
	@echo "make accept-label-studio-ml   goldleaf behind label-studio-ml 1.0.9 and its models in goldleaf"
	@echo "make accept-openapi  the backend's routes as its OpenAPI document says, by schemathesis"
	@echo "make accept-team     the team's server by hand: PostgreSQL, uwsgi, Caddy, failures, backup (Debian's postgresql and caddy)"
	@echo "make accept-serve    our client through 'transformers serve', and a LoRA adapter"
	@echo "make clean  remove what the other targets made"

demo: $(VENV)/.database
	$(BIN)/goldleaf demo --out demo-out

# One process more than cores, four at most: some test always waits, for a page, a pause, a fit.
# Each boots a Label Studio and a Chromium of its own (2 GB).
CORES := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
AT_ONCE := -n $(shell test $(CORES) -lt 4 && echo $$(($(CORES) + 1)) || echo 4)
AT_ONCE += --dist worksteal --durations 15
test: $(VENV)/.dev
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	  echo "The browser tests need Debian's chromium, chromium-driver and fonts-noto-cjk; without them they are skipped."
	$(BIN)/pytest $(or $(ARGS),$(AT_ONCE))

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/basedpyright --level error

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/export.py 100000 1000000
	$(BIN)/python benchmarks/planning.py
	$(BIN)/python benchmarks/prelabel.py 1000 2000 5000
	$(BIN)/python benchmarks/drafting.py

# Sets with planted or labelled truth; none is shipped: ROWS names a folder with them.
bench-curation: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make bench-curation ROWS=FOLDER"; exit 1; }
	$(BIN)/python benchmarks/near_duplicates.py --rows $(ROWS) --half 1
	$(BIN)/python benchmarks/ranked_answers.py --rows $(ROWS)
	$(BIN)/python benchmarks/near_duplicates.py --rows $(ROWS) --speed 100000 --datasketch --rensa
	$(BIN)/python benchmarks/contamination.py --rows $(ROWS)
	$(BIN)/python benchmarks/evaluation_sets.py --rows $(ROWS)
	$(BIN)/python benchmarks/bad_rows.py --rows $(ROWS) --planted-only
	$(BIN)/python benchmarks/personal_data.py
	$(BIN)/python benchmarks/over_refusal.py --rows $(ROWS)
	GOLDLEAF_EMBEDDER=tfidf_svd $(BIN)/python benchmarks/over_refusal.py --rows $(ROWS)
	$(BIN)/python benchmarks/refusal.py $(ROWS)/xstest_completions_dev.jsonl.gz
	$(BIN)/python benchmarks/behaviours.py --rows $(ROWS)
	$(BIN)/python benchmarks/prototypes.py --rows $(ROWS)
	$(BIN)/python benchmarks/curation.py --rows $(ROWS) --count 20000
	$(BIN)/python benchmarks/curation_processes.py --rows $(ROWS) --count 20000
	$(BIN)/python benchmarks/library_costs.py --rows $(ROWS) --count 20000

# A scheduler and two workers of this machine, on its loopback.
bench-cluster: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make bench-cluster ROWS=FOLDER"; exit 1; }
	$(BIN)/python benchmarks/curation_cluster.py --rows $(ROWS)

bench-drafts: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make bench-drafts ROWS=FOLDER"; exit 1; }
	$(BIN)/python benchmarks/drafts.py --rows $(ROWS)

bench-backend: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make bench-backend ROWS=FOLDER"; exit 1; }
	$(BIN)/python benchmarks/serving.py --rows $(ROWS)
	$(BIN)/python benchmarks/serving_under_training.py --rows $(ROWS)

# How many labels the queue saves: sets with people's labels; then once in a live Label Studio.
bench-queue: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make bench-queue ROWS=FOLDER"; exit 1; }
	$(BIN)/python benchmarks/labelling_order.py --rows $(ROWS) --fast $(ARGS)
	$(BIN)/python benchmarks/labelling_order.py --rows $(ROWS) --live

bench-agreement: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make bench-agreement ROWS=FOLDER"; exit 1; }
	$(BIN)/python benchmarks/annotators.py $(ROWS)/pandalm_3_annotators.jsonl.gz

# How many answers steering saves, in a live Label Studio.
steer-proof: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make steer-proof ROWS=FOLDER"; exit 1; }
	$(BIN)/python benchmarks/steering.py --rows $(ROWS)

crash: $(VENV)/.dev
	GOLDLEAF_KILLS=40 $(BIN)/pytest tests/exporters/test_crash.py \
	  tests/cli/test_generate.py tests/cli/test_backup.py -k "crash or killed" $(ARGS)
	GOLDLEAF_KILLS=100 $(BIN)/pytest tests/backend/test_training_crash.py $(ARGS)

keys: $(VENV)/.dev
	GOLDLEAF_EVERY_SCREEN=1 $(BIN)/pytest tests/screens/test_keyboard.py tests/screens/test_every_screen.py $(ARGS)

faults: $(VENV)/.dev
	GOLDLEAF_FAULTS=500 $(BIN)/pytest tests/studio/test_faults.py tests/backend/test_learning_through_faults.py $(ARGS)

mutants: $(VENV)/.dev
	$(BIN)/python benchmarks/mutants.py

gallery: $(VENV)/.dev
	GOLDLEAF_PICTURES=$(CURDIR)/docs/screens $(BIN)/pytest tests/screens/test_gallery.py -k picture $(ARGS)
	GOLDLEAF_PICTURES=$(CURDIR)/docs $(BIN)/pytest tests/screens/test_template_gallery.py -k mouse $(ARGS)

accept-templates: $(VENV)/.dev
	GOLDLEAF_TEMPLATE_ANSWERS=20 $(BIN)/pytest tests/screens/test_adopted_templates.py -s $(ARGS)

accept-gallery: $(VENV)/.dev
	GOLDLEAF_EVERY_TEMPLATE=1 $(BIN)/pytest tests/screens/test_template_gallery.py $(ARGS)

accept-rows: $(VENV)/.dev
	@test -n "$(ROWS)" || { echo "name a folder of rows: make accept-rows ROWS=FOLDER"; exit 1; }
	GOLDLEAF_ROWS=$(ROWS) $(BIN)/pytest tests/screens/test_real_rows.py -s $(ARGS)

# Trainers that cannot live beside the others; the tests in our own environment drive theirs.
OWN := .venvs
accept-swift: $(VENV)/.dev $(OWN)/swift/.done
	GOLDLEAF_SWIFT_PYTHON=$(CURDIR)/$(OWN)/swift/bin/python \
	GOLDLEAF_PRM_PYTHON=$(CURDIR)/$(OWN)/swift/bin/python \
	  $(BIN)/pytest tests/acceptance -k "swift or stepwise" $(ARGS)

accept-axolotl: $(VENV)/.dev $(OWN)/axolotl/.done
	GOLDLEAF_AXOLOTL_PYTHON=$(CURDIR)/$(OWN)/axolotl/bin/python $(BIN)/pytest tests/acceptance -k axolotl $(ARGS)

accept-serve: $(VENV)/.dev $(OWN)/serve/.done
	GOLDLEAF_SERVE_PYTHON=$(CURDIR)/$(OWN)/serve/bin/python \
	  $(BIN)/pytest tests/acceptance/test_transformers_serve.py tests/generation/test_local.py $(ARGS)

$(OWN)/serve/.done: $(VENV)/.dev
	$(PYTHON) -m venv $(OWN)/serve
	$(OWN)/serve/bin/pip --disable-pip-version-check -q install fastapi uvicorn openai
	echo $(CURDIR)/$(VENV)/lib/python3.11/site-packages > $(OWN)/serve/lib/python3.11/site-packages/zz.pth
	touch $@

$(OWN)/swift/.done:
	$(PYTHON) -m venv $(OWN)/swift
	$(OWN)/swift/bin/pip --disable-pip-version-check -q install -c constraints.txt torch
	$(OWN)/swift/bin/pip --disable-pip-version-check -q install ms-swift==4.6.0
	$(OWN)/swift/bin/pip --disable-pip-version-check -q uninstall -y torchvision
	touch $@

# The wheel asks for Python 3.12 and fifty pinned packages; its prompt strategies need two of them
# and what our own environment has.
$(OWN)/axolotl/.done: $(VENV)/.dev
	$(PYTHON) -m venv $(OWN)/axolotl
	$(OWN)/axolotl/bin/pip --disable-pip-version-check -q install addict colorama
	$(OWN)/axolotl/bin/pip --disable-pip-version-check -q download --no-deps --python-version 3.12 -d $(OWN)/axolotl axolotl==0.21.0
	$(PYTHON) -m zipfile -e $(OWN)/axolotl/axolotl-0.21.0-*.whl $(OWN)/axolotl/lib/python3.11/site-packages
	echo $(CURDIR)/$(VENV)/lib/python3.11/site-packages > $(OWN)/axolotl/lib/python3.11/site-packages/zz.pth
	touch $@

# label-studio-ml 1.0.9 needs rq, which it does not name, and pins Flask 1.1.2, so it comes first there
# and the rest is ours.
accept-label-studio-ml: $(VENV)/.dev $(OWN)/label-studio-ml/.done
	$(BIN)/pytest tests/backend/test_label_studio_ml_server.py tests/backend/test_foreign_model.py $(ARGS)

$(OWN)/label-studio-ml/.done: $(VENV)/.dev
	$(PYTHON) -m venv $(OWN)/label-studio-ml
	$(OWN)/label-studio-ml/bin/pip --disable-pip-version-check -q install label-studio-ml==1.0.9 rq gunicorn
	echo $(CURDIR)/$(VENV)/lib/python3.11/site-packages > $(OWN)/label-studio-ml/lib/python3.11/site-packages/zz.pth
	touch $@

accept-openapi: $(VENV)/.dev $(OWN)/schemathesis/.done
	GOLDLEAF_SCHEMATHESIS=$(CURDIR)/$(OWN)/schemathesis/bin/schemathesis \
	  $(BIN)/pytest tests/acceptance/test_openapi.py $(ARGS)

$(OWN)/schemathesis/.done:
	$(PYTHON) -m venv $(OWN)/schemathesis
	$(OWN)/schemathesis/bin/pip --disable-pip-version-check -q install schemathesis==4.32.5
	touch $@

# The services of docker/compose.yaml as processes of this machine, with a database that dies.
accept-team: $(VENV)/.dev $(OWN)/uwsgi/.done
	GOLDLEAF_TEAM_SERVER=$(CURDIR)/$(OWN)/uwsgi $(BIN)/pytest tests/backend/test_team_server.py -s $(ARGS)

$(OWN)/uwsgi/.done: $(VENV)/.dev
	$(PIP) install --no-deps --target $(OWN)/uwsgi pyuwsgi==2.0.30.post1
	touch $@

clean:
	rm -rf $(VENV) $(OWN) build dist *.egg-info demo-out .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: apt-get install python3.11 python3.11-venv, or make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { echo "Python has no venv: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e '.[studio]'
	touch $@

# Half a minute of migrations, once; every later first start of a Label Studio is without them.
$(VENV)/.database: $(VENV)/.demo
	$(BIN)/python -m goldleaf.studio.empty_database
	touch $@

# pip compiles 23,000 modules on one core, which is half of its time; this takes all cores. Some
# packages ship a file that no Python compiles.
COMPILE := $(BIN)/python -W ignore -m compileall -qq -j 0 $(VENV)/lib || true

# LLaMA-Factory pins older companions; its data room, which is what we drive, works beside ours.
# torch first, at a version whose wheel is small: a bare "torch" may bring gigabytes of CUDA.
$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --no-compile -c constraints.txt torch
	$(PIP) install --no-compile -c constraints.txt -e '.[dev]'
	$(PIP) install --no-compile -c constraints.txt --no-deps llamafactory peft omegaconf
	$(COMPILE)
	touch $@ $(VENV)/.demo
