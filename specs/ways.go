// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"slices"
	"time"
)

// mostWays is how many ways there may be to one host.
const mostWays = 16

// oneOrSeveral sees to it that a wire has one way to its host, or a list of them.
func (l *loader) oneOrSeveral(n *Node, wire, single, list string) {
	one, many := n.Key(single), n.Key(list)
	switch {
	case one == nil && many == nil:
		l.add(CodeMissingKey, n, fmt.Sprintf("%s needs the key %q", wire, single), fmt.Sprintf("add %s:, or %s: with several ways to the same host", single, list))
	case one != nil && many != nil:
		l.add(CodeExclusive, many, fmt.Sprintf("%s has %s and %s", wire, single, list), "keep one of them")
	case n.Key("spread") != nil && many == nil:
		l.add(CodeTogether, n.Key("spread"), "spread needs several "+list, fmt.Sprintf("write %s:, or remove it", list))
	}
}

// way binds one way to a host and adds it to those that are there.
func (l *loader) way(to *[]Text, bind func(*Text, *Node), n *Node) {
	var t Text
	bind(&t, n)
	switch {
	case t.Value == "":
	case slices.ContainsFunc(*to, func(b Text) bool { return b.Value == t.Value }):
		l.add(CodeAddress, n, "the address stands twice", "remove one of the two")
	default:
		*to = append(*to, t)
	}
}

// waysOf binds a list of ways to a host.
func (l *loader) waysOf(to *[]Text, what string, bind func(*Text, *Node), n *Node) {
	if !l.isList(n, what) {
		return
	}
	if len(n.Items) == 0 || len(n.Items) > mostWays {
		l.add(CodeOutOfRange, n, fmt.Sprintf("%s must be 1 to %d", what, mostWays), "")
	}
	for _, item := range n.Items {
		l.way(to, bind, item)
	}
}

// settleConnect sees to it that a request that finds an address dead has time for the others.
func (l *loader) settleConnect(b *Backend, n *Node, ways []Text, connect *time.Duration) {
	count := time.Duration(len(ways))
	if count < 2 || *connect*count < b.Timeout {
		return
	}
	if at := n.Get("connect"); at != nil {
		l.warn(CodeTooSlow, at, fmt.Sprintf("connecting to %d addresses may take %s, and the timeout of the backend is %s", count, *connect*count, b.Timeout),
			"lower connect, or raise the timeout")
		return
	}
	*connect = b.Timeout / (count + 1)
}
