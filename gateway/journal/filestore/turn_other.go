// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package filestore

import (
	"os"
	"time"
)

// event is known on Linux only.
type event struct{ file *os.File }

func newEvent() *event { return nil }

func (e *event) await(time.Time) {}
