// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
)

// TestKey makes keys: two are never the same, and the hash is that of the key.
func TestKey(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"key", "mobile", "--days", "30", "--output", "json"}, &out, &errs); code != exitOK {
			t.Fatalf("%d %s", code, &errs)
		}
		var made madeKey
		if err := json.Unmarshal(out.Bytes(), &made); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(made.Key))
		if seen[made.Key] || len(made.Key) < 40 || made.SHA256 != hex.EncodeToString(sum[:]) || made.Expires == "" || made.Client != "mobile" {
			t.Errorf("%+v", made)
		}
		seen[made.Key] = true
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"key", "mobile"}, &out, &out); code != exitOK || !strings.Contains(out.String(), "mobile: {sha256: ") {
		t.Errorf("%d %s", code, &out)
	}
	if code := run(t.Context(), []string{"key", "mobile", "--days", "-1"}, &out, &out); code != exitUsage {
		t.Errorf("negative days: %d", code)
	}
}
