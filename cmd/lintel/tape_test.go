// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lintel/transforms"
	"lintel/transforms/codepage"
)

// tapeTestKey is the key of the recordings of tests.
func tapeTestKey() []byte { return []byte(strings.Repeat("k", minTapeKey)) }

// makeTape writes a recording of n exchanges and returns its bytes, and where each frame begins.
func makeTape(t *testing.T, n int, end bool) (path string, starts []int) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "tape")
	w, err := createTape(path, tapeTestKey())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		starts = append(starts, int(w.bytes))
		if err := w.add(&taped{Operation: strings.Repeat("o", i), Request: &tapedMessage{Bytes: []byte("request")}}); err != nil {
			t.Fatal(err)
		}
	}
	starts = append(starts, int(w.bytes))
	if !end {
		if err := w.f.Close(); err != nil {
			t.Fatal(err)
		}
		return path, starts
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path, starts
}

func tapeOf(path string, key []byte) (n int, err error) {
	err = readTape(path, key, func(int, *taped) error { n++; return nil })
	return n, err
}

// TestTapeSeal: whatever is changed in a recording, cut off, exchanged or added is noticed.
func TestTapeSeal(t *testing.T) {
	path, starts := makeTape(t, 3, true)
	if n, err := tapeOf(path, tapeTestKey()); n != 3 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others can read it: %v %v", info.Mode(), err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(whole, []byte("request")) {
		t.Error("it can be read without its key")
	}
	other := filepath.Join(t.TempDir(), "tape")
	try := func(name string, b []byte, n int, want error) {
		t.Helper()
		if err := os.WriteFile(other, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := tapeOf(other, tapeTestKey()); err == nil || want != nil && !errors.Is(err, want) || n >= 0 && got != n {
			t.Errorf("%s: %d exchanges, %v", name, got, err)
		}
	}
	for i := range whole {
		b := slices.Clone(whole)
		b[i] ^= 1
		try("a changed bit", b, -1, nil)
	}
	for cut := len(whole) - 1; cut > starts[0]; cut-- {
		try("cut off", whole[:cut], -1, errTapeOpen)
	}
	first, second := whole[starts[0]:starts[1]], whole[starts[1]:starts[2]]
	try("exchanged", slices.Concat(whole[:starts[0]], second, first, whole[starts[2]:]), 0, errTapeSeal)
	try("taken out", slices.Concat(whole[:starts[1]], whole[starts[2]:]), 1, errTapeSeal)
	try("twice", slices.Concat(whole[:starts[1]], first, whole[starts[1]:]), 1, errTapeSeal)
	try("goes on", append(slices.Clone(whole), 1), 3, nil)
	try("too large", binary.BigEndian.AppendUint32(slices.Clone(whole[:starts[0]]), maxTapeFrame+1), 0, errTapeSeal)
	open, _ := makeTape(t, 2, false)
	if n, err := tapeOf(open, tapeTestKey()); n != 2 || !errors.Is(err, errTapeOpen) {
		t.Errorf("no end: %d %v", n, err)
	}
	if n, err := tapeOf(path, []byte(strings.Repeat("x", minTapeKey))); n != 0 || !errors.Is(err, errTapeSeal) {
		t.Errorf("another key: %d %v", n, err)
	}
}

// recorded serves a workspace with a recorder and gives what was kept.
func recorded(t *testing.T, ws string, most int64, calls func(call func(method, target, body string) (int, string))) ([]*taped, tapeCounts) {
	t.Helper()
	log := newLogging(io.Discard)
	t.Cleanup(log.close)
	path := filepath.Join(t.TempDir(), "tape")
	tape, err := createTape(path, tapeTestKey())
	if err != nil {
		t.Fatal(err)
	}
	p := mustCompile(t, ws, noEnv)
	sims := &simulation{ctx: t.Context(), p: &program{stdout: io.Discard, stderr: io.Discard, env: noEnv}, log: log, on: true}
	defer sims.close()
	backends, err := sims.backends(p)
	if err != nil {
		t.Fatal(err)
	}
	r := newRecorder(tape, most, log)
	place := sims.journal()
	place.tape = r
	h, err := build(p, backends, log, nil, place)
	if err != nil {
		t.Fatal(err)
	}
	calls(func(method, target, body string) (int, string) { return send(h.gateway, method, target, body) })
	if err := errors.Join(h.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	var out []*taped
	if err := readTape(path, tapeTestKey(), func(_ int, x *taped) error { out = append(out, x); return nil }); err != nil {
		t.Fatal(err)
	}
	return out, r.counts
}

// TestRecordMasks declares fields of both directions sensitive: their values are nowhere in what is kept, in no
// character set, and everything else is as it was.
func TestRecordMasks(t *testing.T) {
	ws := copyWorkspace(t, "../../examples/bank", nil)
	edit(t, ws, "records.yaml", "INQ-REPLY: {", "INQ-NAME: {sensitive: true}\nXFR-REFERENCE: {sensitive: true}\nINQ-BALANCE: {sensitive: true}\nINQ-REPLY: {")
	kept, counts := recorded(t, ws, 1<<20, func(call func(method, target, body string) (int, string)) {
		if code, text := call("GET", "/accounts/0000004711", ""); code != 200 || !strings.Contains(text, "ADA VON ARN") || !strings.Contains(text, "1250.75") {
			t.Fatalf("%d %s", code, text)
		}
		if code, text := call("POST", "/transfers", `{"from":"0000004711","to":"0000004712","amount":{"amount":250.00,"currency":"EUR"},"reference":"RENT-2024-03"}`); code != 201 {
			t.Fatalf("%d %s", code, text)
		}
	})
	if len(kept) != 2 || counts.kept != 2 || counts.masked != 2 {
		t.Fatalf("%d exchanges, %+v", len(kept), counts)
	}
	page, err := codepage.Lookup("cp1047")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range kept {
		text, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"ADA", "RENT", "1250.75"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s: %s is kept: %s", x.Operation, secret, text)
			}
			host, err := page.AppendEncode(nil, []byte(secret))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(x.Request.Bytes, host) || x.Reply != nil && bytes.Contains(x.Reply.Bytes, host) {
				t.Errorf("%s: the bytes hold %s", x.Operation, secret)
			}
		}
	}
	if bytes.Contains(kept[0].Reply.Bytes, []byte{0x25, 0x07, 0x5C}) {
		t.Error("the packed balance is kept")
	}
	if got := string(kept[0].Answer.Body); !strings.Contains(got, `"name":"XXX XXX XXX`) || !strings.Contains(got, `"id":"0000004711"`) || !strings.Contains(got, `"available":{"amount":1150.75`) {
		t.Errorf("answer: %s", got)
	}
	if got := string(kept[1].Body); !strings.Contains(got, `"reference":"XXXX-0000-00"`) || !strings.Contains(got, `"from":"0000004711"`) {
		t.Errorf("body: %s", got)
	}
	if kept[0].Time.IsZero() || time.Since(kept[0].Time) > time.Hour || kept[0].Exchange == "" {
		t.Errorf("%v %q", kept[0].Time, kept[0].Exchange)
	}
}

// TestRecordBound: a recording ends at its size, and calls go on.
func TestRecordBound(t *testing.T) {
	kept, counts := recorded(t, "../../examples/bank", 4000, func(call func(method, target, body string) (int, string)) {
		for range 20 {
			if code, text := call("GET", "/accounts/0000004711", ""); code != 200 {
				t.Fatalf("%d %s", code, text)
			}
		}
	})
	if len(kept) == 0 || len(kept) == 20 || counts.beyond != 20-len(kept) {
		t.Errorf("%d exchanges, %+v", len(kept), counts)
	}
}

// TestRecordUnreadable: a reply that cannot be read is kept where nothing in it may be sensitive, else not.
func TestRecordUnreadable(t *testing.T) {
	for _, secret := range []bool{false, true} {
		ws := copyWorkspace(t, "../../examples/bank", nil)
		if secret {
			edit(t, ws, "records.yaml", "INQ-REPLY: {", "INQ-NAME: {sensitive: true}\nINQ-REPLY: {")
		}
		if err := os.WriteFile(filepath.Join(ws, "simulate.yaml"), []byte("operations: {getAccount: {faults: [{fault: garbage}]}}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		kept, counts := recorded(t, ws, 1<<20, func(call func(method, target, body string) (int, string)) {
			if code, text := call("GET", "/accounts/0000004711", ""); code != 502 {
				t.Fatalf("%d %s", code, text)
			}
		})
		switch {
		case secret && (len(kept) != 0 || counts.unmaskable != 1):
			t.Errorf("sensitive: %d exchanges, %+v", len(kept), counts)
		case !secret && (len(kept) != 1 || kept[0].Reply == nil || kept[0].Reply.Bytes[0] != 0xFF || kept[0].Answer != nil):
			t.Errorf("%d exchanges, %+v", len(kept), counts)
		}
	}
}

// TestTapedProperties: credentials are never kept, and of an exchange with sensitive fields only what the wire itself has.
func TestTapedProperties(t *testing.T) {
	in := map[string]any{"status": int64(200), "contentType": "text/xml", "header.Authorization": "Basic x", "header.X-Branch": "017", "path": "/4711", "flag": true, "id": []byte{1}}
	open, closed := tapedProperties(in, false), tapedProperties(in, true)
	if len(open) != 6 || len(closed) != 4 {
		t.Errorf("%v\n%v", open, closed)
	}
	back := (&tapedMessage{Properties: open}).message()
	delete(in, "header.Authorization")
	if !transforms.HasProperties(back.Properties, in) {
		t.Errorf("%v became %v", in, back.Properties)
	}
}
