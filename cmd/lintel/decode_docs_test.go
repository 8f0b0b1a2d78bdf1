// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocsCommands runs every command of the pages on layout, decode and encode in a folder with the files of the
// page, and expects what the page shows behind it.
func TestDocsCommands(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "lintel")); err != nil {
		t.Skip("there are no links: ", err)
	}
	env := append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), asCommand+"=1")
	block := regexp.MustCompile("(?s)```console\n(.*?)```\n")
	for _, name := range []string{"layout", "decode-encode", "datasets"} {
		t.Run(name, func(t *testing.T) {
			page := "../../docs/reference/" + name + ".md"
			src, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			dir := guideFiles(t, page)
			got := block.ReplaceAllFunc(src, func(b []byte) []byte {
				var out bytes.Buffer
				out.WriteString("```console\n")
				for line := range strings.Lines(string(b)) {
					command, is := strings.CutPrefix(line, "$ ")
					if !is {
						continue
					}
					out.WriteString(line)
					c := exec.CommandContext(t.Context(), shell, "-c", command)
					c.Dir, c.Env = dir, env
					shown, _ := c.CombinedOutput() // commands that fail are shown too
					out.Write(shown)
				}
				out.WriteString("```\n")
				return out.Bytes()
			})
			if bytes.Equal(got, src) && !block.Match(src) {
				t.Fatal("the page has no commands")
			}
			golden(t, page, got)
		})
	}
}
