// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestExitCodes holds commands to the codes of docs/reference/cli.md, which never change.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	shop, other := filepath.Join(dir, "shop"), filepath.Join(dir, "other")
	for _, d := range []string{shop, other} {
		if code := run(t.Context(), []string{"new", d}, &bytes.Buffer{}, &bytes.Buffer{}); code != exitOK {
			t.Fatalf("exit code %d", code)
		}
	}
	contract := filepath.Join(other, "openapi.yaml")
	text, err := os.ReadFile(contract)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(contract, bytes.ReplaceAll(text, []byte("maxLength: 30"), []byte("maxLength: 31")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want int
		args []string
	}{
		{exitOK, []string{"check", shop}},
		{exitOK, []string{"test", shop}},
		{exitOK, []string{"diff", shop, shop, "--fail-on", "any"}},
		{exitOK, []string{"fmt", "--check", shop}},
		{exitOK, []string{"man", "diff"}},
		{exitFindings, []string{"diff", shop, other}},
		{exitFindings, []string{"codepage", "show", "cp037", "€"}},
		{exitUsage, []string{"diff"}},
		{exitUsage, []string{"diff", shop, shop, "--fail-on", "little"}},
		{exitUsage, []string{"export", "bruno", shop}},
		{exitUsage, []string{"codepage", "show", "cp0"}},
		{exitUsage, []string{"import", "zosconnect", shop}},
		{exitUsage, []string{"test", shop, "nothing"}},
		{exitUsage, []string{"nonsense"}},
		{exitLoad, []string{"check", filepath.Join(dir, "nowhere")}},
		{exitLoad, []string{"diff", filepath.Join(dir, "nowhere"), shop}},
		{exitLoad, []string{"fmt", filepath.Join(dir, "nowhere")}},
		{exitLoad, []string{"export", "curl", filepath.Join(dir, "nowhere")}},
		{exitLoad, []string{"import", "openapi", filepath.Join(dir, "nowhere")}},
		{exitLoad, []string{"new", shop}},
		{exitUnreachable, []string{"test", shop, "--against", "http://127.0.0.1:1"}},
		{exitUnreachable, []string{"status", "--admin", "127.0.0.1:1"}},
	} {
		var out, errs bytes.Buffer
		if got := run(t.Context(), test.args, &out, &errs); got != test.want {
			t.Errorf("%v: exit code %d, want %d: %s", test.args[:min(2, len(test.args))], got, test.want, errs.String())
		}
	}
}
