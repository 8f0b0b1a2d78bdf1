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

// checkAnchor compares the epoch of a store with the one remembered beside it, which is written when
// there is none.
func (j *Journal) checkAnchor(epoch string) error {
	path := j.options.Anchor
	if path == "" {
		return nil
	}
	known, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return writeAnchor(path, epoch)
	case err != nil:
		return fmt.Errorf("the anchor of the journal cannot be read: %w", err)
	case strings.TrimSpace(string(known)) != epoch:
		return ErrEpoch
	}
	return nil
}

// AcceptLoss makes the store that is there the right one. It is for operators: what was recorded
// before is not known any more, and keys that were used before would be taken as new.
func (j *Journal) AcceptLoss(ctx context.Context) error {
	j.mu.Lock()
	lost := errors.Is(j.reason, ErrEpoch) && j.store == nil
	j.mu.Unlock()
	if !lost {
		return errors.New("nothing was lost: there is nothing to accept")
	}
	if err := os.Remove(j.options.Anchor); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the anchor of the journal cannot be removed: %w", err)
	}
	j.open(ctx)
	_, err := j.use()
	return err
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
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fail(err)
	}
	return nil
}
