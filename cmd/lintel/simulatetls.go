// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"sync/atomic"
	"time"

	"lintel/gateway"
	"lintel/specs"
)

// hostTLS is the TLS of a simulated host. A reload changes what it shows, not that it speaks TLS.
type hostTLS struct {
	shown atomic.Pointer[tls.Config]
	// roots are what a certificate made for the run is verified by, in PEM; nil for one of the workspace, which the
	// gateway verifies as lintel.yaml says.
	roots []byte
}

// over puts TLS over a listener.
func (h *hostTLS) over(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return h.shown.Load(), nil }})
}

// client is the tls section of a backend or listener towards this host: the name that would be verified at the real one.
func (h *hostTLS) client(c *specs.TLSConfig, host string) *specs.TLSConfig {
	if c == nil {
		c = &specs.TLSConfig{}
	}
	out := *c
	out.ServerName = cmp.Or(c.ServerName, host)
	if out.Roots = h.roots; out.Roots != nil {
		out.CA = specs.Text{}
	}
	return &out
}

// shownCertificate is the TLS of a host with files of the workspace. It asks for a certificate of the client if there are roots.
func shownCertificate(fsys fs.FS, t *specs.SimulatedTLS) (*tls.Config, error) {
	files := &specs.ListenTLS{Certificate: t.Certificate, Key: t.Key, Clients: t.Clients}
	c, err := gateway.NewCertificates(gateway.CertificateOptions{
		Read: func() (gateway.CertificateFiles, error) { return readCertificates(fsys, files) }, Require: true, HTTP1: true,
	})
	if err != nil {
		return nil, err
	}
	return c.TLS().GetConfigForClient(nil)
}

// hostTLSOf gives a simulated host its TLS, or new certificates to one that runs. c is the tls section of who speaks to
// it, nil for none; names are what the host is called.
func (s *simulation) hostTLSOf(running *hostTLS, ws *specs.Workspace, name string, c *specs.TLSConfig, names ...string) (*hostTLS, error) {
	if c == nil {
		c = &specs.TLSConfig{}
	}
	out := running
	if out == nil {
		out = &hostTLS{}
	}
	shown, err := s.certificate(out, ws, name, append(names, c.ServerName))
	if err != nil {
		return nil, fmt.Errorf("TLS of the simulated host %s: %w", name, err)
	}
	if c.Certificate.Value != "" && shown.ClientAuth == tls.NoClientCert {
		shown.ClientAuth = tls.RequireAnyClientCert // the real host asks for one
	}
	out.shown.Store(shown)
	return out, nil
}

// hostNames is what the host of a backend is called, at its own addresses and where it is simulated.
func hostNames(b *specs.Backend, simulated string) []string {
	var out []string
	for _, address := range append(addressesOf(b), simulated) {
		if host, _, err := net.SplitHostPort(address); err == nil {
			out = append(out, host)
		}
	}
	return out
}

// certificate is what a host shows: files of the workspace, or a certificate made for the run.
func (s *simulation) certificate(h *hostTLS, ws *specs.Workspace, name string, names []string) (*tls.Config, error) {
	if t := ws.Simulation.Host(name); t != nil {
		h.roots = nil
		c, err := shownCertificate(ws.FS, t)
		if err != nil {
			return nil, err
		}
		return c.Clone(), nil
	}
	if s.root == nil {
		var err error
		if s.root, err = newRunRoot(); err != nil {
			return nil, err
		}
	}
	h.roots = s.root.pem
	pair, err := s.root.sign(names)
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}, err
}

// runRoot signs the certificates of simulated hosts. Its key is in memory only and ends with the process.
type runRoot struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

func newRunRoot() (*runRoot, error) {
	r := &runRoot{}
	pair, err := r.sign(nil)
	if err != nil {
		return nil, err
	}
	r.certificate = pair.Leaf
	r.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	return r, nil
}

// sign makes a certificate for a host on loopback that is called by names; without names, that of the root itself.
func (r *runRoot) sign(names []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "lintel simulation"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
	}
	parent, signer := r.certificate, r.key
	if names == nil {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		r.key, parent, signer = key, c, key
	} else {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		c.DNSNames, c.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
		for _, name := range names {
			if ip := net.ParseIP(name); ip != nil {
				c.IPAddresses = append(c.IPAddresses, ip)
			} else if name != "" {
				c.DNSNames = append(c.DNSNames, name)
			}
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// tellRoot says that certificates were made for the run, and writes their root to a file if one is named. Only what is
// a certificate, or not there, is written over.
func (s *simulation) tellRoot(file string) error {
	switch {
	case s.root == nil && file != "":
		return usageError("--ca %s: no host of this workspace shows a certificate that was made for the run", file)
	case s.root == nil:
		return nil
	case file == "":
		s.tell("TLS certificates of the hosts were made for this run; --ca FILE writes what verifies them")
		return nil
	}
	if old, err := os.ReadFile(file); err == nil && !bytes.HasPrefix(old, []byte("-----BEGIN CERTIFICATE-----")) { // #nosec G304 -- the user names it
		return usageError("--ca %s: the file is there, and is not a certificate", file)
	}
	if err := os.WriteFile(file, s.root.pem, 0o644); err != nil { // #nosec G306 -- a certificate is public
		return &exitError{code: exitLoad, err: fmt.Errorf("--ca: %w", err)}
	}
	s.tell("what verifies the TLS certificates of the hosts is in " + file)
	return nil
}
