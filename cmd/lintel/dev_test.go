// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDevSaveToLive saves a file of the bank again and again while lintel dev serves it, and measures how long it
// takes until an app gets what it says. The figures are printed, and nothing is asserted of them.
func TestDevSaveToLive(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 2
	}
	ws := copyWorkspace(t, "../../examples/bank", nil)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := &background{done: make(chan struct{})}
	b.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), exe, "dev", "--port", "0", ws)
	b.cmd.Env = append(os.Environ(), asCommand+"=1")
	b.cmd.Stderr, b.cmd.Stdout = b, b
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = b.cmd.Wait()
		close(b.done)
	}()
	t.Cleanup(b.stop)
	found, err := b.await(`^gateway +(\S+)`)
	if err != nil {
		t.Fatal(err)
	}
	client := newBankClient(t)
	file := filepath.Join(ws, "transforms", "getAccount.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for i := range rounds {
		title := fmt.Sprintf("Account %d not found", i)
		begin := time.Now()
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), "Account not found", title, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		for !strings.Contains(body(t, client, found[1]+"/accounts/0000001111"), title) {
			if time.Since(begin) > patience {
				t.Fatalf("the change is not served:\n%s", b.text.String())
			}
			time.Sleep(time.Millisecond)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	t.Logf("from save to live, %d times: median %s, longest %s", rounds, took[rounds/2].Round(time.Millisecond), took[rounds-1].Round(time.Millisecond))
}

func body(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
