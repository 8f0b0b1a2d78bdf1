// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxUnknownName is how much of a name that the contract does not know is told back.
const maxUnknownName = 64

// scanQuery sorts the pairs of a query to the parameters they belong to.
func (w *paramWriter) scanQuery(in *inputPlan, query string) {
	if strings.IndexByte(query, ';') >= 0 {
		w.refuse("query", "", "separator", "a semicolon must be percent-encoded")
		return
	}
	for query != "" && len(w.issues) < maxInputIssues {
		var text string
		text, query, _ = strings.Cut(query, "&")
		if text == "" {
			continue
		}
		name, value, _ := strings.Cut(text, "=")
		if strings.ContainsAny(name, "%+") {
			decoded, ok := w.decode(name, encodingQuery)
			if !ok {
				w.refuse("query", "", "encoding", "the name of a parameter is not percent-encoded UTF-8")
				continue
			}
			name = string(decoded)
		}
		if in.queryName(name) {
			continue
		}
		t, ok := in.find(name)
		if !ok {
			w.refuse("query", name, "unknown", "the contract has no such parameter")
			continue
		}
		w.add(&in.query[t.param], pair{t, name, value})
	}
}

// refuse reports a name that belongs to no parameter.
func (w *paramWriter) refuse(in, name, code, detail string) {
	if len(name) > maxUnknownName {
		name = name[:maxUnknownName]
	}
	refused := issue{Parameter: strings.ToValidUTF8(name, ""), In: in, Code: code, Detail: detail}
	if w.form {
		refused.In, refused.Pointer = "body", pointerTo(refused.Parameter)
	}
	w.issues = append(w.issues, refused)
}

// add keeps a pair, unless its parameter has one value and got it already.
func (w *paramWriter) add(p *param, add pair) {
	if !p.repeats(add.prop) {
		for i := range w.pairs {
			if have := &w.pairs[i]; have.target == add.target && have.name == add.name {
				pointer := ""
				if add.prop >= 0 {
					pointer = pointerTo(p.value.props[add.prop].name)
				}
				w.fault(p, pointer, "duplicate", "it is given more than once")
				return
			}
		}
	}
	w.pairs = append(w.pairs, add)
}

// repeats reports whether the name of a parameter (or of its property) may come more than once.
func (p *param) repeats(prop int) bool {
	switch {
	case p.json:
		return false
	case prop == -1:
		return p.value.shapes&shapeArray != 0 && p.explode
	case prop >= 0:
		return p.value.props[prop].shapes&shapeArray != 0
	default:
		return false
	}
}

// pairMembers writes the parameters that were found as pairs.
func (w *paramWriter) pairMembers(params []param, e encoding) {
	for i := range params {
		p := &params[i]
		n, first := 0, -1
		for j := range w.pairs {
			if w.pairs[j].param == i {
				if n++; first < 0 {
					first = j
				}
			}
		}
		switch {
		case n == 0:
			w.missing(p)
		case w.pairs[first].prop != -1:
			w.exploded(p, i, e)
		case p.repeats(-1):
			w.repeated(p, i, e)
		default:
			w.member(p, w.pairs[first].value, e)
		}
	}
}

// repeated writes an array from pairs with the same name.
func (w *paramWriter) repeated(p *param, index int, e encoding) {
	w.out = append(append(w.out, p.key...), '[')
	n := 0
	for j := range w.pairs {
		if w.pairs[j].param == index {
			w.scalar(p, p.value.item(n), "", w.pairs[j].value, e)
			w.out = append(w.out, ',')
			n++
		}
	}
	w.out = append(trimComma(w.out), ']', ',')
}

// exploded writes an object from the pairs of its properties.
func (w *paramWriter) exploded(p *param, index int, e encoding) {
	w.out = append(append(w.out, p.key...), '{')
	for k := range p.value.props {
		w.property(p, index, k, e)
	}
	for j := range w.pairs {
		if t := w.pairs[j]; t.param == index && t.prop == -2 {
			name := t.name
			if p.style == styleDeep {
				name = name[len(p.name)+1 : len(name)-1]
			}
			w.objectMember(p, name, t.value, e)
		}
	}
	w.closeObject()
	w.out = append(w.out, ',')
}

// property writes one listed property of an exploded object, an array if it is one.
func (w *paramWriter) property(p *param, index, prop int, e encoding) {
	plan := &p.value.props[prop]
	array, n := plan.shapes&shapeArray != 0, 0
	for j := range w.pairs {
		if w.pairs[j].target != (target{index, prop}) {
			continue
		}
		if n++; n == 1 {
			w.out = append(w.out, plan.key...)
			if array {
				w.out = append(w.out, '[')
			}
		}
		v := plan.valuePlan
		if array {
			v = plan.item(n - 1)
		}
		w.scalar(p, v, pointerTo(plan.name), w.pairs[j].value, e)
		w.out = append(w.out, ',')
	}
	if n > 0 && array {
		w.out = append(trimComma(w.out), ']', ',')
	}
}

// headers writes the header parameters. A header that stands twice is a list, and so only right
// where an array is expected.
func (w *paramWriter) headers(in *inputPlan, h http.Header) {
	for name, values := range h {
		if len(values) > 1 && in.single(name) {
			w.refuse("header", name, "duplicate", "the header is given more than once")
		}
		if in.twinOf(name) {
			w.refuse("header", name, "ambiguous", "the name differs from a known header by an underscore")
		}
	}
	for i := range in.header {
		p := &in.header[i]
		values := h[p.header]
		switch {
		case len(values) == 0:
			w.missing(p)
		case !utf8.ValidString(values[0]):
			w.fault(p, "", "encoding", "the value is not UTF-8")
		case len(values) == 1:
			w.member(p, values[0], encodingNone)
		case p.value.shapes&shapeArray != 0 && !p.json:
			w.member(p, strings.Join(values, ","), encodingNone)
		default:
			w.fault(p, "", "duplicate", "the header is given more than once")
		}
	}
}

// single reports whether a header must not be repeated whatever the contract says.
func (in *inputPlan) single(name string) bool {
	return name == "Authorization" || name == "Idempotency-Key" || name == "Content-Type"
}

// scanCookies sorts cookies to the parameters they belong to; others are none of our business.
func (w *paramWriter) scanCookies(in *inputPlan, lines []string) {
	for _, line := range lines {
		for line != "" {
			var text string
			text, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(strings.Trim(text, " \t"), "=")
			for i := range in.cookie {
				if p := &in.cookie[i]; p.name == name {
					if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' && !p.json {
						value = value[1 : n-1]
					}
					w.addCookie(p, pair{target{i, -1}, name, value})
				}
			}
		}
	}
}

// addCookie is add for cookies: an array in a cookie is one text, whatever explode says.
func (w *paramWriter) addCookie(p *param, add pair) {
	for i := range w.pairs {
		if w.pairs[i].target == add.target {
			w.fault(p, "", "duplicate", "the cookie is given more than once")
			return
		}
	}
	w.pairs = append(w.pairs, add)
}
