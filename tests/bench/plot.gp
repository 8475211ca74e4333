# SPDX-License-Identifier: GPL-2.0-or-later
# gnuplot -e "data='...'; out='...'": what it takes to map and touch memory that is there.
set terminal svg size 860,520 font "sans,12"
set output out
set title "mmap and first touch of 256 MiB that another process has mapped; in grey, other ways of the kernel"
set logscale x
set xlabel "instructions for each page of 4 KiB (logarithmic)"
set xrange [0.5:10000]
stats data using 1 nooutput
set yrange [STATS_records-0.4:-0.6]
set style fill solid 0.6 noborder
set grid xtics
unset ytics
unset key
plot data using (0.5):0:(0.5):1:($0-0.4):($0+0.4):($3 > 0 ? 0x4878a8 : 0xb0b0b0) with boxxyerror lc rgb variable, \
     data using 1:0:2 with labels left offset 0.5,0 notitle
