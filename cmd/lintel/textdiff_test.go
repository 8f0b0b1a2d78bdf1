// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestTextDiff(t *testing.T) {
	if got := textDiff("a", "b", "x\n", "x\n"); got != "" {
		t.Errorf("got %q", got)
	}
	got := textDiff("a", "b", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", "1\n2\n3\n4\nV\n6\n7\n8\n9\n10\n11\n12\n13\n")
	want := "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+V\n 6\n 7\n 8\n@@ -10,3 +10,4 @@\n 10\n 11\n 12\n+13\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestLineEdits checks that the edits lead from one text to the other, whatever they are.
func TestLineEdits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func() []string {
		out := make([]string, r.IntN(12))
		for i := range out {
			out[i] = string(rune('a' + r.IntN(4)))
		}
		return out
	}
	for range 2000 {
		a, b := random(), random()
		var from, to []string
		for _, e := range lineEdits(a, b) {
			if e.sign != '+' {
				from = append(from, e.text)
			}
			if e.sign != '-' {
				to = append(to, e.text)
			}
		}
		if strings.Join(from, "") != strings.Join(a, "") || strings.Join(to, "") != strings.Join(b, "") {
			t.Fatalf("%v to %v", a, b)
		}
	}
}
