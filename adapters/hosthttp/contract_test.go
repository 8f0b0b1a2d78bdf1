// SPDX-License-Identifier: Apache-2.0

package hosthttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/hosthttp"
	"lintel/specs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plain is HTTP/1.1 as net/http reads it and as somebody would type it.
type plain struct{}

func (plain) Read(r *bufio.Reader) ([]byte, error) {
	q, err := http.ReadRequest(r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(q.Body)
}

func (p plain) Wrap(body []byte) []byte { return append(p.Field(uint32(len(body))), body...) }

func (plain) Field(v uint32) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n", v)
}

// chunked answers in chunks of 100 bytes.
type chunked struct{ plain }

func (chunked) Wrap(body []byte) []byte {
	out := []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
	for len(body) > 0 {
		n := min(100, len(body))
		out = fmt.Appendf(out, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	return append(out, "0\r\n\r\n"...)
}

func dial(t testing.TB, o hosthttp.Options) *hosthttp.Adapter {
	t.Helper()
	if o.Connect == 0 {
		o.Connect = time.Minute // a machine that stands still does not count
	}
	a, err := hosthttp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestContract(t *testing.T) {
	for name, p := range map[string]adaptertest.Protocol{"length": plain{}, "chunked": chunked{}, "TLS": nil} {
		t.Run(name, func(t *testing.T) {
			h := adaptertest.Harness{
				LateRuns: 7000,
				Without:  map[adaptertest.Act]string{adaptertest.BadLength: "a length of 0 is one, see TestReplies"},
				New: func(t testing.TB, s adaptertest.Script) adaptertest.Setup {
					ho := adaptertest.HostOptions{Protocol: p, Script: s}
					o := hosthttp.Options{MaxReply: 40_000}
					scheme := "http"
					if p == nil {
						ho.Protocol, scheme = plain{}, "https"
						ho.TLS, o.TLS = adaptertest.Certificates(t)
					}
					host := adaptertest.StartHost(t, ho)
					o.URL = scheme + "://" + host.Address() + "/claims"
					return adaptertest.Setup{Adapter: dial(t, o), Ledger: host.Ledger(), Stop: host.Close}
				},
			}
			adaptertest.Run(t, h)
		})
	}
}

func TestFailOver(t *testing.T) {
	adaptertest.FailOver(t, plain{}, func(address string) (adapters.Adapter, error) {
		return hosthttp.New(hosthttp.Options{URL: "http://" + address + "/claims"})
	})
}

// TestProperties holds the properties of this wire against those that transforms may name.
func TestProperties(t *testing.T) {
	own := []string{
		hosthttp.PropertyMethod, hosthttp.PropertyPath, hosthttp.PropertyContentType, hosthttp.PropertySOAPAction,
		hosthttp.PropertyStatus, hosthttp.PropertyHeader,
	}
	for _, p := range specs.WireProperties("http") {
		if !slices.Contains(own, p.Name) {
			t.Errorf("specs knows the property %s", p.Name)
		}
		for _, name := range p.Except {
			if name == "date" || name == "content-type" || name == "soapaction" {
				continue // harmless, or set by other means
			}
			if _, err := hosthttp.New(hosthttp.Options{URL: "http://h", Headers: map[string]string{name: "x"}}); err == nil {
				t.Errorf("the header %s can be set", name)
			}
		}
	}
	for _, name := range own {
		if _, ok := specs.FindProperty("http", name+map[bool]string{true: "x"}[strings.HasSuffix(name, ".")]); !ok {
			t.Errorf("specs does not know the property %s", name)
		}
	}
}
