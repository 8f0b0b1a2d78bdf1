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
}

func newRecordOpener(ws *specs.Workspace) *recordOpener {
	return &recordOpener{ws: ws, books: map[string]*copybook.Book{}, codecs: map[string]*transforms.MessageType{}}
}

// Open implements transforms.Opener.
func (o *recordOpener) Open(ref *specs.Node, backend *specs.Backend, head bool) (*transforms.MessageType, specs.Findings) {
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
	book, findings := o.book(file, ref)
	if book == nil {
		return nil, findings
	}
	item := pick(book, name)
	if item == nil {
		findings.Add(codeNoRecord, ref.Pos, fmt.Sprintf("there is no record %q in %s", name, file), recordsHint(book))
		return nil, findings
	}
	options := record.Options{Page: page, Dialect: book.Dialect, Rules: o.ws.Records.Fields}
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
	return t, findings
}

// book reads and parses a copybook once.
func (o *recordOpener) book(file string, ref *specs.Node) (*copybook.Book, specs.Findings) {
	if b, ok := o.books[file]; ok {
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
	b, findings := copybook.Parse(file, src, copybook.Options{FS: o.ws.FS, SearchPath: []string{dirOf(file), "copybooks"}})
	if findings.HasErrors() {
		return nil, findings
	}
	o.books[file] = b
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

func recordsHint(b *copybook.Book) string {
	names := make([]string, len(b.Records))
	for i, r := range b.Records {
		names[i] = r.Name
	}
	return "it has " + strings.Join(names, ", ")
}
