# The few targets of Wrought. Each does its own set-up on a fresh Debian 12 machine.
NODE = $(firstword $(wildcard node_modules/node-linux-*/bin/node))
.DEFAULT_GOAL := help
.PHONY: help demo test check bench bench-ipmi bench-redfish bench-scale chaos

help:
	@echo "make demo    deploy an operating system on a virtual machine, from power-on to proof (KEEP=1 leaves it running)"
	@echo "make test    every test"
	@echo "make check   types, lint, arrows, dead code; seconds"
	@echo "make bench-ipmi  thousands of simulated BMCs: the library, ipmitool, a whole server"
	@echo "make bench-redfish  the same for Redfish, beside sushy"
	@echo "make bench-scale  many deployments at once, silent BMCs, several conductors"
	@echo "make chaos   everything is killed while a fleet is deployed without end; ten minutes"
	@echo "make bench   the benchmarks (PEER=1: beside Debian's Ironic)"

demo:
	@scripts/setup.sh npm
	@scripts/setup.sh debian demo
	@$(MAKE) --no-print-directory run SCRIPT="scripts/demo.ts"

test:
	@scripts/setup.sh npm
	@scripts/setup.sh debian demo test peer
	@$(MAKE) --no-print-directory run SCRIPT="scripts/test.ts $(TESTS)"

check:
	@scripts/setup.sh npm
	@$(MAKE) --no-print-directory run SCRIPT="scripts/check.ts"

chaos:
	@scripts/setup.sh npm
	@scripts/setup.sh debian test
	@$(MAKE) --no-print-directory run SCRIPT="scripts/chaos.ts"

bench:
	@scripts/setup.sh npm
	@[ "$(PEER)" != 1 ] || scripts/setup.sh debian peer
	@$(MAKE) --no-print-directory run SCRIPT="scripts/bench.ts"

bench-scale:
	@scripts/setup.sh npm
	@scripts/setup.sh debian test
	@$(MAKE) --no-print-directory run SCRIPT="bench/scale.ts"

bench-redfish:
	@scripts/setup.sh npm
	@scripts/setup.sh debian test
	@$(MAKE) --no-print-directory run SCRIPT="bench/redfish.ts"

bench-ipmi:
	@scripts/setup.sh npm
	@scripts/setup.sh debian test
	@$(MAKE) --no-print-directory run SCRIPT="bench/ipmi.ts"

# A second make, so that NODE is looked up after npm has run.
.PHONY: run
run:
	@exec $(NODE) $(SCRIPT)
