// SPDX-License-Identifier: Apache-2.0

package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrEpoch says that the store is not the one that was used before: it was lost, emptied or swapped,
// and with it the memory of what was sent. Only an operator can accept that.
var ErrEpoch = errors.New("the journal is not the one that was used before: its folder or database was lost or replaced. Bring it back, or accept the loss (lintel doubts accept-loss)")

// ErrNew says that there is no journal, and that none is begun unasked.
var ErrNew = errors.New("there is no journal here, and none is begun unasked. Bring back the one there was, or accept that there is none (lintel doubts accept-loss)")

// checkAnchor compares the epoch of a store with the one remembered beside it, which is written when
// there is none. empty tells that the store has no entry: with Accept it may be a new one in place of another.
func (j *Journal) checkAnchor(epoch string, empty bool) error {
	path := j.options.Anchor
	if path == "" {
		return nil
	}
	known, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && j.options.Accept && empty && !j.accepted:
		return ErrNew
	case errors.Is(err, fs.ErrNotExist):
		if err := writeAnchor(path, epoch); err != nil {
			return err
		}
		if empty {
			j.options.Log.Warn("journal: a new one was begun: nothing is known of what was done before", "file", path)
		}
		return nil
	case err != nil:
		return fmt.Errorf("the anchor of the journal cannot be read: %w", err)
	case strings.TrimSpace(string(known)) != epoch:
		return ErrEpoch
	}
	return nil
}

// ErrOtherKey says that the secret is not the one of the others that use the store: the same operation would have another identity
// with each of them.
var ErrOtherKey = errors.New("the key is not the one that the journal was begun with. Where it was changed on purpose, and nothing is kept any more: UPDATE lintel_journal_epoch SET mark = NULL")

// checkMark compares the secret with that of the others that use the store, which may have no entry yet to compare with.
func (j *Journal) checkMark(ctx context.Context, store Store) error {
	m, ok := store.(interface {
		Mark(ctx context.Context, mark string) (there string, err error)
	})
	if !ok {
		return nil
	}
	mark := j.secrets.identify("mark of the key").String()
	there, err := m.Mark(ctx, mark)
	if err == nil && there != mark {
		err = ErrOtherKey
	}
	return err
}

// Lost tells whether the journal is closed because the one before it was lost, or there was none.
func (j *Journal) Lost() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.store == nil && (errors.Is(j.reason, ErrEpoch) || errors.Is(j.reason, ErrNew))
}

// AcceptLoss takes the store that is there for a new journal. What was in the old one is not known any more.
func (j *Journal) AcceptLoss(ctx context.Context) error {
	if !j.Lost() {
		return errors.New("nothing was lost: there is nothing to accept")
	}
	if err := os.Remove(j.options.Anchor); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the anchor of the journal cannot be removed: %w", err)
	}
	j.accept(true)
	defer j.accept(false)
	j.open(ctx)
	_, err := j.use()
	return err
}

// accept says whether a store without an anchor is taken, whatever Options say.
func (j *Journal) accept(yes bool) {
	j.opening.Lock()
	j.accepted = yes
	j.opening.Unlock()
}

// writeAnchor writes the anchor so that it is there as a whole or not at all, also after a crash.
func writeAnchor(path, epoch string) error {
	fail := func(err error) error { return fmt.Errorf("the anchor of the journal cannot be written: %w", err) }
	f, err := os.CreateTemp(filepath.Dir(path), ".anchor-*")
	if err != nil {
		return fail(err)
	}
	_, err = f.WriteString(epoch + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		if err = os.Rename(f.Name(), path); err == nil {
			return SyncFolder(filepath.Dir(path))
		}
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fail(err)
	}
	return nil
}
