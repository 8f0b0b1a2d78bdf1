// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkDocument has the document as a whole checked by a second OpenAPI implementation, kin-openapi,
// which knows rules about parts that Lintel itself does not read. ours are the findings about the
// contract so far: what they say already is not said again.
func (l *loader) checkDocument(c *contractReader, src []byte, ours Findings) {
	for _, f := range ours {
		switch f.Code {
		case CodeSyntax, CodeAlias, CodeMerge, CodeTag, CodeTooDeep, CodeTooLarge, CodeKeyKind, CodeDocuments,
			CodeDuplicateKey, CodeNotUTF8, CodeRefCycle, CodeVersion, CodeOutside:
			return // nothing more can be learnt from a document that is broken at its base
		}
	}
	k := &kinChecker{c: c, ours: slices.Clone(ours)}
	l.findings = append(l.findings, k.run(src)...)
}

// kinChecker runs kin-openapi. Its types do not leave this file.
type kinChecker struct {
	c    *contractReader
	ours Findings
	out  Findings
}

func (k *kinChecker) run(src []byte) (out Findings) {
	defer func() {
		// The library is not ours: a fault in it must not keep anybody from checking a workspace.
		if r := recover(); r != nil {
			out = append(k.out, Finding{
				Severity: Warning, Code: CodeDocument, Pos: Pos{File: k.c.out.File},
				Message: "the document could not be checked as a whole", Hint: "look for unusual constructs in it",
			})
		}
	}()
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
		name, ok := localPath(u.Path)
		if u.Scheme != "" || u.Host != "" || !ok {
			return nil, errors.New("it is not below the workspace")
		}
		return readFile(k.c.fsys, name)
	}
	doc, err := loader.LoadFromDataWithPath(src, &url.URL{Path: k.c.out.File})
	if err != nil {
		if !k.ours.HasErrors() {
			k.report(err)
		}
		return k.out
	}
	err = doc.Validate(context.Background(), openapi3.EnableMultiError())
	var all openapi3.MultiError
	if !errors.As(err, &all) {
		all = openapi3.MultiError{err}
	}
	for _, e := range all {
		if e != nil && !k.known(e) {
			k.report(e)
		}
	}
	return k.out
}

// known reports whether our own reading has said the same.
func (k *kinChecker) known(err error) bool {
	pos := k.place(err)
	for _, f := range k.ours {
		if f.File == pos.File && f.Line == pos.Line {
			return true
		}
	}
	return k.ours.HasErrors() && kinAlsoOurs(err)
}

// kinAlsoOurs reports whether err is about a rule that our own reading checks too, maybe at another line.
func kinAlsoOurs(err error) bool {
	return is[*openapi3.DuplicateOperationIDError](err) || is[*openapi3.ConflictingPathsError](err) ||
		is[*openapi3.PathParametersError](err) || is[*openapi3.UnresolvedRefError](err) ||
		is[*openapi3.SchemaPatternRegexError](err) || is[*openapi3.SchemaTypeError](err) ||
		is[*openapi3.InvalidParameterInError](err) || is[*openapi3.PathMustStartWithSlashError](err) ||
		is[*openapi3.PathParameterRequiredError](err) || is[*openapi3.DuplicateParameterError](err) ||
		is[*openapi3.ExtraSiblingFieldsError](err) || is[*openapi3.SecurityRequirementSchemeUndefinedError](err) ||
		is[*openapi3.InvalidSerializationMethodError](err) || strings.Contains(err.Error(), "a boolean schema is for")
}

func is[T error](err error) bool {
	var t T
	return errors.As(err, &t)
}

// report makes a finding of one error. Examples and defaults that do not fit their schema do no harm
// at run time: they are warnings.
func (k *kinChecker) report(err error) {
	f := Finding{
		Severity: Error, Code: CodeDocument, Pos: k.place(err), Message: kinMessage(err),
		Hint: "see the OpenAPI specification, version " + k.c.out.OpenAPI,
	}
	if is[*openapi3.SchemaValueError](err) || is[*openapi3.MediaTypeExampleValidationError](err) || is[*openapi3.ParameterExampleValidationError](err) {
		f.Severity, f.Code = Warning, CodeExample
		f.Message = "an example or default does not fit its schema"
		f.Hint = "correct the example, or the schema"
	}
	k.out = append(k.out, f)
}

// kinMessage is the first line of the innermost error that is not empty, without the values that
// further lines dump.
func kinMessage(err error) string {
	message, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.LastIndex(message, "json: "); i >= 0 { // two parsers were tried; the last one says more
		message = message[i+len("json: "):]
	}
	if len(message) > 300 {
		message = message[:300] + "..."
	}
	return "the document is not valid OpenAPI: " + strings.TrimSpace(message)
}

// place finds the best place for an error: the origin nearest to the cause, else the part of the
// document that its wrappers name, else a line its text mentions.
func (k *kinChecker) place(err error) Pos {
	pos := Pos{File: k.c.out.File}
	node := k.c.root
	for e := err; e != nil; e = errors.Unwrap(e) {
		if o := originOf(e); o != nil && o.Key != nil && o.Key.Line > 0 {
			pos.Line, pos.Column = o.Key.Line, o.Key.Column
			if o.Key.File != "" {
				pos.File = o.Key.File
			}
		}
		if next := k.step(node, e); next != nil {
			node = next
		}
	}
	if pos.Line > 0 {
		return pos
	}
	if node != k.c.root {
		return node.Pos
	}
	if m := regexp.MustCompile(`\bline (\d+)`).FindStringSubmatch(err.Error()); m != nil {
		pos.Line, _ = strconv.Atoi(m[1]) // digits by the pattern
	}
	return pos
}

// originOf reads the field Origin that most error types of the library have; there is no interface for it.
func originOf(err error) *openapi3.Origin {
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return nil
	}
	f := v.FieldByName("Origin")
	if !f.IsValid() || !f.CanInterface() {
		return nil
	}
	o, _ := f.Interface().(*openapi3.Origin)
	return o
}

// step follows one wrapper into the document; nil if it names nothing.
func (k *kinChecker) step(n *Node, err error) *Node {
	var next *Node
	switch e := err.(type) { //nolint:errorlint // each link of the chain is looked at by itself
	case *openapi3.SectionValidationError:
		next = n.Get(e.Section)
	case *openapi3.PathValidationError:
		next = n.Key(e.Path)
		if item := n.Get(e.Path); item != nil {
			next = item
		}
	case *openapi3.OperationValidationError:
		next = n.Get(strings.ToLower(e.Method))
	case *openapi3.ComponentValidationError:
		for _, section := range []string{e.Section, e.Section + "s", "schemas", "parameters", "responses", "headers", "requestBodies", "securitySchemes"} {
			if c := n.Get(section).Get(e.Name); c != nil {
				return c
			}
		}
	}
	return next
}
