// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
)

// Memory is a Disk that is gone with the process, for journals of simulations: they leave nothing behind, however
// the process ends. The zero value is an empty one.
type Memory struct {
	mu    sync.Mutex
	files map[string]*memoryFile
}

var _ Disk = (*Memory)(nil)

// Names implements Disk.
func (m *Memory) Names() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.files)), nil
}

// Open implements Disk.
func (m *Memory) Open(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[name]
	if f == nil {
		return nil, fs.ErrNotExist
	}
	return f, nil
}

// Create implements Disk.
func (m *Memory) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] != nil {
		return nil, fs.ErrExist
	}
	if m.files == nil {
		m.files = map[string]*memoryFile{}
	}
	m.files[name] = &memoryFile{}
	return m.files[name], nil
}

// Remove implements Disk.
func (m *Memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, name)
	return nil
}

// memoryFile is one file of a Memory.
type memoryFile struct {
	mu sync.Mutex
	b  []byte
}

// ReadAt implements File.
func (f *memoryFile) ReadAt(b []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if off >= int64(len(f.b)) {
		return 0, io.EOF
	}
	n := copy(b, f.b[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements File.
func (f *memoryFile) WriteAt(b []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if gap := off + int64(len(b)) - int64(len(f.b)); gap > 0 {
		f.b = append(f.b, make([]byte, gap)...)
	}
	return copy(f.b[off:], b), nil
}

// Size implements File.
func (f *memoryFile) Size() (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(len(f.b)), nil
}

// Sync implements File: there is no storage that could be behind.
func (f *memoryFile) Sync() error { return nil }

// Truncate implements File.
func (f *memoryFile) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.b = f.b[:min(size, int64(len(f.b)))]
	return nil
}

// Extend implements File: nothing is gained by space that is there before it is needed.
func (f *memoryFile) Extend(int64) error { return nil }

// Close implements File. The file stays for whoever opens it again.
func (f *memoryFile) Close() error { return nil }
