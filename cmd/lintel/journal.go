// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"lintel/gateway"
	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/postgres"
	"lintel/specs"
)

// journalPlace says where the journal lies.
type journalPlace struct {
	// dir is a folder for everything the journal needs; empty means where lintel.yaml says.
	dir string
	// memory keeps everything in memory: what a simulation records is gone with it.
	memory bool
	// tape, if set, keeps the exchanges with hosts beside the journal.
	tape *recorder
	// point is called at the named points of an exchange; nil but in tests.
	point func(string)
}

// recording is what a house records: the journal with what belongs to it, and the tape; nil for what is not.
type recording struct {
	journal *journal.Journal
	audit   *gateway.Audit
	webhook *gateway.Webhook
	// instance is the file that holds the name of this process; nil if it needs none.
	instance io.Closer
	// tape keeps the exchanges with hosts; it is closed by whoever made it.
	tape *recorder
}

// recorded tells whether the exchanges of the operation go to the journal.
func (o *operation) recorded() bool { return !o.safe() && o.doc.Idempotency.Value != "off" }

// keys is what the operation does with idempotency keys.
func (o *operation) keys() gateway.Keys {
	switch {
	case !o.recorded():
		return gateway.KeysOff
	case o.doc.Idempotency.Value == "optional":
		return gateway.KeysOptional
	}
	return gateway.KeysRequired
}

// openRecord opens the journal of a workspace that has something to record.
func openRecord(p *plan, place journalPlace, log logging) (r recording, err error) {
	needed := false
	for _, op := range p.operations {
		needed = needed || op.recorded()
	}
	r.tape = place.tape
	if !needed {
		return r, nil
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	c := p.ws.Config.Journal
	files, err := place.files(p, log)
	if err != nil {
		return r, err
	}
	if r.audit, err = gateway.OpenAudit(files.audit, log.Logger); err != nil {
		return r, err
	}
	if c.Webhook.URL.Value != "" {
		if r.webhook, err = gateway.NewWebhook(gateway.WebhookOptions{URL: c.Webhook.URL.Value, Secret: []byte(c.Webhook.Secret.Value)}); err != nil {
			return r, err
		}
	}
	owner, err := r.owner(files, c.Postgres.Value != "" && place.dir == "", log)
	if err != nil {
		return r, err
	}
	r.journal, err = journal.New(context.Background(), journal.Options{
		Open: func(ctx context.Context) (journal.Store, error) {
			if c.Postgres.Value != "" && place.dir == "" && !place.memory {
				return postgres.Open(ctx, postgres.Options{URL: c.Postgres.Value})
			}
			return filestore.Open(files.store)
		},
		Secret: files.secret, Encryption: encryption(c), Decryption: decryption(c), Retention: c.Retention, Owner: owner, Anchor: files.anchor, Accept: c.BeginAccepted, Log: log.Logger, Point: place.point,
	})
	return r, err
}

// owner names this process in the journal. Where several have a journal in common, what is under way in one must not
// count as left behind by another that starts, also not on the same machine.
func (r *recording) owner(files journalFiles, shared bool, log logging) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("this machine has no name: %w", err)
	}
	if !shared || files.base == "" {
		return host, nil
	}
	name, held, err := filestore.Instance(files.base)
	if err != nil {
		log.Warn("this process has no name that outlasts it: what is under way when it dies is in doubt only after its deadline", "error", err.Error())
		return host + "/" + hex.EncodeToString(journal.NewSecret()[:16]), nil
	}
	r.instance = held
	return host + "/" + name, nil
}

// journalFiles is what the journal keeps where. In memory there is no audit file and no anchor.
type journalFiles struct {
	store filestore.Options
	// base is the folder of all the others.
	base, audit, anchor string
	secret              []byte
}

// files prepares the place of the journal.
func (place journalPlace) files(p *plan, log logging) (journalFiles, error) {
	if place.memory {
		return journalFiles{store: filestore.Options{Disk: &filestore.Memory{}}, secret: journal.NewSecret()}, nil
	}
	dir := place.folder(p)
	base := filepath.Dir(dir)
	if err := os.MkdirAll(base, 0o700); err != nil {
		return journalFiles{}, fmt.Errorf("the folder of the journal cannot be made: %w", err)
	}
	secret, err := journalKey(p.ws.Config.Journal.Key.Value, filepath.Join(base, "journal.key"), log)
	return journalFiles{
		store: filestore.Options{Folder: dir}, base: base, audit: filepath.Join(base, "audit.log"), anchor: dir + ".epoch", secret: secret,
	}, err
}

// encryption is the key that is encrypted with; nil means the journal's own.
func encryption(c specs.JournalConfig) []byte {
	if c.Encryption.Value == "" {
		return nil
	}
	return []byte(c.Encryption.Value)
}

func decryption(c specs.JournalConfig) (keys [][]byte) {
	for _, k := range c.Decryption {
		keys = append(keys, []byte(k.Value))
	}
	return keys
}

// folder is where the files of the journal lie.
func (place journalPlace) folder(p *plan) string {
	dir := p.ws.Config.Journal.Directory
	switch {
	case place.dir != "":
		return filepath.Join(place.dir, "journal")
	case filepath.IsAbs(dir):
		return dir
	}
	return filepath.Join(p.ws.Dir, filepath.FromSlash(dir))
}

// Close ends the journal and what belongs to it.
func (r recording) Close() error {
	var errs []error
	if r.webhook != nil {
		errs = append(errs, r.webhook.Close())
	}
	if r.journal != nil {
		errs = append(errs, r.journal.Close())
	}
	if r.instance != nil {
		errs = append(errs, r.instance.Close())
	}
	return errors.Join(errs...)
}

// means compiles what transforms declare for exchanges in doubt.
func means(op *operation, guards map[string]*ownGuard) gateway.Means {
	return gateway.Means{Inquiry: ask(op.inquiry, op.doc.Inquiry, guards), Reversal: ask(op.reversal, op.doc.Reversal, guards)}
}

// ask is an exchange about an exchange as the gateway makes it; nil if there is none.
func ask(a *asked, doc *specs.AskSpec, guards map[string]*ownGuard) *gateway.Ask {
	if a == nil || guards[a.backend.Name] == nil {
		return nil
	}
	return &gateway.Ask{
		Start: func() gateway.Runner { return a.transform.Start() }, Backend: guards[a.backend.Name].Guard,
		Timeout: cmp.Or(doc.Timeout, a.backend.Timeout), After: doc.After, Every: doc.Every,
	}
}
