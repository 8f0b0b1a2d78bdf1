// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"lintel/gateway/journal"
)

const (
	headColumns = "id, parent, step, operation, backend, state, begun, changed, deadline, fingerprint, version, owner, proof, contested"
	columns     = headColumns + ", who, request, reply"
)

// selected are the columns of an entry that is read, selectedHeads those of its head: tell is when it can be claimed next, if
// somebody is to be told of it.
const (
	selected      = columns + ", tell IS NOT NULL"
	selectedHeads = headColumns + ", NULL::bytea, NULL::bytea, NULL::bytea, tell IS NOT NULL"
)

// Get implements journal.Store.
func (s *Store) Get(ctx context.Context, id journal.ID) (*journal.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, journal.Patience)
	defer cancel()
	list, err := s.rows(ctx, "SELECT "+selected+" FROM lintel_journal WHERE id = $1", id[:])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// List implements journal.Store.
func (s *Store) List(ctx context.Context, f journal.Filter) ([]journal.Entry, error) {
	var parent []byte
	if !f.Parent.IsZero() {
		parent = f.Parent[:]
	}
	// Conditions that PostgreSQL can match with the partial indexes are written out.
	where := "WHERE ($1 = 0 OR state = $1)"
	switch {
	case parent != nil:
		where += " AND parent = $2"
	case f.State.Open():
		where = "WHERE state IN (1, 5) AND state = $1 AND $2::bytea IS NULL"
	default:
		where += " AND $2::bytea IS NULL"
	}
	what := selected
	if f.Heads {
		what = selectedHeads
	}
	return s.rows(ctx, "SELECT "+what+" FROM lintel_journal "+where+" AND (begun, id) > ($4, $5) ORDER BY begun, id LIMIT $3",
		int16(f.State), parent, cmp.Or(f.Limit, journal.DefaultLimit), f.After.Begun, f.After.ID[:])
}

// Stock implements journal.Store.
func (s *Store) Stock(ctx context.Context) (out journal.Stock, err error) {
	var oldest, untold *time.Time
	err = s.pool.QueryRow(ctx, `SELECT d.n, d.contested, d.oldest, u.n, u.oldest FROM
		(SELECT count(*) AS n, count(*) FILTER (WHERE contested) AS contested, min(begun) AS oldest FROM lintel_journal WHERE state IN (1, 5) AND state = 5) d,
		(SELECT count(*) AS n, min(changed) AS oldest FROM lintel_journal WHERE tell IS NOT NULL) u`).
		Scan(&out.InDoubt, &out.Contested, &oldest, &out.Untold, &untold)
	if oldest != nil {
		out.Oldest = *oldest
	}
	if untold != nil {
		out.OldestUntold = *untold
	}
	return out, failed(err)
}

func (s *Store) rows(ctx context.Context, statement string, arguments ...any) ([]journal.Entry, error) {
	rows, err := s.pool.Query(ctx, statement, arguments...)
	if err != nil {
		return nil, failed(err)
	}
	list, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, failed(err)
	}
	return list, nil
}

func scan(row pgx.CollectableRow) (journal.Entry, error) {
	var e journal.Entry
	var id, parent, fingerprint []byte
	var state int16
	err := row.Scan(&id, &parent, &e.Step, &e.Operation, &e.Backend, &state, &e.Begun, &e.Changed, &e.Deadline,
		&fingerprint, &e.Version, &e.Owner, &e.Proof, &e.Contested, &e.Who, &e.Request, &e.Reply, &e.Untold)
	copy(e.ID[:], id)
	copy(e.Parent[:], parent)
	copy(e.Fingerprint[:], fingerprint)
	e.State = journal.State(state)
	return e, err
}
