// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// progress writes how far a long run has come, over and over in one line of the terminal. Without a
// terminal it does nothing.
type progress struct {
	w    io.Writer // nil for none
	now  func() time.Time
	what string // is counted
	// size is the length of the input in bytes, 0 if it is not known.
	size int64

	count, bytes int64
	begin, next  time.Time
	checked      int64 // bytes and records at the last look at the clock
	width        int   // of the line that is shown
}

// How much is done between two looks at the clock, and the time between two lines.
const (
	progressStep  = 64 << 10
	progressEvery = time.Second
)

// newProgress shows progress where talk goes to a terminal and results do not.
func (p *program) newProgress(what string, size int64) *progress {
	g := &progress{what: what, size: size, now: time.Now}
	if p.output != "json" && isTerminal(p.stderr) && !isTerminal(p.stdout) {
		g.w = p.stderr
	}
	g.begin = g.now()
	g.next = g.begin.Add(progressEvery)
	return g
}

// isTerminal tells that somebody may be looking.
func isTerminal(w io.Writer) bool {
	f, isFile := w.(*os.File)
	if !isFile {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // a character device too
	return err != nil || !os.SameFile(info, null)
}

// step counts one more, which ends at that byte of the input.
func (g *progress) step(end int64) {
	if g.w == nil {
		return
	}
	g.count++
	g.bytes = end
	if g.count+g.bytes/16-g.checked < progressStep/16 {
		return
	}
	g.checked = g.count + g.bytes/16
	if now := g.now(); !now.Before(g.next) {
		g.next = now.Add(progressEvery)
		g.show(g.line(now))
	}
}

// line says how much is done, of how much, and how fast.
func (g *progress) line(now time.Time) string {
	const mega = 1e6
	s := grouped(g.count) + " " + g.what + fmt.Sprintf(", %.0f MB", float64(g.bytes)/mega)
	if g.size > 0 {
		s += fmt.Sprintf(" of %.0f MB, %d%%", float64(g.size)/mega, min(g.bytes*100/g.size, 100))
	}
	if passed := now.Sub(g.begin).Seconds(); passed > 0 {
		s += fmt.Sprintf(", %.1f MB/s", float64(g.bytes)/mega/passed)
	}
	return s
}

// show writes over the line that is there.
func (g *progress) show(line string) {
	blanks := strings.Repeat(" ", max(g.width-len(line), 0))
	g.width = len(line)
	_, _ = io.WriteString(g.w, "\r"+line+blanks)
}

// clear takes the line away, so that what follows begins on a clean one.
func (g *progress) clear() {
	if g.width > 0 {
		g.show("")
		_, _ = io.WriteString(g.w, "\r")
	}
}

// grouped writes a number with a comma between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// inputSize is the length of an input file, 0 where it is not known.
func inputSize(name string) int64 {
	if name == "" || name == "-" {
		return 0
	}
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}
