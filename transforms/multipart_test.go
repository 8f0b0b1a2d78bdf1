// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
	"testing"
)

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n")) }

// TestSplitParts: parts are found at the boundary and nowhere else.
func TestSplitParts(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  []byte
		want []string
	}{
		{"two", lines("--b", "Content-Type: a/b", "", "one", "--b", "", "two", "--b--", ""), []string{"one", "two"}},
		{"ends of lines belong to the content", lines("--b", "", "", "one", "", "--b--"), []string{"\r\none\r\n"}},
		{"empty", lines("--b", "", "", "--b--"), []string{""}},
		{"empty, without a line of its own", lines("--b", "", "--b--"), []string{""}},
		{"preamble", lines("not read", "--b", "", "x", "--b--"), []string{"x"}},
		{"blanks behind a boundary", lines("--b \t", "", "x", "--b--", " "), []string{"x"}},
		{"a longer boundary is content", lines("--b", "", "x", "--bb", "y", "--b--"), []string{"x\r\n--bb\r\ny"}},
		{"a boundary within a line is content", lines("--b", "", "x --b", "--b--"), []string{"x --b"}},
		{"base64", lines("--b", "Content-Transfer-Encoding: BASE64", "", "YW5u", "YQ==", "--b--"), []string{"anna"}},
		{"quoted-printable", lines("--b", "Content-Transfer-Encoding: quoted-printable", "", "a=3Db=", "c", "--b--"), []string{"a=bc"}},
		{"folded header", lines("--b", "Content-Type: a/b;", "  x=y", "", "x", "--b--"), []string{"x"}},
	} {
		parts, err := SplitParts(tt.msg, "b", false)
		var got []string
		for _, p := range parts {
			got = append(got, string(p.Body))
		}
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", tt.want) {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	parts, err := SplitParts([]byte("--b\nA: x\n\none\n--b\n\n\n--b--\n"), "b", true)
	if err != nil || len(parts) != 2 || string(parts[0].Body) != "one" || parts[0].Header("a") != "x" || len(parts[1].Body) != 0 {
		t.Errorf("%v, %v", parts, err)
	}
}

// TestSplitPartsRefuses: what is not a multipart body is refused, with its place.
func TestSplitPartsRefuses(t *testing.T) {
	many := strings.Repeat("--b\r\n\r\nx\r\n", maxBodyParts+1) + "--b--"
	for _, tt := range []struct {
		name     string
		msg      []byte
		boundary string
		at       int
		reason   string
	}{
		{"no boundary", lines("x"), "b", 0, "does not begin"},
		{"no end", lines("--b", "", "x"), "b", 7, "no end"},
		{"no end of headers", lines("--b", "A: b"), "b", 5, "do not end"},
		{"no part", lines("--b--"), "b", 5, "no part"},
		{"epilogue", lines("--b", "", "x", "--b--", "y"), "b", 17, "behind the last"},
		{"bare LF", []byte("--b\n\nx\n--b--"), "b", 3, "followed by"},
		{"bare LF behind a part", []byte("--b\r\n\r\nx\r\n--b\n\r\ny\r\n--b--"), "b", 13, "followed by"},
		{"text behind a boundary", lines("--b", "", "x", "--b y", "--b--"), "b", 14, "followed by"},
		{"malformed header", lines("--b", "A b: c", "", "x", "--b--"), "b", 5, "malformed"},
		{"header twice", lines("--b", "Content-ID: <a>", "content-id: <b>", "", "x", "--b--"), "b", 5, "twice"},
		{"encoding", lines("--b", "Content-Transfer-Encoding: x", "", "x", "--b--"), "b", 5, "not known"},
		{"base64", lines("--b", "Content-Transfer-Encoding: base64", "", "?", "--b--"), "b", 5, "no base64"},
		{"too many", []byte(many), "b", 10*maxBodyParts + 5, "more than"},
		{"long head", lines("--b", "A: "+strings.Repeat("x", maxPartHead), "", "x", "--b--"), "b", 5, "too long"},
		{"boundary", nil, strings.Repeat("b", 71), 0, "is none"},
		{"empty boundary", nil, "", 0, "is none"},
		{"other characters", nil, "a\r\nb", 0, "is none"},
	} {
		_, err := SplitParts(tt.msg, tt.boundary, false)
		var pe *PartError
		if !errors.As(err, &pe) || pe.Offset != tt.at || !strings.Contains(err.Error(), tt.reason) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// FuzzSplitParts: no panic; parts are spans of the body in order; what the standard library reads of
// strict bodies is what we read.
func FuzzSplitParts(f *testing.F) {
	f.Add(lines("--b", "Content-Type: a/b", "", "one", "--b", "", "two", "--b--", ""), "b", false)
	f.Add([]byte("--b\r\ne:\r\n\r\n\r\n--b\n\r\n--b--"), "b", false)
	f.Add(lines("--b", "", "--bc", "--b--"), "b", false)
	f.Add([]byte("--b\nA: x\n\none\n--b--"), "b", true)
	f.Add(lines("--b", "Content-Transfer-Encoding: base64", "", "YQ==", "--b--"), "b", false)
	f.Fuzz(func(t *testing.T, msg []byte, boundary string, lax bool) {
		parts, err := SplitParts(msg, boundary, lax)
		if err != nil {
			var pe *PartError
			if !errors.As(err, &pe) || pe.Offset < 0 || pe.Offset > len(msg) {
				t.Fatalf("%v", err)
			}
			return
		}
		at := 0
		for _, p := range parts {
			if p.Offset < at || p.Offset > len(msg) || len(p.Body) > len(msg) {
				t.Fatalf("part at %d of %d", p.Offset, len(msg))
			}
			at = p.Offset
			if p.Header("content-transfer-encoding") != "" || lax || strings.TrimSpace(boundary) != boundary {
				return
			}
		}
		r := multipart.NewReader(bytes.NewReader(msg), boundary)
		for i := 0; ; i++ {
			p, err := r.NextRawPart()
			if err != nil {
				if i < len(parts) && errors.Is(err, io.EOF) {
					t.Fatalf("%d parts, the standard library has %d", len(parts), i)
				}
				return
			}
			body, err := io.ReadAll(p)
			if err == nil && i < len(parts) && !bytes.Equal(body, parts[i].Body) {
				t.Fatalf("part %d: %q, the standard library has %q", i, parts[i].Body, body)
			}
		}
	})
}
