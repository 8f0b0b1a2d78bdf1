// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"

	"lintel/gateway/journal"
)

// Claim implements journal.Store. Of several gateways each gets others.
func (s *Store) Claim(ctx context.Context, c journal.Claim) ([]journal.Entry, error) {
	return s.rows(ctx, `UPDATE lintel_journal SET tell = $1::timestamptz + LEAST(GREATEST($1::timestamptz - changed, $2::interval), $3::interval)
		WHERE id IN (SELECT id FROM lintel_journal WHERE tell IS NOT NULL AND tell <= $1 ORDER BY tell, id LIMIT $4 FOR UPDATE SKIP LOCKED)
		RETURNING `+selected, c.Now, c.Pause, c.MaxPause, c.Limit)
}

// Told implements journal.Store.
func (s *Store) Told(ctx context.Context, id journal.ID) error {
	ctx, cancel := context.WithTimeout(ctx, journal.Patience)
	defer cancel()
	tag, err := s.pool.Exec(ctx, "UPDATE lintel_journal SET tell = NULL WHERE id = $1", id[:])
	if err == nil && tag.RowsAffected() == 0 {
		return journal.ErrNoEntry
	}
	return failed(err)
}
