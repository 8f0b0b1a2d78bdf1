// SPDX-License-Identifier: Apache-2.0

package record_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// TestDocs runs every block of docs/reference/records.md.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/records.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```record\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 10 {
		t.Fatalf("only %d blocks found", len(blocks))
	}
	for _, b := range blocks {
		name, _, _ := strings.Cut(b[1], "\n")
		t.Run(name, func(t *testing.T) { runBlock(t, b[1]) })
	}
}

func runBlock(t *testing.T, block string) {
	book, lines, _ := strings.Cut(block, "---\n")
	var rules []*specs.FieldRule
	var policy record.Policy
	if head, rest, ok := strings.Cut(block, "--- rules\n"); ok {
		var yaml string
		book = head
		yaml, lines, _ = strings.Cut(rest, "---\n")
		rules = docRules(t, yaml)
		policy = docPolicy(t, rules)
	}
	src := "       01 R.\n"
	for _, line := range strings.Split(strings.TrimRight(book, "\n"), "\n") {
		src += "       " + line + "\n"
	}
	b, fs := copybook.Parse("R.cpy", []byte(src), copybook.Options{})
	if fs.HasErrors() {
		t.Fatal(fs)
	}
	c, fs := record.Compile(b.Records[0], record.Options{Rules: rules, Policy: policy})
	if fs.HasErrors() {
		t.Fatal(fs)
	}
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		runLine(t, c, line)
	}
}

// docRules binds the rules of a block as records.yaml does.
func docRules(t *testing.T, yaml string) []*specs.FieldRule {
	t.Helper()
	root, fs := specs.ParseYAML("records.yaml", []byte(yaml))
	if fs.HasErrors() {
		t.Fatal(fs)
	}
	records, fs := specs.BindRecords("records.yaml", root)
	if fs.HasErrors() {
		t.Fatal(fs)
	}
	return records.Fields
}

// docPolicy takes the options of the record R out of the rules.
func docPolicy(t *testing.T, rules []*specs.FieldRule) (p record.Policy) {
	t.Helper()
	special := map[string]*record.Special{"blanks": &p.Blank, "lowValues": &p.Low, "highValues": &p.High}
	words := map[string]record.Special{"error": record.SpecialError, "null": record.SpecialNull, "zero": record.SpecialZero}
	for _, r := range rules {
		for _, o := range r.Options {
			to, known := special[o.Key.Text]
			word, valid := words[o.Value.Text]
			if r.Name != "R" || !known || !valid {
				t.Fatalf("option %s of %s is not understood", o.Key.Text, r.Name)
			}
			*to = word
		}
	}
	return p
}

func runLine(t *testing.T, c *record.Codec, line string) {
	t.Helper()
	m := regexp.MustCompile(`^(.*?)\s+([=<>!])\s+(.*)$`).FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("line %q is not understood", line)
	}
	left, op, right := m[1], m[2], m[3]
	switch {
	case op == "!" && strings.HasPrefix(left, "{"):
		_, err := c.EncodeJSON(nil, []byte(left))
		wantCode(t, line, err, right)
	case op == "!":
		_, err := c.DecodeJSON(nil, unhex(t, left))
		wantCode(t, line, err, right)
	case op == "<":
		wantBytes(t, c, left, right)
	default:
		got, err := c.DecodeJSON(nil, unhex(t, left))
		if err != nil || string(got) != right {
			t.Errorf("%s\n%s, %v", line, got, err)
		}
		if op == "=" {
			wantBytes(t, c, right, left)
		}
	}
}

func wantBytes(t *testing.T, c *record.Codec, doc, want string) {
	t.Helper()
	got, err := c.EncodeJSON(nil, []byte(doc))
	if err != nil || !bytes.Equal(got, unhex(t, want)) {
		t.Errorf("%s\n%X, %v\nwant %s", doc, got, err, want)
	}
}

func wantCode(t *testing.T, line string, err error, code string) {
	t.Helper()
	var fe *transforms.FieldError
	if !errors.As(err, &fe) || fe.Code != code {
		t.Errorf("%s\nerror %v", line, err)
		if fe != nil {
			t.Logf("code %s", fe.Code)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
