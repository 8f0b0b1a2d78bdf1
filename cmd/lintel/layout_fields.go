// SPDX-License-Identifier: Apache-2.0

package main

import (
	"iter"

	"lintel/transforms/record"
)

// fields are the items of a record as the copybook has them: the object that the codec puts around
// an elementary record is none of them.
func (o *openedRecord) fields() iter.Seq[record.FieldInfo] {
	return func(yield func(record.FieldInfo) bool) {
		around := 0
		for f := range o.codec.Fields() {
			if f.Item.Level == -1 {
				around++
				continue
			}
			f.Depth -= around
			if !yield(f) {
				return
			}
		}
	}
}
