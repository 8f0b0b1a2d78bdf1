// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"errors"
	"os"
	"path/filepath"
)

// errMissing says that what is written goes to files that nobody will find.
var errMissing = errors.New("the files of the journal are not in its folder any more: they were moved, deleted or replaced while they were in use. Bring them back, or start again")

// Check looks whether the files that are written to are those in the folder: a file that is open can be written to when
// it was deleted long ago. As long as they are not, nothing is recorded. Of the others the oldest is looked at: what tidies up
// by age begins with it.
func (s *Store) Check() {
	if s.locked == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest, last := s.segments[0], s.active()
	s.missing = s.elsewhere("lock", s.locked) || s.elsewhere(segmentName(last.number), last.file) || s.elsewhere(segmentName(oldest.number), oldest.file)
}

// elsewhere reports that a file of the folder is not the one that is open. What cannot be found out is not.
func (s *Store) elsewhere(name string, open any) bool {
	f, ok := open.(interface{ Stat() (os.FileInfo, error) })
	if !ok {
		return false
	}
	here, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(filepath.Join(s.options.Folder, name))
	return errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(here, there)
}
