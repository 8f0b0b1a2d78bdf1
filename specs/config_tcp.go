// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"time"
)

func (l *loader) tcp(b *Backend, n *Node) {
	t := &TCPConfig{Connect: 2 * time.Second, Idle: 60 * time.Second, MaxReply: 1 << 20}
	b.TCP, b.Wire = t, "tcp"
	ok := l.object(n, "tcp",
		optional("address", func(n *Node) { l.address(t, n) }),
		optional("addresses", func(n *Node) {
			if l.isList(n, "addresses") {
				l.addresses(t, n)
			}
		}),
		optional("spread", l.boolean(&t.Spread, "spread")),
		required("frame", func(n *Node) { l.frame(&t.Frame, n) }),
		optional("connect", l.duration(&t.Connect, "connect", time.Millisecond, hour)),
		optional("idle", l.duration(&t.Idle, "idle", time.Millisecond, 24*hour)),
		optional("maxReply", l.size(&t.MaxReply, "maxReply", 1, 1<<30)),
		optional("tls", func(n *Node) { l.tls(&t.TLS, n) }),
	)
	if !ok || l.sketches != nil {
		return
	}
	one, many := n.Key("address"), n.Key("addresses")
	switch {
	case one == nil && many == nil:
		l.add(CodeMissingKey, n, `tcp needs the key "address"`, "add address:, or addresses: with several ways to the same host")
	case one != nil && many != nil:
		l.add(CodeExclusive, many, "tcp has address and addresses", "keep one of them")
	case n.Key("spread") != nil && many == nil:
		l.add(CodeTogether, n.Key("spread"), "spread needs several addresses", "write addresses:, or remove it")
	}
}

// hostAddress binds the address of a host.
func (l *loader) hostAddress(to *Text) func(*Node) {
	return func(n *Node) {
		var t Text
		l.text(&t, "address")(n)
		if t.Value != "" && !validAddress(t.Value, 1) {
			l.add(CodeAddress, n, fmt.Sprintf("address must be host:port, not %s", show(n)), "write the name or IP address of the host, a colon and the port number")
			return
		}
		*to = t
	}
}

func (l *loader) address(t *TCPConfig, n *Node) {
	var a Text
	l.hostAddress(&a)(n)
	switch {
	case a.Value == "":
	case slices.ContainsFunc(t.Addresses, func(b Text) bool { return b.Value == a.Value }):
		l.add(CodeAddress, n, "the address stands twice", "remove one of the two")
	default:
		t.Addresses = append(t.Addresses, a)
	}
}

// mostAddresses is how many ways there may be to one host.
const mostAddresses = 16

func (l *loader) addresses(t *TCPConfig, n *Node) {
	if len(n.Items) == 0 || len(n.Items) > mostAddresses {
		l.add(CodeOutOfRange, n, fmt.Sprintf("addresses must be 1 to %d", mostAddresses), "")
	}
	for _, item := range n.Items {
		l.address(t, item)
	}
}

// settleConnect sees to it that a request that finds an address dead has time for the others.
func (l *loader) settleConnect(b *Backend, n *Node) {
	count := time.Duration(len(b.TCP.Addresses))
	if count < 2 || b.TCP.Connect*count < b.Timeout {
		return
	}
	if at := n.Get("connect"); at != nil {
		l.warn(CodeTooSlow, at, fmt.Sprintf("connecting to %d addresses may take %s, and the timeout of the backend is %s", count, b.TCP.Connect*count, b.Timeout),
			"lower connect, or raise the timeout")
		return
	}
	b.TCP.Connect = b.Timeout / (count + 1)
}

func (l *loader) frame(f *FrameConfig, n *Node) {
	l.object(n, "frame", required("length", func(n *Node) {
		f.Length = &LengthFrame{Bytes: 4}
		l.object(n, "length",
			required("bytes", l.word("bytes", []string{"2", "4"}, func(n *Node) { f.Length.Bytes = int(n.Text[0] - '0') })),
			optional("order", l.word("order", []string{"big", "little"}, func(n *Node) { f.Length.Little = n.Text == "little" })),
			optional("includes", l.word("includes", []string{"payload", "self"}, func(n *Node) { f.Length.IncludesSelf = n.Text == "self" })),
		)
	}))
}

func (l *loader) tls(to **TLSConfig, n *Node) {
	t := &TLSConfig{}
	*to = t
	var name Text
	l.object(n, "tls",
		optional("serverName", l.text(&name, "serverName")),
		optional("ca", l.file(&t.CA, "ca")),
		optional("certificate", l.file(&t.Certificate, "certificate")),
		optional("key", func(n *Node) {
			l.file(&t.Key, "key")(n)
			l.private(t.Key, n, "key")
		}),
	)
	t.ServerName = name.Value
	if n.Kind == MapNode && (n.Get("certificate") == nil) != (n.Get("key") == nil) {
		l.add(CodeTogether, n, "certificate and key belong together", "give both, or none")
	}
}
