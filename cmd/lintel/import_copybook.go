// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lintel/specs"
	"lintel/transforms"
	"lintel/transforms/codepage"
	"lintel/transforms/copybook"
	"lintel/transforms/record"
)

// importCopybook is the flags of lintel import copybook.
type importCopybook struct {
	p              *program
	flags          *optionFlags
	operation, id  string
	request, reply string
	backend, dir   string
	rc             string
	set, params    []string
	query          []string
	redefines      []string
	dates          []string
	yes            bool
}

func newImportCopybook(p *program) *cobra.Command {
	c := &importCopybook{p: p}
	cmd := &cobra.Command{
		Use:   "copybook FILE...",
		Short: "Make an operation from copybooks: contract, transform, rules and a test",
		Long: `Copybook writes a workspace, or a further operation of one, from the records of copybooks: the contract with
what the fields can hold, a transform that maps them, records.yaml and a test with an example. The result is
checked and its tests are run before anything is written. Files that are there are kept: the contract and
records.yaml get further entries, lintel.yaml stays as it is.

The parameters of the path fill fields of the request record, by name or as --param says. With POST, PUT and PATCH
the body has the other fields; with other methods those of --query are parameters, and the rest keeps its initial
value. Fields with a VALUE clause, and those of --set, get that value. What the flags leave open is asked for on a
terminal; --yes takes the defaults. Exit code 0: fine; 1: findings; 2: wrong usage; 3: a file cannot be read or written.`,
		Example: `  lintel import copybook ACCTINQ.cpy --operation "GET /accounts/{id}" --codepage cp1140 --dir bank --yes
  lintel import copybook XFER.cpy --operation "POST /transfers" --request XFR-REQUEST --reply XFR-REPLY \
    --set RGN-PROGRAM=XFER --rc XFR-RC=00 --dir bank
  lintel import copybook POL.cpy --operation "GET /policies/{number}" --redefines POL-DETAIL=POL-TYPE:A=AUTO-DETAIL,H=HOME-DETAIL`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args) },
	}
	f := cmd.Flags()
	f.StringVar(&c.operation, "operation", "", "`METHOD PATH` of the operation, such as \"GET /accounts/{id}\"")
	f.StringVar(&c.id, "id", "", "operationId; made from method and path if not given")
	f.StringVar(&c.request, "request", "", "`RECORD` that the host receives; the first one if not given")
	f.StringVar(&c.reply, "reply", "", "`RECORD` that the host replies; the second one, or else the first, if not given")
	f.StringVar(&c.backend, "backend", "core", "`NAME` of the backend")
	f.StringVar(&c.dir, "dir", ".", "`FOLDER` of the workspace")
	f.StringVar(&c.rc, "rc", "", "`FIELD=VALUE`: the field of the reply that tells success, and its value then (VALUE,VALUE for several)")
	f.StringArrayVar(&c.set, "set", nil, "`FIELD=VALUE`: a field of the request that always has that value")
	f.StringArrayVar(&c.params, "param", nil, "`NAME=FIELD`: the field that a parameter of the path fills")
	f.StringArrayVar(&c.query, "query", nil, "`FIELD` of the request that is a parameter of the query")
	f.StringArrayVar(&c.redefines, "redefines", nil, "`ITEM=FIELD:VALUE=ALTERNATIVE,...`: which alternative of a REDEFINES is meant")
	f.StringArrayVar(&c.dates, "date", nil, "`FIELD=PICTURE` of a date, such as ACCT-OPENED=yyyyMMdd; FIELD=PICTURE:EMPTY names the host value for no date")
	f.BoolVar(&c.yes, "yes", false, "ask nothing, take the defaults")
	c.flags = addOptionFlags(cmd)
	return cmd
}

// imported is one operation that is being made.
type imported struct {
	*importCopybook
	ctx   context.Context
	draft *draft
	ask   *questions
	// bookFiles are the copybooks as they were given.
	bookFiles []string

	method, path string
	pathNames    []string
	ws           *specs.Workspace
	backendSpec  *specs.Backend
	req, rep     *importedRecord
	// literals are the fields of the request that always have a value, in the record's order.
	literals []literalField
	// filled are fields by path parameter; queries are those of the query.
	filled  map[string]*transforms.Type
	queries []*transforms.Type
	rcField *transforms.Type
	rcTexts []string
	// datelike are fields that look like dates and have no rule.
	datelike []string
}

type literalField struct {
	field *transforms.Type
	item  *copybook.Item
	text  string
}

// importedRecord is one of the two records of an operation.
type importedRecord struct {
	ref   string
	codec *record.Codec
	item  *copybook.Item
	// left are the fields that JSON does not have, derived those of them that follow from others.
	left, derived map[*transforms.Type]bool
}

func (c *importCopybook) run(cmd *cobra.Command, files []string) error {
	i := &imported{importCopybook: c, ctx: cmd.Context(), ask: newQuestions(c.p, cmd, c.yes), filled: map[string]*transforms.Type{}}
	if err := i.parseOperation(); err != nil {
		return err
	}
	var err error
	if i.draft, err = newDraft(c.dir); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	defer i.draft.close()
	for _, step := range []func() error{
		func() error { return i.copybooks(files) },
		i.settings, i.rules, i.open, i.choose, i.writeAll, i.verify,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := i.draft.land(); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	if err := i.p.quietly().writeSchemas(i.dir, "7"); err != nil {
		return err
	}
	return i.tell()
}

// parseOperation takes method and path apart.
func (i *imported) parseOperation() error {
	if i.operation == "" {
		i.operation = i.ask.text(`Which operation, for example GET /accounts/{id}?`, "")
	}
	method, path, _ := strings.Cut(strings.TrimSpace(i.operation), " ")
	i.method, i.path = strings.ToUpper(method), strings.TrimSpace(path)
	if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, i.method) || !strings.HasPrefix(i.path, "/") || strings.ContainsAny(i.path, " ?#\"'\\") {
		return usageError(`--operation must be a method and a path, such as "GET /accounts/{id}"`)
	}
	for _, m := range regexp.MustCompile(`\{([^{}/]+)\}`).FindAllStringSubmatch(i.path, -1) {
		i.pathNames = append(i.pathNames, m[1])
	}
	if strings.Count(i.path, "{") != len(i.pathNames) || strings.Count(i.path, "}") != len(i.pathNames) {
		return usageError("the path %s has a brace too many or a parameter without a name", i.path)
	}
	if i.id == "" {
		i.id = operationID(i.method, i.path)
	}
	if !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`).MatchString(i.id) {
		return usageError("--id must be letters, digits, -, _ and ., beginning with a letter, not %q", i.id)
	}
	return nil
}

// operationID makes a name from method and path: GET /accounts/{id} is getAccountsById.
func operationID(method, path string) string {
	out := strings.ToLower(method)
	for _, segment := range strings.Split(path, "/") {
		by := strings.HasPrefix(segment, "{")
		words := strings.FieldsFunc(segment, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
		})
		if by && len(words) > 0 {
			out += "By"
		}
		for _, w := range words {
			out += strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return out
}

// copybooks puts the copybooks into the workspace.
func (i *imported) copybooks(files []string) error {
	for _, name := range []string{"transforms/" + i.id + ".yaml", "tests/" + i.id + ".yaml"} {
		if i.draft.has(name) {
			return &exitError{code: exitFindings, err: fmt.Errorf("%s is there already; nothing was written. Choose another --id", filepath.Join(i.dir, name))}
		}
	}
	i.bookFiles = files
	for _, file := range files {
		all, err := i.withCopied(file)
		if err != nil {
			return err
		}
		for _, f := range all {
			if err := i.copybook(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// withCopied lists a copybook and those that its COPY statements name.
func (i *imported) withCopied(file string) ([]string, error) {
	s, err := resolveOptions(recordSettings{}, i.flags.given)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	mount := newBookFS(file, s.book.SearchPath)
	src, err := mount.read()
	if err != nil {
		return nil, &exitError{code: exitLoad, err: fmt.Errorf("copybook %s %s", file, whyNot(err))}
	}
	seen := &seenFS{FS: mount}
	o := mount.options(s.book)
	o.FS = seen
	_, _ = copybook.Parse(mount.main, src, o) // its findings are reported when the records are opened
	out := []string{file}
	for _, name := range seen.names {
		if f := filepath.FromSlash(mount.display(name)); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out, nil
}

// seenFS notes which files were opened.
type seenFS struct {
	fs.FS
	names []string
}

// Open implements fs.FS.
func (s *seenFS) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err == nil {
		s.names = append(s.names, name)
	}
	return f, err
}

// copybook puts one copybook into the workspace.
func (i *imported) copybook(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return &exitError{code: exitLoad, err: fmt.Errorf("copybook %s %s", file, whyNot(err))}
	}
	defer func() { _ = f.Close() }()
	src, err := readAtMost(f, maxBook)
	if err != nil {
		return &exitError{code: exitLoad, err: fmt.Errorf("copybook %s: %w", file, err)}
	}
	name := "copybooks/" + filepath.Base(file)
	if i.draft.has(name) {
		if have, err := i.draft.read(name); err != nil || string(have) != string(src) {
			return &exitError{code: exitFindings, err: fmt.Errorf("%s is there already with another text; nothing was written", filepath.Join(i.dir, name))}
		}
		return nil
	}
	if err := i.draft.write(name, string(src)); err != nil {
		return &exitError{code: exitLoad, err: err}
	}
	return nil
}

// settings writes lintel.yaml if there is none.
func (i *imported) settings() error {
	if i.draft.has("lintel.yaml") {
		return nil
	}
	page := "cp037"
	if given := i.flags.given["codepage"]; len(given) > 0 {
		page = given[0]
	} else {
		page = i.ask.text("Which code page does the host have?", page)
		if _, err := codepage.Lookup(page); err != nil {
			return usageError("%v", err)
		}
	}
	variable := variableName(i.backend)
	return i.draft.write("lintel.yaml", fmt.Sprintf(`lintel: 1
contract: openapi.yaml
backends:
  %s:
    tcp:
      address: ${env:%s_ADDRESS:-127.0.0.1:9301}
      frame: {length: {bytes: 4, includes: self}} # how the host delimits messages: see the reference of lintel.yaml
    codepage: %s
`, i.backend, variable, page))
}

// open compiles the two records with the rules of the workspace, as serving it will.
func (i *imported) open() error {
	ws, findings := specs.Load(i.draft.stage, i.p.env)
	if ws == nil || ws.Config == nil {
		return i.failed(ws, findings)
	}
	i.ws, i.backendSpec = ws, ws.Config.Backend(i.backend)
	if i.backendSpec == nil {
		return usageError("%s has no backend %q; name one with --backend", filepath.Join(i.dir, "lintel.yaml"), i.backend)
	}
	opener := newRecordOpener(ws)
	var err error
	if i.req, err = i.record(opener, i.request); err != nil {
		return err
	}
	i.rep, err = i.record(opener, i.reply)
	return err
}

func (i *imported) record(opener *recordOpener, ref string) (*importedRecord, error) {
	node := &specs.Node{Kind: specs.ScalarNode, Text: ref}
	t, findings := opener.Open(node, i.backendSpec, false)
	if t == nil || findings.HasErrors() {
		return nil, i.failed(i.ws, findings)
	}
	codec, ok := t.Format.(*record.Codec)
	if !ok {
		return nil, &exitError{code: exitInternal, err: errors.New("a record has no codec")}
	}
	r := &importedRecord{ref: ref, codec: codec, left: counters(t.Type, nil)}
	for f := range codec.Fields() {
		if f.Depth == 0 {
			r.item = f.Item
		}
		// Without a rule nobody knows when a redefining item means anything: the first one stays.
		if f.Type != nil && f.Item.Redefines != nil && !i.chosen(f.Item) {
			r.left[f.Type] = true
		}
	}
	r.derived = maps.Clone(r.left)
	return r, nil
}

// chosen tells that a rule says when a redefining item is meant.
func (i *imported) chosen(it *copybook.Item) bool {
	first := it.Redefines
	for first.Redefines != nil {
		first = first.Redefines
	}
	return slices.ContainsFunc(i.ws.Records.Fields, func(r *specs.FieldRule) bool {
		name := r.Name[strings.LastIndexByte(r.Name, '.')+1:]
		return r.Redefines != nil && strings.EqualFold(name, first.Name)
	})
}

// failed prints findings and ends the command without writing.
func (i *imported) failed(ws *specs.Workspace, findings specs.Findings) error {
	return failedImport(i.p, ws, findings)
}
