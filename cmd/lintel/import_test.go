// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// corpusFlags turns the options of a sample of the copybook corpus into flags; ok is false for those that
// have none.
func corpusFlags(options string) (flags []string, ok bool) {
	for _, line := range strings.Split(strings.TrimSpace(options), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "":
		case "dialect", "format":
			flags = append(flags, "--"+key, value)
		case "left", "right":
			flags = append(flags, "--"+key+"-margin", value)
		default:
			return nil, false
		}
	}
	return flags, true
}

// TestImportCorpus imports every copybook of the corpus that the reader takes: the result passes check,
// and its test passes, which import makes sure of before it writes.
func TestImportCorpus(t *testing.T) {
	files, err := filepath.Glob("../../transforms/copybook/testdata/good/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus")
	}
	ran := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		var options, main string
		for _, f := range a.Files {
			switch {
			case f.Name == "options":
				options = string(f.Data)
			case f.Name == "layout" || f.Name == "findings":
			default:
				if main == "" {
					main = filepath.Join(dir, f.Name)
				}
				if err := writeFile(filepath.Join(dir, f.Name), f.Data); err != nil {
					t.Fatal(err)
				}
			}
		}
		flags, ok := corpusFlags(options)
		if !ok {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		switch name {
		case "counter-elsewhere":
			continue // a message of it does not tell how many entries it has: refused, see TestImport
		case "dbcs", "values":
			flags = append(flags, "--codepage", "cp930")
		}
		ran++
		t.Run(name, func(t *testing.T) {
			for n, operation := range []string{"GET /things", "POST /things"} {
				ws := filepath.Join(dir, fmt.Sprint("ws", n))
				args := append([]string{"import", "copybook", main, "--operation", operation, "--dir", ws, "--yes"}, flags...)
				if out, code := lintel(t, args...); code != exitOK {
					t.Fatalf("%s: exit code %d\n%s", operation, code, out)
				}
				for _, command := range []string{"check", "test"} {
					if out, code := lintel(t, command, ws); code != exitOK {
						t.Fatalf("%s %s: exit code %d\n%s", command, operation, code, out)
					}
				}
			}
		})
	}
	if ran < 60 {
		t.Errorf("only %d copybooks were imported", ran)
	}
}
