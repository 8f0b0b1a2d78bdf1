// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"lintel/gateway/journal"
)

// Doubt is an operation in doubt as operators see it.
type Doubt struct {
	Operation   string    `json:"operation"`
	OperationID string    `json:"operationId"`
	Backend     string    `json:"backend"`
	State       string    `json:"state"`
	Begun       time.Time `json:"begun"`
	AgeSeconds  int64     `json:"ageSeconds"`
	// Since is what is known, in a word: "timeout", "restart", "contradiction".
	Since     string   `json:"since"`
	Contested bool     `json:"contested,omitempty"`
	Means     []string `json:"means,omitempty"`
	// Key and Caller are shown for one operation at a time, and only to who may change things.
	Key    string `json:"key,omitempty"`
	Caller string `json:"caller,omitempty"`
}

// Resolution is what an operator decides.
type Resolution struct {
	// Outcome is "applied" or "not-applied".
	Outcome string `json:"outcome"`
	By      string `json:"by"`
	Reason  string `json:"reason"`
}

func (g *Gateway) doubt(e *journal.Entry) Doubt {
	d := Doubt{
		Operation: e.ID.String(), OperationID: e.Operation, Backend: e.Backend, State: statusWord(e.State),
		Begun: e.Begun.UTC(), AgeSeconds: int64(g.options.Now().Sub(e.Begun).Seconds()), Since: e.Proof, Contested: e.Contested,
	}
	if r := g.recorded(e.Operation); r != nil {
		if r.Means.Inquiry != nil {
			d.Means = append(d.Means, "inquiry")
		}
		if r.Means.Reversal != nil {
			d.Means = append(d.Means, "reversal")
		}
	}
	return d
}

// adminJournal adds what the admin port has of the journal.
func (g *Gateway) adminJournal(mux *http.ServeMux) {
	if g.options.Journal == nil {
		return
	}
	mux.HandleFunc("GET /journal", func(w http.ResponseWriter, _ *http.Request) { adminJSON(w, g.options.Journal.Stats()) })
	mux.HandleFunc("GET /doubts", g.listDoubts)
	mux.HandleFunc("GET /doubts/{id}", g.showDoubt)
	mux.HandleFunc("POST /doubts/{id}", g.resolveDoubt)
	mux.HandleFunc("POST /journal/accept-loss", g.acceptLoss)
}

func (g *Gateway) listDoubts(w http.ResponseWriter, r *http.Request) {
	list, err := g.options.Journal.List(r.Context(), journal.Filter{State: journal.InDoubt})
	if err != nil {
		adminText(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	out := make([]Doubt, 0, len(list))
	for i := range list {
		out = append(out, g.doubt(&list[i]))
	}
	adminJSON(w, map[string]any{"formatVersion": "1.0", "doubts": out, "more": len(list) == journal.DefaultLimit})
}

// theDoubt finds the entry that a request of the admin port names; nil after it has answered.
func (g *Gateway) theDoubt(w http.ResponseWriter, r *http.Request) *journal.Entry {
	id, err := journal.ParseID(r.PathValue("id"))
	if err != nil {
		adminText(w, http.StatusNotFound, "no such operation\n")
		return nil
	}
	e, err := g.options.Journal.Get(r.Context(), id)
	switch {
	case err != nil:
		adminText(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return nil
	case e == nil:
		adminText(w, http.StatusNotFound, "no such operation\n")
		return nil
	}
	return e
}

func (g *Gateway) showDoubt(w http.ResponseWriter, r *http.Request) {
	e := g.theDoubt(w, r)
	if e == nil {
		return
	}
	d := g.doubt(e)
	if who, err := g.options.Journal.WhoBegan(e); err == nil && g.trusted(r) {
		d.Key, d.Caller = who.Key, strings.ReplaceAll(strings.Trim(who.Tenant, "\x00"), "\x00", " ")
	}
	adminJSON(w, d)
}

// readOrder reads what an operator wants; false after it has answered.
func (g *Gateway) readOrder(w http.ResponseWriter, r *http.Request, to *Resolution) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil || to.By == "" || to.Reason == "" {
		adminText(w, http.StatusBadRequest, "say who you are (by) and why (reason)\n")
		return false
	}
	if g.options.Audit == nil {
		adminText(w, http.StatusForbidden, "there is no audit log: nothing can be decided here\n")
		return false
	}
	return true
}

func (g *Gateway) resolveDoubt(w http.ResponseWriter, r *http.Request) {
	e := g.theDoubt(w, r)
	var order Resolution
	if e == nil || !g.readOrder(w, r, &order) {
		return
	}
	to := map[string]journal.State{"applied": journal.Complete, "not-applied": journal.NotApplied}[order.Outcome]
	switch {
	case to == 0:
		adminText(w, http.StatusBadRequest, "outcome is applied or not-applied\n")
		return
	case e.State != journal.InDoubt:
		adminText(w, http.StatusConflict, "the operation is not in doubt\n")
		return
	}
	line := AuditLine{Time: g.options.Now().UTC(), By: order.By, Action: "resolve as " + order.Outcome, Operation: e.ID.String(), Reason: order.Reason}
	if err := g.options.Audit.Write(line); err != nil {
		adminText(w, http.StatusInternalServerError, "the audit log cannot be written, nothing was decided\n")
		return
	}
	// Who goes away meanwhile has decided all the same.
	ctx := context.WithoutCancel(r.Context())
	if err := g.options.Journal.Finish(ctx, e.ID, g.decided(e, to, order.By)); err != nil {
		g.notDecided(w, line, err)
		return
	}
	g.metrics.resolved.WithLabelValues("operator", statusWord(to)).Inc()
	g.options.Webhook.wakeUp()
	if e, err := g.options.Journal.Get(ctx, e.ID); err == nil && e != nil {
		adminJSON(w, g.doubt(e))
	}
}

// decided is what a decision ends an entry with. The operation may be one that the workspace has no more.
func (g *Gateway) decided(e *journal.Entry, to journal.State, by string) journal.End {
	end := journal.End{To: to, Proof: "operator " + by, AtOnce: true}
	if e.Parent.IsZero() { // nobody asks for a step
		end.Reply, end.Tell = encodeAnswer(g.answerLater(g.recorded(e.Operation), e.ID, to, nil)), g.tells()
	}
	return end
}

// notDecided says that a decision does not count, also in the audit log, which has it already.
func (g *Gateway) notDecided(w http.ResponseWriter, line AuditLine, err error) {
	line.Time = g.options.Now().UTC()
	status, text, why := http.StatusConflict, "the operation is not in doubt any more\n", ": not done, it was in doubt no more"
	if !errors.Is(err, journal.ErrState) && !errors.Is(err, journal.ErrNoEntry) {
		status, text = http.StatusServiceUnavailable, "nobody knows whether the decision was recorded: look at the operation, and decide again if it is still in doubt\n"
		why = ": perhaps not done, the journal failed"
	}
	line.Action += why
	if err := g.options.Audit.Write(line); err != nil {
		g.options.Log.Error("the audit log cannot be written", "operation", line.Operation, "action", line.Action, "error", err.Error())
	}
	adminText(w, status, text)
}

func (g *Gateway) acceptLoss(w http.ResponseWriter, r *http.Request) {
	var order Resolution
	if !g.readOrder(w, r, &order) {
		return
	}
	if !g.options.Journal.Lost() {
		adminText(w, http.StatusConflict, "nothing was lost: there is nothing to accept\n")
		return
	}
	line := AuditLine{Time: g.options.Now().UTC(), By: order.By, Action: "accept loss of the journal", Reason: order.Reason}
	if err := g.options.Audit.Write(line); err != nil {
		adminText(w, http.StatusInternalServerError, "the audit log cannot be written, nothing was decided\n")
		return
	}
	if err := g.options.Journal.AcceptLoss(context.WithoutCancel(r.Context())); err != nil {
		adminText(w, http.StatusConflict, err.Error()+"\n")
		return
	}
	adminJSON(w, g.options.Journal.Stats())
}
