// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestQuickAgrees compares the numbers that are read in one word with the way that takes all
// numbers, on bytes of any kind and on bytes that are nearly right.
func TestQuickAgrees(t *testing.T) {
	usages := []string{"", " SIGN LEADING", " COMP-3"}
	for _, usage := range usages {
		rapid.Check(t, func(rt *rapid.T) {
			n := rapid.IntRange(1, 18).Draw(rt, "n")
			frac := rapid.IntRange(0, n).Draw(rt, "frac")
			sign := "S"
			if usage != " SIGN LEADING" && rapid.Bool().Draw(rt, "unsigned") {
				sign = ""
			}
			pic := sign
			if n > frac {
				pic += fmt.Sprintf("9(%d)", n-frac)
			}
			if frac > 0 {
				pic += fmt.Sprintf("V9(%d)", frac)
			}
			policy := Policy{Sign: rapid.SampledFrom([]Sign{SignNoPfd, SignPreferred, SignLax}).Draw(rt, "policy")}
			c := compile(t, "01 R.\n05 A PIC "+pic+usage+".", Options{Policy: policy})
			l := c.root.kids[0].leaf
			raw := rapid.SliceOfN(rapid.Byte(), c.max, c.max).Draw(rt, "raw")
			if rapid.Bool().Draw(rt, "nearly") {
				nearly(rt, usage, raw)
			}
			got, f := l.decode(nil, raw)
			want, wantFault := slow(l).decode(nil, raw)
			if f != wantFault || f == ok && string(got) != string(want) {
				rt.Fatalf("%s%s %x: %s (%d), want %s (%d)", pic, usage, raw, got, f, want, wantFault)
			}
		})
	}
}

// nearly makes digits of most bytes.
func nearly(t *rapid.T, usage string, raw []byte) {
	for i := range raw {
		if usage == " COMP-3" {
			raw[i] = raw[i]>>4%10<<4 | raw[i]&15%10
		} else {
			raw[i] = 0xF0 | raw[i]&15%10
		}
	}
	last := len(raw) - 1
	if usage == " COMP-3" {
		raw[last] = raw[last]&0xF0 | rapid.SampledFrom([]byte{0xC, 0xD, 0xF, 0xB, 9}).Draw(t, "sign")
	}
	if rapid.IntRange(0, 4).Draw(t, "spoil") == 0 {
		raw[rapid.IntRange(0, last).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
	}
}

// slow is the same leaf without the quick way.
func slow(l leaf) leaf {
	switch x := l.(type) {
	case *zonedLeaf:
		c := *x
		c.oneWord = false
		return &c
	case *packedLeaf:
		c := *x
		c.oneWord = false
		return &c
	}
	return l
}
