// SPDX-License-Identifier: Apache-2.0

package filestore

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"lintel/gateway/journal"
)

// Disk is what a store needs of a folder. Tests put one in its place that forgets what was not synced.
type Disk interface {
	// Names lists the files.
	Names() ([]string, error)
	// Open opens a file that is there, to read and to cut it.
	Open(name string) (File, error)
	// Create makes a file that is not there. It is on stable storage when it returns.
	Create(name string) (File, error)
	// Remove deletes a file.
	Remove(name string) error
}

// File is one file.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Size returns its length in bytes.
	Size() (int64, error)
	// Sync brings what was written to stable storage.
	Sync() error
	// Truncate cuts it, on stable storage too.
	Truncate(size int64) error
	// Extend makes it longer, with zeros, if there is space: what is written there later needs less to
	// become stable. An error says that a sync failed; no space is none.
	Extend(size int64) error
}

// folder is the Disk of the operating system.
type folder struct {
	name   string
	blocks *blocks
}

func newFolder(name string) folder { return folder{name: name, blocks: &blocks{}} }

// Names implements Disk.
func (d folder) Names() ([]string, error) {
	entries, err := os.ReadDir(d.name)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// Open implements Disk.
func (d folder) Open(name string) (File, error) {
	f, err := os.OpenFile(filepath.Join(d.name, name), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &directFile{osFile{f}, d.blocks}, nil
}

// Create implements Disk.
func (d folder) Create(name string) (File, error) {
	f, err := os.OpenFile(filepath.Join(d.name, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := journal.SyncFolder(d.name); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &directFile{osFile{f}, d.blocks}, nil
}

// Remove implements Disk.
func (d folder) Remove(name string) error { return os.Remove(filepath.Join(d.name, name)) }

// osFile is a file of the operating system.
type osFile struct{ *os.File }

// Size implements File.
func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Sync implements File.
func (f osFile) Sync() error { return syncData(f.File) }

// Truncate implements File.
func (f osFile) Truncate(size int64) error {
	if err := f.File.Truncate(size); err != nil {
		return err
	}
	return f.File.Sync()
}

// Extend implements File. The zeros are written: space that is only reserved would have to be marked
// as used with the first write.
func (f osFile) Extend(size int64) error {
	now, err := f.Size()
	if err != nil || now >= size {
		return err
	}
	zeros := make([]byte, min(size-now, 64<<10))
	for now < size {
		n, err := f.WriteAt(zeros[:min(size-now, int64(len(zeros)))], now)
		if err != nil {
			return nil //nolint:nilerr // the write of the frame will say so, if it finds no space either
		}
		now += int64(n)
	}
	return f.Sync()
}
