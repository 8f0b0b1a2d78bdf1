// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"lintel/specs"
	"lintel/transforms"
)

// photos is a multipart media type with a part of every kind.
func photos(name string) *specs.MediaType {
	s := objectOf("title:string", "count:integer", "about:object")
	add := func(name string, schema *specs.Schema) {
		s.Properties = append(s.Properties, &specs.Property{Name: name, Schema: schema})
	}
	list := arrayOf("string")
	list.Items = stringOf("binary", 0, -1)
	add("photo", stringOf("binary", 2, 10))
	add("page", list)
	add("tags", arrayOf("integer"))
	m := media(name, s)
	m.Encoding = map[string][]string{"photo": {"image/png", "image/*"}}
	return m
}

func form(parts ...string) string {
	return "--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\n"
}

func field(name, head, body string) string {
	return "Content-Disposition: form-data; name=\"" + name + "\"" + head + "\r\n\r\n" + body
}

// TestMultipartBody: what the transform gets of a form with files, and what is refused, with its place.
func TestMultipartBody(t *testing.T) {
	var got transforms.Input
	g := newGateway(t, Options{BodyLimit: 100_000}, routeOf("POST", "/a", func(r *Route) {
		r.Operation.Body.Content = []*specs.MediaType{photos("multipart/form-data")}
		r.Start = func() Runner {
			return fakeRunner{request: func(in transforms.Input) (transforms.Message, error) {
				got.Body, got.Media = append([]byte(nil), in.Body...), in.Media
				return transforms.Message{Body: []byte("{}")}, nil
			}}
		}
	}))
	png := "; filename=\"a.png\"\r\nContent-Type: image/png"
	for _, c := range []struct {
		name, media, body, want string
	}{
		{"all", "", form(
			field("page", "", "1"), field("title", "", "a \"b\" é"), field("photo", png, "\x89P\r\nG"), field("page", "", ""),
			field("count", "", "3"), field("about", "\r\nContent-Type: application/json", ` {"a":[1]} `), field("tags", "", "7"),
		), `{"title":"a \"b\" é","count":3,"about":{"a":[1]},"photo":"iVANCkc=","page":["MQ==",""],"tags":[7]}`},
		{"one", "", form(field("photo", png, "PNG")), `{"photo":"UE5H"}`},
		{"two of one", "", form(field("photo", png, "PNG"), field("photo", png, "PNG")), "400 duplicate /photo"},
		{"unknown", "", form(field("foto", png, "PNG")), "400 part "},
		{"no name", "", form("\r\nPNG"), "400 part "},
		{"other disposition", "", form("Content-Disposition: inline; name=photo\r\n\r\nPNG"), "400 part "},
		{"media type of a part", "", form(field("photo", "\r\nContent-Type: application/pdf", "PDF")), "400 mediaType /photo"},
		{"too short", "", form(field("photo", png, "P")), "400 minLength /photo"},
		{"too long", "", form(field("photo", png, "PPPPPPPPPPP")), "400 maxLength /photo"},
		{"no integer", "", form(field("count", "", "x")), "400 type /count"},
		{"no JSON", "", form(field("about", "", "{")), "400 syntax /about"},
		{"two values", "", form(field("about", "", "{}{}")), "400 syntax /about"},
		{"no UTF-8", "", form(field("title", "", "\xFF")), "400 encoding /title"},
		{"no integer in a list", "", form(field("tags", "", "1"), field("tags", "", "x")), "400 type /tags/1"},
		{"cut off", "", "--b\r\n" + field("title", "", "a"), "400 syntax "},
		{"bare line ends", "", strings.ReplaceAll(form(field("title", "", "a")), "\r\n", "\n"), "400 syntax "},
		{"no boundary", "multipart/form-data", form(field("title", "", "a")), "400 syntax "},
		{"another kind", "multipart/mixed; boundary=b", form(field("title", "", "a")), "415"},
	} {
		t.Run(c.name, func(t *testing.T) {
			mediaType := c.media
			if mediaType == "" {
				mediaType = "multipart/form-data; boundary=b"
			}
			got = transforms.Input{}
			w := do(g, "POST", "/a", c.body, "Content-Type", mediaType)
			answer := string(got.Body)
			if w.Code != 200 {
				answer = fmt.Sprint(w.Code)
				if p := problemIn(t, w); len(p.Errors) > 0 {
					answer += " " + p.Errors[0].Code + " " + p.Errors[0].Pointer
				}
			}
			if answer != c.want {
				t.Errorf("%s, want %s\n%s", answer, c.want, w.Body)
			}
		})
	}
}

// TestMultipartAnswer: the standard library reads what is answered.
func TestMultipartAnswer(t *testing.T) {
	photo := bytes.Repeat([]byte("\r\n--x\x00"), 300)
	value := fmt.Sprintf(`{"title":"é","count":3,"about":{"a":[1]},"photo":%q,"page":["MQ==",""],"other":1,"tags":null}`, base64.StdEncoding.EncodeToString(photo))
	for _, kind := range []string{"multipart/mixed", "multipart/form-data", "multipart/related"} {
		g := newGateway(t, Options{}, routeOf("GET", "/a", func(r *Route) {
			r.Operation.Responses = []*specs.Response{{Status: "200", Content: []*specs.MediaType{photos(kind)}}}
			r.Start = func() Runner {
				return fakeRunner{reply: func(transforms.Message) (transforms.Output, error) {
					return transforms.Output{Status: 200, Body: []byte(value)}, nil
				}}
			}
		}))
		w := do(g, "GET", "/a", "")
		media, params, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
		if err != nil || media != kind || w.Code != 500 && w.Code != 200 {
			t.Fatalf("%d %q: %v", w.Code, w.Header().Get("Content-Type"), err)
		}
		var parts []string
		r := multipart.NewReader(w.Body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(p)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, p.Header.Get("Content-Disposition")+" "+p.Header.Get("Content-Type")+" "+string(b))
		}
		d := map[string]string{"multipart/form-data": "form-data"}[kind]
		if d == "" {
			d = "attachment"
		}
		want := []string{
			d + `; name="title" text/plain; charset=utf-8 é`, d + `; name="count" text/plain; charset=utf-8 3`, d + `; name="about" application/json {"a":[1]}`,
			d + `; name="photo" image/png ` + string(photo), d + `; name="page" application/octet-stream 1`, d + `; name="page" application/octet-stream `,
		}
		if fmt.Sprintf("%q", parts) != fmt.Sprintf("%q", want) {
			t.Errorf("%q\nwant\n%q", parts, want)
		}
	}
}

// FuzzParts: no panic; what is read is JSON, and is the same after it was written and read again.
func FuzzParts(f *testing.F) {
	f.Add([]byte(form(field("photo", "", "PNG"), field("title", "", "a"), field("page", "", "x"), field("about", "", "{}"), field("count", "", "1"))))
	f.Add([]byte("--b--"))
	ps, err := NewParts(photos("multipart/form-data"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := ps.Read(nil, body, "multipart/form-data; boundary=b")
		if err != nil {
			return
		}
		if !jsontext.Value(value).IsValid() {
			t.Fatalf("%s", value)
		}
		again, boundary, err := ps.Write(nil, value, true)
		if err != nil || bytes.Equal(value, []byte("{}")) {
			if err != nil {
				t.Fatalf("%s: %v", value, err)
			}
			return
		}
		if back, err := ps.Read(nil, again, "multipart/form-data; boundary="+boundary); err != nil || !bytes.Equal(back, value) {
			t.Fatalf("%s\n%s\n%v", value, back, err)
		}
	})
}
