// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"time"

	"lintel/specs"
)

// checkWires reports what would keep a workspace from being wired.
func checkWires(ws *specs.Workspace) specs.Findings {
	var findings specs.Findings
	for _, b := range ws.Config.Backends {
		if _, err := tlsConfig(ws.FS, tlsOf(b)); err != nil {
			findings.Add(codeTLS, b.Pos, fmt.Sprintf("TLS of backend %q cannot be set up: %v", b.Name, err), "name PEM files below the workspace")
		}
		if s := securityOf(b); s != nil {
			if _, err := securityPolicy(ws.FS, s); err != nil {
				findings.Add(codeWSSecurity, s.Pos, fmt.Sprintf("WS-Security of backend %q cannot be set up: %v", b.Name, err), "name PEM files with keys of RSA (2048 bits or more) or ECDSA")
			}
		}
	}
	for _, b := range ws.Config.Backends {
		findings = append(findings, checkValidity(ws, b, time.Now())...)
	}
	if ws.Simulation != nil {
		for _, t := range ws.Simulation.TLS {
			if _, err := shownCertificate(ws.FS, t); err != nil {
				findings.Add(codeTLS, t.Pos, fmt.Sprintf("TLS of the simulated host %q cannot be set up: %v", t.Name.Value, err), "name PEM files with a certificate, its key and, for clients, their roots")
			}
		}
	}
	return findings
}

// tlsConfig reads the PEM files of a tls section.
func tlsConfig(fsys fs.FS, c *specs.TLSConfig) (*tls.Config, error) {
	if c == nil {
		return nil, nil
	}
	out := &tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.CA.Value != "" || c.Roots != nil {
		pem := c.Roots
		if pem == nil {
			var err error
			if pem, err = fs.ReadFile(fsys, c.CA.Value); err != nil {
				return nil, fmt.Errorf("%s: CA certificates cannot be read: %w", c.CA.Pos, err)
			}
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: file holds no certificate in PEM", c.CA.Pos)
		}
	}
	if c.Certificate.Value == "" {
		return out, nil
	}
	cert, err := fs.ReadFile(fsys, c.Certificate.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: certificate cannot be read: %w", c.Certificate.Pos, err)
	}
	key, err := fs.ReadFile(fsys, c.Key.Value)
	if err != nil {
		return nil, fmt.Errorf("%s: key cannot be read: %w", c.Key.Pos, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s: certificate and key do not belong together or cannot be used", c.Certificate.Pos)
	}
	out.Certificates = []tls.Certificate{pair}
	return out, nil
}
