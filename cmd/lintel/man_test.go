// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// eachCommand visits all commands that are ours.
func eachCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range documented(cmd) {
		if sub.Name() != "completion" {
			eachCommand(sub, visit)
		}
	}
}

// TestCommandsExplainThemselves holds every command to a help that begins with examples of itself, and to a
// page of the manual that man takes without a warning.
func TestCommandsExplainThemselves(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("groff is not installed: pages are not set")
	}
	root := newRoot(&program{stdout: io.Discard, stderr: io.Discard})
	eachCommand(root, func(cmd *cobra.Command) {
		var help bytes.Buffer
		cmd.SetOut(&help)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(help.String(), "Examples:\n  ") || !strings.Contains(cmd.Example, cmd.CommandPath()) {
			t.Errorf("the help of %s does not begin with examples of it", cmd.CommandPath())
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s has the description %q", cmd.CommandPath(), cmd.Short)
		}
		if groff == "" || testing.Short() && cmd.HasParent() {
			return
		}
		c := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-ww")
		c.Stdin = strings.NewReader(manPage(cmd))
		var talk bytes.Buffer
		c.Stderr, c.Stdout = &talk, io.Discard
		if err := c.Run(); err != nil || talk.Len() > 0 {
			t.Errorf("the page of %s: %v %s", cmd.CommandPath(), err, talk.String())
		}
	})
}

// TestCompletion asks for the completions of every shell, and for those of a beginning.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"completion", shell}, &out, &errs); code != exitOK || !strings.Contains(out.String(), "lintel") {
			t.Errorf("%s: exit code %d, %d bytes, %s", shell, code, out.Len(), errs.String())
		}
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		if shell == "bash" {
			c := exec.CommandContext(t.Context(), "bash", "-n")
			c.Stdin = &out
			if talk, err := c.CombinedOutput(); err != nil {
				t.Errorf("bash does not take it: %v %s", err, talk)
			}
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"__complete", "import", "open"}, &out, &errs); code != exitOK || !strings.HasPrefix(out.String(), "openapi\t") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
}

// TestNothingIsColored runs commands as on a terminal that wants colors: there are none to turn off.
func TestNothingIsColored(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	t.Setenv("CLICOLOR_FORCE", "1")
	for _, args := range [][]string{{"check", "../../examples/bank"}, {"test", "../../examples/claims"}, {"check", "."}, {"codepage", "show", "cp037"}, {"nonsense"}} {
		var out, errs bytes.Buffer
		run(t.Context(), args, &out, &errs)
		if strings.Contains(out.String()+errs.String(), "\x1b[") {
			t.Errorf("%v writes escape sequences", args)
		}
	}
}
