// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// book is the copybook of a case.
func (c *supportCase) book(entry string) string {
	if regexp.MustCompile(`^(01|02|77|78) `).MatchString(entry) {
		return lines(entry)
	}
	return "01 R.\n" + lines(entry)
}

// run runs a command on the book of a case.
func (c *supportCase) run(t *testing.T, command, entry, in string) ran {
	t.Helper()
	t.Chdir(t.TempDir())
	files := map[string]string{"R.cpy": c.book(entry), "in": in + "\n"}
	for name, text := range c.files {
		files[name] = text
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{command, "R.cpy"}
	if command != "layout" {
		args = append(args, "in", "--hex")
		args = append(args, c.args...)
	} else {
		args = append(args, slices.DeleteFunc(slices.Clone(c.args), func(a string) bool { return a == "--framing" || a == "whole" })...)
	}
	return runLintel(t, args...)
}

// findingIn gives the code of the first finding of that severity in the output of a command, or nothing.
func findingIn(output, severity string) string {
	_, code, _ := strings.Cut(regexp.MustCompile(severity+` LNT\d{4}`).FindString(output), " ")
	return code
}

// verdict runs a case and says what happens: that is what the page prints.
func (c *supportCase) verdict(t *testing.T) (json, what string) {
	t.Helper()
	decoded := c.run(t, "decode", c.entry, c.hex)
	if decoded.Code != exitOK {
		found := findingIn(decoded.Stderr, "error")
		if found == "" || c.hex != "" {
			t.Errorf("%s: %s", c.clause, decoded.Stderr)
			return "", "fails"
		}
		return "", "refused, " + found
	}
	json = strings.TrimSpace(decoded.Stdout)
	if encoded := c.run(t, "encode", c.entry, json); encoded.Stdout != c.hex+"\n" {
		t.Errorf("%s: %s became %s %s", c.clause, json, encoded.Stdout, encoded.Stderr)
	}
	what = "read and written"
	if c.without != "" {
		with, without := c.run(t, "layout", c.entry, ""), c.run(t, "layout", c.without, "")
		plain := c.run(t, "decode", c.without, c.hex)
		if plain.Stdout != decoded.Stdout || places(with.Stdout) != places(without.Stdout) {
			t.Errorf("%s has an effect:\n%s\n%s", c.clause, with.Stdout, without.Stdout)
		}
		what = "taken, changes no bytes"
	}
	if found := findingIn(decoded.Stderr, "warning"); found != "" {
		what += ", with warning " + found
	}
	return json, what
}

// places are the offsets and lengths in a layout.
func places(layout string) string {
	return strings.Join(regexp.MustCompile(`(?m)^\s*\d+\s+\d+`).FindAllString(layout, -1), "\n")
}

// supportWords are the words that begin a clause or name a usage, as the reader's sources list them.
func supportWords(t *testing.T) []string {
	t.Helper()
	var words []string
	for _, file := range []string{"clauses.go", "clause_usage.go"} {
		source, err := os.ReadFile(filepath.Join("..", "..", "transforms", "copybook", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\s*case ("[A-Z0-9-]+"(?:,\s*"[A-Z0-9-]+")*)`).FindAllStringSubmatch(string(source), -1) {
			for _, w := range strings.Split(m[1], ",") {
				words = append(words, strings.Trim(strings.TrimSpace(w), `"`))
			}
		}
	}
	if len(words) < 60 {
		t.Fatalf("only %d words found", len(words))
	}
	return words
}

// codeCell is text in a cell of a table.
func codeCell(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(s, "|", "\\|") + "`"
}

// clauseTable runs every case.
func clauseTable(t *testing.T) string {
	words := supportWords(t) // before the cases change the folder
	var b, all strings.Builder
	group := ""
	for _, c := range supportCases() {
		if c.group != group {
			group = c.group
			fmt.Fprintf(&b, "\n### %s\n\n| clause | example | bytes | JSON | what happens |\n|---|---|---|---|---|\n", group)
		}
		json, what := c.verdict(t)
		example := strings.Join(strings.Fields(strings.ReplaceAll(c.entry, ";", " ")), " ")
		for _, name := range []string{"PART.cpy"} {
			if text := c.files[name]; text != "" {
				example += " *> PART: " + strings.TrimSpace(text)
			}
		}
		if len(c.args) > 0 && c.args[0] != "--framing" {
			what += ", " + codeCell(strings.Join(c.args, " "))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", strings.ReplaceAll(c.clause, "|", "\\|"), codeCell(example), codeCell(c.hex), codeCell(json), what)
		all.WriteString(" " + c.clause + " " + c.entry + " ")
	}
	for _, w := range words {
		if !regexp.MustCompile(`[ ,.(]` + regexp.QuoteMeta(w) + `[ ,.)]`).MatchString(all.String()) {
			t.Errorf("no case for %s", w)
		}
	}
	return b.String()
}

// optionTable runs the case of every option without and with it.
func optionTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| option | copybook and input | without | with |\n|---|---|---|---|\n")
	cases := optionCases()
	for _, opt := range recordOptions() {
		i := slices.IndexFunc(cases, func(c optionCase) bool { return c.key == opt.key })
		if i < 0 {
			t.Errorf("no case for option %s", opt.key)
			continue
		}
		c := cases[i]
		without, with := effects(c.run(t, ""), c.run(t, "", "--"+opt.flag()+"="+c.value), c.command)
		example := strings.TrimPrefix(c.book, "01 R.; ")
		if c.key == "bookCodepage" {
			example = "01 R PIC X. in EBCDIC"
		}
		in := codeCell(strings.Join(strings.Fields(strings.ReplaceAll(example, ";", " ")), " "))
		for _, more := range []string{c.rules, c.in, strings.Join(c.args, " ")} {
			if more != "" {
				in += ", " + codeCell(more)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", codeCell(c.key+": "+c.value), in, without, with)
	}
	return b.String()
}

// effects are what two runs printed, where they differ.
func effects(a, b ran, command string) (one, other string) {
	if command == "layout" && a.Code == exitOK && b.Code == exitOK {
		one, other = differing(a.Stdout, b.Stdout)
		return codeCell(one), codeCell(other)
	}
	return outcome(a, command), outcome(b, command)
}

// differing gives the first lines in which two texts differ.
func differing(a, b string) (one, other string) {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] && !strings.Contains(x[i], `"dialect"`) {
			return strings.Trim(strings.TrimSpace(x[i]), ","), strings.Trim(strings.TrimSpace(y[i]), ",")
		}
	}
	return "", ""
}

// outcome is what one run printed, or its error.
func outcome(r ran, command string) string {
	if r.Code == exitOK {
		if command == "layout" {
			return "a layout"
		}
		if r.Stdout == "" {
			return "nothing"
		}
		return codeCell(strings.Join(strings.Fields(r.Stdout), " "))
	}
	if found := findingIn(r.Stderr, "error"); found != "" {
		return "refused, " + found
	}
	_, reason, _ := strings.Cut(strings.SplitN(r.Stderr, "\n", 2)[0], "lintel: ")
	if at := strings.LastIndex(reason, ": "); at >= 0 {
		reason = reason[at+2:]
	}
	return "error: " + reason
}

// TestReferenceSupport runs every case of docs/reference/support.md and keeps the page the same as what they gave.
func TestReferenceSupport(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString(`# What is supported

Every clause of a data description and every record option, with an example and what came of it. This page is written by the test
that runs the examples (` + "`make gen`" + `), and the test fails when one of them comes out differently. The rules behind it are on the pages
on [copybooks](copybooks.md), [records](records.md) and [record options](record-options.md).

## Clauses

Examples stand below ` + "`01 R.`" + ` where they do not begin with a level of their own; bytes are hexadecimal, in code page 037 and by the rules
of z/OS unless flags are given. *Read and written*: the bytes become the JSON, and the JSON the same bytes.
`)
	b.WriteString(clauseTable(t))
	b.WriteString("\n## Options\n\nThe same copybook and input without the option and with it. Of layouts the first line that differs is shown.\n\n")
	b.WriteString(optionTable(t))
	t.Chdir(here)
	golden(t, "../../docs/reference/support.md", b.Bytes())
}
