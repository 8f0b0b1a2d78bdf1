// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"strings"
	"testing"

	"lintel/specs"
	"lintel/transforms"
)

// ruled loads a WSDL with rules and returns request and reply of its first operation.
func ruled(t testing.TB, file string, rules *specs.SOAPRules) (in, out *Format) {
	t.Helper()
	w, findings := Load(os.DirFS("testdata/wsdl"), file, specs.Pos{}, rules)
	if w == nil || findings.HasErrors() {
		t.Fatalf("%v", findings)
	}
	op := w.Operations[0]
	if fs := op.Open(); fs.HasErrors() {
		t.Fatalf("%v", fs)
	}
	return codec(t, op.Request()), codec(t, op.Reply())
}

// stdParts reads a message with the standard library, by the media type that the format gives it.
func stdParts(t *testing.T, f *Format, msg []byte) (params map[string]string, heads, bodies []string) {
	t.Helper()
	media, params, err := mime.ParseMediaType(f.MediaType(msg))
	if err != nil || media != "multipart/related" {
		t.Fatalf("%q: %v", f.MediaType(msg), err)
	}
	r := multipart.NewReader(bytes.NewReader(msg), params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return params, heads, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, p.Header.Get("Content-ID")+" "+p.Header.Get("Content-Type"))
		bodies = append(bodies, string(b))
	}
}

// TestMTOM: binary content goes out as parts, each with the media type that schema or message says.
func TestMTOM(t *testing.T) {
	in, out := ruled(t, "media-types.wsdl", &specs.SOAPRules{MTOM: true})
	text := base64.StdEncoding.EncodeToString
	json := fmt.Sprintf(`{"any":{"contentType":"image/png","value":%q},"pdf":%q,"own":[{"contentType":"text/plain; charset=utf-8","value":%q}],"hash":%q}`,
		text([]byte("picture\r\n--x\x00")), text([]byte("%PDF")), text([]byte("")), text([]byte("1234")))
	msg, err := in.EncodeJSON(nil, []byte(json))
	if err != nil {
		t.Fatal(err)
	}
	params, heads, bodies := stdParts(t, in, msg)
	id := strings.TrimPrefix(params["boundary"], boundaryStart)
	want := []string{
		"<root." + id + `@lintel> application/xop+xml; charset=UTF-8; type="application/soap+xml"; action="urn:t/Op"`,
		"<1." + id + "@lintel> image/png", "<2." + id + "@lintel> application/pdf", "<3." + id + "@lintel> text/plain; charset=utf-8", "<4." + id + "@lintel> application/octet-stream",
	}
	if fmt.Sprint(heads) != fmt.Sprint(want) || params["start"] != "<root."+id+"@lintel>" || params["type"] != "application/xop+xml" || params["start-info"] != "application/soap+xml" || params["action"] != "urn:t/Op" {
		t.Errorf("%q\n%q\n%q", heads, want, params)
	}
	if fmt.Sprintf("%q", bodies[1:]) != fmt.Sprintf("%q", []string{"picture\r\n--x\x00", "%PDF", "", "1234"}) {
		t.Errorf("%q", bodies[1:])
	}
	if !strings.Contains(bodies[0], `<n1:Pdf><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:2.`+id+`@lintel"/></n1:Pdf>`) {
		t.Errorf("%s", bodies[0])
	}
	back, err := out.DecodeJSON(nil, msg)
	if err != nil || string(back) != json {
		t.Errorf("%s\n%s\n%v", back, json, err)
	}
	_, err = in.EncodeJSON(nil, []byte(strings.Replace(json, text([]byte("1234")), text([]byte("12345")), 1)))
	if err == nil || !strings.Contains(err.Error(), "Op.hash") || !strings.Contains(err.Error(), "longer") {
		t.Errorf("%v", err)
	}
	_, err = in.EncodeJSON(nil, []byte(strings.Replace(json, "image/png", "image/png\\r\\nX: y", 1)))
	if err == nil || !strings.Contains(err.Error(), "Op.any.contentType") {
		t.Errorf("%v", err)
	}
}

// TestMTOMWithoutAttachments: hosts of MTOM take only its media type, also for messages without attachments.
func TestMTOMWithoutAttachments(t *testing.T) {
	in, _ := ruled(t, "simple-content.wsdl", &specs.SOAPRules{MTOM: true})
	msg, err := in.EncodeJSON(nil, []byte(`{"amount":[{"currency":"EUR","value":1}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, heads, _ := stdParts(t, in, msg); len(heads) != 1 {
		t.Errorf("%q", heads)
	}
}

// TestSwA: parts that the WSDL declares, and references to attachments.
func TestSwA(t *testing.T) {
	in, out := ruled(t, "mime-parts.wsdl", nil)
	json := `{"title":"a","photo":"cG5n","note":"bm90ZQ=="}`
	msg, err := in.EncodeJSON(nil, []byte(json))
	if err != nil {
		t.Fatal(err)
	}
	params, heads, bodies := stdParts(t, in, msg)
	id := strings.TrimPrefix(params["boundary"], boundaryStart)
	if params["type"] != "text/xml" || heads[1] != "<Photo=1."+id+"@lintel> image/png" || heads[2] != "<note=2."+id+"@lintel> application/octet-stream" || bodies[1] != "png" || bodies[2] != "note" {
		t.Errorf("%q %q", heads, bodies)
	}
	if back, err := out.DecodeJSON(nil, msg); err != nil || string(back) != json {
		t.Errorf("%s, %v", back, err)
	}
	if _, err := in.EncodeJSON(nil, []byte(`{"title":"a","photo":"cG5n"}`)); err == nil || !strings.Contains(err.Error(), "Op.note") {
		t.Errorf("%v", err)
	}

	in, out = ruled(t, "swaref.wsdl", nil)
	json = `{"letter":"YQ==","page":[{"number":1,"scan":"Yg=="},{"number":2,"scan":""}]}`
	if msg, err = in.EncodeJSON(nil, []byte(json)); err != nil {
		t.Fatal(err)
	}
	if _, _, bodies = stdParts(t, in, msg); len(bodies) != 4 || !strings.Contains(bodies[0], "<n2:Scan>cid:3.") && !strings.Contains(bodies[0], ":Scan>cid:3.") {
		t.Errorf("%q", bodies)
	}
	if back, err := out.DecodeJSON(nil, msg); err != nil || string(back) != json {
		t.Errorf("%s, %v", back, err)
	}
	msg, err = in.EncodeJSON(nil, []byte(`{"page":[]}`)) // no attachment: a plain envelope
	if err != nil || in.MediaType(msg) != "" || !bytes.HasPrefix(msg, []byte("<?xml")) {
		t.Errorf("%s, %v", msg, err)
	}
}

// TestOtherParts: attachments that nothing names are a member of the message, where the workspace asks for them.
func TestOtherParts(t *testing.T) {
	in, _ := ruled(t, "simple-content.wsdl", &specs.SOAPRules{OtherParts: true})
	json := `{"amount":[{"currency":"EUR","value":1}],"attachments":[{"contentID":"a@b","mediaType":"text/plain; charset=utf-8","content":"YQ=="},{"mediaType":"image/png","content":"Yg=="}]}`
	msg, err := in.EncodeJSON(nil, []byte(json))
	if err != nil {
		t.Fatal(err)
	}
	_, heads, bodies := stdParts(t, in, msg)
	if heads[1] != "<a@b> text/plain; charset=utf-8" || bodies[2] != "b" {
		t.Errorf("%q %q", heads, bodies)
	}
	back, err := in.DecodeJSON(nil, msg)
	if err != nil || !strings.Contains(string(back), `"attachments":[{"contentID":"a@b","mediaType":"text/plain","content":"YQ=="},{"contentID":"2.`) {
		t.Errorf("%s, %v", back, err)
	}
	for _, bad := range []string{
		`[{"mediaType":"text/plain"}]`, `[{"mediaType":"x","content":""}]`, `[{"mediaType":"a/b\r\nc: d","content":""}]`, `[{"contentID":"a>","mediaType":"a/b","content":""}]`,
		`[{"mediaType":"a/b","content":"?"}]`, `[{"x":1}]`, `{}`, `[1]`, `[{"contentID":"a","mediaType":"a/b","content":""},{"contentID":"a","mediaType":"a/b","content":""}]`,
	} {
		if _, err := in.EncodeJSON(nil, []byte(`{"amount":[{"currency":"EUR","value":1}],"attachments":`+bad+`}`)); err == nil || !strings.Contains(err.Error(), "attachments") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// mtomReply is a reply as a host could send it, and its media type.
func mtomReply(parts ...string) (mediaType string, msg []byte) {
	return `multipart/related; boundary=b; type="application/xop+xml"; start="<r>"; start-info="application/soap+xml"`,
		[]byte("--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\n")
}

const rootPart = "Content-Type: application/xop+xml; charset=utf-8; type=\"application/soap+xml\"\r\nContent-ID: <r>\r\n\r\n" +
	`<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><Op xmlns="urn:t"><Any>%s</Any><Hash>MTIzNA==</Hash></Op></s:Body></s:Envelope>`

const include = `<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:%s"/>`

func mimePart(id, body string) string {
	return "Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <" + id + ">\r\n\r\n" + body
}

// TestReadMTOM: what refers to a part and what does not, by the media type of the message.
func TestReadMTOM(t *testing.T) {
	_, out := ruled(t, "media-types.wsdl", nil)
	root := func(value string) string { return fmt.Sprintf(rootPart, value) }
	for _, tt := range []struct {
		name  string
		parts []string
		want  string // or the beginning of an error
	}{
		{"one", []string{root(fmt.Sprintf(include, "a@b")), mimePart("a@b", "x\r\n\x00y")}, `{"any":{"value":"eA0KAHk="},"hash":"MTIzNA==","own":[]}`},
		{"root is not first", []string{mimePart("a@b", "x"), root(fmt.Sprintf(include, "a@b"))}, `{"any":{"value":"eA=="},"hash":"MTIzNA==","own":[]}`},
		{"escaped", []string{root(" " + fmt.Sprintf(include, "a%2Bb%40c") + "\r\n"), mimePart("a+b@c", "x")}, `{"any":{"value":"eA=="},"hash":"MTIzNA==","own":[]}`},
		{"inline", []string{root("eA==")}, `{"any":{"value":"eA=="},"hash":"MTIzNA==","own":[]}`},
		{"missing", []string{root(fmt.Sprintf(include, "a@b"))}, "refers to an attachment that is not there"},
		{"another case", []string{root(fmt.Sprintf(include, "A@b")), mimePart("a@b", "x")}, "refers to an attachment that is not there"},
		{"unused", []string{root("eA=="), mimePart("a@b", "x")}, "part 2: nothing refers to the attachment"},
		{"same id", []string{root(fmt.Sprintf(include, "a")), mimePart("a", "x"), mimePart("a", "y")}, "part 3: two parts have the same Content-ID"},
		{"twice", []string{root(fmt.Sprintf(include, "a")), mimePart("a", "x"), mimePart("r", "y")}, "part 3: two parts have the same Content-ID"},
		{"no root", []string{mimePart("a", "x")}, "no part is the one that start names"},
		{"text beside", []string{root("x" + fmt.Sprintf(include, "a@b")), mimePart("a@b", "x")}, "an element where only text can stand"},
		{"text behind", []string{root(fmt.Sprintf(include, "a@b") + "x"), mimePart("a@b", "x")}, "text or an element stands beside"},
		{"another element", []string{root("<x/>")}, "an element stands where only text can stand"},
		{"without href", []string{root(`<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include"/>`)}, "an element stands where only text can stand"},
		{"a URL", []string{root(`<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="http://127.0.0.1/"/>`)}, "refers to an attachment that is not there"},
		{"other characters", []string{root("eA=="), mimePart("ä", "x")}, "part 2: the Content-ID has other characters"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mediaType, msg := mtomReply(tt.parts...)
			got, err := out.decodeTyped(nil, mediaType, msg)
			if err != nil {
				got = []byte(err.Error())
			}
			if strings.HasPrefix(tt.want, "{") && string(got) != tt.want || !strings.Contains(string(got), tt.want) {
				t.Errorf("%s, want %s", got, tt.want)
			}
			readAlike(t, out, mediaType, msg, got, err)
		})
	}
	mediaType, msg := mtomReply(root(fmt.Sprintf(include, "a")), mimePart("a", "x"))
	two := bytes.Replace(msg, []byte("</Any>"), []byte("</Any><Pdf>"+fmt.Sprintf(include, "a")+"</Pdf>"), 1)
	if _, err := out.decodeTyped(nil, mediaType, two); err == nil || !strings.Contains(err.Error(), "part 2: more than one place") {
		t.Errorf("%v", err)
	}
	if _, err := out.decodeTyped(nil, "multipart/related", msg); err == nil || !strings.Contains(err.Error(), "boundary") {
		t.Errorf("%v", err)
	}
	if _, err := out.decodeTyped(nil, mediaType, bytes.ReplaceAll(msg, []byte("\r\n"), []byte("\n"))); err != nil {
		t.Errorf("ends of lines of a host that has but LF: %v", err)
	}
}

// readAlike compares what a plan reads with the whole.
func readAlike(t *testing.T, f *Format, mediaType string, msg, want []byte, wantErr error) {
	t.Helper()
	c := captureAll(f.typ)
	r, _ := f.Reader(c)
	typed, ok := r.(transforms.TypedReader)
	if !ok {
		t.Fatal("no TypedReader")
	}
	var s transforms.Slots
	s.Reset(c.Size)
	err := typed.ReadTyped(mediaType, msg, &s, 0)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("the plan says %v, the whole %v", err, wantErr)
	}
	if err != nil {
		return
	}
	any := c.Members[0].Members
	for _, m := range any {
		if m.Type.Name != "value" {
			continue
		}
		got, err := s.At(m.Slot).AppendJSON(nil)
		if err != nil || !bytes.Contains(want, append([]byte(`"value":`), got...)) {
			t.Errorf("%s, %v is not in %s", got, err, want)
		}
	}
}

// captureAll wants each single value of a message that is not in an array.
func captureAll(t *transforms.Type) *transforms.Capture {
	root := &transforms.Capture{Type: t, Slot: -1}
	var walk func(c *transforms.Capture)
	walk = func(c *transforms.Capture) {
		for _, m := range c.Type.Members {
			if m.Shape == transforms.ArrayShape || m.Name == "fault" {
				continue
			}
			k := &transforms.Capture{Type: m, Slot: -1}
			if m.Shape == transforms.ObjectShape {
				walk(k)
			} else {
				k.Slot = root.Size
				root.Size++
			}
			c.Members = append(c.Members, k)
		}
	}
	walk(root)
	return root
}

// TestReadFaultWithoutAttachments: a fault comes without the parts that a reply has.
func TestReadFaultWithoutAttachments(t *testing.T) {
	_, out := ruled(t, "mime-parts.wsdl", nil)
	got, err := out.DecodeJSON(nil, []byte(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>`))
	if err != nil || string(got) != `{"fault":{"code":"Client","string":"no"}}` {
		t.Errorf("%s, %v", got, err)
	}
}
