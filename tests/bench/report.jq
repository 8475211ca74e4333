# SPDX-License-Identifier: GPL-2.0-or-later
# docs/performance.md, from what tests/bench/run has measured: an array of kernels, each
# with its conditions, figures and goals.
def pages: .size / 4096;
def round1: . * 10 | round / 10;
def size: if . >= 1048576 then "\(. / 1048576) MiB" else "\(. / 1024) KiB" end;
def number: if . == null then "-" elif . < 3 then . * 100 | round / 100 else round1 end;
def row: "| " + (map(tostring) | join(" | ")) + " |";
def figures($size):
  .figures.targets[] | select(.size == $size and .skipped == null)
  | [ .target, (.create / pages | number), (.cold_map / pages | number), (.cold_touch / pages | number), .cold_faults,
      (if .warm_map > 0 then ((.warm_map / pages | number), (.warm_touch / pages | number), .warm_faults,
       (.warm_tables / 1024), (.warm_unmap / pages | number)) else ("-", "-", "-", "-", "-") end),
      (if .pin > 0 then .pin / pages | number else "-" end),
      (if .copy_map > 0 then .copy_map / pages | number else "-" end),
      (if .copy_read > 0 then .copy_read / pages | number else "-" end) ]
  | row;
def skipped: [.figures.targets[] | select(.skipped != null) | "\(.target) at \(.size | size): \(.skipped)"];

# Of several runs, the least and the most, nanoseconds as milliseconds.
def ms: . / 10000 | round / 100;
def span(f): [.[] | f] | "\(min | ms) to \(max | ms)";

"# What mapping costs",
"",
"Made by `make bench`; do not edit. Figures are instructions for each page of 4 KiB, counted under QEMU's `-icount`, unless",
"the heading says otherwise: exact, the same in each run, and no time. Caches, TLBs, contention and what an instruction takes",
"are not in them. `create` makes zeroed memory. `cold` is the first process that maps it, `warm` another one, while the first",
"has it mapped. To touch is to write one byte of each page; the loop itself is subtracted. `pin` is pin_user_pages_fast() of",
"what another one has touched, `-` where that fails; `copy` is out of a mapping, `read` by read().",
"",
"## The kernels beside each other",
"",
([ "what", "backend", (.[] | .kernel) ] | row),
("|---" * (2 + length) + "|"),
( . as $kernels | range(.[0].goals | length) as $i
  | [ $kernels[0].goals[$i].what, $kernels[0].goals[$i].by, ($kernels[] | .goals[$i].got | number) ] | row ),
"",
( map({ key: .name, value: . }) | from_entries as $k
  | def each(f): [$k["6.1", "6.12", "7.3"] | f | number] | join(", ");
    def row_of($name): .figures.targets[] | select(.target == $name and .size == 268435456);
    def map_of($name): row_of($name) | (.warm_map + .warm_touch) / pages;
    def unmap_of($name): row_of($name) | .warm_unmap / pages;
    def pin_of($name): row_of($name) | .pin / pages;
  "What changes, on 6.1, 6.12 and 7.3 in turn, and why:", "",
  "- Blocks of pages that can be pinned: \(each(map_of("huge-pages"))), munmap \(each(unmap_of("huge-pages"))). 6.1 counts the mapping of a",
  "  block in each of its 512 pages, the others once for the block (`page_add_file_rmap()`, `folio_add_file_rmap_pmd()` in",
  "  mm/rmap.c). memfd with huge pages goes the same way: \(each(map_of("memfd-thp"))), munmap \(each(unmap_of("memfd-thp"))).",
  "- To pin single pages of a driver's: \(each(pin_of("pages-insert"))); memfd's: \(each(pin_of("memfd"))). 6.12 gives up the fast way at pages that",
  "  belong to no file, and looks each of them up the slow way; 7.3 does so only where they are to be written for long",
  "  (`gup_fast_folio_allowed()` in mm/gup.c).",
  "- Special entries for single pages are made by the same code of the driver's: \(each(map_of("pages-table"))). To take them away is the",
  "  kernel's part: \(each(unmap_of("pages-table"))).",
  "- Any system call: getppid() takes \(each(.figures.calls[] | select(.call == "getppid") | .cost)), which is in every figure of a call, such as `ioctl`.", "",
  "The goals were set for 6.1; on the others they tell what has changed.", "" ),
( .[] |
  "## Linux \(.kernel)", "",
  "QEMU \(.qemu), `\(.flags)`. Two runs of the backends differ by at most \(.spread * 100 | round1) % where a figure is 50,000 instructions or more in all.", "",
  "### Goals", "",
  "| what | backend | goal | | reached | best peer |", "|---|---|---|---|---|---|",
  ( .goals[] | [ .what, .by, "\(.most) \(.unit)", (if .met == null then "not measured" elif .met then "met" else "**missed**" end),
                 (.got | number), (.peer | number) ] | row ),
  "",
  ( [.goals[] | select(.met != true and .why != null) | "- \(.what | ltrimstr("- ")): \(.why)."] | if . == [] then empty else "What is not met, and why:", "", .[], "" end ),
  ( (268435456, 4194304, 65536, 4096) as $size |
    "### \($size | size)", "",
    "| target | create | cold mmap | cold touch | faults | warm mmap | warm touch | faults | page tables, KiB | munmap | pin | copy | read |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    figures($size), "" ),
  "### Growth", "",
  "Instructions in all of a mapping of 4 MiB, mmap and touch, in a process that has mapped the same memory so often, beside so", "many other buffers of a page each.", "",
  "| target | alone | 9 buffers | 999 buffers | 7 mappings | 63 mappings |", "|---|---|---|---|---|---|",
  ( .growth | group_by(.target)[] | . as $g
    | def at($b; $m): $g[] | select(.buffers == $b and .mappings == $m) | .map + .touch;
      [$g[0].target, at(1; 1), at(10; 1), at(1000; 1), at(1; 8), at(1; 64)] | row ), "",
  ( if .large == [] then empty else
    "### 2 GiB", "",
    "| target | create | cold mmap | cold touch | faults | warm mmap | warm touch | faults | page tables, KiB | munmap | pin | copy | read |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ({ figures: { targets: .large } } | figures(2147483648)), "" end ),
  ( if .timed == [] then empty else
    "### 2 GiB, in milliseconds", "",
    "Time on the emulated machine, from the least to the most of \(.timed | length) runs, which ran side by side. What it",
    "tells is the order of magnitude; how fast a machine is with real TLBs and caches it does not.", "",
    "| target | create | cold mmap and touch | warm mmap and touch | munmap |", "|---|---|---|---|---|",
    ( [.timed[].targets] | transpose[] | select(all(.skipped == null)) |
      [ .[0].target, span(.create), span(.cold_map + .cold_touch),
        (if .[0].warm_map > 0 then span(.warm_map + .warm_touch), span(.warm_unmap) else ("-", "-") end) ] | row ),
    "" end ),
  "### Left out", "",
  (skipped[] | "- " + .), "",
  "### Calls", "",
  "| call | instructions |", "|---|---|",
  (.figures.calls[] | [.call, .cost] | row), ""
)
