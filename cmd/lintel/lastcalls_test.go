// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestLastCallsBounded: what is kept is bounded in number and in bytes, and the oldest goes first.
func TestLastCallsBounded(t *testing.T) {
	l := newLastCalls()
	served := func() callsAnswer {
		w := httptest.NewRecorder()
		l.ServeHTTP(w, nil)
		var out callsAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Body.Len() > maxLastCallBytes+1<<10 {
			t.Fatal(w.Body.Len(), err)
		}
		return out
	}
	for i := range maxLastCalls + 7 {
		if err := l.add(&taped{Operation: fmt.Sprint(i), Request: &tapedMessage{}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := served().Calls; len(got) != maxLastCalls || !strings.Contains(string(got[0]), `"operation":"7"`) {
		t.Errorf("%d calls, the first is %s", len(got), got[0])
	}
	for range 5 {
		if err := l.add(&taped{Operation: "large", Request: &tapedMessage{Bytes: make([]byte, maxLastCallBytes/4)}}); err != nil {
			t.Fatal(err)
		}
	}
	if got := served().Calls; len(got) != 2 {
		t.Errorf("%d large calls", len(got))
	}
	if err := l.add(&taped{Request: &tapedMessage{Bytes: make([]byte, maxLastCallBytes)}}); err == nil {
		t.Error("one larger than all that is kept was kept")
	}
}

// TestWithout leaves values out at any depth, also in the entries of arrays.
func TestWithout(t *testing.T) {
	const doc = `{"a":1,"b":{"c":[{"d":1.10,"e":2},{"d":3}],"f/g":"x"},"h":null}`
	for _, c := range []struct {
		pointers []string
		want     string
	}{
		{nil, doc},
		{[]string{"/a", "/b/f~1g"}, `{"b":{"c":[{"d":1.10,"e":2},{"d":3}]},"h":null}`},
		{[]string{"/b/c/*/d", "/none"}, `{"a":1,"b":{"c":[{"e":2},{}],"f/g":"x"},"h":null}`},
		{[]string{"/b"}, `{"a":1,"h":null}`},
	} {
		if got := string(without([]byte(doc), c.pointers)); got != c.want {
			t.Errorf("%q: %s, want %s", c.pointers, got, c.want)
		}
	}
}
