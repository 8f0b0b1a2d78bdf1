// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
	"lintel/transforms"
)

func media(name string, s *specs.Schema) *specs.MediaType {
	return specs.NewMediaType(name, s, specs.Pos{})
}

func stringOf(format string, least, most int) *specs.Schema {
	return &specs.Schema{Types: []string{"string"}, Format: format, MinLength: least, MaxLength: most}
}

// mediaGateway serves one operation that takes bodies of every kind, and tells what the transform got.
func mediaGateway(t testing.TB, got *transforms.Input) *Gateway {
	fields := objectOf("name:string", "amount:number")
	fields.Properties = append(fields.Properties, &specs.Property{Name: "tags", Schema: arrayOf("integer")})
	return newGateway(t, Options{BodyLimit: 100_000}, routeOf("POST", "/a", func(r *Route) {
		r.Operation.Body.Content = []*specs.MediaType{
			media("application/json", nil),
			media("application/x-www-form-urlencoded", fields),
			media("text/*", stringOf("", -1, -1)),
			media("text/csv; charset=utf-8", stringOf("", -1, -1)),
			media("application/octet-stream", stringOf("binary", 2, 4)),
			media("image/*", stringOf("binary", -1, -1)),
			media("application/xml", schema("object")),
			media("*/*", nil),
		}
		r.Start = func() Runner {
			return fakeRunner{request: func(in transforms.Input) (transforms.Message, error) {
				got.Body, got.Media = append([]byte(nil), in.Body...), in.Media
				return transforms.Message{Body: []byte("{}")}, nil
			}}
		}
	}))
}

func TestBodyMedia(t *testing.T) {
	var got transforms.Input
	g := mediaGateway(t, &got)
	for _, c := range []struct {
		name, media, body string
		number            int
		want              string // the value of the transform, or "status code pointer" of the refusal
	}{
		{"json", "application/json", `{"a":1}`, 1, `{"a":1}`},
		{"json of the range", "application/vnd.x+json", `{"a":1}`, 8, `{"a":1}`},
		{"text", "text/plain", "a \"b\"\n\x00é", 3, `"a \"b\"\n\u0000é"`},
		{"text in ascii", "text/plain; charset=US-ASCII", "a", 3, `"a"`},
		{"text written out", "text/csv", "a;b", 4, `"a;b"`},
		{"text in another charset", "text/plain; charset=iso-8859-1", "a", 0, "415"},
		{"text that is not utf8", "text/plain", "a\xff", 0, "400 encoding "},
		{"json that is text", "text/plain", `{"a":1}`, 3, `"{\"a\":1}"`},
		{"bytes", "application/octet-stream", "\x00\xff\x10", 5, `"AP8Q"`},
		{"too few bytes", "application/octet-stream", "\x00", 0, "400 minLength "},
		{"too many bytes", "application/octet-stream", "12345", 0, "400 maxLength "},
		{"bytes of a range", "image/png", "\x89PNG", 6, `"iVBORw=="`},
		{"xml", "application/xml", "<a/>", 0, "415"},
		{"not in the range of json", "application/pdf", "%PDF", 0, "415"},
		{"parts, which the contract does not have", "multipart/form-data; boundary=x", "--x--", 0, "415"},
		{"no type", "", "x", 0, "415"},

		{"form", "application/x-www-form-urlencoded", "name=a+b%26&amount=1.50&tags=1&tags=2", 2, `{"name":"a b&","amount":1.50,"tags":[1,2]}`},
		{"form in utf8", "application/x-www-form-urlencoded; charset=UTF-8", "name=%C3%A9", 2, `{"name":"é"}`},
		{"form member twice", "application/x-www-form-urlencoded", "name=a&name=b", 0, "400 duplicate /name"},
		{"form member unknown", "application/x-www-form-urlencoded", "nam%2Fe=a", 0, "400 unknown /nam~1e"},
		{"form of a wrong type", "application/x-www-form-urlencoded", "amount=x", 0, "400 type /amount"},
		{"form not escaped", "application/x-www-form-urlencoded", "name=%", 0, "400 encoding /name"},
		{"form not utf8", "application/x-www-form-urlencoded", "name=%ff", 0, "400 encoding /name"},
		{"form with many fields", "application/x-www-form-urlencoded", strings.Repeat("tags=1&", 1000), 0, "400 fields "},
		{"empty form", "application/x-www-form-urlencoded", "&", 2, `{}`},
	} {
		got = transforms.Input{}
		w := do(g, "POST", "/a", c.body, "Content-Type", c.media)
		if w.Code == http.StatusUnsupportedMediaType && c.want == "415" {
			if accept := w.Header().Get("Accept"); strings.Contains(accept, "xml") || !strings.Contains(accept, "text/csv") {
				t.Errorf("%s: accept %q", c.name, accept)
			}
			continue
		}
		if w.Code != 200 {
			p := problemIn(t, w)
			if len(p.Errors) != 1 || "400 "+p.Errors[0].Code+" "+p.Errors[0].Pointer != c.want || p.Errors[0].In == "query" {
				t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
			}
			continue
		}
		if string(got.Body) != c.want || got.Media != c.number {
			t.Errorf("%s: got %d %s, want %d %s", c.name, got.Media, got.Body, c.number, c.want)
		}
	}
}

// A form of many names costs no more than one pass over the others for each.
func TestFormIsBounded(t *testing.T) {
	form, err := compileForm(&specs.Schema{Types: []string{"object"}, Additional: schema("string")})
	if err != nil {
		t.Fatal(err)
	}
	if _, issues := form.read(nil, []byte(strings.Repeat("x=1&", maxFields-1))); len(issues) != maxInputIssues {
		t.Errorf("%d issues", len(issues))
	}
	if _, err := compileForm(schema("string")); err == nil {
		t.Error("a form that is a string")
	}
}

// answers sends what the transform made as the contract declares it.
func TestAnswerMedia(t *testing.T) {
	value := ""
	replying := func(types ...*specs.MediaType) func(*Route) {
		return func(r *Route) {
			r.Operation.Responses = []*specs.Response{{Status: "200", Content: types}}
			r.Caching = &Caching{}
			r.Start = func() Runner {
				return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
					return transforms.Output{Status: 200, Body: []byte(value), Outcome: "ok", Headers: []transforms.Header{{Name: "X-Of", Value: "1"}}}, nil
				}}
			}
		}
	}
	g := newGateway(t, Options{},
		routeOf("GET", "/text", replying(media("text/csv", nil), media("text/*", nil), media("application/pdf", nil))),
		routeOf("GET", "/bytes", replying(media("application/pdf", stringOf("binary", 2, 4)), media("text/plain", nil))),
		routeOf("GET", "/json", replying(media("text/plain", nil), media("application/json", nil))),
	)
	for _, c := range []struct {
		path, accept, value string
		status              int
		contentType, body   string
	}{
		{"/text", "", `"a;\u00e9\n"`, 200, "text/csv; charset=utf-8", "a;é\n"},
		{"/text", "text/plain", `"a"`, 200, "text/plain; charset=utf-8", "a"},
		{"/text", "application/pdf", `"a"`, 406, "", ""},
		{"/text", "application/json", `"a"`, 406, "", ""},
		{"/text", "", `""`, 200, "text/csv; charset=utf-8", ""},
		{"/text", "", `{"a":1}`, 502, "", ""},
		{"/text", "", `null`, 502, "", ""},
		{"/bytes", "*/*", `"AP8Q"`, 200, "application/pdf", "\x00\xff\x10"},
		{"/bytes", "*/*", `"AP8"`, 502, "", ""},
		{"/bytes", "*/*", `"AA=="`, 502, "", ""},
		{"/bytes", "*/*", `"AAAAAAAA"`, 502, "", ""},
		{"/bytes", "text/plain", `"AP8Q"`, 406, "", ""},
		{"/json", "", `"a"`, 200, "application/json", `"a"`},
	} {
		value = c.value
		var headers []string
		if c.accept != "" {
			headers = []string{"Accept", c.accept}
		}
		w := do(g, "GET", c.path, "", headers...)
		if w.Code != c.status {
			t.Errorf("%s %s: %d %s", c.path, c.value, w.Code, w.Body)
		}
		if c.status != 200 {
			if p := problemIn(t, w); c.status == 502 && (p.Code != "response-invalid" || w.Header().Get("X-Of") != "" || w.Header().Get("Cache-Control") != "no-store") {
				t.Errorf("%s %s: %v %s", c.path, c.value, w.Header(), w.Body)
			}
			continue
		}
		if ct := w.Header().Get("Content-Type"); ct != c.contentType || w.Body.String() != c.body {
			t.Errorf("%s %s: %q %q", c.path, c.value, ct, w.Body)
		}
		etag := w.Header().Get("Etag")
		if again := do(g, "GET", c.path, "", append(headers, "If-None-Match", etag)...); etag == "" || again.Code != 304 || again.Body.Len() > 0 {
			t.Errorf("%s %s: %q gets %d", c.path, c.value, etag, again.Code)
		}
	}
	off := newGateway(t, Options{Responses: ResponsesOff}, routeOf("GET", "/bytes", replying(media("application/pdf", stringOf("binary", 2, 4)))))
	value = `"AA=="`
	if w := do(off, "GET", "/bytes", ""); w.Code != 200 || w.Body.Len() != 1 {
		t.Errorf("with responses off: %d %q", w.Code, w.Body)
	}
}

// What is kept is sent again under the media type that this caller takes.
func TestKeptAnswerMedia(t *testing.T) {
	g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
		r.Operation.Responses = []*specs.Response{{Status: "200", Content: []*specs.MediaType{media("text/csv", nil), media("text/plain", nil)}}}
		r.Caching = &Caching{Gateway: time.Minute}
		r.Start = func() Runner {
			return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
				return transforms.Output{Status: 200, Body: []byte(`"a\nb"`), Outcome: "ok"}, nil
			}}
		}
	}))
	for i, want := range []string{"text/csv; charset=utf-8", "text/plain; charset=utf-8"} {
		w := do(g, "GET", "/a", "", "Accept", strings.TrimSuffix(want, "; charset=utf-8"))
		if w.Header().Get("Content-Type") != want || w.Body.String() != "a\nb" || (w.Header().Get("Age") != "") != (i == 1) {
			t.Errorf("%d: %v %q", i, w.Header(), w.Body)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("name=a+b%26&amount=1.50&tags=1&tags=2")
	f.Add("&&=&%zz=1&name=%ff;")
	form, err := compileForm(&specs.Schema{
		Types: []string{"object"}, Additional: schema("string"),
		Properties: []*specs.Property{{Name: "amount", Schema: schema("number")}, {Name: "tags", Schema: arrayOf("integer")}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		out, issues := form.read(nil, []byte(body))
		if issues == nil && !jsontext.Value(out).IsValid() {
			t.Errorf("not JSON: %s", out)
		}
		if len(issues) > 2*maxInputIssues {
			t.Errorf("%d issues", len(issues))
		}
	})
}
