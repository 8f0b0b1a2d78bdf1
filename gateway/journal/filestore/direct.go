// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"io"
	"sync"
	"unsafe"
)

// directFile is a file whose frames go to the disk without a copy in the cache of the system, where the file system can:
// that is less work for the processor, and quicker. Such writes are of whole blocks, from memory that begins where a
// block could: the block that a frame begins in is written again, as the cache would write it, and behind the frame
// follow the zeros that are there already. It is read through the cache, which the system keeps right.
type directFile struct {
	osFile
	blocks *blocks
}

type writeCloser interface {
	io.WriterAt
	io.Closer
}

// block is a multiple of what disks and file systems ask for, in bytes.
const block = 4096

// blocks writes blocks to one file of a folder at a time: the one that frames are appended to.
type blocks struct {
	mu            sync.Mutex
	memory, zeros []byte
	of            *directFile
	// direct is the same file; nil where the file system does not write so.
	direct writeCloser
	// end is where the last frame ended: memory begins with what the file holds of that block. -1 if it does not.
	end int64
	// refused says that the file system turned out not to write so.
	refused bool
}

// turnTo makes a file the one that is written. It reports whether that can be done in blocks.
func (b *blocks) turnTo(f *directFile) bool {
	if b.of != f {
		b.leave()
		b.of, b.end = f, -1
		if !b.refused {
			b.direct = openDirect(f.File)
		}
	}
	return b.direct != nil
}

// leave closes the file that was written: what was written to it is synced, or it is not written to any more.
func (b *blocks) leave() {
	if b.direct != nil {
		_ = b.direct.Close()
	}
	b.of, b.direct = nil, nil
}

// gaveUp reports that the file system does not write blocks so, after all: files are written through the cache then.
func (b *blocks) gaveUp(err error) bool {
	if !refused(err) {
		return false
	}
	_ = b.direct.Close()
	b.direct, b.refused = nil, true
	return true
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
	b := f.blocks
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.turnTo(f) {
		return f.osFile.WriteAt(frame, at)
	}
	from := blockOf(at)
	lead := int(at - from)
	whole, err := b.prepare(lead, len(frame), at)
	if err != nil {
		return 0, err
	}
	copy(whole[lead:], frame)
	clear(whole[lead+len(frame):])
	if _, err := b.direct.WriteAt(whole, from); err != nil {
		if b.gaveUp(err) {
			return f.osFile.WriteAt(frame, at)
		}
		return 0, err
	}
	end := at + int64(len(frame))
	b.keep(whole[blockOf(end)-from : end-from])
	b.end = end
	return len(frame), nil
}

// keep keeps what the next frame has before it in its first block.
func (b *blocks) keep(lead []byte) {
	if len(b.memory) > 4*maxGroup {
		b.memory = aligned(maxGroup)
	}
	copy(b.memory, lead)
}

// prepare returns the memory of the blocks that a frame lies in, with what the file holds before it in the first one.
func (b *blocks) prepare(lead, frame int, at int64) ([]byte, error) {
	known := b.end == at
	b.end = -1
	size, m := upToBlock(lead+frame), b.memory
	if size > len(m) {
		b.memory = aligned(max(size, min(2*size, maxGroup), 64<<10))
		if known {
			copy(b.memory, m[:lead])
		}
	}
	whole := b.memory[:size]
	if lead > 0 && !known {
		if _, err := b.of.ReadAt(whole[:lead], blockOf(at)); err != nil {
			return nil, err
		}
	}
	return whole, nil
}

// Extend implements File.
func (f *directFile) Extend(size int64) error {
	now, err := f.Size()
	if err != nil || now >= size {
		return err
	}
	b := f.blocks
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.turnTo(f) {
		return f.osFile.Extend(size)
	}
	if b.zeros == nil {
		b.zeros = aligned(step)
	}
	for now, size = upToBlock(now), upToBlock(size); now < size; {
		n, err := b.direct.WriteAt(b.zeros[:min(size-now, step)], now)
		if b.gaveUp(err) {
			return f.osFile.Extend(size)
		}
		if err != nil {
			return nil //nolint:nilerr // the write of the frame will say so, if it finds no space either
		}
		now += int64(n)
	}
	return f.Sync()
}

// Truncate implements File.
func (f *directFile) Truncate(size int64) error {
	b := f.blocks
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of == f {
		b.end = -1
	}
	return f.osFile.Truncate(size)
}

// Close implements File.
func (f *directFile) Close() error {
	b := f.blocks
	b.mu.Lock()
	if b.of == f {
		b.leave()
	}
	b.mu.Unlock()
	return f.osFile.Close()
}
