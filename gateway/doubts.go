// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"lintel/gateway/journal"
	"lintel/transforms"
)

// Doubt is an operation in doubt as operators see it.
type Doubt struct {
	Operation   string `json:"operation"`
	OperationID string `json:"operationId"`
	// Step names the step of an operation that has several; a name with .undo is the undo of one.
	Step       string    `json:"step,omitempty"`
	Backend    string    `json:"backend"`
	State      string    `json:"state"`
	Begun      time.Time `json:"begun"`
	AgeSeconds int64     `json:"ageSeconds"`
	// Since is what is known, in a word: "timeout", "restart", "contradiction".
	Since     string `json:"since"`
	Contested bool   `json:"contested,omitempty"`
	// Means are what works it off, in the order they are tried; without any it is for an operator.
	Means []string `json:"means,omitempty"`
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

func (g *Gateway) doubt(ctx context.Context, e *journal.Entry) Doubt {
	return Doubt{
		Operation: e.ID.String(), OperationID: e.Operation, Step: e.Step, Means: g.meansOf(ctx, e), Backend: e.Backend, State: statusWord(e.State),
		Begun: e.Begun.UTC(), AgeSeconds: int64(g.options.Now().Sub(e.Begun).Seconds()), Since: e.Proof, Contested: e.Contested,
	}
}

// meansOf lists what works an entry off.
func (g *Gateway) meansOf(ctx context.Context, e *journal.Entry) (out []string) {
	r := g.recorded(e.Operation)
	switch {
	case r == nil || e.Contested || e.State != journal.InDoubt:
		return nil
	case !e.Parent.IsZero():
		return r.stepMeans(e)
	case len(r.Steps) > 0:
		children, err := g.options.Journal.List(ctx, journal.Filter{Parent: e.ID})
		if err != nil {
			return nil
		}
		return g.retrace(ctx, r, e, transforms.Input{}, children).means()
	}
	if r.Means.Inquiry != nil {
		out = append(out, meansInquiry)
	}
	if r.Means.Reversal != nil {
		out = append(out, "reversal")
	}
	return out
}

// stepMeans is meansOf for a step, or the undo of one.
func (r *route) stepMeans(e *journal.Entry) []string {
	name, undo := strings.CutSuffix(e.Step, undoSuffix)
	i := slices.IndexFunc(r.Steps, func(s StepRoute) bool { return s.Name == name })
	switch {
	case i < 0 || r.Steps[i].Optional:
		return nil
	case undo || r.Steps[i].UndoInDoubt:
		return []string{proofUndone}
	case r.Steps[i].Inquiry != nil:
		return []string{meansInquiry}
	}
	return nil
}

// means is meansOf for a call of several steps.
func (k *course) means() (out []string) {
	for i := range k.ends {
		s, e := &k.c.route.Steps[i], &k.ends[i]
		switch {
		case s.Safe || s.Optional || e.undone || !k.doubtful(i) || k.canUndo(i):
		case s.Inquiry == nil || !e.kept.State.Open() || e.kept.Contested:
			return nil // an operator has to say what it did, and nothing goes on without that
		default:
			out = append(out, meansInquiry+" of "+s.Name)
		}
	}
	for i := range k.ends {
		if k.canUndo(i) {
			return append(out, proofUndone)
		}
	}
	return out
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
	list, err := g.options.Journal.List(r.Context(), journal.Filter{State: journal.InDoubt, Heads: true})
	if err != nil {
		adminText(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	out := make([]Doubt, 0, len(list))
	for i := range list {
		out = append(out, g.doubt(r.Context(), &list[i]))
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
	d := g.doubt(r.Context(), e)
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
		adminJSON(w, g.doubt(ctx, e))
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
