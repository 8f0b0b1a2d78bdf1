// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestSecret prints a secret in every way that somebody might by oversight.
func TestSecret(t *testing.T) {
	s := NewSecret("hush")
	holder := struct {
		S    Secret
		P    *Secret
		Deep map[string]any
	}{s, &s, map[string]any{"a": []Secret{s}}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", s, holder)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", s, "holder", holder)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", s, "holder", holder)
	text, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	if strings.Contains(out.String(), "hush") || strings.Contains(out.String(), "68757368") {
		t.Errorf("printed:\n%s", &out)
	}
	if s.Reveal() != "hush" || s.IsZero() || !s.Equal(NewSecret("hush")) || s.Equal(NewSecret("x")) {
		t.Error("the secret is not what it was made of")
	}
}

// S09: a secret that everybody may read is refused, below the workspace and elsewhere.
func TestS09SecretFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such permissions")
	}
	outside := t.TempDir()
	for _, c := range []struct {
		mode os.FileMode
		code string
	}{{0o644, CodeSecretFile}, {0o604, CodeSecretFile}, {0o600, ""}, {0o640, ""}} {
		for _, where := range []string{"", outside + "/"} {
			dir := onDisk(t)
			name := filepath.Join(dir, "word")
			if where != "" {
				name = where + "word"
			}
			if err := os.WriteFile(name, []byte("cp1047"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(name, c.mode); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "lintel.yaml")
			config, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, bytes.Replace(config, []byte("cp1047"), []byte("${file:"+where+"word}"), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			_, found := Load(dir, noEnv)
			if c.code == "" && len(found) > 0 || c.code != "" && (len(found) != 1 || found[0].Code != c.code) {
				t.Errorf("%o %s:\n%s", c.mode, where, printFindings(found))
			}
		}
	}
}
