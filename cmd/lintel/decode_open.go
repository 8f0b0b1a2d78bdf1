// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"lintel/specs"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// openedRecord is a record of a copybook, ready to be drawn, read and written.
type openedRecord struct {
	book     *copybook.Book
	item     *copybook.Item
	codec    *record.Codec
	settings recordSettings
	// file is the copybook's name as the user gave it.
	file string
}

// exitInterrupted is the code of a command that was stopped by a signal.
const exitInterrupted = 130

// usageError is wrong usage: exit code 2.
func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// openRecord reads a copybook and compiles one of its records. Findings go to stderr.
func (p *program) openRecord(file, name string, o *optionFlags) (*openedRecord, error) {
	opened, err := p.openRecords(file, name, o)
	if err != nil {
		return nil, err
	}
	if len(opened) > 1 {
		return nil, usageError("%s has several records; say which by --record: %s", file, recordNames(opened[0].book))
	}
	return opened[0], nil
}

// openRecords is openRecord for the record of that name, or for all of a book.
func (p *program) openRecords(file, name string, o *optionFlags) ([]*openedRecord, error) {
	rules, findings, err := readOptionsFile(o.file)
	if err != nil {
		return nil, &exitError{code: exitLoad, err: err}
	}
	if err := p.report(findings); err != nil {
		return nil, err
	}
	t := &recordTool{p: p, file: file, flags: o, rules: rules, fields: newFieldOptions(rules, o.given)}
	all, own := optionsFor(rules, name, true)
	book, err := t.parse(name, all, own, o.given)
	if err != nil {
		return nil, err
	}
	if err := t.p.report(t.fields.unknown(book, file)); err != nil {
		return nil, err
	}
	items := book.Records
	if name != "" {
		item := book.Record(name)
		if item == nil {
			return nil, usageError("there is no record %q in %s; it has %s", name, file, recordNames(book))
		}
		items = []*copybook.Item{item}
	}
	opened := make([]*openedRecord, 0, len(items))
	for _, item := range items {
		r, err := t.compile(book, item, name != "")
		if err != nil {
			return nil, err
		}
		opened = append(opened, r)
	}
	if len(opened) == 0 {
		return nil, &exitError{code: exitFindings, err: fmt.Errorf("%s has no record", file)}
	}
	return opened, nil
}

func recordNames(b *copybook.Book) string {
	names := make([]string, len(b.Records))
	for i, r := range b.Records {
		names[i] = r.Name
	}
	return strings.Join(names, ", ")
}

// recordTool opens the records of one copybook.
type recordTool struct {
	p     *program
	file  string
	flags *optionFlags
	rules *specs.Records
	// fields are the options of single fields.
	fields *fieldOptions
}

// parse reads the copybook with the layers of options; fields of the record of that name may have
// options of their own.
func (t *recordTool) parse(name string, layers ...optionValues) (*copybook.Book, error) {
	s, err := resolveOptions(recordSettings{}, layers...)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	mount := newBookFS(t.file, s.book.SearchPath)
	src, err := mount.read()
	if err != nil {
		return nil, &exitError{code: exitLoad, err: fmt.Errorf("copybook %s %s", t.file, whyNot(err))}
	}
	o := mount.options(s.book)
	o.Overrides = t.fields.overrides(name, o, func(o copybook.Options) *copybook.Book {
		book, findings := copybook.Parse(mount.main, src, o)
		if findings.HasErrors() {
			return nil
		}
		return book
	})
	book, findings := copybook.Parse(mount.main, src, o)
	mount.rename(findings, "")
	if err := t.p.report(findings); err != nil {
		return nil, err
	}
	return book, nil
}

// compile makes the codec of a record, which may have options of its own; parsed tells that the book
// was read with them.
func (t *recordTool) compile(book *copybook.Book, item *copybook.Item, parsed bool) (*openedRecord, error) {
	all, own := optionsFor(t.rules, item.Name, true)
	s, err := resolveOptions(recordSettings{}, all, own, t.flags.given)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("record %s: %w", item.Name, err)}
	}
	if (len(own) > 0 || t.fields.dialects()) && !parsed {
		if book, err = t.parse(item.Name, all, own, t.flags.given); err != nil {
			return nil, err
		}
		name := item.Name
		if item = book.Record(name); item == nil {
			return nil, usageError("with its options of %s there is no record %q in %s", t.flags.file, name, t.file)
		}
	}
	s.record.Rules = fieldRules(t.rules)
	s.record.PolicyOf, s.record.PageOf = t.fields.policyOf(item), t.fields.pageOf(item)
	codec, findings := record.Compile(item, s.record)
	newBookFS(t.file, s.book.SearchPath).rename(findings, t.rules.File)
	if err := t.p.report(append(findings, t.fields.check(item)...)); err != nil {
		return nil, err
	}
	r := &openedRecord{book: book, item: item, codec: codec, settings: s, file: t.file}
	if s.page == nil {
		if r.settings.page, err = codepage.Lookup("cp037"); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// report prints findings to stderr; the error tells that some were errors.
func (p *program) report(findings specs.Findings) error {
	findings = findings.Sort()
	if err := printFindings(p.stderr, &specs.Workspace{FS: plainFS{}}, findings); err != nil {
		return err
	}
	if findings.HasErrors() {
		return &exitError{code: exitFindings, err: errors.New("there are findings"), silent: true}
	}
	return nil
}

// plainFS opens files by the names people use.
type plainFS struct{}

// Open implements fs.FS.
func (plainFS) Open(name string) (fs.File, error) { return os.Open(name) }

// bookFS gives COPY the folder of the main copybook and the folders of the search path, which are
// mounted under names that no copybook has.
type bookFS struct {
	dir, main string
	paths     []string
}

const mountPrefix = "search path "

func newBookFS(file string, paths []string) *bookFS {
	dir, main := filepath.Split(file)
	if dir == "" {
		dir = "."
	}
	return &bookFS{dir: filepath.Clean(dir), main: filepath.ToSlash(main), paths: paths}
}

// options returns o with the file system and the mounted search path.
func (b *bookFS) options(o copybook.Options) copybook.Options {
	o.FS, o.SearchPath = b, nil
	for i := range b.paths {
		o.SearchPath = append(o.SearchPath, mountPrefix+strconv.Itoa(i))
	}
	return o
}

// Open implements fs.FS.
func (b *bookFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return os.Open(filepath.FromSlash(b.display(name)))
}

// display is the name that people know a file by.
func (b *bookFS) display(name string) string {
	dir, rest := b.dir, name
	if after, mounted := strings.CutPrefix(name, mountPrefix); mounted {
		number, file, _ := strings.Cut(after, "/")
		if i, err := strconv.Atoi(number); err == nil && i < len(b.paths) {
			dir, rest = b.paths[i], file
		}
	}
	return path.Join(filepath.ToSlash(dir), rest)
}

// maxBook bounds the main copybook; the copybook reader has its own limit below it.
const maxBook = 32 << 20

// read reads the main copybook.
func (b *bookFS) read() ([]byte, error) {
	f, err := b.Open(b.main)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readAtMost(f, maxBook)
}

// rename gives files in findings the names that people know them by; those in the options file have it.
func (b *bookFS) rename(findings specs.Findings, options string) {
	for i := range findings {
		f := &findings[i]
		if options == "" || f.File != options {
			f.File = b.display(f.File)
		}
		for n := len(b.paths) - 1; n >= 0; n-- {
			f.Hint = strings.ReplaceAll(f.Hint, mountPrefix+strconv.Itoa(n), b.paths[n])
			f.Message = strings.ReplaceAll(f.Message, mountPrefix+strconv.Itoa(n), b.paths[n])
		}
	}
}
