// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// encoding is how the text of a parameter is escaped.
type encoding uint8

const (
	encodingNone    encoding = iota // headers
	encodingPercent                 // path
	encodingQuery                   // percent, and + for a space
	encodingCookie                  // percent where it makes sense, else as it is
)

// maxParamDepth is how deep a parameter that is JSON may nest. Two levels are around it, and transforms
// read no deeper than 32.
const maxParamDepth = 30

// maxInputIssues is how many faults of the parameters are reported at once.
const maxInputIssues = 10

// pair is one name and value of the query or a cookie, for the parameter it belongs to.
type pair struct {
	target
	name  string // decoded name, for members nobody listed
	value string // raw
}

// paramWriter writes the parameters of one request as the JSON text of transforms.Input.Params.
type paramWriter struct {
	out     []byte
	scratch []byte
	pairs   []pair
	issues  []issue
	// asked is how much of out holds path and query, without the brace that would close them.
	asked int
	// form tells that what is read are the fields of a form, so that faults are about the body.
	form bool
}

func (w *paramWriter) reset() {
	w.out, w.scratch, w.issues = w.out[:0], w.scratch[:0], nil
	clear(w.pairs)
	w.pairs = w.pairs[:0]
}

// write reads all parameters of r. Faults are left in w.issues.
func (w *paramWriter) write(in *inputPlan, values []string, r *http.Request) {
	w.out = append(w.out, `{"path":{`...)
	for i := range in.path {
		w.member(&in.path[i], values[i], encodingPercent)
	}
	w.section(`"query":{`)
	if r.URL.RawQuery != "" {
		w.scanQuery(in, r.URL.RawQuery)
	}
	w.pairMembers(in.query, encodingQuery)
	w.section(headerSection)
	w.asked = len(w.out) - len(headerSection) - 1
	w.headers(in, r.Header)
	w.section(`"cookie":{`)
	if len(in.cookie) > 0 {
		clear(w.pairs)
		w.pairs = w.pairs[:0]
		w.scanCookies(in, r.Header["Cookie"])
		w.pairMembers(in.cookie, encodingCookie)
	}
	w.closeObject()
	w.out = append(w.out, '}')
}

const headerSection = `"header":{`

// closeObject ends the object that is being written: members end in a comma, the last loses it.
func (w *paramWriter) closeObject() {
	if n := len(w.out) - 1; w.out[n] == ',' {
		w.out = w.out[:n]
	}
	w.out = append(w.out, '}')
}

func (w *paramWriter) section(open string) {
	w.closeObject()
	w.out = append(append(w.out, ','), open...)
}

func (w *paramWriter) fault(p *param, pointer, code, detail string) {
	if len(w.issues) < maxInputIssues {
		w.issues = append(w.issues, issue{Parameter: p.name, In: p.in, Pointer: pointer, Code: code, Detail: detail})
	}
}

// missing writes the default of a parameter that is not there, or reports it.
func (w *paramWriter) missing(p *param) {
	switch {
	case p.def != nil:
		w.out = append(append(append(w.out, p.key...), p.def...), ',')
	case p.required:
		w.fault(p, "", "required", "the parameter is required")
	}
}

// member writes a parameter whose whole value is one text.
func (w *paramWriter) member(p *param, raw string, e encoding) {
	w.out = append(w.out, p.key...)
	if p.style != styleSimple && p.in == "path" {
		var ok bool
		if raw, ok = cutPrefix(p, raw); !ok {
			w.fault(p, "", "style", "the value does not begin as its style says")
			return
		}
	}
	switch v := p.value; {
	case p.json:
		w.document(p, raw, e)
	case v.shapes&shapeArray != 0:
		w.array(p, raw, e)
	case v.shapes&shapeObject != 0:
		w.object(p, raw, e)
	default:
		w.scalar(p, v, "", raw, e)
	}
	w.out = append(w.out, ',')
}

// document writes a parameter whose value is JSON. That it is one value and no more is proven here, since
// it becomes a part of the parameters as it is; the schema is checked with theirs.
func (w *paramWriter) document(p *param, raw string, e encoding) {
	text, ok := w.decode(raw, e)
	if !ok {
		w.fault(p, "", "encoding", "the value is not percent-encoded UTF-8")
		return
	}
	d := jsontext.NewDecoder(bytes.NewReader(text))
	for values := 0; ; {
		_, err := d.ReadToken()
		var at *jsontext.SyntacticError
		switch {
		case errors.Is(err, io.EOF) && values == 1:
			w.out = append(w.out, text...)
			return
		case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &at):
			w.fault(p, string(at.JSONPointer), "duplicate", "the member is there more than once")
			return
		case err != nil:
			w.fault(p, "", "syntax", "the value is not JSON")
			return
		case d.StackDepth() > maxParamDepth:
			w.fault(p, "", "depth", fmt.Sprintf("objects and arrays may be nested %d deep", maxParamDepth))
			return
		}
		if d.StackDepth() == 0 {
			values++
		}
	}
}

// cutPrefix takes off what label and matrix put in front of a value.
func cutPrefix(p *param, raw string) (string, bool) {
	if p.style == styleLabel {
		return strings.CutPrefix(raw, ".")
	}
	if p.explode && p.value.shapes&shapeObject != 0 {
		return strings.CutPrefix(raw, ";")
	}
	return strings.CutPrefix(raw, ";"+p.name+"=")
}

// separator is what stands between the parts of an array or object that is one text.
func (p *param) separator() string {
	switch {
	case p.style == styleLabel && p.explode:
		return "."
	case p.style == styleMatrix && p.explode:
		return ";"
	case p.style == styleSpace:
		return " "
	case p.style == stylePipe:
		return "|"
	default:
		return ","
	}
}

// next cuts the first part off a raw text. Blanks and bars come percent-encoded from most clients.
func (p *param) next(raw string) (part, rest string, more bool) {
	sep := p.separator()
	switch sep {
	case " ":
		plus, escaped := strings.IndexByte(raw, '+'), strings.Index(raw, "%20")
		if escaped >= 0 && (plus < 0 || escaped < plus) {
			return raw[:escaped], raw[escaped+3:], true
		}
		return strings.Cut(raw, "+")
	case "|":
		bar, escaped := strings.IndexByte(raw, '|'), strings.Index(strings.ToUpper(raw), "%7C")
		if escaped >= 0 && (bar < 0 || escaped < bar) {
			return raw[:escaped], raw[escaped+3:], true
		}
	}
	return strings.Cut(raw, sep)
}

// array writes an array that is one text. An empty text is an empty array.
func (w *paramWriter) array(p *param, raw string, e encoding) {
	w.out = append(w.out, '[')
	for i, more := 0, raw != ""; more; i++ {
		var part string
		part, raw, more = p.next(raw)
		if p.style == styleMatrix && p.explode && i > 0 {
			part = strings.TrimPrefix(part, p.name+"=")
		}
		if e == encodingNone {
			part = strings.Trim(part, " \t")
		}
		w.scalar(p, p.value.item(i), "", part, e)
		w.out = append(w.out, ',')
	}
	w.out = append(trimComma(w.out), ']')
}

func trimComma(b []byte) []byte {
	if b[len(b)-1] == ',' {
		return b[:len(b)-1]
	}
	return b
}

// object writes an object that is one text: name,value,name,value or, exploded, name=value,name=value.
func (w *paramWriter) object(p *param, raw string, e encoding) {
	w.out = append(w.out, '{')
	var seen []string
	for more := raw != ""; more; {
		var name, value string
		name, raw, more = p.next(raw)
		if p.explode && p.style != styleSpace && p.style != stylePipe {
			name, value, _ = strings.Cut(name, "=")
		} else if more {
			value, raw, more = p.next(raw)
		} else {
			w.fault(p, "", "style", "a member has a name but no value")
			break
		}
		if e == encodingNone {
			name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
		}
		decoded, ok := w.decode(name, e)
		if !ok || slices.Contains(seen, string(decoded)) {
			w.fault(p, "", "duplicate", "a member is given twice or its name cannot be read")
			break
		}
		seen = append(seen, string(decoded))
		w.objectMember(p, string(decoded), value, e)
	}
	w.closeObject()
}

// objectMember writes one member of an object by its name.
func (w *paramWriter) objectMember(p *param, name, raw string, e encoding) {
	for i := range p.value.props {
		if prop := &p.value.props[i]; prop.name == name {
			w.out = append(w.out, prop.key...)
			w.scalar(p, prop.valuePlan, pointerTo(name), raw, e)
			w.out = append(w.out, ',')
			return
		}
	}
	key, err := quotedKey(name)
	if p.value.rest == nil || err != nil {
		w.fault(p, "", "unknown", "the parameter has a member that the contract does not know")
		return
	}
	w.out = append(w.out, key...)
	w.scalar(p, p.value.rest, pointerTo(name), raw, e)
	w.out = append(w.out, ',')
}

func pointerTo(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// scalar writes one value in the JSON form its plan allows.
func (w *paramWriter) scalar(p *param, v *valuePlan, pointer, raw string, e encoding) {
	text, ok := w.decode(raw, e)
	if !ok {
		w.fault(p, pointer, "encoding", "the value is not percent-encoded UTF-8")
		return
	}
	shapes := v.shapes
	switch {
	case shapes&(shapeNumber|shapeInteger) != 0 && isNumber(text),
		shapes&shapeBool != 0 && (string(text) == "true" || string(text) == "false"),
		shapes&shapeNull != 0 && shapes&shapeString == 0 && string(text) == "null":
		w.out = append(w.out, text...)
	case shapes&shapeString != 0:
		w.quote(p, pointer, text)
	case shapes&shapeInteger != 0:
		w.fault(p, pointer, "type", "the value must be an integer")
	case shapes&shapeNumber != 0:
		w.fault(p, pointer, "type", "the value must be a number")
	case shapes&shapeBool != 0:
		w.fault(p, pointer, "type", "the value must be true or false")
	default:
		w.fault(p, pointer, "type", "the value must be "+shapeWords(shapes))
	}
}

func shapeWords(s shape) string {
	switch {
	case s&shapeArray != 0:
		return "an array, which cannot nest in a parameter"
	case s&shapeObject != 0:
		return "an object, which cannot nest in a parameter"
	default:
		return "null"
	}
}

func (w *paramWriter) quote(p *param, pointer string, text []byte) {
	if !isPlain(text) {
		out, err := jsontext.AppendQuote(w.out, text)
		if err != nil {
			w.fault(p, pointer, "encoding", "the value is not UTF-8")
		}
		w.out = out
		return
	}
	w.out = append(append(append(w.out, '"'), text...), '"')
}

// decode undoes the escapes of a text. The result is valid until the next call.
func (w *paramWriter) decode(raw string, e encoding) ([]byte, bool) {
	out := w.scratch[:0]
	for i := 0; i < len(raw); i++ {
		b := raw[i]
		switch {
		case b == '%' && e != encodingNone:
			d, ok := hexByte(raw[i+1:])
			if ok {
				b = d
				i += 2
			} else if e != encodingCookie {
				return nil, false
			}
		case b == '+' && e == encodingQuery:
			b = ' '
		}
		out = append(out, b)
	}
	w.scratch = out
	return out, true
}

// isNumber reports whether a text is a number as JSON writes them: no sign +, no leading zeros.
func isNumber(t []byte) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(t) && t[i] >= '0' && t[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(t) && t[i] == '-' {
		i++
	}
	switch {
	case i < len(t) && t[i] == '0':
		i++
	case !digits():
		return false
	}
	if i < len(t) && t[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(t) && (t[i] == 'e' || t[i] == 'E') {
		i++
		if i < len(t) && (t[i] == '+' || t[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(t)
}
