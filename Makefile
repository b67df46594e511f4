# Every target sets itself up: .venv is made from requirements.txt, and again when that file changes.
# Choose the Python with: make book PYTHON=python3.12
.DEFAULT_GOAL := help
.PHONY: help setup book test lab bench lint assignments exercises test-browsers test-nbgrader lock js clean
export PYTHON
RUN := .venv/bin/python

help:   ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book:   setup ## run every notebook and build the book into _build/html
	@$(RUN) tools/build_book.py

test:   setup ## run everything: lint, unit tests, the strict book build, browser tests
	@$(RUN) tools/browser.py
	@$(RUN) tools/bubblewrap.py
	$(RUN) -m ruff check .
	$(RUN) -m pytest tests --ignore=tests/book --ignore=tests/browser -n auto --maxprocesses=4 --dist loadfile
	$(RUN) tools/build_book.py
	$(RUN) -m pytest tests/book tests/browser

lab:    setup ## open the chapters as notebooks in JupyterLab (FLAGS="--no-browser --port=9000" are passed on)
	JUPYTER_CONFIG_PATH="$(CURDIR)/tools/lab" $(RUN) -m jupyterlab --LabApp.default_url=/lab/tree/book $(FLAGS)

bench:  setup ## measure figures, the grader beside nbgrader, and steps beside PyTorch and others, into benchmarks/results
	$(RUN) -m benchmarks.figures
	$(RUN) -m benchmarks.grading
	$(RUN) -m benchmarks.steps

lint:   setup ## check the style of the code
	$(RUN) -m ruff check .

assignments: setup ## write the notebooks that students fill in into _build/assignments
	$(RUN) -m rmsprop_lib.grading assignments --out _build/assignments

exercises: setup ## try every solution and every known mistake of the exercises
	$(RUN) -m rmsprop_lib.grading exercises

test-browsers: setup ## try the figures in Firefox and WebKit, where these can be had
	$(RUN) -m tests.browser.other_engines

test-nbgrader: setup ## release, collect and autograde an assignment with nbgrader, in an environment of its own
	$(RUN) -m tools.nbgrader_course

lock:   setup ## renew the pins in requirements.txt
	$(RUN) tools/lock.py

js:     ## bundle the figures of rmsprop_lib/widgets anew, after a change of their JavaScript (needs node and npm)
	cd rmsprop_lib/widgets/js && npm ci --no-audit --no-fund && npm run build

setup:  ## make or repair .venv, which every target above does first
	@python=$$(sh tools/find_python.sh) && "$$python" tools/setup_venv.py

clean:  ## remove what was built (.venv stays)
	rm -rf _build .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
