# SPDX-License-Identifier: GPL-2.0-or-later
# What the driver is to reach, and what it does: one object for each goal, of the figures
# of one kernel; $growth is what `bench --growth` says of the rows that are to cost the same
# for each page and each mapping, $smaller and $large what `bench` and `bench --size=2G` do in
# a guest that has the memory. Instructions are for each page of 4 KiB, at 256 MiB unless said.
def pages: .size / 4096;
def of($name; $size):
  [.targets[] | select(.target == $name and .size == $size and .skipped == null)][0];
def call($name): [.calls[] | select(.call == $name)][0].cost;
def goal($what; $by; $most; $unit; $got; $peer):
  { what: $what, by: $by, most: $most, unit: $unit, got: $got, peer: $peer,
    met: (if $got == null then null else $got <= $most end) };

# null where one was not measured: the rest would say nothing of it.
def most: if length == 0 or any(. == null) then null else max end;
# By how many times the dearest of some figures is dearer than the first.
def times: if length < 2 or most == null then null else most / .[0] end;

268435456 as $big | 4194304 as $small
| [$smaller[].targets[], $large[].targets[] | select(.skipped == null)] as $all
| def total: .warm_map + .warm_touch;
  # What each page costs between two sizes of a row; what a call costs by itself cancels out.
  def slope($name; $from; $to):
    [$all[] | select(.target == $name and (.size == $from or .size == $to))]
    | if length < 2 then null else ((.[1] | total) - (.[0] | total)) / (.[1].size - .[0].size) end;
  [$large[].targets[].target | [slope(.; $small; $big), slope(.; $big; 2147483648)] | times] as $sizes
| [$growth[].growth | group_by(.target)[] | sort_by(.buffers, .mappings) | map(if .skipped == null then .map + .touch else null end) | times] as $crowds
| of("huge-eager"; $big) as $eager
| of("pages-table"; $big) as $table
| of("pages-around"; $big) as $around
| of("pages-insert"; $big) as $insert
| of("huge-pages"; $big) as $blocks
| of("coherent"; $small) as $coherent
| of("memfd-hugetlb-populate"; $big) as $hugetlb
| of("memfd-hugetlb"; $big) as $hugetlb_touch
| of("memfd-thp"; $big) as $thp
| of("packet-ring"; $big) as $ring
| of("memfd"; $big) as $memfd
# null where a row was not measured.
| def of_row(f): if . == null then null else f end;
  def warm: of_row(total / pages);
  def unmap: of_row(.warm_unmap / pages);
  def tables: of_row(.warm_tables / 1024);
  # A cost of nothing at all is none that was measured.
  def pin: of_row(if .pin > 0 then .pin / pages else null end);
  def cold: of_row((.create + .cold_map + .cold_touch) / pages);
[
  goal("contiguous blocks, at once: mmap and touch"; "huge-eager"; 1.2; "instructions";
       ($eager | warm); ($hugetlb | warm)),
  goal("- its faults"; "huge-eager"; 0; "faults"; $eager.warm_faults; $hugetlb.warm_faults),
  goal("- its page tables"; "huge-eager"; 0; "KiB"; ($eager | tables); ($hugetlb | tables)),
  goal("- munmap"; "huge-eager"; 0.6; "instructions"; ($eager | unmap); ($hugetlb | unmap)),
  goal("scattered pages, at once: mmap and touch"; "pages-table"; 16; "instructions";
       ($table | warm); ($ring | warm)),
  goal("- its faults"; "pages-table"; 0; "faults"; $table.warm_faults; $ring.warm_faults),
  goal("blocks of pages that can be pinned"; "huge-pages"; 15; "instructions"; ($blocks | warm); ($thp | warm)),
  goal("single pages that can be pinned, at once"; "pages-insert"; 305; "instructions";
       ($insert | warm); ($ring | warm)),
  goal("on first touch, memory there already"; "pages-around"; 26; "instructions"; ($around | warm);
       ($memfd | of_row((.read_map + .read_touch) / pages))),
  goal("- its faults"; "pages-around"; 128; "faults"; $around.warm_faults; $memfd.read_faults),
  goal("cold: create, map and touch blocks"; "huge-eager"; 548; "instructions"; ($eager | cold);
       ($hugetlb_touch | cold))
    + { why: "most of it is zeroing, which nothing saves; the rest makes each block one compound page, whose pages share a reference count, lists its pages, and is the allocator's own" },
  goal("memory for DMA, 4 MiB"; "coherent"; 16; "instructions"; ($coherent | warm); null),
  goal("to pin blocks of pages"; "huge-pages"; 11; "instructions"; ($blocks | pin); ($thp | pin)),
  goal("a second process, against the first"; "huge-eager"; 1.03; "times";
       ($eager | of_row(total / (.cold_map + .cold_touch))); null),
  goal("each page of 2 GiB, against those of 256 MiB"; "the fast rows"; 1.05; "times"; ($sizes | most); null)
    + { why: "huge-eager maps the first block of each GiB by pages, for no exported function makes the table alone that the entries of the others stand in: a step for each GiB, of which 2 GiB have more than 256 MiB" },
  goal("beside 999 buffers or 63 mappings, against alone"; "the fast rows"; 1.05; "times"; ($crowds | most); null),
  goal("through libmmapper, against the calls themselves"; "huge-pages"; 1.01; "times";
       ($blocks | of_row(.library / .raw)); null),
  goal("a system call of the driver's that does nothing"; "ioctl"; 1.8; "times getppid";
       call("ioctl") / call("getppid"); null),
  # No row wakes anybody up yet.
  goal("to wake another process up and be woken up"; "-"; 1; "times an eventfd"; null; null)
    + { why: "no row wakes anybody up yet" }
]
