// SPDX-License-Identifier: Apache-2.0

package tcp_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/tcp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dial(t testing.TB, h *adaptertest.Host, o tcp.Options) *tcp.Adapter {
	t.Helper()
	o.Address = h.Address()
	if o.Connect == 0 {
		o.Connect = time.Minute // a machine that stands still does not count
	}
	a, err := tcp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestContract(t *testing.T) {
	for name, f := range map[string]tcp.Frame{
		"4 bytes":                {},
		"2 bytes, little, self":  {Bytes: 2, Little: true, IncludesSelf: true},
		"4 bytes, self, TLS 1.3": {Bytes: 4, IncludesSelf: true},
	} {
		t.Run(name, func(t *testing.T) {
			framing := adaptertest.Framing{Bytes: f.Bytes, Little: f.Little, IncludesSelf: f.IncludesSelf}
			h := adaptertest.Harness{LateRuns: 7000, New: func(t testing.TB, s adaptertest.Script) adaptertest.Setup {
				ho := adaptertest.HostOptions{Framing: framing, Script: s}
				o := tcp.Options{Frame: f, MaxReply: 40_000}
				if f.IncludesSelf && f.Bytes == 4 {
					ho.TLS, o.TLS = adaptertest.Certificates(t)
				}
				host := adaptertest.StartHost(t, ho)
				return adaptertest.Setup{Adapter: dial(t, host, o), Ledger: host.Ledger(), Stop: host.Close}
			}}
			adaptertest.Run(t, h)
		})
	}
}

func TestFailOver(t *testing.T) {
	adaptertest.FailOver(t, adaptertest.Framing{}, func(address string) (adapters.Adapter, error) { return tcp.New(tcp.Options{Address: address}) })
}
