// SPDX-License-Identifier: Apache-2.0

package security

import (
	"crypto/sha256"
	"crypto/x509"
	"net/http"
	"slices"
	"time"

	"lintel/gateway"
	"lintel/specs"
)

// Certificates verifies callers by the certificate of their connection (mutual TLS). That a root vouches
// for it was found out in the handshake; here it is found out whose it is.
type Certificates struct {
	byPrint map[[sha256.Size]byte]*specs.ClientCertificate
	byName  map[name]*specs.ClientCertificate
	now     func() time.Time
}

type name struct{ kind, text string }

var _ gateway.Authenticator = (*Certificates)(nil)

// NewCertificates makes the authenticator; now is the clock, nil for that of the system.
func NewCertificates(known []*specs.ClientCertificate, now func() time.Time) *Certificates {
	c := &Certificates{byPrint: map[[sha256.Size]byte]*specs.ClientCertificate{}, byName: map[name]*specs.ClientCertificate{}, now: now}
	if now == nil {
		c.now = time.Now
	}
	for _, k := range known {
		switch {
		case k.Fingerprint != nil:
			c.byPrint[*k.Fingerprint] = k
		case k.DNS != "":
			c.byName[name{"dns", k.DNS}] = k
		case k.URI != "":
			c.byName[name{"uri", k.URI}] = k
		default:
			c.byName[name{"cn", k.CommonName}] = k
		}
	}
	return c
}

// Authenticate implements gateway.Authenticator. A certificate that could be that of two clients is
// that of none.
func (c *Certificates) Authenticate(r *http.Request) (*gateway.Identity, error) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil, gateway.ErrNoCredential
	}
	leaf := r.TLS.PeerCertificates[0]
	now := c.now()
	// A connection may outlive the certificate that it began with.
	if len(r.TLS.VerifiedChains) == 0 || now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		return nil, gateway.ErrBadCredential
	}
	var found *specs.ClientCertificate
	for _, k := range c.candidates(leaf) {
		if !k.Expires.IsZero() && !now.Before(k.Expires) {
			continue
		}
		if found != nil && found.Client != k.Client {
			return nil, gateway.ErrBadCredential
		}
		if found == nil {
			found = k
		}
	}
	if found == nil {
		return nil, gateway.ErrBadCredential
	}
	return &gateway.Identity{Subject: found.Client, Client: found.Client, Roles: found.Roles}, nil
}

// candidates are the entries that a certificate fits: one with its fingerprint alone, or those with its names.
func (c *Certificates) candidates(leaf *x509.Certificate) []*specs.ClientCertificate {
	if k := c.byPrint[sha256.Sum256(leaf.Raw)]; k != nil {
		return []*specs.ClientCertificate{k}
	}
	names := []name{{"cn", leaf.Subject.CommonName}}
	for _, d := range leaf.DNSNames {
		names = append(names, name{"dns", d})
	}
	for _, u := range leaf.URIs {
		names = append(names, name{"uri", u.String()})
	}
	var out []*specs.ClientCertificate
	for _, n := range names {
		if k := c.byName[n]; k != nil {
			out = append(out, k)
		}
	}
	return slices.Compact(out)
}
