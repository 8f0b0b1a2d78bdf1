// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// ClientCertificate says which certificate is that of a client: the one with a fingerprint, or every one
// that the roots of gateway.tls.clients vouch for and that has a name.
type ClientCertificate struct {
	Client string
	// Fingerprint is the SHA-256 of the certificate in DER, nil if a name decides.
	Fingerprint *[sha256.Size]byte
	// DNS and URI are subject alternative names, CommonName that of the subject; one of them is set, or the fingerprint.
	DNS, URI, CommonName string
	// Expires is the first moment at which the entry is not valid any more; zero means never.
	Expires time.Time
	Roles   []string
	Pos     Pos
}

// clientCertificates reads a file of certificates.
func (l *loader) clientCertificates(file Text) []*ClientCertificate {
	var out []*ClientCertificate
	seen := map[string]Pos{}
	l.clientEntries(file, "certificates", func(client string, n *Node) {
		c, key := l.clientCertificate(client, n)
		if c == nil {
			return
		}
		if before, twice := seen[key]; twice {
			l.add(CodeKeys, n, "the same certificate stands twice", fmt.Sprintf("the first is in line %d; a certificate is that of one client", before.Line))
			return
		}
		seen[key] = n.Pos
		out = append(out, c)
	})
	return out
}

func (l *loader) clientCertificate(client string, n *Node) (c *ClientCertificate, key string) {
	c = &ClientCertificate{Client: client, Pos: n.Pos}
	ok := true
	name := func(kind string, to *string) field {
		return optional(kind, func(n *Node) {
			var t Text
			l.text(&t, kind)(n)
			*to = t.Value
			ok = ok && t.Value != ""
		})
	}
	l.object(n, "a certificate",
		optional("sha256", func(n *Node) {
			if !l.scalar(n, "sha256") {
				return
			}
			sum, err := hex.DecodeString(n.Text)
			if err != nil || len(sum) != sha256.Size {
				ok = false
				l.add(CodeKeys, n, "sha256 is not 64 hexadecimal digits", "write the SHA-256 fingerprint of the certificate without colons")
				return
			}
			f := [sha256.Size]byte(sum)
			c.Fingerprint = &f
		}),
		name("dns", &c.DNS), name("uri", &c.URI), name("commonName", &c.CommonName),
		optional("expires", func(n *Node) { ok = l.expiry(&c.Expires, n) && ok }),
		optional("roles", func(n *Node) { l.roles(&c.Roles, n) }),
	)
	if n.Kind != MapNode || !ok {
		return nil, ""
	}
	var given []string
	for _, k := range []string{"sha256", "dns", "uri", "commonName"} {
		if at := n.Get(k); at != nil {
			given = append(given, k+"="+at.Text)
		}
	}
	if len(given) != 1 {
		l.add(CodeKeys, n, fmt.Sprintf("the certificate of %q needs one of sha256, dns, uri and commonName", client), "name its fingerprint, or a name that your roots give to this client alone")
		return nil, ""
	}
	return c, given[0]
}
