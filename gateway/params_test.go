// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
)

func schema(types ...string) *specs.Schema { return &specs.Schema{Types: types} }

func arrayOf(item string) *specs.Schema {
	return &specs.Schema{Types: []string{"array"}, Items: schema(item)}
}

func objectOf(props ...string) *specs.Schema {
	s := &specs.Schema{Types: []string{"object"}, Additional: &specs.Schema{Never: true}}
	for _, p := range props {
		name, typ, _ := strings.Cut(p, ":")
		s.Properties = append(s.Properties, &specs.Property{Name: name, Schema: schema(typ)})
	}
	return s
}

// inputsOf compiles parameters; path ones are taken in order.
func inputsOf(t testing.TB, params ...*specs.Parameter) *inputPlan {
	t.Helper()
	var names []string
	for _, p := range params {
		if p.In == "path" {
			names = append(names, p.Name)
		}
	}
	in, err := compileInputs(&specs.Operation{ID: "op", Parameters: params}, names)
	if err != nil {
		t.Fatal(err)
	}
	return &in
}

func TestParameterStyles(t *testing.T) {
	rgb := objectOf("R:integer", "G:integer", "B:integer")
	open := &specs.Schema{Types: []string{"object"}, Additional: schema("integer")}
	type param = specs.Parameter
	for _, c := range []struct {
		name string
		p    param
		raw  string // the segment, query, header line or cookie line
		want string // the value, or "in code" of the issue
	}{
		{"simple", param{In: "path", Style: "simple", Schema: schema("string")}, "a%2Cb", `"a,b"`},
		{"simple number", param{In: "path", Style: "simple", Schema: schema("number")}, "-12.50e3", `-12.50e3`},
		{"leading zero", param{In: "path", Style: "simple", Schema: schema("integer")}, "007", "type"},
		{"leading zero text", param{In: "path", Style: "simple", Schema: schema("string")}, "007", `"007"`},
		{"plus sign", param{In: "path", Style: "simple", Schema: schema("number")}, "+1", "type"},
		{"number or text", param{In: "path", Style: "simple", Schema: schema("integer", "string")}, "007", `"007"`},
		{"simple array", param{In: "path", Style: "simple", Schema: arrayOf("string")}, "3,4,5%2C6", `["3","4","5,6"]`},
		{"simple object", param{In: "path", Style: "simple", Schema: rgb}, "R,100,G,200,B,150", `{"R":100,"G":200,"B":150}`},
		{"simple object explode", param{In: "path", Style: "simple", Explode: true, Schema: rgb}, "R=100,G=200", `{"R":100,"G":200}`},
		{"simple object odd", param{In: "path", Style: "simple", Schema: rgb}, "R,100,G", "style"},
		{"simple object unknown", param{In: "path", Style: "simple", Schema: rgb}, "X,100", "unknown"},
		{"simple object twice", param{In: "path", Style: "simple", Schema: rgb}, "R,1,R,2", "duplicate"},
		{"simple object member", param{In: "path", Style: "simple", Schema: rgb}, "R,x", "type /R"},
		{"label", param{In: "path", Style: "label", Schema: schema("string")}, ".blue", `"blue"`},
		{"label array", param{In: "path", Style: "label", Schema: arrayOf("string")}, ".blue,black", `["blue","black"]`},
		{"label array explode", param{In: "path", Style: "label", Explode: true, Schema: arrayOf("string")}, ".blue.black", `["blue","black"]`},
		{"label object explode", param{In: "path", Style: "label", Explode: true, Schema: rgb}, ".R=100.G=200", `{"R":100,"G":200}`},
		{"label wrong", param{In: "path", Style: "label", Schema: schema("string")}, "blue", "style"},
		{"matrix", param{In: "path", Style: "matrix", Schema: schema("string")}, ";p=blue", `"blue"`},
		{"matrix array", param{In: "path", Style: "matrix", Schema: arrayOf("string")}, ";p=blue,black", `["blue","black"]`},
		{"matrix array explode", param{In: "path", Style: "matrix", Explode: true, Schema: arrayOf("string")}, ";p=blue;p=black", `["blue","black"]`},
		{"matrix object explode", param{In: "path", Style: "matrix", Explode: true, Schema: rgb}, ";R=100;G=200", `{"R":100,"G":200}`},

		{"form", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p=a+b%26c", `"a b&c"`},
		{"form empty", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p=", `""`},
		{"form no value", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p", `""`},
		{"form empty number", param{In: "query", Style: "form", Explode: true, Schema: schema("number")}, "p=", "type"},
		{"form boolean", param{In: "query", Style: "form", Explode: true, Schema: schema("boolean")}, "p=true", `true`},
		{"form no boolean", param{In: "query", Style: "form", Explode: true, Schema: schema("boolean")}, "p=TRUE", "type"},
		{"form nullable", param{In: "query", Style: "form", Explode: true, Schema: schema("integer", "null")}, "p=null", `null`},
		{"form twice", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p=1&p=2", "duplicate"},
		{"form untyped", param{In: "query", Style: "form", Explode: true}, "p=1", `"1"`},
		{"form enum", param{In: "query", Style: "form", Explode: true, Schema: &specs.Schema{Enum: []string{"1", "2"}}}, "p=1", `1`},
		{"form array", param{In: "query", Style: "form", Explode: true, Schema: arrayOf("integer")}, "p=1&p=2", `[1,2]`},
		{"form array one", param{In: "query", Style: "form", Explode: true, Schema: arrayOf("string")}, "p=1,2", `["1,2"]`},
		{"form array joined", param{In: "query", Style: "form", Schema: arrayOf("integer")}, "p=1,2", `[1,2]`},
		{"form array empty", param{In: "query", Style: "form", Schema: arrayOf("integer")}, "p=", `[]`},
		{"form array joined twice", param{In: "query", Style: "form", Schema: arrayOf("integer")}, "p=1&p=2", "duplicate"},
		{"form object", param{In: "query", Style: "form", Schema: rgb}, "p=R,100,G,200", `{"R":100,"G":200}`},
		{"form object explode", param{In: "query", Style: "form", Explode: true, Schema: rgb}, "G=200&R=100", `{"R":100,"G":200}`},
		{"form object open", param{In: "query", Style: "form", Explode: true, Schema: open}, "x=1&y=2", `{"x":1,"y":2}`},
		{"form object open twice", param{In: "query", Style: "form", Explode: true, Schema: open}, "x=1&x=2", "duplicate"},
		{"space", param{In: "query", Style: "spaceDelimited", Schema: arrayOf("string")}, "p=a%20b+c", `["a","b","c"]`},
		{"pipe", param{In: "query", Style: "pipeDelimited", Schema: arrayOf("string")}, "p=a|b%7Cc%7cd", `["a","b","c","d"]`},
		{"deep", param{In: "query", Style: "deepObject", Explode: true, Schema: rgb}, "p%5BR%5D=100&p[G]=200", `{"R":100,"G":200}`},
		{"deep array", param{In: "query", Style: "deepObject", Explode: true, Schema: &specs.Schema{
			Types:      []string{"object"},
			Properties: []*specs.Property{{Name: "in", Schema: arrayOf("integer")}},
		}}, "p[in]=1&p[in]=2", `{"in":[1,2]}`},
		{"deep open", param{In: "query", Style: "deepObject", Explode: true, Schema: open}, "p[a~]=1", `{"a~":1}`},
		{"deep twice", param{In: "query", Style: "deepObject", Explode: true, Schema: rgb}, "p[R]=1&p[R]=2", "duplicate /R"},
		{"deep unknown", param{In: "query", Style: "deepObject", Explode: true, Schema: rgb}, "p[X]=1", "unknown"},
		{"bad percent", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p=%zz", "encoding"},
		{"bad utf8", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p=%ff", "encoding"},
		{"bad name", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "%zz=1", "encoding"},
		{"semicolon", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p=1;q=2", "separator"},
		{"unknown", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "q=1", "unknown"},
		{"missing", param{In: "query", Style: "form", Explode: true, Required: true, Schema: schema("string")}, "", "required"},
		{"default", param{In: "query", Style: "form", Explode: true, Schema: &specs.Schema{Types: []string{"integer"}, Default: "20"}}, "", `20`},
		{"quotes", param{In: "query", Style: "form", Explode: true, Schema: schema("string")}, "p=%22%5C%0A", `"\"\\\n"`},

		{"header", param{In: "header", Style: "simple", Schema: schema("string")}, "a%20+b", `"a%20+b"`},
		{"header number", param{In: "header", Style: "simple", Schema: schema("integer")}, "12", `12`},
		{"header array", param{In: "header", Style: "simple", Schema: arrayOf("integer")}, "1, 2,3", `[1,2,3]`},
		{"header object", param{In: "header", Style: "simple", Explode: true, Schema: rgb}, "R=1, G=2", `{"R":1,"G":2}`},
		{"header bytes", param{In: "header", Style: "simple", Schema: schema("string")}, "\xff", "encoding"},
		{"cookie", param{In: "cookie", Style: "form", Explode: true, Schema: schema("string")}, `other=1; p="a b"`, `"a b"`},
		{"cookie escaped", param{In: "cookie", Style: "form", Explode: true, Schema: schema("string")}, `p=a%3Db%`, `"a=b%"`},
		{"cookie array", param{In: "cookie", Style: "form", Explode: true, Schema: arrayOf("integer")}, `p=1,2`, `[1,2]`},
		{"json in a query", param{In: "query", JSON: true, Schema: rgb}, "p=%7B%22R%22%3A+1.50%7D", `{"R": 1.50}`},
		{"json array in a query", param{In: "query", JSON: true, Explode: true, Schema: arrayOf("integer")}, "p=[1,2]", `[1,2]`},
		{"json twice", param{In: "query", JSON: true, Explode: true, Schema: arrayOf("integer")}, "p=[1]&p=[2]", "duplicate"},
		{"json in a path", param{In: "path", JSON: true, Style: "simple", Schema: rgb}, "%7B%22a,b%22:[]%7D", `{"a,b":[]}`},
		{"json in a header", param{In: "header", JSON: true, Style: "simple", Schema: arrayOf("string")}, ` ["a, b"]`, ` ["a, b"]`},
		{"json in a cookie", param{In: "cookie", JSON: true, Style: "form", Schema: schema("string")}, `p="a%2Cb"`, `"a,b"`},
		{"json default", param{In: "query", JSON: true, Schema: &specs.Schema{Default: "[1]"}}, "", `[1]`},
		{"json missing", param{In: "query", JSON: true, Required: true}, "", "required"},
		{"json empty", param{In: "query", JSON: true}, "p=", "syntax"},
		{"json of two values", param{In: "query", JSON: true}, "p=1+2", "syntax"},
		{"json that goes on", param{In: "query", JSON: true}, "p=1%7D,%22x%22:%7B", "syntax"},
		{"json cut", param{In: "query", JSON: true}, "p=%7B%22a%22:1", "syntax"},
		{"json member twice", param{In: "query", JSON: true}, "p=%7B%22a%22:%7B%22b%22:1,%22b%22:2%7D%7D", "duplicate /a/b"},
		{"json of other text", param{In: "query", JSON: true}, "p=blue", "syntax"},
		{"json not utf8", param{In: "query", JSON: true}, "p=%22%FF%22", "syntax"},
		{"json not escaped", param{In: "query", JSON: true}, "p=%2", "encoding"},
		{"json deep", param{In: "query", JSON: true}, "p=" + strings.Repeat("[", 30) + strings.Repeat("]", 30), strings.Repeat("[", 30) + strings.Repeat("]", 30)},
		{"json too deep", param{In: "query", JSON: true}, "p=" + strings.Repeat("[", 31) + strings.Repeat("]", 31), "depth"},
		{"cookie twice", param{In: "cookie", Style: "form", Explode: true, Schema: schema("string")}, `p=1; p=2`, "duplicate"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.p.Name = "p"
			r := &http.Request{URL: &url.URL{}, Header: http.Header{}}
			var values []string
			switch c.p.In {
			case "path":
				values = []string{c.raw}
			case "query":
				r.URL.RawQuery = c.raw
			case "header":
				r.Header["P"] = []string{c.raw}
			case "cookie":
				r.Header["Cookie"] = []string{c.raw}
			}
			var w paramWriter
			w.write(inputsOf(t, &c.p), values, r)
			got := ""
			if len(w.issues) > 0 {
				got = strings.TrimSpace(w.issues[0].Code + " " + w.issues[0].Pointer)
			} else {
				got = strings.ReplaceAll(string(w.out), `"p":`, "")
				for _, empty := range []string{`"path":{},`, `"query":{},`, `,"query":{}`, `"header":{},`, `,"header":{}`, `,"cookie":{}`} {
					got = strings.ReplaceAll(got, empty, "")
				}
				_, got, _ = strings.Cut(strings.TrimPrefix(got, "{"), ":")
				if got = strings.TrimSuffix(got, "}"); !strings.HasPrefix(c.want, "{") {
					got = strings.TrimSuffix(strings.TrimPrefix(got, "{"), "}")
				} else if strings.HasPrefix(got, "{{") {
					got = got[1 : len(got)-1]
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s (%s)", got, c.want, w.out)
			}
		})
	}
}

// H03: names that differ by an underscore, and headers given twice.
func TestH03Headers(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Operation.Parameters = []*specs.Parameter{{Name: "X-User", In: "header", Style: "simple", Schema: schema("string")}}
	}))
	for _, c := range []struct {
		name string
		h    []string
		code int
	}{
		{"fine", []string{"X-User", "a", "session_id", "1"}, 200},
		{"twin of a parameter", []string{"X_User", "a"}, 400},
		{"twin of a key", []string{"idempotency_key", "a"}, 400},
		{"parameter twice", []string{"X-User", "a", "X-User", "b"}, 400},
		{"authorization twice", []string{"Authorization", "a", "Authorization", "b"}, 400},
	} {
		if w := do(g, "GET", "/a", "", c.h...); w.Code != c.code {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
}

func TestManyIssuesAreBounded(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/a", nil))
	w := do(g, "GET", "/a?"+strings.Repeat("x=1&", 1500)+strings.Repeat("y", 500)+"=1", "")
	if p := problemIn(t, w); len(p.Errors) != maxInputIssues {
		t.Errorf("%d issues", len(p.Errors))
	}
}

func FuzzParams(f *testing.F) {
	f.Add("1", "limit=5&ids=1&ids=2&p[R]=1&R=2", "1, 2", "c=1,2; d=x")
	f.Add("a", "j=%7B%22a%22:[1]%7D&j=1%7D", "1", "c=1")
	f.Add(".a;b", "pipe=a%7Cb&space=a%20b+c&x=%zz", "R=1", "c=\"\"")
	f.Add("%ff", "a=%00&&=&p[]=1&p[[]=2&csv=,,", "\xff", ";;=;c")
	rgb := objectOf("R:integer", "G:boolean")
	in := inputsOf(f,
		&specs.Parameter{Name: "id", In: "path", Style: "simple", Schema: arrayOf("string")},
		&specs.Parameter{Name: "label", In: "path", Style: "label", Explode: true, Schema: rgb},
		&specs.Parameter{Name: "matrix", In: "path", Style: "matrix", Explode: true, Schema: schema("string", "integer")},
		query("limit", "integer"),
		&specs.Parameter{Name: "ids", In: "query", Style: "form", Explode: true, Schema: arrayOf("number")},
		&specs.Parameter{Name: "csv", In: "query", Style: "form", Schema: arrayOf("string")},
		&specs.Parameter{Name: "pipe", In: "query", Style: "pipeDelimited", Schema: arrayOf("string")},
		&specs.Parameter{Name: "space", In: "query", Style: "spaceDelimited", Schema: &specs.Schema{Types: []string{"object"}}},
		&specs.Parameter{Name: "p", In: "query", Style: "deepObject", Explode: true, Schema: &specs.Schema{Types: []string{"object"}}},
		&specs.Parameter{Name: "o", In: "query", Style: "form", Explode: true, Schema: &specs.Schema{Types: []string{"object"}, Additional: schema("string")}},
		&specs.Parameter{Name: "h", In: "header", Style: "simple", Explode: true, Schema: rgb},
		&specs.Parameter{Name: "c", In: "cookie", Style: "form", Schema: arrayOf("integer")},
		&specs.Parameter{Name: "j", In: "query", Style: "form", JSON: true},
		&specs.Parameter{Name: "d", In: "cookie", Style: "form", Schema: schema("string", "null")})
	f.Fuzz(func(t *testing.T, path, query, header, cookie string) {
		r := &http.Request{URL: &url.URL{RawQuery: query}, Header: http.Header{"H": {header}, "Cookie": {cookie}}}
		var w paramWriter
		w.write(in, []string{path, path, path}, r)
		if len(w.issues) == 0 && !jsontext.Value(w.out).IsValid() {
			t.Errorf("not JSON: %s", w.out)
		}
		if len(w.issues) > 2*maxInputIssues {
			t.Errorf("%d issues", len(w.issues))
		}
	})
}
