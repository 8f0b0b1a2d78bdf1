// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientAddress is where a call comes from: the peer of the connection, or, if that is one of the
// trusted proxies, the last address in X-Forwarded-For that is none. What stands further left was
// written by somebody unknown. The zero Addr means that it cannot be known.
func clientAddress(r *http.Request, proxies []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap().WithZone("")
	if len(proxies) == 0 || !trusted(addr, proxies) {
		return addr
	}
	lines := r.Header["X-Forwarded-For"]
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			comma := strings.LastIndexByte(rest, ',')
			text := strings.Trim(rest[comma+1:], " \t")
			rest = rest[:max(comma, 0)]
			next, ok := forwardedAddr(text)
			if !ok {
				return addr
			}
			if addr = next; !trusted(addr, proxies) {
				return addr
			}
		}
	}
	return addr
}

// forwardedAddr reads one entry of X-Forwarded-For; some proxies add the port.
func forwardedAddr(text string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	p, err := netip.ParseAddrPort(text)
	return p.Addr().Unmap().WithZone(""), err == nil
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// neighborhood is the part of an address that one caller has for itself: of IPv6 the first 64 bits.
func neighborhood(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}
