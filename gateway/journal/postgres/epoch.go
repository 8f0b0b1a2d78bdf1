// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"lintel/gateway/journal"
)

// errReplaced says that another journal is where the one was that was opened.
var errReplaced = fmt.Errorf("%w: the database is not the one that was opened: it was emptied or replaced. Start again", journal.ErrUnavailable)

// checkEpoch looks whether the database is still the one that was opened.
func (s *Store) checkEpoch(ctx context.Context) error {
	var now string
	err := s.pool.QueryRow(ctx, "SELECT epoch FROM lintel_journal_epoch").Scan(&now)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && now != s.epoch {
		s.replaced.Store(true)
		return errReplaced
	}
	return failed(err)
}

// Health returns why nothing can be recorded for good, or nil.
func (s *Store) Health() error {
	if s.replaced.Load() {
		return errReplaced
	}
	return nil
}

// Mark returns the mark of the key that the journal was begun with: the one that is given, if none was before.
func (s *Store) Mark(ctx context.Context, mark string) (there string, err error) {
	err = s.pool.QueryRow(ctx, "UPDATE lintel_journal_epoch SET mark = COALESCE(mark, $1) RETURNING mark", mark).Scan(&there)
	return there, failed(err)
}

// Clock tells the time of the database.
func (s *Store) Clock(ctx context.Context) (now time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, journal.Patience)
	defer cancel()
	err = s.pool.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
	return now, failed(err)
}
