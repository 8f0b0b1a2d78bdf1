// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// filledAudit makes an audit log of three lines.
func filledAudit(t *testing.T) (path string, whole []byte, last string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "audit.log")
	a, err := OpenAudit(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{"anna", "bert", "cleo"} {
		if err := a.Write(AuditLine{By: by, Action: "resolve as applied", Reason: "seen"}); err != nil {
			t.Fatal(err)
		}
	}
	if whole, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return path, whole, a.last
}

// TestAuditChain: a line that is changed, taken out or moved is noticed.
func TestAuditChain(t *testing.T) {
	path, whole, last := filledAudit(t)
	if again, err := OpenAudit(path, nil); err != nil || again.last != last {
		t.Fatalf("%v", err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	for name, text := range map[string]string{
		"changed":       strings.Replace(string(whole), "bert", "eric", 1),
		"taken out":     lines[0] + lines[2],
		"moved":         lines[1] + lines[0] + lines[2],
		"no line":       lines[0] + "x\n",
		"no end within": strings.Replace(string(whole), "}\n{", "}{", 1),
		"zeros within":  lines[0] + strings.Repeat("\x00", 40) + "\n" + lines[1],
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenAudit(path, nil); err == nil {
			t.Errorf("%s: it was not noticed", name)
		}
	}
}

// TestAuditTorn cuts the log at every byte of its last line, and puts zeros in place of what did not reach the
// disk: it is repaired, what was cut off is kept, and the chain holds.
func TestAuditTorn(t *testing.T) {
	path, whole, last := filledAudit(t)
	text := strings.TrimSuffix(string(whole), "\n")
	begin := strings.LastIndexByte(text, '\n') + 1
	for cut := begin; cut <= len(text); cut = min(cut+3, max(cut+1, len(text))) {
		for _, zeros := range []string{"", strings.Repeat("\x00", len(whole)-cut), strings.Repeat("\x00", len(text)-cut) + "\n"} {
			if cut == len(text) && zeros != "" {
				continue
			}
			_ = os.Remove(path + tornSuffix)
			if err := os.WriteFile(path, []byte(text[:cut]+zeros), 0o600); err != nil {
				t.Fatal(err)
			}
			torn := text[begin:cut] + zeros
			var said bytes.Buffer
			a, err := OpenAudit(path, slog.New(slog.NewTextHandler(&said, nil)))
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			kept, _ := os.ReadFile(path + tornSuffix)
			switch {
			case cut == len(text): // only the end of the line is missing
				if len(kept) != 0 || a.last != last {
					t.Errorf("cut at %d: a whole line was cut off", cut)
				}
			case torn == "":
			case string(kept) != torn+"\n" || !strings.Contains(said.String(), "cut off"):
				t.Errorf("cut at %d: kept %q, said %q", cut, kept, said.String())
			}
			if err := a.Write(AuditLine{By: "dora", Action: "resolve as applied"}); err != nil {
				t.Errorf("cut at %d: %v", cut, err)
			}
			if again, err := OpenAudit(path, nil); err != nil || again.last != a.last {
				t.Errorf("cut at %d: the chain does not hold: %v", cut, err)
			}
		}
	}
}

// TestAuditTwoWriters: at a handover the process before writes a line after the next has opened the log.
func TestAuditTwoWriters(t *testing.T) {
	path, whole, _ := filledAudit(t)
	var both [2]*Audit
	for i := range both {
		var err error
		if both[i], err = OpenAudit(path, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, by := range []string{"anna", "bert", "bert", "anna"} {
		if err := both[i%2].Write(AuditLine{By: by, Action: "resolve as applied"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenAudit(path, nil); err != nil {
		t.Error(err)
	}
	// One that was torn while the gateway runs, by a full disk, is repaired by the next line.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString(`{"time":"20`)
	_ = f.Close()
	if err := both[0].Write(AuditLine{By: "cleo", Action: "resolve as applied"}); err != nil {
		t.Error(err)
	}
	if _, err := OpenAudit(path, nil); err != nil {
		t.Error(err)
	}
	// A log that was cut while the gateway runs is noticed.
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := both[0].Write(AuditLine{By: "cleo", Action: "resolve as applied"}); err == nil {
		t.Error("lines were taken out, and nobody noticed")
	}
}
