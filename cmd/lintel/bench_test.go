// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"lintel/adapters/tcp"
	"lintel/gateway/security/securitytest"
	"lintel/specs"
)

const benchBody = `{"customer":"0000004711","name":"Maria Fernandez-Lopez","street":"Calle Mayor 14","city":"Zaragoza","postcode":"50001",` +
	`"country":"ES","product":"LIFE01","tariff":2024,"sum":250000.00,"premium":-83.45,"discount":2.5,"rate":-1.125,"term":25,"age":41,` +
	`"children":2,"smoker":"N","risk":-120045,"channel":"WEB","agent":7001234,"note":"call after six"}`

// echoHost answers every frame with itself: the least work a host can do.
func echoHost(tb testing.TB) string {
	tb.Helper()
	return workingHost(tb, 0)
}

// workingHost answers every frame with itself after some time.
func workingHost(tb testing.TB, work time.Duration) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	frame := tcp.Frame{Bytes: 4, IncludesSelf: true}
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			wg.Go(func() {
				r := bufio.NewReader(c)
				var out []byte
				for {
					msg, err := frame.Read(r, 1<<20)
					if err != nil {
						return
					}
					if out, err = frame.Append(out[:0], msg); err != nil {
						return
					}
					if work > 0 {
						time.Sleep(work)
					}
					if _, err := c.Write(out); err != nil {
						return
					}
				}
			})
		}
	})
	tb.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// serveHTTP serves a handler on loopback and returns its address.
func serveHTTP(tb testing.TB, h http.Handler) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l)
	}()
	tb.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return l.Addr().String()
}

// benchHouse is the gateway of the benchmark's workspace with everything on that is on by default.
func benchHouse(tb testing.TB, address string) *house {
	tb.Helper()
	return benchHouseOf(tb, os.DirFS("testdata/bench"), address)
}

func benchHouseOf(tb testing.TB, fsys fs.FS, address string) *house {
	tb.Helper()
	ws, findings := specs.LoadFS("bench", fsys, func(name string) (string, bool) {
		return address, name == "BENCH_ADDRESS"
	})
	patient(ws.Config.Backends)
	p, more := compile(ws)
	if findings = append(findings, more...); findings.HasErrors() {
		tb.Fatal(findings)
	}
	log := newLogging(io.Discard)
	tb.Cleanup(log.close)
	h, err := build(p, ws.Config.Backends, log, nil, journalPlace{dir: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = h.Close() })
	return h
}

// benchSecured is the same workspace behind tokens of an issuer, whose keys are in a file, and a token.
func benchSecured(tb testing.TB) (fsys fstest.MapFS, token string) {
	tb.Helper()
	issuer := securitytest.New(tb, "RS256")
	fsys = fstest.MapFS{"jwks.json": {Data: securitytest.KeySet("key-1", "RS256", issuer.PublicKey())}}
	from := os.DirFS("testdata/bench")
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, name)
		text := string(data)
		switch name {
		case "lintel.yaml":
			text += "security: {schemes: {login: {issuer: " + issuer.URL + ", audience: bank-api, jwks: jwks.json}}}\n"
		case "openapi.yaml":
			text += "  securitySchemes: {login: {type: http, scheme: bearer}}\nsecurity: [{login: []}]\n"
		case "transforms/quote.yaml":
			text = strings.Replace(text, "public: true\n", "", 1)
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	claims := issuer.Claims("bank-api", map[string]any{"scope": "quotes:read quotes:write", "azp": "mobile", "realm_access": map[string]any{"roles": []string{"customer"}}})
	return fsys, issuer.Token(tb, claims, nil)
}

// load sends n requests over the given number of kept connections and fails on any answer but 200.
// headers are whole lines that every request has.
func load(tb testing.TB, address, headers string, n, connections int) time.Duration {
	tb.Helper()
	return loadWith(tb, address, headers, n, connections, nil)
}

// timedLoad is load that tells how long each request took.
func timedLoad(tb testing.TB, address, headers string, n, connections int, times *[]time.Duration) time.Duration {
	tb.Helper()
	*times = (*times)[:0]
	var mu sync.Mutex
	return loadWith(tb, address, headers, n, connections, func(own []time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		*times = append(*times, own...)
	})
}

func loadWith(tb testing.TB, address, headers string, n, connections int, done func([]time.Duration)) time.Duration {
	tb.Helper()
	request := []byte("POST /quotes HTTP/1.1\r\nHost: " + address + "\r\nContent-Type: application/json\r\n" + headers + "Content-Length: " +
		strconv.Itoa(len(benchBody)) + "\r\n\r\n" + benchBody)
	errs := make(chan error, connections)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range connections {
		wg.Go(func() {
			times, err := client(address, request, n/connections+min(1, max(0, n%connections-i)))
			if done != nil {
				done(times)
			}
			errs <- err
		})
	}
	wg.Wait()
	took := time.Since(start)
	close(errs)
	for err := range errs {
		if err != nil {
			tb.Fatal(err)
		}
	}
	return took
}

// newKeys is a header that holds another key in every request.
const (
	newKeys = "Idempotency-Key: " + keyMark + "\r\n"
	keyMark = "00000000000000000000000000000000"
)

func client(address string, request []byte, n int) ([]time.Duration, error) {
	request = bytes.Clone(request)
	key := bytes.Index(request, []byte(keyMark))
	var id [16]byte
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	times := make([]time.Duration, 0, n)
	for range n {
		if key >= 0 {
			binary.NativeEndian.PutUint64(id[:], mathrand.Uint64())
			binary.NativeEndian.PutUint64(id[8:], mathrand.Uint64())
			hex.Encode(request[key:], id[:])
		}
		start := time.Now()
		if _, err := c.Write(request); err != nil {
			return nil, err
		}
		if err := readResponse(r); err != nil {
			return nil, err
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}

// readResponse reads a response with as little work as can be, so that the client costs the same
// for both.
func readResponse(r *bufio.Reader) error {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("answer %q", line)
	}
	length := 0
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if rest, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return err
			}
		}
	}
	_, err = r.Discard(length)
	return err
}

// BenchmarkGateway measures the whole gateway (contract checked both ways, breaker, limits,
// metrics, access log) against the hand-written handler for the same job, turn by turn in one run.
// The metric "speed-ratio" is the gateway's throughput divided by the handler's: more is better.
func BenchmarkGateway(b *testing.B) {
	host := echoHost(b)
	against(b, host, serveHTTP(b, benchHouse(b, host).gateway), "")
}

// BenchmarkGatewayJWT is the same with callers who show a signed token, which the hand-written handler
// gets too and does not look at.
func BenchmarkGatewayJWT(b *testing.B) {
	host := echoHost(b)
	fsys, token := benchSecured(b)
	against(b, host, serveHTTP(b, benchHouseOf(b, fsys, host).gateway), "Authorization: Bearer "+token+"\r\n")
}

// cost is what one request takes, in microseconds: of the clock and of the processor. The processor's
// is that of client, host and handler together, as all run in this process; it says the same on a
// machine that has other work to do.
type cost struct{ clock, cpu float64 }

// against compares a gateway with the hand-written handler. Each of the two goes first in every other
// round, so that what the machine does besides falls on both.
func against(b *testing.B, host, lintelAt, headers string) {
	hand := newHandwritten(host)
	defer hand.close()
	handAt := serveHTTP(b, hand)
	const connections, requests = 64, 4000
	measure := func(address string) cost {
		before := cpuTime()
		took := load(b, address, headers, requests, connections)
		return cost{float64(took.Microseconds()) / requests, float64((cpuTime() - before).Microseconds()) / requests}
	}
	measure(handAt)
	measure(lintelAt)
	metrics := map[string][]float64{}
	for round := 0; b.Loop(); round++ {
		var theirs, ours cost
		if round%2 == 0 {
			theirs, ours = measure(handAt), measure(lintelAt)
		} else {
			ours, theirs = measure(lintelAt), measure(handAt)
		}
		for name, v := range map[string]float64{
			"speed-ratio": theirs.clock / ours.clock, "hand-us/req": theirs.clock, "lintel-us/req": ours.clock,
			"cpu-speed-ratio": theirs.cpu / ours.cpu, "hand-cpu-us/req": theirs.cpu, "lintel-cpu-us/req": ours.cpu,
		} {
			metrics[name] = append(metrics[name], v)
		}
	}
	for name, values := range metrics {
		b.ReportMetric(median(values), name)
	}
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

// TestBenchAnswers holds the two handlers of the benchmark to the same answer.
func TestBenchAnswers(t *testing.T) {
	host := echoHost(t)
	hand := newHandwritten(host)
	defer hand.close()
	var bodies []string
	for _, h := range []http.Handler{hand, benchHouse(t, host).gateway} {
		address := serveHTTP(t, h)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/quotes", bytes.NewReader([]byte(benchBody)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		tr := &http.Transport{DisableKeepAlives: true}
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("status %d, %v: %s", resp.StatusCode, err, body)
		}
		bodies = append(bodies, string(body))
	}
	if bodies[0] != benchBody || bodies[1] != benchBody {
		t.Errorf("answers differ from what was sent:\nhand   %s\nlintel %s\nsent   %s", bodies[0], bodies[1], benchBody)
	}
}
