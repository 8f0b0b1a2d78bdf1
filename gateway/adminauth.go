// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// AdminOptions say who may do what on the admin port. The zero value only reads, on this machine.
type AdminOptions struct {
	// Hosts are host names, besides localhost and IP addresses, that it answers to.
	Hosts []string
	// Token lets its bearer change things. Empty means that nobody may, but over a unix socket,
	// whose permissions decide.
	Token string
	// Operator does what is asked for; nil means that nothing can be changed.
	Operator Operator
	// Level is the level of the log, if it can be changed.
	Level *slog.LevelVar
	// Calls serves GET /calls, the last calls of a workspace under development; nil if they are not kept.
	Calls http.Handler
}

// guardAdmin refuses hosts that nobody named and requests that a browser makes for another site.
func (g *Gateway) guardAdmin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			unread(w)
		}
		if len(r.TransferEncoding) > 0 { // there may have been a length as well, see commonHeaders
			w.Header().Set("Connection", "close")
		}
		if !g.adminHost(r.Host) || foreignPage(r) {
			unread(w)
			adminText(w, http.StatusForbidden, "this host name is not allowed on the admin port\n")
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !g.mayChange(w, r) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

// unread gives up what comes after the head: nobody waits for it.
func unread(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now())
}

// foreignPage reports a request that a browser made for a page of another site.
func foreignPage(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "none" && site != "same-origin" {
		return true
	}
	origin := r.Header.Get("Origin")
	return origin != "" && origin != "http://"+r.Host && origin != "https://"+r.Host
}

// mayChange answers callers who may not change anything.
func (g *Gateway) mayChange(w http.ResponseWriter, r *http.Request) bool {
	if g.trusted(r) {
		return true
	}
	unread(w)
	token := g.options.Admin.Token
	if token == "" {
		adminText(w, http.StatusForbidden, "the admin port only reads: set operations.adminToken in lintel.yaml, or use a unix socket\n")
		return false
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	adminText(w, http.StatusUnauthorized, "this needs the token of operations.adminToken\n")
	return false
}

// trusted reports a caller that may change things.
func (g *Gateway) trusted(r *http.Request) bool {
	if overSocket(r.Context()) {
		return true
	}
	token := g.options.Admin.Token
	// Of sums, so that neither length nor content tells by time how much was right.
	given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	want, have := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], have[:]) == 1 && bearer && token != ""
}

type socketKey struct{}

// markSocket is the ConnContext hook of the admin server: who reaches a unix socket was let in by
// the permissions of its file.
func markSocket(ctx context.Context, c net.Conn) context.Context {
	if _, ok := c.(*net.UnixConn); ok {
		return context.WithValue(ctx, socketKey{}, true)
	}
	return ctx
}

func overSocket(ctx context.Context) bool {
	yes, _ := ctx.Value(socketKey{}).(bool)
	return yes
}

func (g *Gateway) adminHost(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if strings.EqualFold(host, "localhost") || net.ParseIP(host) != nil {
		return true
	}
	return slices.ContainsFunc(g.options.Admin.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}
