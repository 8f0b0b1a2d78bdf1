// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// SimulatedTLS is what a simulated host shows in TLS.
type SimulatedTLS struct {
	Pos Pos
	// Name is that of a backend or a listener.
	Name Text
	// Certificate and Key are PEM files, as is Clients: the roots of the certificates that the host asks for, empty for any.
	Certificate, Key, Clients Text
}

// Host returns what the host of a backend, or the broker of a listener, shows in TLS; nil for a certificate made for the run.
func (s *Simulation) Host(name string) *SimulatedTLS {
	if s == nil {
		return nil
	}
	for _, t := range s.TLS {
		if t.Name.Value == name {
			return t
		}
	}
	return nil
}

// simulatedTLS binds certificates by the name of who shows them.
func (l *loader) simulatedTLS(s *Simulation, n *Node) {
	if !l.isMap(n, "tls") {
		return
	}
	for _, f := range n.Fields {
		t := &SimulatedTLS{Pos: f.Key.Pos, Name: f.Key.asText()}
		ok := l.object(f.Value, "tls of "+show(f.Key),
			required("certificate", l.anyFile(&t.Certificate, "certificate", false)),
			required("key", l.anyFile(&t.Key, "key", true)),
			optional("clients", present(l.anyFile(&t.Clients, "clients", false))),
		)
		if ok && l.sketches == nil && t.Certificate.Value != "" && t.Key.Value != "" {
			s.TLS = append(s.TLS, t)
		}
	}
}

// checkSimulatedTLS reports certificates for hosts that are not there, or speak no TLS.
func (l *loader) checkSimulatedTLS(ws *Workspace) {
	var names []string
	for _, b := range ws.Config.Backends {
		if b.EncryptedHost() != "" {
			names = append(names, b.Name)
		}
	}
	for _, c := range ws.Config.Listeners {
		if c.EncryptedHost() != "" {
			names = append(names, c.Name)
		}
	}
	for _, t := range ws.Simulation.TLS {
		if !slices.Contains(names, t.Name.Value) {
			l.findings.Add(CodeSimulation, t.Pos, fmt.Sprintf("no backend or listener %q is simulated with TLS", t.Name.Value), didYouMean(t.Name.Value, names))
		}
	}
}

// EncryptedHost is the name of the host as the first address of the backend has it; empty if it is spoken to without TLS,
// or by the client of IBM MQ.
func (b *Backend) EncryptedHost() string {
	switch {
	case b.TCP != nil && b.TCP.TLS != nil:
		return hostIn("tls://" + b.TCP.Addresses[0].Value)
	case b.AMQP != nil && b.AMQP.TLS != nil && len(b.AMQP.Addresses) > 0:
		return hostIn("tls://" + b.AMQP.Addresses[0].Value)
	case b.HTTP != nil && strings.HasPrefix(b.HTTP.URL(), "https:"):
		return hostIn(b.HTTP.URL())
	default:
		return ""
	}
}

// EncryptedHost is the name of the broker; empty if it is spoken to without TLS, or by the client of IBM MQ.
func (c *ListenerConfig) EncryptedHost() string {
	if c.AMQP == nil || c.AMQP.TLS == nil || len(c.AMQP.Addresses) == 0 {
		return ""
	}
	return hostIn("tls://" + c.AMQP.Addresses[0].Value)
}

func hostIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
