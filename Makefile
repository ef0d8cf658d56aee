# The verbs of the project; `make` alone prints them. Each is one line that calls the script which does the work.
# Every script runs under the pinned Node 24, which `make deps` puts here:
export PATH := $(CURDIR)/deploy/embedded/toolchain/node_modules/.bin:$(CURDIR)/node_modules/.bin:$(PATH)
tests = $(sort $(wildcard packages/*/test services/*/test test bench/test))
unit = $(shell find $(tests) -name '*.test.ts' -not -name '*.integration.test.ts' -not -path '*/node_modules/*' -not -path 'test/conformance/*' 2>/dev/null | sort -u)

.DEFAULT_GOAL := help
.PHONY: help deps demo up down check test test-unit test-integration test-full conformance conformance-break bench images chart clean

help: ## print these verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-18s %s\n", $$1, $$2 }'

deps: ## install what is missing: Node 24, packages, the Kafka client, the servers
	@deploy/embedded/deps.sh

demo: deps ## play the story through real servers and check its results
	@tocsin demo

up: deps ## start servers and services, leave them running, print every address
	@tocsin up

down: ## stop everything that `make up` started
	@tocsin down

check: deps ## format, lint, types, house rules
	@biome check . && oxlint --type-aware --deny-warnings && tsc --noEmit -p . && node --test test/architecture.test.ts

test: test-unit test-integration ## all tests in their short form

test-unit: deps ## tests that need no server
	@node test/support/run-unit.ts $(unit)

test-integration: deps ## tests on real servers, started for the run
	@node test/support/run-integration.ts

test-full: deps ## the same with every dose in full: hours
	@TOCSIN_TEST_DOSE=full node test/support/run-integration.ts

conformance: deps ## run the tests and print the verdict for each legal id
	@node test/conformance/run.ts

conformance-break: deps ## break N things that the law asks for and see that a test notices (N=10 SEED=1)
	@node test/conformance/break.ts --n $(or $(N),10) --seed $(or $(SEED),1)

bench: deps ## cost of each stage in CPU time, beside its peers
	@node bench/run.ts

images: ## build the container image of every service
	@deploy/docker/images.sh

chart: ## lint, render and validate the Helm chart
	@helm/chart.sh

clean: ## stop the stack, remove its data and what was built (caches and node_modules stay)
	@node packages/cli/bin/tocsin.js down || true; rm -rf .tocsin services/console/dist
