// SPDX-License-Identifier: Apache-2.0

package specs

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// defaultJournal is where the journal lies unless lintel.yaml says otherwise.
const defaultJournal = ".lintel/journal"

// minJournalKey is the least length of the key of the journal, in bytes.
const minJournalKey = 32

// journal binds the journal section of lintel.yaml.
func (l *loader) journal(j *JournalConfig, n *Node) {
	j.Pos = n.Pos
	var directory Text
	ok := l.object(n, "journal",
		optional("directory", l.text(&directory, "directory")),
		optional("postgres", l.text(&j.Postgres, "postgres")),
		optional("key", l.secretText(&j.Key, "key", minJournalKey)),
		optional("encryption", l.secretText(&j.Encryption, "encryption", minJournalKey)),
		optional("decryption", func(n *Node) { l.decryption(&j.Decryption, n) }),
		optional("retention", l.duration(&j.Retention, "retention", hour, 10*366*24*hour)),
		optional("begin", l.word("begin", []string{"always", "accepted"}, func(n *Node) { j.BeginAccepted = n.Text == "accepted" })),
		optional("webhook", func(n *Node) { l.webhook(&j.Webhook, n) }),
	)
	if !ok {
		return
	}
	if d, p := n.Key("directory"), n.Key("postgres"); d != nil && p != nil {
		l.add(CodeExclusive, p, "a journal lies in a directory or in a database, not in both", "remove one of them")
	}
	if directory.Value != "" {
		j.Directory = directory.Value
	}
	if p := j.Postgres.Value; p != "" {
		if u, err := url.Parse(p); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			l.add(CodeFormat, n.Get("postgres"), "postgres must be the URL of a database", "write postgres: ${file:/run/secrets/journal-url}, and there postgres://user:password@host/database")
		}
	}
}

// decryption binds keys that were used before.
func (l *loader) decryption(to *[]Text, n *Node) {
	if n.missing {
		return
	}
	for _, item := range l.oneOrMany(n) {
		var key Text
		l.secretText(&key, "decryption", minJournalKey)(item)
		*to = append(*to, key)
	}
}

func (l *loader) webhook(w *WebhookConfig, n *Node) {
	l.object(n, "webhook",
		required("url", func(n *Node) {
			l.text(&w.URL, "url")(n)
			if u, err := url.Parse(w.URL.Value); w.URL.Value != "" && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http") {
				l.add(CodeFormat, n, "url must be a plain http or https URL", "write url: https://host/path")
			}
		}),
		required("secret", l.secretText(&w.Secret, "secret", 16)),
	)
}

// ask binds a section that asks about an exchange, or undoes it.
func (l *loader) ask(n *Node, what string) *AskSpec {
	a := &AskSpec{Pos: n.Pos, After: 30 * time.Second, Every: time.Second}
	l.object(n, what,
		optional("backend", l.text(&a.Backend, "backend")),
		optional("timeout", l.duration(&a.Timeout, "timeout", time.Millisecond, hour)),
		optional("after", l.duration(&a.After, "after", 0, 24*hour)),
		optional("every", l.duration(&a.Every, "every", 10*time.Millisecond, hour)),
		required("request", func(n *Node) { l.request(&a.Request, n) }),
		required("reply", func(n *Node) { l.reply(&a.Reply, n, false) }),
	)
	return a
}

// StatusPath is where the gateway serves the status of operations.
const StatusPath = "/operations/"

// checkJournal compares what transforms say about recording with the contract and with lintel.yaml.
func (l *loader) checkJournal(ws *Workspace) {
	recorded := false
	for _, t := range ws.Transforms {
		o := ws.Contract.Operation(t.Operation.Value)
		if o == nil {
			continue
		}
		l.checkAsks(ws, t)
		if t.IsSafe(o) {
			l.forNothing(t)
			continue
		}
		if t.Idempotency.Value == "off" {
			l.report(Warning, CodeIdempotency, t.Root.Get("idempotency"), fmt.Sprintf("operation %q changes something and takes no idempotency keys: a request that is sent again does its work again", o.ID),
				"remove idempotency: off, or write idempotency: optional")
			l.forgottenUndo(t, o)
			l.forgottenAsks(t, o)
			continue
		}
		recorded = true
	}
	if recorded {
		l.checkStatusPath(ws)
		l.checkReplicas(ws)
	}
}

// forgottenUndo reports steps that can be taken back in an operation that is not recorded: after a crash
// nobody would know that there is something to take back.
func (l *loader) forgottenUndo(t *Transform, o *Operation) {
	for _, s := range t.Steps {
		if s.Undo != nil {
			l.add(CodeUndo, s.Undo.Root, fmt.Sprintf("step %q of operation %q can be taken back, and with idempotency: off nothing would do that after a crash", s.Name.Value, o.ID),
				"remove idempotency: off, or write idempotency: optional; or undo: none if what it did stays")
		}
	}
}

// forgottenAsks reports inquiries and reversals in an operation that is not recorded: nothing is ever in doubt there.
func (l *loader) forgottenAsks(t *Transform, o *Operation) {
	at := []*Node{t.Root.Key("inquiry"), t.Root.Key("reversal")}
	for _, s := range t.Steps {
		at = append(at, s.Root.Key("inquiry"))
	}
	for _, n := range at {
		if n != nil {
			l.report(Warning, CodeAskForNothing, n, fmt.Sprintf("operation %q is not recorded, so that %s has no effect", o.ID, n.Text), "remove it, or remove idempotency: off")
		}
	}
}

// IsSafe tells whether the operation changes nothing at the host: by declaration, else by its method.
func (t *Transform) IsSafe(o *Operation) bool {
	if t.Safe != nil {
		return *t.Safe
	}
	return o.Safe()
}

func (l *loader) forNothing(t *Transform) {
	for _, key := range []string{"idempotency", "inquiry", "reversal"} {
		if n := t.Root.Key(key); n != nil {
			l.report(Warning, CodeAskForNothing, n, fmt.Sprintf("operation %q changes nothing, so that %s has no effect", t.Operation.Value, key), "remove it, or write safe: false")
		}
	}
}

func (l *loader) checkAsks(ws *Workspace, t *Transform) {
	for key, a := range map[string]*AskSpec{"inquiry": t.Inquiry, "reversal": t.Reversal} {
		if a == nil {
			continue
		}
		n := t.Root.Get(key)
		if b := n.Get("backend"); b != nil && ws.Config.Backend(a.Backend.Value) == nil {
			l.add(CodeNoBackend, b, fmt.Sprintf("the backend %s is not in %s", show(b), configFile), "")
		}
	}
}

func (l *loader) checkStatusPath(ws *Workspace) {
	for _, o := range ws.Contract.Operations {
		if rest, ok := strings.CutPrefix(o.Path, StatusPath); ok && !strings.Contains(rest, "/") {
			l.findings.Add(CodeIdempotency, o.Pos, fmt.Sprintf("the path %s is that of the status of operations", o.Path), "choose another path")
		}
	}
}

// checkReplicas refuses several gateways that do not know of each other's operations.
func (l *loader) checkReplicas(ws *Workspace) {
	c := ws.Config
	if c.Gateway.Replicas < 2 {
		return
	}
	at := c.Gateway.ReplicasPos
	if c.Journal.Postgres.Value == "" {
		l.findings.Add(CodeJournal, at, fmt.Sprintf("%d gateways cannot share a journal in a directory: the same request could be done by each of them", c.Gateway.Replicas),
			"add journal: {postgres: ...}, or write replicas: 1")
	}
	if c.Journal.Key.Value == "" {
		l.findings.Add(CodeJournal, at, fmt.Sprintf("%d gateways need the same key of the journal", c.Gateway.Replicas), "add journal: {key: ${file:...}}")
	}
}
