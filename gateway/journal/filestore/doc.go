// SPDX-License-Identifier: Apache-2.0

// Package filestore keeps the entries of a journal in files of one folder, for one gateway process.
//
// The files are segments that are only appended to. What several callers want recorded at the same
// time is written as one frame and brought to stable storage by one call (group commit); nobody is
// told that something is recorded before that call has returned. The next frame is written only
// after that, so that a damaged frame with a good one behind it proves that something recorded was
// changed: the store is then not opened. A damaged end is what a crash leaves of a frame of which
// nobody was told: it is cut off.
//
// A segment is made longer, with zeros, well before its frames need the room: a frame then only changes
// bytes that are there, and the file system has no second write to make. Where the file system can, frames go to the
// disk in whole blocks and past the cache of the system, which costs the processor less. Where many write at once, all
// others who can go on have a turn before a small frame is written: some of them have a record to add.
//
// Who waits for a record waits for nothing else, which costs least. Only when it takes long is everybody who
// waits told to look at its own deadline as well.
//
// When writing fails, the segment is sealed at its last good frame and never touched again: after a
// failed fsync nobody knows what a file holds. The next segment says up to where the one before it
// counts.
//
// Every record is the whole entry, and the last one counts. The index in memory has about 150 bytes
// for each entry that is kept; where that is too much, or more than one process serves, PostgreSQL
// is the store.
//
// The files: store.go opens and closes, change.go takes what is to be recorded, group.go has what is on its way and
// who waits for it, write.go the one goroutine that writes, rotate.go new segments, index.go what is known in memory,
// find.go, sweep.go and tell.go what is asked of it, missing.go and oldest.go notice that files are gone; segment.go and record.go are the format, load.go reads it,
// disk.go is what is needed of a file system, direct.go writes past its cache, turn.go gives way, memory.go one without a disk.
package filestore
