# What people and CI run. `make` lists the targets.

GO       ?= go
SOAK     ?= 2m
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.DEFAULT_GOAL := help
.PHONY: help run generate validate test race lint check api bench bench-peers soak

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: validate generate ## the main job: check, generate, and try every vendor against the sandbox
	$(GO) run ./wrappers/cmd/latchkey demo

generate: ## write generated/ from specs/
	$(GO) generate ./...

validate: ## check specs/
	$(GO) run ./gen validate

test: ## run all tests; they need no network but loopback
	$(GO) test ./...

race: ## run all tests with the race detector
	$(GO) test -race ./...

lint: ## run golangci-lint
	$(GO) run $(GOLANGCI) run ./...

check: validate lint ## what CI checks beside the tests
	$(GO) run ./gen generate -check
	$(GO) vet ./...
	$(GO) mod tidy -diff
	$(GO) mod verify

api: ## compare the exported Go API with that of the last tag
	$(GO) run ./gen api

bench: ## compare the generated clients with those of other generators (BENCH=-quick)
	$(GO) run -C gen/peerbench . $(BENCH)

bench-peers: ## compare the session engine with other libraries
	cd wrappers/session/peerbench && $(GO) run .

soak: ## let the session engine run under faults at random (SOAK=2m)
	$(GO) test ./wrappers/session/soaktest -run '^TestSoak$$' -v -timeout 0 -soak.duration $(SOAK)
