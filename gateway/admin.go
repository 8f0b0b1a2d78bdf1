// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Admin returns the handler of the admin port: health, metrics, what is served and how its backends
// are, and the pages of the problems. It only answers to hosts that are IP addresses, localhost or
// AdminOptions.Hosts: a web page that had its name resolve to this machine gets 403. What changes
// something needs the token, or the unix socket.
func (g *Gateway) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { adminText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", g.readyz)
	mux.HandleFunc("GET /backends", func(w http.ResponseWriter, _ *http.Request) { adminJSON(w, g.backendStates()) })
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { adminJSON(w, g.status()) })
	mux.HandleFunc("GET /config", func(w http.ResponseWriter, _ *http.Request) { adminJSON(w, g.running.Load().config()) })
	mux.HandleFunc("GET /findings", func(w http.ResponseWriter, _ *http.Request) { adminJSON(w, g.running.Load().findings()) })
	g.adminActions(mux)
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		adminJSON(w, map[string]string{"version": g.options.Version, "go": runtime.Version()})
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(g.metrics.registry.Registry, promhttp.HandlerOpts{Registry: g.metrics.registry.Registry}))
	g.adminJournal(mux)
	if calls := g.options.Admin.Calls; calls != nil {
		mux.Handle("GET /calls", calls)
	}
	mux.HandleFunc("GET "+problemBase+"{name}", problemPage)
	return g.guardAdmin(mux)
}

// readyz says whether calls are served. Backends never make it false: one host that is down must not
// take the others out of service. With ?verbose they are shown.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) {
	status, text := http.StatusOK, "ok\n"
	switch {
	case g.draining.Load():
		status, text = http.StatusServiceUnavailable, "draining\n"
	case g.table.Load() == nil:
		status, text = http.StatusServiceUnavailable, "no routes yet\n"
	}
	if r.URL.Query().Has("verbose") {
		states := g.backendStates()
		names := make([]string, 0, len(states))
		for name := range states {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			state, err := json.Marshal(states[name])
			if err != nil {
				state = []byte("null")
			}
			text += fmt.Sprintf("backend %s %s\n", name, state)
		}
	}
	adminText(w, status, text)
}

func adminText(w http.ResponseWriter, status int, text string) {
	adminHeaders(w, "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

func adminJSON(w http.ResponseWriter, v any) { adminJSONStatus(w, http.StatusOK, v) }

func adminJSONStatus(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		adminText(w, http.StatusInternalServerError, "state cannot be encoded\n")
		return
	}
	adminHeaders(w, "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

func adminHeaders(w http.ResponseWriter, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

// problemPage shows what a problem type means, in Markdown.
func problemPage(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	for _, k := range problemKinds {
		if k.name == name {
			adminHeaders(w, "text/markdown; charset=utf-8")
			_, _ = w.Write([]byte("# " + k.title + "\n\n" + k.markdown()))
			return
		}
	}
	adminText(w, http.StatusNotFound, "no such problem\n")
}

// markdown describes a kind for readers of the API.
func (k problemKind) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Type `%s%s`, status %d, code `%s`", problemBase, k.name, k.status, k.name)
	if k.outcome != "" {
		fmt.Fprintf(&b, ", outcome `%s`", k.outcome)
	}
	if k.retry != "" {
		fmt.Fprintf(&b, ", retry `%s`", k.retry)
	}
	fmt.Fprintf(&b, ".\n\n%s\n\n%s\n", k.cause, k.cure)
	return b.String()
}
