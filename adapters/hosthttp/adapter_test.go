// SPDX-License-Identifier: Apache-2.0

package hosthttp_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/hosthttp"
)

// raw answers each request with these very bytes and then echoes.
type raw struct{ plain }

func (raw) Wrap(body []byte) []byte { return body }

func rawHost(t testing.TB, replies ...string) *adaptertest.Host {
	t.Helper()
	return adaptertest.StartHost(t, adaptertest.HostOptions{Protocol: raw{}, Script: func(n int, _ []byte) adaptertest.Step {
		return adaptertest.Step{Body: []byte(replies[min(n, len(replies)-1)])}
	}})
}

func failure(t *testing.T, err error, kind adapters.Kind, fate adapters.Fate) *adapters.Error {
	t.Helper()
	var e *adapters.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *adapters.Error", err)
	}
	if e.Kind != kind || e.Fate != fate {
		t.Errorf("got %v (%v), want %v (%v): %v", e.Kind, e.Fate, kind, fate, err)
	}
	return e
}

var bang = adapters.Message{Body: []byte("<a/>")}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", b.Len(), b.String())
}

func TestReplies(t *testing.T) {
	for name, tt := range map[string]struct {
		reply, body string
		status      int64
		keep        bool
	}{
		"length":          {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", 200, true},
		"no reason":       {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi", "hi", 200, true},
		"bare line feeds": {"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", "hi", 200, true},
		"empty":           {"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", "", 202, true},
		"no content":      {"HTTP/1.1 204 No Content\r\n\r\n", "", 204, true},
		"equal lengths":   {"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nhi", "hi", 200, true},
		"interim":         {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", 200, true},
		"chunks":          {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\nh\r\n1\r\ni\r\n0\r\nTrailer: x\r\n\r\n", "hi", 200, true},
		"both framings":   {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "hi", 200, false},
		"close":           {"HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 2\r\n\r\nhi", "hi", 200, false},
		"HTTP/1.0":        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", 200, false},
		"HTTP/1.0 kept":   {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", "hi", 200, true},
		"gzip":            {zipped("hello"), "hello", 200, true},
		"empty, and more": {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nhi", "", 200, false},
	} {
		t.Run(name, func(t *testing.T) {
			host := rawHost(t, tt.reply)
			a := dial(t, hosthttp.Options{URL: "http://" + host.Address()})
			m, err := a.Exchange(t.Context(), bang)
			if err != nil || string(m.Body) != tt.body || m.Properties[hosthttp.PropertyStatus] != tt.status {
				t.Fatalf("%q, %v, %v", m.Body, m.Properties, err)
			}
			if s := a.Stats(); (s.Idle == 1) != tt.keep {
				t.Errorf("%+v, want kept %v", s, tt.keep)
			}
		})
	}
}

func TestReplyUntilClose(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Protocol: raw{}, Script: func(int, []byte) adaptertest.Step {
		return adaptertest.Step{Do: adaptertest.ReplyAndEnd, Body: []byte("HTTP/1.0 200 OK\r\n\r\nall of it")}
	}})
	m, err := dial(t, hosthttp.Options{URL: "http://" + host.Address()}).Exchange(t.Context(), bang)
	if err != nil || string(m.Body) != "all of it" {
		t.Errorf("%q, %v", m.Body, err)
	}
}

func TestMalformedReplies(t *testing.T) {
	for name, reply := range map[string]string{
		"no status line":    "<html>\r\n\r\n",
		"HTTP/2":            "HTTP/2.0 200 OK\r\n\r\n",
		"status 99":         "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
		"status abc":        "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
		"folded":            "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
		"blank in name":     "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
		"no colon":          "HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n",
		"carriage return":   "HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n",
		"lengths differ":    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!",
		"negative length":   "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"signed length":     "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
		"huge length":       "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"too long":          "HTTP/1.1 200 OK\r\nContent-Length: 5001\r\n\r\n",
		"chunks too long":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFF\r\n" + strings.Repeat("x", 0xFFFF) + "\r\n0\r\n\r\n",
		"bad chunk":         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n",
		"unknown transfer":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"chunks in 1.0":     "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"upgrade":           "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"endless interim":   strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20),
		"endless head":      "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: "+strings.Repeat("x", 1000)+"\r\n", 100) + "\r\n",
		"unknown content":   "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nhi",
		"no gzip":           "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi",
		"gzip broken off":   strings.Replace(zipped("hello")[:len(zipped("hello"))-3], "Content-Length: 29", "Content-Length: 26", 1),
		"gzip bomb":         zipped(strings.Repeat("a", 1<<20)),
		"length over close": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: \r\n\r\nhi",
	} {
		t.Run(name, func(t *testing.T) {
			host := adaptertest.StartHost(t, adaptertest.HostOptions{Protocol: raw{}, Script: func(int, []byte) adaptertest.Step {
				return adaptertest.Step{Do: adaptertest.ReplyAndEnd, Body: []byte(reply)}
			}})
			a := dial(t, hosthttp.Options{URL: "http://" + host.Address(), MaxReply: 5000})
			_, err := a.Exchange(t.Context(), bang)
			_ = failure(t, err, adapters.Framing, adapters.Applied)
			if n := host.Ledger().Total(); n != 1 {
				t.Errorf("the host saw %d requests", n)
			}
		})
	}
}

// TestM14Statuses: what a status means for the fate, when it is no message.
func TestM14Statuses(t *testing.T) {
	const fault = `<?xml version="1.0"?><!-- x --> <s:Envelope xmlns:s="u"><s:Body/></s:Envelope>`
	for _, tt := range []struct {
		name   string
		status int
		body   string
		fate   adapters.Fate // Applied for a message
		kind   adapters.Kind
	}{
		{"error page", 500, "<html>", adapters.InDoubt, adapters.Framing},
		{"nothing", 502, "", adapters.InDoubt, adapters.Framing},
		{"plain XML", 500, "<error/>", adapters.InDoubt, adapters.Framing},
		{"envelope later on", 500, "<html><Envelope/></html>", adapters.InDoubt, adapters.Framing},
		{"envelope in a comment", 500, "<!-- <Envelope> -->", adapters.InDoubt, adapters.Framing},
		{"bad request", 400, "", adapters.InDoubt, adapters.Framing},
		{"redirect", 307, fault, adapters.Applied, adapters.Framing},
		{"not authorized", 401, "", adapters.NotApplied, adapters.Config},
		{"no such path", 404, "<html>", adapters.NotApplied, adapters.Config},
		{"too many", 429, "", adapters.NotApplied, adapters.Busy},
		{"declared refusal", 503, "", adapters.NotApplied, adapters.Framing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host := rawHost(t, fmt.Sprintf("HTTP/1.1 %d X\r\nRetry-After: 7\r\nContent-Length: %d\r\n\r\n%s", tt.status, len(tt.body), tt.body))
			a := dial(t, hosthttp.Options{URL: "http://" + host.Address(), NotApplied: []string{"503"}, Messages: []string{"409"}})
			_, err := a.Exchange(t.Context(), bang)
			if e := failure(t, err, tt.kind, tt.fate); e.RetryAfter != 7*time.Second {
				t.Errorf("retry after %v", e.RetryAfter)
			}
			if a.Stats().Idle != 1 {
				t.Error("a whole reply is no reason to give up the connection")
			}
		})
	}
	for status, body := range map[int]string{500: fault, 400: "\xEF\xBB\xBF<Envelope/>", 409: "{}"} {
		host := rawHost(t, fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body))
		a := dial(t, hosthttp.Options{URL: "http://" + host.Address(), Messages: []string{"409"}})
		m, err := a.Exchange(t.Context(), bang)
		if err != nil || string(m.Body) != body || m.Properties[hosthttp.PropertyStatus] != int64(status) {
			t.Errorf("%d: %q, %v, %v", status, m.Body, m.Properties, err)
		}
	}
}

// TestM15RedirectIsNotFollowed: nothing goes where a reply points to.
func TestM15RedirectIsNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		host := httptest.NewServer(http.RedirectHandler(other.URL, status))
		a := dial(t, hosthttp.Options{URL: host.URL})
		_, err := a.Exchange(t.Context(), bang)
		_ = failure(t, err, adapters.Framing, adapters.Applied)
		_ = a.Close()
		host.Close()
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// TestN05NeverTwice: a connection that breaks after the request was read, once it was reused, with and
// without what makes net/http send it again.
func TestN05NeverTwice(t *testing.T) {
	for _, method := range []string{"POST", "GET", "PUT"} {
		for _, do := range []adaptertest.Act{adaptertest.ResetBefore, adaptertest.CutBefore} {
			host := adaptertest.StartHost(t, adaptertest.HostOptions{Protocol: plain{}, Script: func(n int, _ []byte) adaptertest.Step {
				if n == 1 {
					return adaptertest.Step{Do: do}
				}
				return adaptertest.Step{}
			}})
			a := dial(t, hosthttp.Options{URL: "http://" + host.Address(), Method: method})
			m := adapters.Message{}
			if method != "GET" {
				m = bang
			}
			if _, err := a.Exchange(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			_, err := a.Exchange(t.Context(), m)
			_ = failure(t, err, adapters.Broken, adapters.InDoubt)
			if n := host.Ledger().Total(); n != 2 {
				t.Errorf("%s, %v: the host saw %d requests", method, do, n)
			}
		}
	}
}

// TestM16DroppingHost: each tenth connection ends after the request was read.
func TestM16DroppingHost(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Protocol: plain{}, Script: func(n int, _ []byte) adaptertest.Step {
		if n%10 == 9 {
			return adaptertest.Step{Do: adaptertest.ResetBefore}
		}
		return adaptertest.Step{}
	}})
	a := dial(t, hosthttp.Options{URL: "http://" + host.Address()})
	failed := 0
	for i := range 300 {
		body := fmt.Appendf(nil, "request %d", i)
		if _, err := a.Exchange(t.Context(), adapters.Message{Body: body}); err != nil {
			_ = failure(t, err, adapters.Broken, adapters.InDoubt)
			failed++
		}
		if n := host.Ledger().Times(body); n != 1 {
			t.Fatalf("request %d was seen %d times", i, n)
		}
	}
	if failed != 30 {
		t.Errorf("%d failed, want 30", failed)
	}
}

// TestN08HalfARequest: the host may have begun with what it got.
func TestN08HalfARequest(t *testing.T) {
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Protocol: plain{}, Deaf: func(int) int { return 200 }})
	a := dial(t, hosthttp.Options{URL: "http://" + host.Address()})
	_, err := a.Exchange(t.Context(), adapters.Message{Body: make([]byte, 8<<20)})
	var e *adapters.Error
	if !errors.As(err, &e) || e.Fate != adapters.InDoubt {
		t.Errorf("%v", err)
	}
}

// TestRequest: what arrives, as net/http reads it.
func TestRequest(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	var got string
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = fmt.Sprintf("%s %s %d %q a=%q action=%q encoding=%q", r.Method, r.RequestURI, r.ContentLength, body,
			r.Header.Values("X-A"), r.Header.Get("SOAPAction"), r.Header.Get("Accept-Encoding"))
		w.Header().Add("X-B", "1")
		w.Header().Add("X-B", "2")
	}))
	defer host.Close()
	a := dial(t, hosthttp.Options{URL: host.URL + "/svc/", Headers: map[string]string{"x-a": "static"}, Gzip: true})
	for _, tt := range []struct {
		name  string
		body  string
		props map[string]any
		want  string
	}{
		{"as configured", "hi", nil, `POST /svc/ 2 "hi" a=["static"] action="" encoding="gzip"`},
		{"its own", "hi", map[string]any{"method": "PUT", "path": "/claims/47?x=%20", "header.X-A": "own", "soapAction": "urn:a", "contentType": "text/xml"}, `PUT /svc/claims/47?x=%20 2 "hi" a=["own"] action="\"urn:a\"" encoding="gzip"`},
		{"query", "", map[string]any{"method": "GET", "path": "?id=1"}, `GET /svc/?id=1 0 "" a=["static"] action="" encoding="gzip"`},
		{"empty post", "", nil, `POST /svc/ 0 "" a=["static"] action="" encoding="gzip"`},
	} {
		m, err := a.Exchange(t.Context(), adapters.Message{Body: []byte(tt.body), Properties: tt.props})
		if err != nil || got != tt.want {
			t.Errorf("%s: %s, want %s (%v)", tt.name, got, tt.want, err)
		}
		if m.Properties["header.x-b"] != "1, 2" {
			t.Errorf("%v", m.Properties)
		}
	}
}

// TestHead: a reply to HEAD has a length and no body.
func TestHead(t *testing.T) {
	host := rawHost(t, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
	a := dial(t, hosthttp.Options{URL: "http://" + host.Address(), Method: "HEAD"})
	for range 2 {
		if m, err := a.Exchange(t.Context(), adapters.Message{}); err != nil || len(m.Body) != 0 {
			t.Fatalf("%q, %v", m.Body, err)
		}
	}
	if s := a.Stats(); s.Dialed != 1 {
		t.Errorf("%+v", s)
	}
}

func TestRefusedProperties(t *testing.T) {
	const secret = "secret\r\nX: y"
	a := dial(t, hosthttp.Options{URL: "http://127.0.0.1:1"})
	for name, value := range map[string]any{
		"method": "GET /x", "path": "x", "header.X": secret, "header.X Y": "a", "header.Content-Length": "1",
		"header.Transfer-Encoding": "chunked", "header.Idempotency-Key": "k", "header.x-idempotency-key": "k",
		"header.Host": "h", "soapAction": `a"b`, "contentType": "a\nb", "other": "x", "header.N": int64(1),
	} {
		_, err := a.Exchange(t.Context(), adapters.Message{Properties: map[string]any{name: value}})
		if e := failure(t, err, adapters.Config, adapters.NotSent); strings.Contains(e.Error(), "secret") {
			t.Errorf("%s: the error shows the value", name)
		}
	}
	for _, path := range []string{"//../x", "/a/../b", "/a/%2e%2E", "/a b", "/a#b", "/é", "/a\\b", strings.Repeat("/a", 9000)} {
		_, err := a.Exchange(t.Context(), adapters.Message{Properties: map[string]any{"path": path}})
		_ = failure(t, err, adapters.Config, adapters.NotSent)
	}
}

func TestRefusedOptions(t *testing.T) {
	for name, o := range map[string]hosthttp.Options{
		"no URL": {}, "other scheme": {URL: "ftp://h"}, "no host": {URL: "http:///x"}, "user": {URL: "http://u:p@h"},
		"query": {URL: "http://h/?a=b"}, "fragment": {URL: "http://h/#a"}, "not a URL": {URL: "http://h:p:x"},
		"method": {URL: "http://h", Method: "A B"}, "limit": {URL: "http://h", MaxReply: -1},
		"header": {URL: "http://h", Headers: map[string]string{"Host": "x"}},
		"status": {URL: "http://h", Messages: []string{"2xx"}}, "status word": {URL: "http://h", NotApplied: []string{"x"}},
	} {
		if _, err := hosthttp.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	_, cc := adaptertest.Certificates(t)
	if _, err := hosthttp.New(hosthttp.Options{URL: "http://h", TLS: cc}); err == nil {
		t.Error("TLS for an http URL: accepted")
	}
}

// TestPeer: a server that nobody here wrote, over TLS with certificates on both sides.
func TestPeer(t *testing.T) {
	hc, cc := adaptertest.Certificates(t)
	hc.ClientCAs, hc.ClientAuth = cc.RootCAs, tls.RequireAndVerifyClientCert
	host := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	host.Config.ErrorLog = log.New(io.Discard, "", 0)
	host.TLS = hc
	host.Listener = must(net.Listen("tcp", "127.0.0.1:0"))
	host.StartTLS()
	defer host.Close()
	_, err := dial(t, hosthttp.Options{URL: host.URL, TLS: cc}).Exchange(t.Context(), bang)
	var e *adapters.Error
	if !errors.As(err, &e) {
		t.Fatalf("without a certificate: %v", err)
	}
	cc.Certificates = hc.Certificates
	a := dial(t, hosthttp.Options{URL: host.URL, TLS: cc, MaxReply: 4 << 20})
	for _, n := range []int{1, 5000, 20_000, 1 << 20} {
		m, err := a.Exchange(t.Context(), adapters.Message{Body: bytes.Repeat([]byte("x"), n)})
		if err != nil || len(m.Body) != n {
			t.Fatalf("%d bytes: %d, %v", n, len(m.Body), err)
		}
	}
	if s := a.Stats(); s.Dialed != 1 {
		t.Errorf("%+v", s)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
