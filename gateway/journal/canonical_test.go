// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// byLibrary is the same spelling made by a library: it checks the document, sorts its members, and its
// tokens are written again.
func byLibrary(doc []byte) []byte {
	dst := []byte{'j'}
	v := jsontext.Value(bytes.Clone(doc))
	if v.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)) != nil {
		return append([]byte{'b'}, doc...)
	}
	d := jsontext.NewDecoder(bytes.NewReader(v))
	for {
		t, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return dst
		}
		if err != nil {
			return append([]byte{'b'}, doc...)
		}
		switch t.Kind() {
		case '0':
			dst = appendNumber(dst, []byte(t.String()))
		case '"':
			dst, _ = jsontext.AppendQuote(dst, t.String())
		default:
			dst = append(dst, t.String()...)
		}
		dst = append(dst, ',')
	}
}

// FuzzCanonical compares the two.
func FuzzCanonical(f *testing.F) {
	for _, doc := range []string{
		`{"b":1,"a":{"y":[1,2,{"z":null,"x":true}],"w":"\u00e9\n"}}`, ` [ ] `, `{}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[1,]`, `{"a"}`, `{"a":1,}`,
		`01`, `-`, `1.`, `1e`, `1e+5`, `-0.0E-0`, `tru`, `nulll`, `"\ud800"`, "\"\xff\"", "\"\x01\"", `"a`, `[1 2]`, `{"a":1 "b":2}`, `[`, `{`, ``, ` `, `1 2`,
		"\"\x7f\u2028\"", `1e999999999999`, strings.Repeat("[", 100) + strings.Repeat("]", 100), `{"":0,"a":{"":[]},"":1}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if bytes.Count(doc, []byte{'['})+bytes.Count(doc, []byte{'{'}) > maxDepth {
			return // where the two differ on purpose
		}
		c := &canonizer{}
		c.canonical(doc)
		want := byLibrary(doc)
		if bytes.Equal(c.out, want) {
			return
		}
		// They put members in order by other rules, where names have more than plain characters.
		if len(c.out) != len(want) || !bytes.ContainsAny(doc, "\\") && bytes.IndexFunc(doc, func(r rune) bool { return r < '0' || r > 'z' }) < 0 {
			t.Errorf("%q\n is %q\nnot %q", doc, c.out, want)
		}
	})
}

// TestMembers: however many members there are, and in whatever order, the spelling is one; and two with one name are
// found wherever they are. So it is too for one who has seen other documents, in the same order or not.
func TestMembers(t *testing.T) {
	seen := &canonizer{}
	write := func(order []int) []byte {
		c := &canonizer{}
		b := []byte{'{'}
		for i, n := range order {
			if i > 0 {
				b = append(b, ',')
			}
			b = fmt.Appendf(b, `"member%d":%d`, n, n)
		}
		b = append(b, '}')
		c.canonical(b)
		for range 2 {
			seen.out = seen.out[:0]
			if seen.canonical(b); !bytes.Equal(seen.out, c.out) {
				t.Errorf("%q\n is %q\nnot %q", b, seen.out, c.out)
			}
		}
		return c.out
	}
	dice := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{2, 20, fewMembers, fewMembers + 1, 500} {
		order := dice.Perm(n)
		first := write(order)
		dice.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		if again := write(order); first[0] != 'j' || !bytes.Equal(first, again) {
			t.Errorf("%d members: %q\nand %q", n, first, again)
		}
		order[0] = order[n-1]
		if twice := write(order); twice[0] != 'b' {
			t.Errorf("%d members, two alike: %q", n, twice)
		}
	}
}

// TestCanonicalDepth: a document that is nested too deep is summed up by its bytes, at no great cost.
func TestCanonicalDepth(t *testing.T) {
	c := &canonizer{}
	c.canonical([]byte(strings.Repeat("[", 1<<20)))
	if c.out[0] != 'b' || len(c.out) != 1<<20+1 {
		t.Errorf("%q, %d bytes", c.out[0], len(c.out))
	}
}

func BenchmarkFingerprint(b *testing.B) {
	s := newSummers(make([]byte, 32))
	j := &Journal{secrets: &secrets{fingerprint: s}}
	doc := []byte(`{"from":"0000004711","to":"0000004712","amount":125.50,"currency":"EUR","reference":"Invoice 2024-17"}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		j.Fingerprint(nil, doc)
	}
}
