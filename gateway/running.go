// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"time"

	"lintel/specs"
)

// Running describes the workspace that is served, for operators.
type Running struct {
	// Dir is where it was read from, Digest a sum of its files.
	Dir, Digest string
	// Operations is how many it has.
	Operations int
	// Findings are its warnings; Settings the values of its lintel.yaml with their origins.
	Findings specs.Findings
	Settings []specs.Setting
	// Pending tells that it asks for settings that take effect at the next start or handover only.
	Pending bool
}

// Refusal is a workspace that was not put in place.
type Refusal struct {
	// Cause is what asked for the reload: file, signal or admin.
	Cause string
	// Error says why in a sentence; Findings are the places, if there are some.
	Error    string
	Findings specs.Findings
}

// running is what is known of the workspace in place and of the last attempt to replace it.
type running struct {
	Running
	since   time.Time
	refused *Refusal
	at      time.Time // of the refusal
}

// Describe tells what the routes of the last Swap were made from. A refusal before it is settled.
func (g *Gateway) Describe(r Running) {
	g.running.Store(&running{Running: r, since: g.options.Now()})
	g.metrics.config.Reset()
	g.metrics.config.WithLabelValues(r.Digest).Set(1)
}

// Refused counts and keeps a workspace that was not put in place.
func (g *Gateway) Refused(r Refusal) {
	g.metrics.reloads.WithLabelValues("refused").Inc()
	next := running{since: g.options.Now()}
	if now := g.running.Load(); now != nil {
		next = *now
	}
	next.refused, next.at = &r, g.options.Now()
	g.running.Store(&next)
}

// Operator does what a caller of the admin port may ask for.
type Operator interface {
	// Reload reads the workspace again and puts it in place. A Refusal means that it did not.
	Reload() *Refusal
	// Hold refuses all calls to a backend, or ends that; false if there is no such backend.
	Hold(backend string, held bool) bool
}

// statusView is what GET /status answers.
type statusView struct {
	FormatVersion string         `json:"formatVersion"`
	Version       string         `json:"version"`
	PID           int            `json:"pid"`
	Started       time.Time      `json:"started"`
	Ready         bool           `json:"ready"`
	Draining      bool           `json:"draining"`
	InFlight      int            `json:"inFlight"`
	LogLevel      string         `json:"logLevel,omitempty"`
	Workspace     *workspaceView `json:"workspace,omitempty"`
	Refused       *refusalView   `json:"refused,omitempty"`
	Backends      map[string]any `json:"backends"`
}

type workspaceView struct {
	Dir        string    `json:"dir"`
	Digest     string    `json:"digest"`
	Since      time.Time `json:"since"`
	Operations int       `json:"operations"`
	Warnings   int       `json:"warnings"`
	Pending    bool      `json:"pending"`
}

type refusalView struct {
	At       time.Time      `json:"at"`
	Cause    string         `json:"cause"`
	Error    string         `json:"error"`
	Findings specs.Findings `json:"findings"`
}

type findingsView struct {
	FormatVersion string         `json:"formatVersion"`
	Findings      specs.Findings `json:"findings"`
	Refused       *refusalView   `json:"refused,omitempty"`
}

type configView struct {
	FormatVersion string        `json:"formatVersion"`
	Digest        string        `json:"digest"`
	Settings      []settingView `json:"settings"`
}

type settingView struct {
	Path   string  `json:"path"`
	Value  *string `json:"value"` // null if it is hidden
	Origin string  `json:"origin"`
}

// formatVersion is that of the JSON of the admin port: a minor version adds, a major one breaks.
const formatVersion = "1.0"

// viewFindings makes an empty list of none, for JSON.
func viewFindings(list specs.Findings) specs.Findings {
	if list == nil {
		return specs.Findings{}
	}
	return list
}

func (r *running) refusal() *refusalView {
	if r == nil || r.refused == nil {
		return nil
	}
	return &refusalView{At: r.at, Cause: r.refused.Cause, Error: r.refused.Error, Findings: viewFindings(r.refused.Findings)}
}

func (r *running) workspace() *workspaceView {
	if r == nil || r.Digest == "" {
		return nil
	}
	return &workspaceView{Dir: r.Dir, Digest: r.Digest, Since: r.since, Operations: r.Operations, Warnings: len(r.Findings), Pending: r.Pending}
}

func (r *running) findings() findingsView {
	v := findingsView{FormatVersion: formatVersion, Findings: specs.Findings{}, Refused: r.refusal()}
	if r != nil {
		v.Findings = viewFindings(r.Findings)
	}
	return v
}

func (r *running) config() configView {
	v := configView{FormatVersion: formatVersion, Settings: []settingView{}}
	if r == nil {
		return v
	}
	v.Digest = r.Digest
	for _, s := range r.Settings {
		one := settingView{Path: s.Path, Origin: s.Origin}
		if !s.Hidden {
			one.Value = &s.Value
		}
		v.Settings = append(v.Settings, one)
	}
	return v
}
