# Lintel. `make help` lists the targets.

GOLANGCI_VERSION := v2.15.0
GOVULNCHECK_VERSION := v1.9.0
TOOLS := $(CURDIR)/.build/tools
GO ?= go
export PATH := $(TOOLS):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help build build-ibmmq run check test test-short test-ibmmq race lint gen fuzz soak exchanges oracle bench slow cross vuln peers clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Build ./lintel
	CGO_ENABLED=0 $(GO) build -trimpath -o lintel ./cmd/lintel

# Where IBM's client library is installed, with its headers.
MQ_HOME ?= /opt/mqm

build-ibmmq: ## Build ./lintel-mq, which has IBM MQ, against IBM's client in MQ_HOME (default /opt/mqm)
	@test -f "$(MQ_HOME)/inc/cmqc.h" && test -e "$(MQ_HOME)/lib64/libmqm_r.so" || { \
	  echo "make build-ibmmq: there is no client of IBM MQ with headers in $(MQ_HOME): install one, name it by MQ_HOME, or use adapters/ibmmq/Dockerfile" >&2; exit 1; }
	CGO_ENABLED=1 CGO_CFLAGS="-O2 -g -I$(abspath $(MQ_HOME))/inc" CGO_LDFLAGS="-L$(abspath $(MQ_HOME))/lib64 -Wl,-rpath,$(abspath $(MQ_HOME))/lib64" \
	  $(GO) build -trimpath -tags ibmmq -o lintel-mq ./cmd/lintel

run: ## Serve the bank example with a simulated host on :8080
	$(GO) run ./cmd/lintel serve --simulate examples/bank

check: lint test race cross fuzz ## Everything a change has to pass

peers: ## Install and build the real peers that tests talk to
	./scripts/peers.sh

test: ## Run all tests; installs peers where it can and says what it skips
	@./scripts/peers.sh || { [ "$$LINTEL_REQUIRE_PEERS" != 1 ] || exit 1; echo "make test: peers are missing: the tests that need them are skipped (see above)"; }
	$(GO) vet ./...
	$(GO) test -shuffle=on -timeout 40m ./...

# The tests that carry memory across to C and back in every way that there is: what the address sanitizer is for. Flags are
# those of build-ibmmq, so that what depends on them is compiled once.
MEMORY := Properties|Descriptor|TooLarge|Login|ContractOwnQueue|Source|Backlog|Held|PutAndGet|Truncation|UnitsOfWork|Callbacks|Faults

test-ibmmq: ## Run the tests of IBM MQ, against the stand-in for its client library
	./scripts/peers/mqi.sh
	. .build/mqi/env; $(GO) vet -trimpath -tags ibmmq ./...
	. .build/mqi/env; $(GO) test -trimpath -tags ibmmq ./adapters/ibmmq/... github.com/ibm-messaging/mq-golang/v5/ibmmq
	. .build/mqi/env; $(GO) test -trimpath -short -race -tags ibmmq ./adapters/ibmmq/...
	. .build/mqi/env; $(GO) test -trimpath -short -asan -tags ibmmq ./adapters/ibmmq ./adapters/ibmmq/mqitest -run '$(MEMORY)'
	. .build/mqi/env; $(GO) test -trimpath -tags ibmmq ./cmd/lintel -run MQ
	$(MAKE) build-ibmmq MQ_HOME=.build/mqi
	./lintel-mq version
	rm -f lintel-mq

exchanges: ## 100,000 exchanges of each queue adapter in random order, with delays, duplicates and foreign ids
	LINTEL_LATE_RUNS=100000 $(GO) test ./adapters/amqp -count=1 -timeout 60m -v -run 'TestContract.*/N11'
	./scripts/peers/mqi.sh
	. .build/mqi/env; LINTEL_LATE_RUNS=100000 $(GO) test -tags ibmmq ./adapters/ibmmq -count=1 -timeout 60m -v -run 'TestContract.*/N11'

test-short: ## Run the tests that need no peers, quickly
	$(GO) test -short ./...

race: ## Run the tests under the race detector
	$(GO) test -race -short -shuffle=on -timeout 40m ./...

lint: $(TOOLS)/golangci-lint ## Run the linters and the rules of who imports whom
	$(TOOLS)/golangci-lint run ./...
	./scripts/lint-imports.sh $(TOOLS)/golangci-lint

$(TOOLS)/golangci-lint:
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

vuln: ## Look for known vulnerabilities, where the database can be reached
	@GOBIN=$(TOOLS) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
	./scripts/vuln.sh $(TOOLS)/govulncheck

gen: ## Write generated reference pages and golden files again
	$(GO) test ./gateway ./specs ./transforms/codepage ./transforms/copybook ./transforms/record/oracle -run 'Reference|Golden|Docs' -update
	$(GO) test ./cmd/lintel -run 'Reference|Golden|Docs' -update # reads what those before it write

fuzz: ## Run every fuzz target for FUZZTIME (default 5s; 300x for a number of inputs), random tests anywhere, and the fuzzer of the API
	./scripts/fuzz.sh $${FUZZTIME:-5s}
	LINTEL_RANDOM=1 $(GO) test -short -count=1 ./adapters ./gateway ./transforms/... ./cmd/lintel
	LINTEL_FUZZER_SEED=$$(date +%s) $(GO) test ./cmd/lintel -run TestSchemathesis -count=1 -v

soak: ## 100,000 transfers with 1,000 kills, 10,000 orders over a broker, 5,000 transfers by two gateways, 100,000 seeds of the simulation: takes an hour or two
	LINTEL_REQUIRE_PEERS=1 LINTEL_SOAK_OPERATIONS=$${LINTEL_SOAK_OPERATIONS:-100000} LINTEL_SOAK_KILLS=$${LINTEL_SOAK_KILLS:-1000} \
	  $(GO) test ./cmd/lintel -run 'TestI07CrashPoints|TestI08Soak$$|TestI09' -count=1 -timeout 0 -v
	LINTEL_SOAK_OPERATIONS=$${LINTEL_SOAK_ORDERS:-10000} LINTEL_SOAK_KILLS=$${LINTEL_SOAK_ORDER_KILLS:-100} \
	  $(GO) test ./cmd/lintel -run 'TestI08SoakAMQP' -count=1 -timeout 0 -v
	LINTEL_SOAK_REPLICA_OPERATIONS=$${LINTEL_SOAK_REPLICA_OPERATIONS:-5000} LINTEL_SOAK_REPLICA_KILLS=$${LINTEL_SOAK_REPLICA_KILLS:-50} \
	  $(GO) test ./cmd/lintel -run 'TestI08SoakReplicas' -count=1 -timeout 0 -v
	LINTEL_SEEDS=$${LINTEL_SEEDS:-100000} $(GO) test ./gateway -run TestF04Simulation -count=1 -timeout 0 -v

oracle: ## Compare 2,000 random layouts with GnuCOBOL (LAYOUTS=n for another number)
	./scripts/oracle.sh $(LAYOUTS)

bench: ## Run the benchmarks and print the ratios against their peers
	./scripts/bench.sh

slow: ## 9,000 slow connections (SLOW=n for another number; open files must allow twice as many), 100 reloads in a minute, 20 handovers
	LINTEL_SLOW=$${SLOW:-9000} $(GO) test ./gateway -count=1 -v -run TestH05
	LINTEL_SLOW=1 $(GO) test ./cmd/lintel -count=1 -v -run 'TestO01|TestO04Handover$$'

# For other platforms without optimizations: what is built is thrown away, and that takes two thirds of the time.
cross: ## Build for every platform without cgo
	@native=$$($(GO) env GOHOSTOS)/$$($(GO) env GOHOSTARCH); \
	for p in linux/amd64 linux/arm64 linux/s390x linux/ppc64le darwin/arm64 windows/amd64; do \
	  echo "build $$p"; set -- -gcflags='all=-N -l'; [ "$$p" != "$$native" ] || set --; \
	  CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build "$$@" -o /dev/null ./cmd/lintel || exit 1; done

clean: ## Remove what builds leave behind
	rm -rf .build lintel lintel-mq
