// SPDX-License-Identifier: Apache-2.0

package json

import (
	"regexp"
	"sync"
	"testing"

	"lintel/transforms"
)

func TestCodec(t *testing.T) {
	c := newType(t, `{"type":"object","properties":{"a":{"type":"number"}}}`, Options{}).Format.(transforms.Codec)
	for _, convert := range []func(dst, b []byte) ([]byte, error){c.DecodeJSON, c.EncodeJSON} {
		if got, err := convert([]byte("x"), []byte(` { "a" : 1.50 } `)); err != nil || string(got) != `x{"a":1.50}` {
			t.Errorf("%s %v", got, err)
		}
		if got, err := convert([]byte("x"), []byte(`{"a":"1"}`)); err == nil || string(got) != "x" {
			t.Errorf("%s %v", got, err)
		}
	}
}

// TestConcurrentReaders shares one reader among goroutines that read good and bad documents.
func TestConcurrentReaders(t *testing.T) {
	r, c := bodyReader(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var s transforms.Slots
			for j := range 200 {
				s.Reset(c.Size)
				msg := body
				if (i+j)%2 == 0 {
					msg = `{"amount":-1}`
				}
				if err := r.Read([]byte(msg), &s, 0); (err == nil) != (msg == body) {
					t.Errorf("%v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Code] || !regexp.MustCompile(`^LNT35\d\d$`).MatchString(r.Code) || r.Title == "" || r.Cause == "" || r.Cure == "" {
			t.Errorf("rule %+v", r)
		}
		seen[r.Code] = true
	}
	for _, code := range []string{codePattern, codePatternSize, codeCircle, codeMultipleOf, codeBound, codeEnum, codeLoops} {
		if !seen[code] {
			t.Errorf("no rule for %s", code)
		}
	}
}
