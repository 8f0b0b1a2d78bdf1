// SPDX-License-Identifier: Apache-2.0

package tcp_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"testing"
	"time"

	"lintel/adapters"
	"lintel/adapters/adaptertest"
	"lintel/adapters/tcp"
)

func TestN19TLS(t *testing.T) {
	for name, change := range map[string]func(c *x509.Certificate, host, client *tls.Config){
		"expired":    func(c *x509.Certificate, _, _ *tls.Config) { c.NotAfter = time.Now().Add(-time.Minute) },
		"wrong name": func(c *x509.Certificate, _, _ *tls.Config) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1)} },
		"old version": func(_ *x509.Certificate, host, _ *tls.Config) {
			host.MinVersion, host.MaxVersion = tls.VersionTLS11, tls.VersionTLS11
		},
		"unknown issuer": func(_ *x509.Certificate, _, client *tls.Config) { client.RootCAs = x509.NewCertPool() },
	} {
		t.Run(name, func(t *testing.T) {
			hc, cc := adaptertest.Certificate(t, func(c *x509.Certificate) { change(c, &tls.Config{}, &tls.Config{}) })
			change(&x509.Certificate{}, hc, cc)
			host := adaptertest.StartHost(t, adaptertest.HostOptions{TLS: hc})
			a := dial(t, host, tcp.Options{TLS: cc})
			_, err := exchange(t, a, []byte("1234"), time.Minute)
			want(t, err, adapters.Unreachable, adapters.NotSent)
			if n := host.Ledger().Total(); n != 0 {
				t.Errorf("%d requests arrived", n)
			}
		})
	}
}

func TestTLSLargeMessages(t *testing.T) {
	hc, cc := adaptertest.Certificates(t)
	host := adaptertest.StartHost(t, adaptertest.HostOptions{TLS: hc})
	a := dial(t, host, tcp.Options{TLS: cc})
	for _, n := range []int{1, 16 << 10, 300_000, 1 << 20} {
		got, err := exchange(t, a, make([]byte, n), time.Minute)
		if err != nil || len(got) != n {
			t.Fatalf("%d bytes: %d, %v", n, len(got), err)
		}
	}
	if s := a.Stats(); s.Dialed != 1 || s.Reused != 3 {
		t.Errorf("%+v", s)
	}
}

// TestHostThatDoesNotSpeakTLS bounds the handshake as part of connecting.
func TestHostThatDoesNotSpeakTLS(t *testing.T) {
	_, cc := adaptertest.Certificates(t)
	host := adaptertest.StartHost(t, adaptertest.HostOptions{Script: func(int, []byte) adaptertest.Step {
		return adaptertest.Step{Do: adaptertest.Never}
	}})
	a := dial(t, host, tcp.Options{TLS: cc, Connect: 50 * time.Millisecond})
	_, err := exchange(t, a, []byte("1234"), time.Minute)
	want(t, err, adapters.Unreachable, adapters.NotSent)
}
