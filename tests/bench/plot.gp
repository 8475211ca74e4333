# SPDX-License-Identifier: GPL-2.0-or-later
# gnuplot -e "data='...'; out='...'": what it takes to map and touch memory that is there.
set terminal svg size 860,520 font "sans,12"
set output out
set title "mmap and first touch of 256 MiB that another process has mapped"
set logscale x
set xlabel "instructions for each page of 4 KiB (logarithmic)"
set xrange [0.5:10000]
set yrange [-1:*] reverse
set style fill solid 0.6 noborder
set grid xtics
set format y ""
unset key
plot data using (0.5):0:(0.5):1:($0-0.4):($0+0.4) with boxxyerror lc rgb "#4878a8", \
     data using 1:0:2 with labels left offset 0.5,0 notitle
