# SPDX-License-Identifier: GPL-2.0-only
# `make help` lists the targets. Everything that is built goes under build/.

VERSION   := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
# Versions of the library's ABI, apart from the project's: the last stanza of the map.
LIBVERSION := $(shell sed -n 's/^LIBMMAPPER_\([0-9.]*\) {$$/\1/p' libmmapper/libmmapper.map | tail -n 1).0
SOVERSION  := $(firstword $(subst ., ,$(LIBVERSION)))
B         := build

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
SRCDIR     ?= /usr/src
DOCDIR     ?= $(PREFIX)/share/doc/mmapper
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
FISHDIR    ?= $(PREFIX)/share/fish/vendor_completions.d
UDEVDIR    ?= $(PREFIX)/lib/udev/rules.d
SYSUSERSDIR    ?= $(PREFIX)/lib/sysusers.d
MODULESLOADDIR ?= $(PREFIX)/lib/modules-load.d

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build

CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla
CFLAGS_   = -std=gnu11 $(CFLAGS) $(WARNINGS) $(if $(WERROR),-Werror)
CPPFLAGS_ = -D_GNU_SOURCE= -D_FILE_OFFSET_BITS=64 -DMMAPPER_VERSION='"$(VERSION)"' -Iinclude $(CPPFLAGS)
PKGS     := libkmod smartcols
PKG_LIBS  = $(shell pkg-config --libs $(PKGS))
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))

LIB_SRC    := $(wildcard libmmapper/*.c)
CLI_SRC    := $(wildcard tools/*.c)
DEVICE_SRC := $(wildcard tests/device/*.c) tools/ktap.c $(LIB_SRC)
UNIT_SRC   := $(wildcard tests/unit/test_*.c)
UNIT_SHARED := $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))
DRIVER_SRC := $(shell find driver include/mmapper -type f \( -name '*.[ch]' -o -name '*.sh' -o -name Kbuild \))
MAN        := $(wildcard docs/*.[1-8])

# What is installed as it is, SOURCE:TARGET.
FILES := \
	include/mmapper.h:$(INCLUDEDIR)/mmapper.h \
	include/mmapper/uapi.h:$(INCLUDEDIR)/mmapper/uapi.h \
	tools/completions/mmapper-cli.bash:$(BASHDIR)/mmapper-cli \
	tools/completions/mmapper-cli.zsh:$(ZSHDIR)/_mmapper-cli \
	tools/completions/mmapper-cli.fish:$(FISHDIR)/mmapper-cli.fish \
	tools/system/60-mmapper.rules:$(UDEVDIR)/60-mmapper.rules \
	tools/system/sysusers.conf:$(SYSUSERSDIR)/mmapper.conf \
	tools/system/modules-load.conf:$(MODULESLOADDIR)/mmapper.conf \
	$(foreach f,$(MAN),$f:$(MANDIR)/man$(subst .,,$(suffix $f))/$(notdir $f)) \
	$(foreach f,README.md $(wildcard LICENSES/* docs/*.md docs/*/*.md docs/examples/*/*),$f:$(DOCDIR)/$f)

LIB    := $(B)/libmmapper.so.$(LIBVERSION)
CLI    := $(B)/mmapper-cli
DEVICE := $(B)/device/mmapper-test $(B)/device/classic
ATTACK_SRC := $(wildcard tests/debug/*.c) $(addprefix tests/device/,device.c module.c runtime.c) tools/ktap.c $(LIB_SRC)
UNIT   := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
MODULE  = $(B)/driver-$(KVER)/driver/mmapper.ko
HEADERS = $(wildcard $(KDIR)/Makefile)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all userland unit device attack driver demo-image check-image \
	deps demo check check-packages matrix check-debug check-user mutants fuzz check-all deb install uninstall dkms-install dkms-uninstall clean help FORCE

all: userland $(if $(HEADERS),driver,no-driver) ## library, command, and the driver for the running kernel

userland: $(LIB) $(B)/libmmapper.a $(B)/libmmapper.pc $(CLI)

unit: $(UNIT)

## Testing ##

deps: ## install the Debian packages that the other targets need (root or sudo)
	@tests/deps

demo: ## the evidence for every backend, in a VM with Debian's kernel (DEMO_ARGS=)
	@tests/demo $(DEMO_ARGS)

check: ## the test command: lint, unit tests, device suite in a VM (STAGES= picks some)
	@tests/check $(STAGES)

check-packages: ## the Debian packages, used in a booted Debian (root; PARTS= picks some)
	@tests/packages/check $(PARTS)

matrix: ## the device suite on every supported kernel, each with its own compiler (KERNELS= picks)
	@tests/matrix $(KERNELS)

check-debug: ## the driver on debug kernels: suite, failures, races, fuzzer, coverage (STAGES= picks)
	@tests/debug/check $(STAGES)

check-user: ## library and command: lines reached, valgrind, sanitizers, parsers fuzzed (STAGES= picks)
	@tests/user/check $(STAGES)

bench: ## what mapping costs, beside what else Linux has, in instructions (KERNELS= picks)
	@tests/bench/run $(KERNELS)

bench-baseline: ## write down anew what `make check` compares the costs with
	@tests/check build && KVER=$$(tests/vm/kernel --version) && B=$(B) tests/bench/baseline $$KVER \
		"$$(tests/vm/kernel)" $(B)/check-$$KVER.img --renew

mutants: ## every known trap planted in a copy: a test must fail (MUTANTS= picks some)
	@tests/mutants/run $(MUTANTS)

fuzz: ## the fuzzer on the KASAN kernel (MINUTES=10)
	@tests/fuzz/run --minutes $(MINUTES)
MINUTES ?= 10

check-all: ## demo and all the checks, one after the other
	@tests/all demo check matrix check-packages check-user check-debug mutants

## Installing ##

install: userland ## library, headers, command, manual pages, udev rule (PREFIX=, DESTDIR=)
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR)/pkgconfig)
	install -m 755 $(CLI) $(DESTDIR)$(BINDIR)
	install -m 644 $(LIB) $(B)/libmmapper.a $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(LIB)) $(DESTDIR)$(LIBDIR)/libmmapper.so.$(SOVERSION)
	ln -sf libmmapper.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libmmapper.so
	install -m 644 $(B)/libmmapper.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	for file in $(FILES); do \
		install -Dm 644 "$${file%%:*}" "$(DESTDIR)$${file#*:}" || exit; \
	done
	$(if $(DESTDIR),,-ldconfig)
	$(if $(DESTDIR),,@echo "For the group of the nodes: systemd-sysusers && udevadm control --reload")

uninstall: ## remove what install put there
	rm -f $(foreach file,$(FILES),$(DESTDIR)$(lastword $(subst :, ,$(file))))
	rm -f $(addprefix $(DESTDIR),$(BINDIR)/mmapper-cli \
		$(LIBDIR)/libmmapper.so* $(LIBDIR)/libmmapper.a \
		$(LIBDIR)/pkgconfig/libmmapper.pc)
	rm -rf $(addprefix $(DESTDIR),$(INCLUDEDIR)/mmapper $(DOCDIR))
	$(if $(DESTDIR),,-ldconfig)

# In a copy, for dpkg-buildpackage leaves its results beside the tree; put in
# place once complete. What make hands down is not for the package's own make.
deb: ## the Debian packages, in build/deb/
	@tests/deps deb
	mkdir -p $(B)
	rm -rf $(B)/deb
	set -e; new=$$(mktemp -d $(abspath $(B))/deb.XXXXXX); trap 'rm -rf "$$new"' EXIT; trap 'exit 1' INT TERM; \
	mkdir "$$new/mmapper"; cp -r $(TREE) "$$new/mmapper"; \
	(cd "$$new/mmapper" && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u WERROR -u KVER \
		DEB_BUILD_OPTIONS="noautodbgsym $$DEB_BUILD_OPTIONS" dpkg-buildpackage -us -uc); \
	rm -rf "$$new/mmapper" $(B)/deb; chmod 755 "$$new"; mv -T "$$new" $(B)/deb
	@ls -l $(B)/deb/*.deb
TREE := Makefile README.md dkms.conf LICENSES debian docs driver include libmmapper tests tools

dkms-install: no-package dkms-uninstall ## the driver through DKMS, for the running kernel (root; KVER=)
	$(MAKE) dkms-source
	dkms install mmapper/$(VERSION) -k $(KVER)

dkms-uninstall: no-package ## remove this version of the driver from DKMS (root)
	if dkms status mmapper/$(VERSION) | grep -q .; then dkms remove mmapper/$(VERSION) --all; fi
	rm -rf $(DESTDIR)$(SRCDIR)/mmapper-$(VERSION)

# The Kbuild file is for DKMS, which cleans from the top.
.PHONY: dkms-source no-package
no-package:
	@if dpkg-query -S $(SRCDIR)/mmapper-$(VERSION)/dkms.conf >/dev/null 2>&1; then \
		echo "This version is here as a Debian package; first: apt-get remove mmapper-dkms" >&2; exit 1; fi
dkms-source:
	for f in dkms.conf $(DRIVER_SRC); do \
		install -Dm $$([ -x $$f ] && echo 755 || echo 644) $$f $(DESTDIR)$(SRCDIR)/mmapper-$(VERSION)/$$f || exit; \
	done
	echo 'obj-m := driver/' >$(DESTDIR)$(SRCDIR)/mmapper-$(VERSION)/Kbuild

clean: ## remove everything that was built
	rm -rf $(B)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 } \
		/^## .* ##$$/ { gsub(/ *## */, ""); printf "\n%s\n", $$0 }' Makefile

## How each file is built ##

comma := ,
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TEST_INCLUDES := -Ilibmmapper -Idriver/mmapper -Itools -Itests/device

# Changes with the tools, their flags and the list of sources, and rebuilds what
# was made with others: a library must not keep an object whose source is gone.
$(B)/flags: FORCE
	@mkdir -p $(B)
	@printf '%s\n' "$(CC) $(CFLAGS_)" '$(CPPFLAGS_)' "$(LDFLAGS)" \
		"$(PREFIX) $(LIBDIR) $(INCLUDEDIR) $(LIBVERSION)" "$(LIB_SRC) $(CLI_SRC)" >$@.new
	@if cmp -s $@.new $@; then rm $@.new; \
	elif pkg-config --exists $(PKGS) 2>/dev/null; then mv $@.new $@; \
	else echo "$(PKGS) or pkg-config is missing: run 'make deps'" >&2; exit 1; fi

# $(1): a kind of object, kept under build/$(1)/; $(2): its own flags.
define kind
$(B)/$(1)/%.o: %.c $(B)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS_) $$(PKG_CFLAGS) $$(CFLAGS_) $(2) -MMD -MP -c -o $$@ $$<
endef
$(eval $(call kind,obj,-fPIC))
$(eval $(call kind,device,$(TEST_INCLUDES)))
$(eval $(call kind,device32,$(TEST_INCLUDES) -m32))
# Without large-file names (open64), --wrap=open catches what is written as open.
$(eval $(call kind,asan,$(TEST_INCLUDES) $(SANITIZE) -U_FILE_OFFSET_BITS))

$(LIB): $(LIB_SRC:%.c=$(B)/obj/%.o) libmmapper/libmmapper.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,defs -Wl,-soname,libmmapper.so.$(SOVERSION) \
		-Wl,--version-script=libmmapper/libmmapper.map -o $@ $(filter %.o,$^)
	ln -sf $(@F) $(B)/libmmapper.so.$(SOVERSION)
	ln -sf libmmapper.so.$(SOVERSION) $(B)/libmmapper.so

%.a:
	rm -f $@
	$(AR) rcs $@ $^

$(B)/libmmapper.a: $(LIB_SRC:%.c=$(B)/obj/%.o)

$(B)/libmmapper.pc: libmmapper/libmmapper.pc.in dkms.conf $(B)/flags
	sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@LIBDIR@,$(LIBDIR),' \
		-e 's,@INCLUDEDIR@,$(INCLUDEDIR),' -e 's,@VERSION@,$(VERSION),' $< >$@

$(CLI): $(CLI_SRC:%.c=$(B)/obj/%.o) $(LIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -L$(B) -lmmapper $(PKG_LIBS)

# Static programs for the guest, 64-bit and 32-bit.
device: $(DEVICE) $(DEVICE:$(B)/device/%=$(B)/device32/%)
define device_programs
$(B)/$(1)/mmapper-test: $(DEVICE_SRC:%.c=$(B)/$(1)/%.o)
$(B)/$(1)/classic: $(B)/$(1)/tests/device/classic/classic.o
$(B)/$(1)/mmapper-test $(B)/$(1)/classic:
	$$(CC) $$(CFLAGS) $(2) $$(LDFLAGS) -static -o $$@ $$^
endef
$(eval $(call device_programs,device,))
$(eval $(call device_programs,device32,-m32))

# For the debug kernels.
attack: $(B)/device/mmapper-attack
$(B)/device/mmapper-attack: $(ATTACK_SRC:%.c=$(B)/device/%.o)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^

# A unit test may hold a line "/* wrap: ioctl open */": calls that it answers itself.
# What a test does not name is left out of it: the code comes as an archive.
$(B)/asan/code.a: $(patsubst %.c,$(B)/asan/%.o,$(LIB_SRC) $(CLI_SRC) $(UNIT_SHARED))
wraps = $(shell sed -n 's,^/\* wrap: \(.*\) \*/$$,\1,p' tests/unit/$*.c)
$(B)/unit/%: $(B)/asan/tests/unit/%.o $(B)/asan/code.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) $(wraps:%=-Wl$(comma)--wrap=%) \
		-o $@ $^ -lcmocka $(PKG_LIBS)

# Each kernel builds in a copy of its own, so that objects never mix.
driver: $(if $(HEADERS),$(MODULE),no-headers)
.PHONY: no-driver no-headers
no-driver:
	@echo "The driver was left out: there are no headers of this kernel in $(KDIR)"
no-headers:
	@echo "There are no kernel headers in $(KDIR): apt-get install linux-headers-$(KVER), or name others by KVER= or KDIR=" >&2; exit 1
$(B)/driver-$(KVER)/driver/mmapper.ko: $(DRIVER_SRC) dkms.conf
	rm -rf $(B)/driver-$(KVER)
	mkdir -p $(B)/driver-$(KVER)
	cp -r driver include $(B)/driver-$(KVER)
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(B)/driver-$(KVER)/driver \
		MMAPPER_VERSION=$(VERSION) MMAPPER_LAB=m modules

# Failures on demand, for the device tests.
FAIL = $(B)/fail-$(KVER)/mmapper_fail.ko
$(B)/fail-$(KVER)/mmapper_fail.ko: $(wildcard tests/device/fail/*)
	rm -rf $(@D)
	cp -r tests/device/fail $(@D)
	$(MAKE) -C $(KDIR) M=$(CURDIR)/$(@D) modules

# How a guest of another architecture ends.
$(B)/exit: tests/vm/exit.c
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $<

# The guests' root file systems; KVER is the guest's kernel.
demo-image: $(B)/demo-$(KVER).img
check-image: $(B)/check-$(KVER).img
$(B)/demo-$(KVER).img $(B)/check-$(KVER).img: $(MODULE) $(CLI) $(wildcard tests/vm/*)
	LD_LIBRARY_PATH=$(B) tests/vm/image $@ $(KVER) $(filter %.ko,$^) $(MODULE:.ko=_lab.ko) $(CLI) \
		$(foreach f,$(filter $(B)/device/%,$^),$(f):/usr/bin/) \
		$(foreach f,$(filter $(B)/device32/%,$^),$(f):/usr/bin32/)
$(B)/check-$(KVER).img: $(FAIL) $(DEVICE) $(DEVICE:$(B)/device/%=$(B)/device32/%)

-include $(shell find $(B) -type f -name '*.d' -not -path '$(B)/driver-*' 2>/dev/null)
