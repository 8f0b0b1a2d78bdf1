// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"io"
	"unsafe"
)

// directFile is a file whose frames go to the disk without a copy in the cache of the system: that is less work for
// the processor, and quicker. Such writes are of whole blocks, from memory that begins where a block could: the block that a
// frame begins in is written again, as the cache would write it, and behind the frame follow the zeros that are there
// already. It is read through the cache, which the system keeps right.
type directFile struct {
	osFile
	// direct is the same file; nil where the file system turned out not to write so.
	direct writeCloser
	blocks *blocks
}

type writeCloser interface {
	io.WriterAt
	io.Closer
}

// block is a multiple of what disks and file systems ask for, in bytes.
const block = 4096

// blocks is the memory that the goroutine that writes has for the files of a folder.
type blocks struct {
	memory, zeros []byte
	// of is the file that was written to last, end where its last frame ended: memory begins with what it holds of that
	// block.
	of  *directFile
	end int64
}

// aligned returns memory that begins at a multiple of block.
func aligned(size int) []byte {
	b := make([]byte, size+block)
	at := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) % block)
	return b[at : at+size : at+size]
}

func blockOf(at int64) int64 { return at &^ (block - 1) }

// upToBlock is the end of the last block of that many bytes.
func upToBlock[N int | int64](n N) N { return (n + block - 1) &^ (block - 1) }

// WriteAt implements File.
func (f *directFile) WriteAt(frame []byte, at int64) (int, error) {
	if f.direct == nil {
		return f.osFile.WriteAt(frame, at)
	}
	from := blockOf(at)
	lead := int(at - from)
	b, err := f.prepare(lead, len(frame), at)
	if err != nil {
		return 0, err
	}
	copy(b[lead:], frame)
	clear(b[lead+len(frame):])
	f.blocks.of = nil
	if _, err := f.direct.WriteAt(b, from); err != nil {
		if f.gaveUp(err) {
			return f.osFile.WriteAt(frame, at)
		}
		return 0, err
	}
	end := at + int64(len(frame))
	copy(b, b[blockOf(end)-from:end-from])
	f.blocks.of, f.blocks.end = f, end
	return len(frame), nil
}

// prepare returns the memory of the blocks that a frame lies in, with what the file holds before it in the first one.
func (f *directFile) prepare(lead, frame int, at int64) ([]byte, error) {
	known := f.blocks.of == f && f.blocks.end == at
	size := upToBlock(lead + frame)
	if m := f.blocks.memory; size > len(m) || len(m) > 4*maxGroup && size <= maxGroup {
		f.blocks.memory = aligned(max(2*size, 64<<10))
		if known {
			copy(f.blocks.memory, m[:lead])
		}
	}
	b := f.blocks.memory[:size]
	if lead > 0 && !known {
		if _, err := f.ReadAt(b[:lead], blockOf(at)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Extend implements File.
func (f *directFile) Extend(size int64) error {
	now, err := f.Size()
	if err != nil || now >= size || f.direct == nil {
		return f.osFile.Extend(size)
	}
	if f.blocks.zeros == nil {
		f.blocks.zeros = aligned(step)
	}
	for now, size = upToBlock(now), upToBlock(size); now < size; {
		n, err := f.direct.WriteAt(f.blocks.zeros[:min(size-now, step)], now)
		if f.gaveUp(err) {
			return f.osFile.Extend(size)
		}
		if err != nil {
			return nil //nolint:nilerr // the write of the frame will say so, if it finds no space either
		}
		now += int64(n)
	}
	return f.Sync()
}

// gaveUp reports that the file system does not write blocks so, after all: the file is written through the cache then.
func (f *directFile) gaveUp(err error) bool {
	if !refused(err) {
		return false
	}
	_ = f.direct.Close() // nothing was written to it
	f.direct = nil
	return true
}

// Close implements File.
func (f *directFile) Close() error {
	if f.direct != nil {
		_ = f.direct.Close() // what was written is synced, or the segment is not written to any more
	}
	return f.osFile.Close()
}
