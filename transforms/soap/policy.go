// SPDX-License-Identifier: Apache-2.0

package soap

import (
	"slices"
	"strings"

	"lintel/specs"
)

// Need is what a policy of a WSDL can ask for around the envelope.
type Need string

// The needs that are known.
const (
	NeedAddressing Need = "addressing"
	NeedTLS        Need = "tls"
	NeedUsername   Need = "username"
	NeedTimestamp  Need = "timestamp"
	NeedSignature  Need = "signature"
	NeedEncryption Need = "encryption"
	// NeedMTOM asks for messages whose binary content is attached.
	NeedMTOM Need = "mtom"
	// NeedOther is a token or binding that is not supported.
	NeedOther Need = "other"
)

// Demand is something that the policies of a WSDL ask for.
type Demand struct {
	Need Need
	// Assertion is the name of what asks for it.
	Assertion string
	// Optional demands may be left out.
	Optional bool
	Pos      specs.Pos
}

// Demands are what the policies of the WSDL ask for in this operation, each need once.
func (o *Operation) Demands() []Demand { return o.demands }

// The namespaces of what asks for MTOM: WS-MTOMPolicy, and the policy assertion of W3C for SOAP 1.2.
const (
	nsOptimized  = "http://schemas.xmlsoap.org/ws/2004/09/policy/optimizedmimeserialization"
	nsMTOMPolicy = "http://www.w3.org/2007/08/soap12-mtom-policy"
)

// isPolicy and isSecurity tell namespaces of WS-Policy and WS-SecurityPolicy, of which there are several.
func isPolicy(space string) bool {
	return space == "http://www.w3.org/ns/ws-policy" || space != nsOptimized && strings.HasPrefix(space, "http://schemas.xmlsoap.org/ws/2004/09/policy")
}

func isSecurity(space string) bool {
	return strings.HasPrefix(space, "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/") || space == "http://schemas.xmlsoap.org/ws/2005/07/securitypolicy"
}

// policy remembers a policy that a WSDL declares by its identifiers.
func (l *wsdlReader) policy(n *node) {
	if n.local != "Policy" || !isPolicy(n.space) {
		return
	}
	for _, a := range n.attrs {
		if a.local == "Id" || a.local == "Name" || a.local == "id" {
			l.policies[a.value] = n
		}
	}
}

// demands collects what is asked for wherever a policy can be attached to an operation.
func (p *portReader) demands(o, abstract *node) []Demand {
	c := &demandCollector{policies: p.l.policies}
	c.attached(p.port, 0)
	c.attached(p.binding.n, 0)
	c.attached(o, 1)
	c.attached(abstract, 1)
	if x, ok := p.binding.n.qname(p.binding.n.get("type")); ok && p.l.portTypes[x] != nil {
		c.attached(p.l.portTypes[x].n, 0)
	}
	return c.found
}

type demandCollector struct {
	policies map[string]*node
	found    []Demand
	// seen are references that were followed: policies may refer to each other in a circle.
	seen []string
}

// attached looks at what stands below an element of the WSDL, and so many levels below that.
func (c *demandCollector) attached(n *node, levels int) {
	for _, a := range n.attrs {
		if a.local == "PolicyURIs" && isPolicy(a.space) {
			for _, uri := range strings.Fields(a.value) {
				c.reference(uri)
			}
		}
	}
	for _, k := range n.kids {
		switch {
		case isPolicy(k.space):
			c.policy(k)
		case k.space == nsWSAW && k.local == "UsingAddressing":
			required := false
			for _, a := range k.attrs {
				required = required || a.local == "required" && isTrue(a.value)
			}
			c.add(Demand{NeedAddressing, k.local, !required, k.pos})
		case levels > 0 && k.space == nsWSDL:
			c.attached(k, levels-1)
		}
	}
}

func (c *demandCollector) reference(uri string) {
	id := strings.TrimPrefix(uri, "#")
	if n := c.policies[id]; n != nil && !slices.Contains(c.seen, id) {
		c.seen = append(c.seen, id)
		c.policy(n)
	}
}

// policy looks at an element of a policy. Of several alternatives the first is taken.
func (c *demandCollector) policy(n *node) {
	switch {
	case isPolicy(n.space) && n.local == "PolicyReference":
		c.reference(n.get("URI"))
		return
	case isPolicy(n.space) && n.local == "ExactlyOne":
		if len(n.kids) > 0 {
			c.policy(n.kids[0])
		}
		return
	}
	if need := needOf(n); need != "" {
		optional := false
		for _, a := range n.attrs {
			optional = optional || a.local == "Optional" && isTrue(a.value)
		}
		c.add(Demand{need, n.local, optional, n.pos})
	}
	for _, k := range n.kids {
		c.policy(k)
	}
}

func (c *demandCollector) add(d Demand) {
	if i := slices.IndexFunc(c.found, func(o Demand) bool { return o.Need == d.Need && (d.Need != NeedOther || o.Assertion == d.Assertion) }); i >= 0 {
		if !d.Optional {
			c.found[i].Optional = false
		}
		return
	}
	c.found = append(c.found, d)
}

// needOf is what an assertion asks for; empty for one that asks for nothing of its own.
func needOf(n *node) Need {
	if n.space == nsWSAM && n.local == "Addressing" || n.space == nsWSAW && n.local == "UsingAddressing" {
		return NeedAddressing
	}
	if n.space == nsOptimized && n.local == "OptimizedMimeSerialization" || n.space == nsMTOMPolicy && n.local == "MTOM" {
		return NeedMTOM
	}
	if !isSecurity(n.space) {
		return ""
	}
	switch n.local {
	case "HttpsToken":
		return NeedTLS
	case "UsernameToken":
		return NeedUsername
	case "IncludeTimestamp":
		return NeedTimestamp
	case "SignedParts", "SignedElements":
		return NeedSignature
	case "EncryptedParts", "EncryptedElements", "ContentEncryptedElements":
		return NeedEncryption
	case "SymmetricBinding", "IssuedToken", "SamlToken", "KerberosToken", "SecureConversationToken", "SecurityContextToken", "SpnegoContextToken", "RelToken", "KeyValueToken":
		return NeedOther
	}
	return ""
}
