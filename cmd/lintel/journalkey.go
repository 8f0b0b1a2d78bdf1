// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"lintel/gateway/journal"
)

// journalKey is the secret of the journal: the one that is configured, or else one that is made at the
// first start and kept in a file.
func journalKey(configured, path string, log logging) ([]byte, error) {
	if configured != "" {
		return []byte(configured), nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeJournalKey(path, log); err != nil {
			return nil, fmt.Errorf("the key of the journal cannot be kept: %w", err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the journal cannot be used: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the key of the journal in %s can be read by others: chmod 600", path)
	}
	return []byte(strings.TrimSpace(string(text))), nil
}

// makeJournalKey makes the file as a whole or not at all, and leaves one that another process has made meanwhile: two keys
// for one journal would be two names for everything in it.
func makeJournalKey(path string, log logging) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".journal.key-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(hex.EncodeToString(journal.NewSecret()) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil: // not every volume has links
		err = os.Rename(f.Name(), path)
	}
	// What is encrypted with a key is worth no more than the key: it must outlast the machine as the journal does.
	err = errors.Join(err, journal.SyncFolder(filepath.Dir(path)), journal.SyncFolder(filepath.Dir(filepath.Dir(path))))
	if err == nil {
		log.Info("a key for the journal was made; keep it, or name your own in journal.key of lintel.yaml", "file", path)
	}
	return err
}
