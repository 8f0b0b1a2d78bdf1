// SPDX-License-Identifier: Apache-2.0

package filestore_test

import (
	"errors"
	"testing"

	"lintel/gateway/journal"
	"lintel/gateway/journal/filestore"
	"lintel/gateway/journal/journaltest"
)

// TestBegunByHalf: of a segment that was begun when the power went, the header may be spoiled and the note behind it whole. Nothing
// was recorded in it: the journal opens. Where a record follows it does not.
func TestBegunByHalf(t *testing.T) {
	whole := journaltest.NewDisk(1)
	s := open(t, filestore.Options{Disk: whole, SegmentSize: 1})
	insert(t, s, 0) // the second segment is begun behind it
	_ = s.Close()
	names, _ := whole.Names()
	last := names[len(names)-1]
	for _, offset := range []int{0, 5, 9, 20, 40, 60} {
		disk := whole.Clone()
		disk.Corrupt(last, offset)
		s := open(t, filestore.Options{Disk: disk, SegmentSize: 1})
		if got := stateOf(t, s, 0); got != journal.InDoubt {
			t.Errorf("byte %d is spoiled: %s", offset, got)
		}
		insert(t, s, 1)
		_ = s.Close()
	}
	s = open(t, filestore.Options{Disk: whole}) // this one stays in the segment
	insert(t, s, 1)
	_ = s.Close()
	whole.Corrupt(last, 20)
	if _, err := filestore.Open(filestore.Options{Disk: whole}); !errors.Is(err, journal.ErrDamaged) {
		t.Errorf("the header of a segment with a record is spoiled: %v", err)
	}
}
