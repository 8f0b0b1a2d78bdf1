// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/transforms"
)

// exampleWriter makes an example of a record: values that the fields can hold, and that people can tell
// apart.
type exampleWriter struct {
	r *importedRecord
	// without are members that are left out, by pointer: those that follow from others.
	without map[string]bool
}

// example gives the JSON form of an example record: first made from the types, then as the codec reads
// back what it wrote.
func (r *importedRecord) example(fixed map[*transforms.Type]string) ([]byte, error) {
	w := &exampleWriter{r: r, without: map[string]bool{}}
	const tries = 50
	for range tries {
		doc := w.value(nil, r.codec.Type(), "", fixed)
		raw, err := r.codec.EncodeJSON(nil, doc)
		var field *transforms.FieldError
		switch {
		case err == nil:
			return r.codec.DecodeJSON(nil, raw)
		case errors.As(err, &field) && field.Pointer != "" && w.leaveOut(field.Pointer):
		default:
			return nil, err
		}
	}
	return nil, errors.New("no example was found")
}

// leaveOut leaves a member out that follows from another, or takes no value that was thought of; with it
// those that share its storage. It reports whether that is anything new.
func (w *exampleWriter) leaveOut(pointer string) bool {
	block, n := 0, len(w.without)
	for f := range w.r.codec.Fields() {
		if f.Pointer == pointer && f.Type != nil {
			block = f.Type.Overlay
		}
	}
	w.without[pointer] = true
	for f := range w.r.codec.Fields() {
		if f.Type != nil && f.Pointer != "" && block > 0 && f.Type.Overlay == block {
			w.without[f.Pointer] = true
		}
	}
	return len(w.without) > n
}

func (w *exampleWriter) value(dst []byte, t *transforms.Type, pointer string, fixed map[*transforms.Type]string) []byte {
	switch t.Shape {
	case transforms.ObjectShape:
		dst = append(dst, '{')
		first := true
		seen := map[int]int{} // the alternative that was chosen, by REDEFINES block
		for _, m := range t.Members {
			p := pointer + "/" + m.Name
			if chosen, there := seen[m.Overlay]; w.r.derived[m] || w.without[p] || m.Overlay > 0 && there && chosen != m.Alternative {
				continue
			}
			seen[m.Overlay] = m.Alternative
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(transforms.AppendQuoted(dst, m.Name), ':')
			dst = w.value(dst, m, p, fixed)
		}
		return append(dst, '}')
	case transforms.ArrayShape:
		dst = append(dst, '[')
		n := max(t.MinItems, min(1, t.MaxItems))
		if t.MaxItems < 0 {
			n = max(t.MinItems, 1)
		}
		for k := range n {
			if k > 0 {
				dst = append(dst, ',')
			}
			dst = w.value(dst, t.Items, pointer+"/"+strconv.Itoa(k), fixed)
		}
		return append(dst, ']')
	}
	if text, ok := fixed[t]; ok {
		return append(dst, text...)
	}
	return append(dst, w.scalar(t)...)
}

// scalar is a value that a field can hold.
func (w *exampleWriter) scalar(t *transforms.Type) string {
	blank, _ := w.r.codec.Blank(t)
	for _, text := range candidates(t) {
		v := transforms.JSONValue([]byte(text))
		if w.r.codec.Try(t, v) == nil {
			return text
		}
	}
	return string(blank)
}

// candidates are values to try, the best first.
func candidates(t *transforms.Type) []string {
	switch {
	case len(t.Enum) > 0:
		return t.Enum
	case t.Shape == transforms.BoolShape:
		return []string{"true"}
	case t.Shape == transforms.FloatShape:
		return []string{"1.5", "1", "0"}
	case t.Shape == transforms.NumberShape:
		whole := "1234567"[:max(min(t.Digits-t.Scale, 3), 0)]
		if whole == "" {
			whole = "0"
		}
		if t.Scale > 0 {
			return []string{whole + "." + ("25" + strings.Repeat("0", t.Scale))[:t.Scale], "1", "0"}
		}
		return []string{whole, "1", "0", "1" + strings.Repeat("0", max(t.Digits-1, 0)), "10", "100", "1000"}
	}
	words := spoken(t.Name)
	if n := t.MaxLength; n >= 0 && len(words) > n {
		words = strings.TrimRight(words[:n], " ")
	}
	texts := []string{words, "2024-01-31", "2024-01-31T12:30:00", "12:30:00", "12:30", "A", "1"}
	if n := t.MaxLength; n > 0 && n == t.MinLength {
		texts = append(texts, strings.Repeat("0", n), strings.Repeat("A", n))
	}
	out := make([]string, len(texts))
	for k, text := range texts {
		out[k] = string(transforms.AppendQuoted(nil, text))
	}
	return out
}

// spoken writes a JSON name as words in capitals: openDate is OPEN DATE.
func spoken(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// writeTest writes a test with an example of both records.
func (i *imported) writeTest() error {
	literals := map[*transforms.Type]string{}
	for _, l := range i.literals {
		literals[l.field] = jsonScalar(l.field, l.text)
	}
	request, err := i.req.example(literals)
	if err != nil {
		return i.noExample(i.request, err)
	}
	ok := map[*transforms.Type]string{}
	if i.rcField != nil {
		ok[i.rcField] = i.rcTexts[0]
	}
	reply, err := i.rep.example(ok)
	if err != nil {
		return i.noExample(i.reply, err)
	}
	y := &yamlLines{}
	y.line("- name: an example")
	y.indent++
	y.within("request", func() { i.requestLines(y, request) })
	left := pointersOf(i.rep)
	y.within("host", func() {
		y.within("replies", func() {
			y.within("fields", func() { jsonLines(y, reply, "", left) })
		})
	})
	y.within("response", func() {
		y.line("status: 200")
		y.within("body", func() { jsonLines(y, reply, "", left) })
	})
	return i.draft.write("tests/"+i.id+".yaml", y.b.String())
}

func (i *imported) noExample(record string, err error) error {
	return &exitError{code: exitInternal, err: fmt.Errorf("no example of %s could be made, nothing was written: %w", record, err)}
}

// jsonScalar gives a YAML literal the JSON form that its field has.
func jsonScalar(t *transforms.Type, text string) string {
	if t.Shape == transforms.StringShape && !strings.HasPrefix(text, `"`) {
		return string(transforms.AppendQuoted(nil, text))
	}
	if t.Shape == transforms.NumberShape {
		return strings.Trim(text, `"`)
	}
	return text
}

// requestLines writes what the app sends.
func (i *imported) requestLines(y *yamlLines, request []byte) {
	value := func(t *transforms.Type) string {
		for f := range i.req.codec.Fields() {
			if f.Type == t {
				return string(transforms.JSONAt(request, f.Pointer))
			}
		}
		return "null"
	}
	group := func(name string, write func(add func(name string, t *transforms.Type))) {
		var parts []string
		write(func(name string, t *transforms.Type) { parts = append(parts, yamlText(name)+": "+value(t)) })
		if len(parts) > 0 {
			y.line("%s: {%s}", name, strings.Join(parts, ", "))
		}
	}
	group("path", func(add func(string, *transforms.Type)) {
		for _, name := range i.pathNames {
			add(name, i.filled[name])
		}
	})
	group("query", func(add func(string, *transforms.Type)) {
		for _, t := range i.queries {
			add(t.Name, t)
		}
	})
	body := &schemaWriter{left: i.req.left}
	if i.hasBody() && len(body.shown(i.req.codec.Type())) > 0 {
		y.within("body", func() { jsonLines(y, request, "", pointersOf(i.req)) })
	}
	if len(i.pathNames)+len(i.queries) == 0 && (!i.hasBody() || len(body.shown(i.req.codec.Type())) == 0) {
		y.line("query: {}")
	}
}

// pointersOf are the pointers of the fields that JSON does not have.
func pointersOf(r *importedRecord) map[string]bool {
	out := map[string]bool{}
	for f := range r.codec.Fields() {
		if r.left[f.Type] {
			out[f.Pointer] = true
		}
	}
	return out
}

// jsonLines writes the members of a JSON object as lines, without those left out.
func jsonLines(y *yamlLines, doc []byte, pointer string, left map[string]bool) {
	names, values := members(doc)
	wrote := false
	for n, name := range names {
		p := pointer + "/" + name
		if left[p] {
			continue
		}
		wrote = true
		switch values[n][0] {
		case '{':
			if inner, _ := members(values[n]); len(inner) == 0 {
				y.line("%s: {}", yamlText(name))
				continue
			}
			y.within(yamlText(name), func() { jsonLines(y, values[n], p, left) })
		default:
			y.line("%s: %s", yamlText(name), flow(values[n], p, left))
		}
	}
	if !wrote {
		y.line("{}")
	}
}

// flow writes a JSON value in one line, without the members left out.
func flow(doc []byte, pointer string, left map[string]bool) string {
	switch doc[0] {
	case '[':
		var parts []string
		for _, e := range entries(doc) {
			parts = append(parts, flow(e, pointer+"/*", left))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case '{':
		var parts []string
		names, values := members(doc)
		for n, name := range names {
			if p := pointer + "/" + name; !left[p] {
				parts = append(parts, yamlText(name)+": "+flow(values[n], p, left))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return string(doc)
	}
}

// printImportedLayout prints the layout of a record.
func printImportedLayout(w io.Writer, r *importedRecord) error {
	rows := [][]string{{"", "offset", "length", "picture", "JSON name", "JSON type"}}
	for f := range r.codec.Fields() {
		row := []string{strings.Repeat("  ", f.Depth) + f.Item.Name, strconv.Itoa(f.Offset), strconv.Itoa(f.Length), f.Picture, "", ""}
		if f.Type != nil {
			row[4], row[5] = f.Type.Name, f.Type.Shape.String()
		}
		rows = append(rows, row)
	}
	return printColumns(w, rows, 1, 2)
}

// members takes a JSON object apart.
func members(doc []byte) (names []string, values [][]byte) {
	d := jsontext.NewDecoder(bytes.NewReader(doc))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return nil, nil
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, nil
		}
		text := name.String()
		v, err := d.ReadValue()
		if err != nil {
			return nil, nil
		}
		names, values = append(names, text), append(values, bytes.Clone(v))
	}
	return names, values
}

// entries takes a JSON array apart.
func entries(doc []byte) (values [][]byte) {
	d := jsontext.NewDecoder(bytes.NewReader(doc))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return nil
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil
		}
		values = append(values, bytes.Clone(v))
	}
	return values
}
