// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"lintel/gateway/journal"
)

// Options of a Store.
type Options struct {
	// URL names the database: postgres://user@host/name. Settings of the pool (pool_max_conns and so on) can
	// be part of it.
	URL string
}

// Store is a journal.Store in PostgreSQL.
type Store struct {
	pool  *pgxpool.Pool
	epoch string
	// replaced says that the database is not the one any more that was opened.
	replaced atomic.Bool

	stop     context.CancelFunc
	stopping context.Context
	cleanups sync.WaitGroup
}

var _ journal.Store = (*Store)(nil)

// schema is applied at every start. The lock keeps several gateways that start at once apart.
const schema = `
SELECT pg_advisory_xact_lock(7310579);
CREATE TABLE IF NOT EXISTS lintel_journal (
	id bytea PRIMARY KEY, attempt bytea NOT NULL, parent bytea, step text NOT NULL,
	operation text NOT NULL, backend text NOT NULL, state smallint NOT NULL,
	begun timestamptz NOT NULL, changed timestamptz NOT NULL, deadline timestamptz NOT NULL,
	fingerprint bytea NOT NULL, version text NOT NULL, owner text NOT NULL, proof text NOT NULL,
	contested boolean NOT NULL, who bytea, request bytea, reply bytea);
ALTER TABLE lintel_journal ADD COLUMN IF NOT EXISTS tell timestamptz, ADD COLUMN IF NOT EXISTS due timestamptz, ADD COLUMN IF NOT EXISTS ended timestamptz;
CREATE INDEX IF NOT EXISTS lintel_journal_open ON lintel_journal (state, begun) WHERE state IN (1, 5);
CREATE INDEX IF NOT EXISTS lintel_journal_final ON lintel_journal (changed) WHERE state IN (2, 3);
CREATE INDEX IF NOT EXISTS lintel_journal_tell ON lintel_journal (tell) WHERE tell IS NOT NULL;
CREATE INDEX IF NOT EXISTS lintel_journal_steps ON lintel_journal (parent) WHERE parent IS NOT NULL;
CREATE TABLE IF NOT EXISTS lintel_journal_epoch (one boolean PRIMARY KEY DEFAULT true CHECK (one), epoch text NOT NULL);
ALTER TABLE lintel_journal_epoch ADD COLUMN IF NOT EXISTS mark text;`

// Open connects to a database and makes the tables if they are not there.
func Open(ctx context.Context, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		// The cause may hold the password.
		return nil, errors.New("the URL of the journal's database cannot be read")
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("the journal's database: %w", err)
	}
	s := &Store{pool: pool}
	s.stopping, s.stop = context.WithCancel(context.Background())
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the journal's database cannot be used: %w", err), s.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		var value string
		if err := s.pool.QueryRow(ctx, "SHOW "+setting).Scan(&value); err != nil {
			return err
		}
		if value == "off" {
			return fmt.Errorf("%s is off: what is recorded would not survive a crash", setting)
		}
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, schema); err != nil {
			return err
		}
		var random [16]byte
		_, _ = rand.Read(random[:]) // never fails
		if _, err := tx.Exec(ctx, "INSERT INTO lintel_journal_epoch (epoch) VALUES ($1) ON CONFLICT DO NOTHING", hex.EncodeToString(random[:])); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT epoch FROM lintel_journal_epoch").Scan(&s.epoch)
	})
}

// Close implements journal.Store.
func (s *Store) Close() error {
	s.stop()
	s.cleanups.Wait()
	s.pool.Close()
	return nil
}

// Epoch implements journal.Store.
func (s *Store) Epoch() string { return s.epoch }

// maxRounds bounds how often an insert meets an entry that is gone when it is looked at.
const maxRounds = 10

// The deadline is by the clock of the gateway; due is the same by that of the database, since those of its gateways may
// differ.
const (
	inserted = "INSERT INTO lintel_journal (attempt, " + columns + ", due) SELECT $1::bytea, $2::bytea, $3::bytea, $4::text, $5::text, $6::text, $7::smallint, " +
		"$8::timestamptz, $9::timestamptz, $10::timestamptz, $11::bytea, $12::text, $13::text, $14::text, $15::boolean, $16::bytea, $17::bytea, $18::bytea, now() + $19::interval"
	// The epoch is compared with every intent: what others make of the database meanwhile is another journal.
	sameEpoch = " EXISTS (SELECT 1 FROM lintel_journal_epoch WHERE epoch = $20::text)"
	insert    = inserted + " WHERE" + sameEpoch + " ON CONFLICT (id) DO NOTHING"
	// The lock lets the entry of the call not be put in doubt in between.
	insertFenced = "WITH call AS (SELECT 1 FROM lintel_journal WHERE id = $3::bytea AND state = 1 AND" + sameEpoch + " FOR SHARE) " + inserted + " FROM call ON CONFLICT (id) DO NOTHING"
)

// Insert implements journal.Store.
func (s *Store) Insert(ctx context.Context, e *journal.Entry) (*journal.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, journal.Patience)
	defer cancel()
	attempt := make([]byte, 16)
	_, _ = rand.Read(attempt) // never fails
	var parent []byte
	if !e.Parent.IsZero() {
		parent = e.Parent[:]
	}
	statement := insert
	if e.Fenced {
		statement = insertFenced
	}
	for range maxRounds {
		tag, sent, err := s.send(ctx, statement,
			attempt, e.ID[:], parent, e.Step, e.Operation, e.Backend, int16(e.State), e.Begun, e.Changed, e.Deadline,
			e.Fingerprint[:], e.Version, e.Owner, e.Proof, e.Contested, e.Who, e.Request, e.Reply, max(0, e.Deadline.Sub(e.Begun)), s.epoch)
		if err != nil {
			if sent {
				s.withdraw(e.ID, attempt)
			}
			return nil, failed(err)
		}
		if tag.RowsAffected() == 1 {
			return nil, nil
		}
		there, err := s.Get(ctx, e.ID)
		if err != nil || there != nil {
			return there, err
		}
		if err := s.checkEpoch(ctx); err != nil {
			return nil, err
		}
		if e.Fenced {
			if p, err := s.Get(ctx, e.Parent); err != nil || p == nil || p.State != journal.Intent {
				return nil, cmp.Or(err, fmt.Errorf("%w: its call is no intent any more", journal.ErrState))
			}
		}
	}
	return nil, fmt.Errorf("%w: the entry comes and goes", journal.ErrUnavailable)
}

// send executes a statement. After an error it tells whether any of it may have come to the database.
func (s *Store) send(ctx context.Context, statement string, arguments ...any) (tag pgconn.CommandTag, sent bool, err error) {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return tag, false, err
	}
	defer c.Release()
	tag, err = c.Exec(ctx, statement, arguments...)
	return tag, err != nil && !pgconn.SafeToRetry(err), err
}

// withdraw deletes an intent of which nobody knows whether it was recorded: nothing was sent. It is
// tried a few times, since the statement may still be under way in the database. If all fail, the
// entry is in doubt after its deadline, which is wrong only on the safe side.
func (s *Store) withdraw(id journal.ID, attempt []byte) {
	s.cleanups.Go(func() {
		for _, wait := range []time.Duration{0, time.Second, 5 * time.Second} {
			select {
			case <-s.stopping.Done():
				return
			case <-time.After(wait):
			}
			ctx, cancel := context.WithTimeout(s.stopping, 10*time.Second)
			_, _ = s.pool.Exec(ctx, "DELETE FROM lintel_journal WHERE id = $1 AND attempt = $2 AND state = $3", id[:], attempt, int16(journal.Intent))
			cancel()
		}
	})
}

// Move implements journal.Store.
func (s *Store) Move(ctx context.Context, c journal.Change) error {
	ctx, cancel := context.WithTimeout(ctx, journal.Patience)
	defer cancel()
	if c.To == journal.Released {
		tag, err := s.pool.Exec(ctx, "DELETE FROM lintel_journal WHERE id = $1 AND state = $2 AND ($3::timestamptz IS NULL OR begun = $3)",
			c.ID[:], int16(journal.Intent), begun(c))
		return s.moved(ctx, c, tag.RowsAffected(), err)
	}
	var from []int16
	for _, st := range []journal.State{journal.Intent, journal.InDoubt} {
		if journal.CanMove(st, c.To) {
			from = append(from, int16(st))
		}
	}
	tag, err := s.pool.Exec(ctx, `UPDATE lintel_journal SET
			changed = CASE WHEN state = $2 THEN changed ELSE $3 END, state = $2, proof = $4,
			contested = (contested OR $5) AND $6, reply = COALESCE($7, reply),
			ended = CASE WHEN $6 THEN ended ELSE now() END,
			request = CASE WHEN $6 THEN request END, tell = CASE WHEN $9 THEN $3::timestamptz END
		WHERE id = $1 AND state = ANY($8) AND ($10::text = '' OR proof <> $10) AND ($11::timestamptz IS NULL OR begun = $11)`,
		c.ID[:], int16(c.To), c.At, c.Proof, c.Contested, c.To == journal.InDoubt, c.Reply, from, c.Tell && !c.To.Open(), c.Unless, begun(c))
	return s.moved(ctx, c, tag.RowsAffected(), err)
}

// begun is when the intent was recorded that a change is of; nil if it does not say.
func begun(c journal.Change) *time.Time {
	if c.Begun.IsZero() {
		return nil
	}
	return &c.Begun
}

// moved says why a change met no row.
func (s *Store) moved(ctx context.Context, c journal.Change, rows int64, err error) error {
	if err != nil {
		return failed(err)
	}
	if rows == 1 {
		return nil
	}
	e, err := s.Get(ctx, c.ID)
	switch {
	case err != nil:
		return err
	case e == nil:
		return journal.ErrNoEntry
	}
	return fmt.Errorf("%w: from %s to %s", journal.ErrState, e.State, c.To)
}

// Sweep implements journal.Store. Of several gateways each does it; the second finds nothing to do.
func (s *Store) Sweep(ctx context.Context, w journal.Sweep) error {
	if err := s.checkEpoch(ctx); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, `UPDATE lintel_journal SET state = 5, changed = $1, proof = CASE WHEN owner = $2 THEN 'restart' ELSE 'overdue' END
		WHERE state IN (1, 5) AND state = 1 AND (COALESCE(due, deadline) < now() - $3::interval OR ($2 <> '' AND owner = $2))`, w.Now, w.Owner, w.Overdue)
	if err == nil && !w.Forget.IsZero() {
		err = s.forget(ctx, w)
	}
	return failed(err)
}

// maxForgotten is how many entries are forgotten at once: the next ones are, whatever becomes of the time for all of them.
const maxForgotten = 5000

// forget deletes what is old. The clock of the gateway that ended an entry may have been behind, that of this one ahead.
func (s *Store) forget(ctx context.Context, w journal.Sweep) error {
	for {
		tag, err := s.pool.Exec(ctx, `DELETE FROM lintel_journal WHERE id IN (SELECT id FROM lintel_journal
			WHERE state IN (2, 3) AND changed < $1 AND COALESCE(ended, changed) < now() - $2::interval LIMIT $3 FOR UPDATE SKIP LOCKED)`,
			w.Forget, max(0, w.Now.Sub(w.Forget)), maxForgotten)
		if err != nil || tag.RowsAffected() < maxForgotten {
			return err
		}
	}
}

// failed makes an error of the driver one of the journal. It is not unwrapped further.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %v", journal.ErrUnavailable, err) //nolint:errorlint // driver errors stop here
}
