// SPDX-License-Identifier: Apache-2.0

package journaltest

import (
	"time"
	"unsafe"
)

// WallAndMono is time.Now when the clock on the wall was set by some seconds: a time of day, and beside it a monotonic
// reading, which times of synctest have not, and which no function can set apart from the other.
func WallAndMono(seconds int64) time.Time {
	const hasMonotonic, shift, from = 1 << 63, 30, -2_682_288_000 // 1885, as the source of package time has it
	now := time.Now()
	var t time.Time
	inside := (*struct {
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&t))
	inside.wall = hasMonotonic | uint64(now.Unix()+seconds-from)<<shift | uint64(now.Nanosecond())
	inside.ext = now.UnixNano()
	return t
}
