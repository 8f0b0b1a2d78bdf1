// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// CertificateFiles are the contents of the PEM files of a listener.
type CertificateFiles struct {
	Certificate, Key []byte
	// Clients are the roots that certificates of clients are verified by, nil if none are asked for.
	Clients []byte
}

// CertificateOptions say how TLS is spoken.
type CertificateOptions struct {
	// Read reads the files.
	Read func() (CertificateFiles, error)
	// Require refuses connections without a certificate of a client.
	Require bool
	// Minimum is the lowest version, default TLS 1.2.
	Minimum uint16
	// HTTP1 turns HTTP/2 off.
	HTTP1 bool
	// Log gets a line when files have changed; nil means none.
	Log *slog.Logger
}

// Certificates is the TLS of a listener. Its files can be read again while it serves: connections that
// are made from then on use what they say. Files that cannot be used change nothing.
type Certificates struct {
	options CertificateOptions
	mu      sync.Mutex
	files   CertificateFiles
	current atomic.Pointer[tls.Config]
}

// NewCertificates reads the files.
func NewCertificates(o CertificateOptions) (*Certificates, error) {
	if o.Minimum == 0 {
		o.Minimum = tls.VersionTLS12
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Certificates{options: o}
	_, err := c.Reload()
	return c, err
}

// Reload reads the files again and reports whether they have changed. After an error the last good
// ones stay in use.
func (c *Certificates) Reload() (changed bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	files, err := c.options.Read()
	if err != nil {
		return false, err
	}
	if c.current.Load() != nil && files.equal(c.files) {
		return false, nil
	}
	config, err := c.config(files)
	if err != nil {
		return false, err
	}
	c.files = files
	c.current.Store(config)
	return true, nil
}

func (f CertificateFiles) equal(o CertificateFiles) bool {
	return bytes.Equal(f.Certificate, o.Certificate) && bytes.Equal(f.Key, o.Key) && bytes.Equal(f.Clients, o.Clients)
}

func (c *Certificates) config(f CertificateFiles) (*tls.Config, error) {
	pair, err := tls.X509KeyPair(f.Certificate, f.Key)
	if err != nil {
		return nil, errors.New("certificate and key do not belong together or cannot be used")
	}
	if pair.Leaf != nil && time.Now().After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("certificate has expired on %s", pair.Leaf.NotAfter.Format(time.DateOnly))
	}
	out := &tls.Config{MinVersion: c.options.Minimum, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}
	if c.options.HTTP1 {
		out.NextProtos = []string{"http/1.1"}
	}
	if f.Clients == nil {
		return out, nil
	}
	out.ClientCAs, out.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
	if c.options.Require {
		out.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if !out.ClientCAs.AppendCertsFromPEM(f.Clients) {
		return nil, errors.New("file of clients holds no certificate in PEM")
	}
	return out, nil
}

// TLS is the configuration for a listener.
func (c *Certificates) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: c.options.Minimum, NextProtos: c.current.Load().NextProtos,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current.Load(), nil },
	}
}

// Watch reads the files again every so often until ctx ends.
func (c *Certificates) Watch(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	failed := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		changed, err := c.Reload()
		switch {
		case err != nil && err.Error() != failed:
			failed = err.Error()
			c.options.Log.Error("new certificates cannot be used, the old ones stay", "error", failed)
		case err == nil:
			failed = ""
		}
		if changed {
			c.options.Log.Info("certificates replaced")
		}
	}
}
