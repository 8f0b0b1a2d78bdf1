// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"time"
)

func (l *loader) tcp(b *Backend, n *Node) {
	t := &TCPConfig{Connect: 2 * time.Second, Idle: 60 * time.Second, MaxReply: 1 << 20}
	b.TCP, b.Wire = t, "tcp"
	ok := l.object(n, "tcp",
		optional("address", func(n *Node) { l.way(&t.Addresses, l.hostAddress, n) }),
		optional("addresses", func(n *Node) { l.waysOf(&t.Addresses, "addresses", l.hostAddress, n) }),
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
	l.oneOrSeveral(n, "tcp", "address", "addresses")
}

// hostAddress binds the address of a host.
func (l *loader) hostAddress(to *Text, n *Node) {
	var t Text
	l.text(&t, "address")(n)
	if t.Value != "" && !validAddress(t.Value, 1) {
		l.add(CodeAddress, n, fmt.Sprintf("address must be host:port, not %s", show(n)), "write the name or IP address of the host, a colon and the port number")
		return
	}
	*to = t
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
