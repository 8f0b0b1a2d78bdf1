// SPDX-License-Identifier: Apache-2.0

package hosthttp

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

// FuzzReply: what is taken for a reply is one to net/http too, with the same status and body, and never
// larger than allowed.
func FuzzReply(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\nrest",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nall", "HTTP/1.1 204 X\n\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nConnection: close\r\n\r\nhi",
	} {
		f.Add([]byte(s))
	}
	const limit = 100
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &session{in: bufio.NewReader(bytes.NewReader(data))}
		r, err := s.read(false, limit)
		if err != nil {
			return
		}
		if len(r.body) > limit {
			t.Fatalf("%d bytes", len(r.body))
		}
		// net/http takes no list of equal lengths in one line, which RFC 9110 allows.
		if bytes.ContainsRune([]byte(r.get("content-length")), ',') || r.get("content-encoding") != "" || bytes.Contains(bytes.ToLower(data), []byte("gzip")) {
			return
		}
		in := bufio.NewReader(bytes.NewReader(data))
		for {
			want, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("net/http: %v", err)
			}
			body, err := io.ReadAll(want.Body)
			_ = want.Body.Close()
			if want.StatusCode < 200 {
				continue
			}
			if err != nil && r.has("transfer-encoding") && len(body) == len(r.body) {
				err = nil // what follows the chunks may end in bare line feeds here, as heads do
			}
			if want.StatusCode != r.status || err != nil || !bytes.Equal(body, r.body) {
				t.Fatalf("%d %q, net/http: %d %q %v", r.status, r.body, want.StatusCode, body, err)
			}
			return
		}
	})
}
