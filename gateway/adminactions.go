// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
)

// maxAdminBody bounds what is sent to the admin port, in bytes.
const maxAdminBody = 4 << 10

// adminActions adds what changes something. guardAdmin has let only those in who may.
func (g *Gateway) adminActions(mux *http.ServeMux) {
	mux.HandleFunc("POST /reload", g.adminReload)
	mux.HandleFunc("POST /backends/{name}/hold", func(w http.ResponseWriter, r *http.Request) { g.adminHold(w, r, true) })
	mux.HandleFunc("POST /backends/{name}/release", func(w http.ResponseWriter, r *http.Request) { g.adminHold(w, r, false) })
	mux.HandleFunc("GET /log", g.adminLevel)
	mux.HandleFunc("PUT /log", g.adminSetLevel)
}

func (g *Gateway) status() statusView {
	v := statusView{
		FormatVersion: formatVersion, Version: g.options.Version, PID: os.Getpid(), Started: g.started,
		Ready: g.Ready(), Draining: g.draining.Load(), InFlight: g.InFlight(), Backends: g.backendStates(),
	}
	if l := g.options.Admin.Level; l != nil {
		v.LogLevel = strings.ToLower(l.Level().String())
	}
	now := g.running.Load()
	v.Workspace, v.Refused = now.workspace(), now.refusal()
	return v
}

func (g *Gateway) adminReload(w http.ResponseWriter, r *http.Request) {
	if g.options.Admin.Operator == nil {
		adminText(w, http.StatusNotImplemented, "this process cannot reload\n")
		return
	}
	g.audit(r, "reload")
	if refused := g.options.Admin.Operator.Reload(); refused != nil {
		adminJSONStatus(w, http.StatusUnprocessableEntity, map[string]any{
			"formatVersion": formatVersion, "result": "refused", "error": refused.Error, "findings": viewFindings(refused.Findings),
		})
		return
	}
	adminJSON(w, map[string]any{"formatVersion": formatVersion, "result": "ok", "workspace": g.running.Load().workspace()})
}

func (g *Gateway) adminHold(w http.ResponseWriter, r *http.Request, held bool) {
	name := r.PathValue("name")
	if g.options.Admin.Operator == nil || !g.options.Admin.Operator.Hold(name, held) {
		adminText(w, http.StatusNotFound, "there is no such backend\n")
		return
	}
	g.audit(r, map[bool]string{true: "hold", false: "release"}[held], slog.String("backend", name))
	adminJSON(w, g.backendStates()[name])
}

func (g *Gateway) adminLevel(w http.ResponseWriter, _ *http.Request) {
	if g.options.Admin.Level == nil {
		adminText(w, http.StatusNotFound, "the log has no level\n")
		return
	}
	adminJSON(w, map[string]string{"level": strings.ToLower(g.options.Admin.Level.Level().String())})
}

func (g *Gateway) adminSetLevel(w http.ResponseWriter, r *http.Request) {
	if g.options.Admin.Level == nil {
		adminText(w, http.StatusNotFound, "the log has no level\n")
		return
	}
	var body struct {
		Level string `json:"level"`
	}
	d := json.NewDecoder(io.LimitReader(r.Body, maxAdminBody))
	d.DisallowUnknownFields()
	var level slog.Level
	if err := d.Decode(&body); err != nil || level.UnmarshalText([]byte(body.Level)) != nil || strings.ContainsAny(body.Level, "+-") {
		adminText(w, http.StatusBadRequest, "send {\"level\":\"debug\"}, info, warn or error\n")
		return
	}
	g.options.Admin.Level.Set(level)
	g.audit(r, "log level", slog.String("level", strings.ToLower(level.String())))
	g.adminLevel(w, r)
}

// audit writes what an operator did. Level warn, so that no level hides it but error.
func (g *Gateway) audit(r *http.Request, action string, more ...slog.Attr) {
	attrs := append([]slog.Attr{slog.String("action", action), slog.String("from", r.RemoteAddr)}, more...)
	g.options.Log.LogAttrs(r.Context(), slog.LevelWarn, "operator", attrs...)
}
