// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// recordOpener opens records: copybooks/NAME.cpy#RECORD. What two transforms name alike is compiled once.
type recordOpener struct {
	ws     *specs.Workspace
	books  map[string]*copybook.Book
	codecs map[string]*transforms.MessageType
	// options are those of records.yaml.
	options *workspaceOptions
	// opened are all codecs, to tell which rules of records.yaml are for nothing.
	opened []*record.Codec
	// failed tells that a record could not be opened.
	failed bool
}

func newRecordOpener(ws *specs.Workspace) *recordOpener {
	return &recordOpener{
		ws: ws, books: map[string]*copybook.Book{}, codecs: map[string]*transforms.MessageType{},
		options: newWorkspaceOptions(ws.Records),
	}
}

// Open implements transforms.Opener.
func (o *recordOpener) Open(ref *specs.Node, backend *specs.Backend, head bool) (*transforms.MessageType, specs.Findings) {
	t, findings := o.open(ref, backend, head)
	o.failed = o.failed || t == nil
	return t, findings
}

func (o *recordOpener) open(ref *specs.Node, backend *specs.Backend, head bool) (*transforms.MessageType, specs.Findings) {
	var findings specs.Findings
	file, name, _ := strings.Cut(ref.Text, "#")
	key := fmt.Sprint(backend.CodePage.Value, " ", head, " ", ref.Text)
	if t, ok := o.codecs[key]; ok {
		return t, nil
	}
	page, err := codepage.Lookup(backend.CodePage.Value)
	if err != nil {
		message := err.Error()
		if backend.CodePage.Secret {
			message = "unknown code page" // its name came from outside the workspace
		}
		findings.Add(codeCodePage, backend.CodePage.Pos, message, "")
		return nil, findings
	}
	item, settings, findings := o.item(file, name, ref, page)
	if item == nil {
		return nil, findings
	}
	options := settings.record
	options.Rules = fieldRules(o.ws.Records)
	options.PolicyOf, options.PageOf = o.options.fields.policyOf(item), o.options.fields.pageOf(item)
	if head {
		options.Policy.Excess = record.ExcessIgnore
	}
	codec, fs := record.Compile(item, options)
	findings = append(findings, fs...)
	if findings.HasErrors() || codec == nil {
		return nil, findings
	}
	t := &transforms.MessageType{Type: codec.Type(), Format: codec}
	o.codecs[key] = t
	o.opened = append(o.opened, codec)
	return t, findings
}

// findings are what is wrong with records.yaml, after all records were opened.
func (o *recordOpener) findings() specs.Findings {
	out := o.options.findings()
	var rules []*specs.FieldRule
	for _, r := range fieldRules(o.ws.Records) {
		if len(r.Options) == 0 { // those with options are reported by them
			rules = append(rules, r)
		}
	}
	return append(out, record.UnusedRules(rules, o.opened)...)
}

// item finds a record in its copybook, laid out with the options of records.yaml for it.
func (o *recordOpener) item(file, name string, ref *specs.Node, page *codepage.Page) (*copybook.Item, recordSettings, specs.Findings) {
	settings, findings := o.options.settings(page, name)
	if findings.HasErrors() {
		return nil, settings, findings
	}
	book, findings := o.book(file, name, ref, settings)
	if book == nil {
		return nil, settings, findings
	}
	item := pick(book, name)
	if item != nil && name == "" && (len(o.options.of(item.Name)) > 0 || o.options.fields.dialects()) {
		return o.item(file, item.Name, ref, page)
	}
	if item == nil {
		findings.Add(codeNoRecord, ref.Pos, missingRecord(name, file), recordsHint(book))
		return nil, settings, findings
	}
	o.options.opened[item] = true
	return item, settings, findings
}

// book reads and parses a copybook once for each set of options that records have of their own.
func (o *recordOpener) book(file, name string, ref *specs.Node, s recordSettings) (*copybook.Book, specs.Findings) {
	key := file + fmt.Sprint(o.options.of(name))
	if o.options.fields.dialects() {
		key += name
	}
	if b, ok := o.books[key]; ok {
		return b, nil
	}
	var findings specs.Findings
	src, err := fs.ReadFile(o.ws.FS, file)
	if err != nil {
		reason := "cannot be read"
		if errors.Is(err, fs.ErrNotExist) {
			reason = "does not exist"
		}
		findings.Add(codeNoCopybook, ref.Pos, fmt.Sprintf("copybook %s %s", file, reason), "paths begin at the workspace folder")
		return nil, findings
	}
	options := s.book
	options.FS = o.ws.FS
	options.SearchPath = append([]string{dirOf(file), "copybooks"}, options.SearchPath...)
	options.Overrides = o.options.fields.overrides(name, options, func(lenient copybook.Options) *copybook.Book {
		b, findings := copybook.Parse(file, src, lenient)
		if findings.HasErrors() {
			return nil
		}
		return b
	})
	b, findings := copybook.Parse(file, src, options)
	if findings.HasErrors() {
		return nil, findings
	}
	o.books[key] = b
	return b, findings
}

func dirOf(file string) string {
	if i := strings.LastIndexByte(file, '/'); i >= 0 {
		return file[:i]
	}
	return "."
}

// pick returns the named record, or the only one when no name is given.
func pick(b *copybook.Book, name string) *copybook.Item {
	if name == "" && len(b.Records) == 1 {
		return b.Records[0]
	}
	return b.Record(name)
}

func missingRecord(name, file string) string {
	if name == "" {
		return file + " has several records, and none is named"
	}
	return fmt.Sprintf("there is no record %q in %s", name, file)
}

func recordsHint(b *copybook.Book) string {
	names := make([]string, len(b.Records))
	for i, r := range b.Records {
		names[i] = r.Name
	}
	return "it has " + strings.Join(names, ", ")
}
