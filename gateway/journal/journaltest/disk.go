// SPDX-License-Identifier: Apache-2.0

package journaltest

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"lintel/gateway/journal/filestore"
)

// Disk is a folder in memory that can lose power. It implements filestore.Disk.
type Disk struct {
	mu    sync.Mutex
	files map[string]*content
	dice  *rand.Rand
	// era counts losses of power: what was opened before one cannot be used any more.
	era     int
	latency time.Duration
	// Fault, if set, is asked before every create, extend, write and sync. A failed sync leaves what was written as it
	// may be.
	Fault func(what string) error
}

// content is a file: what is on stable storage, and what would be read now. They differ from byte
// changed on.
type content struct {
	stable, now []byte
	changed     int
}

// sector is what a disk writes at once, or not at all.
const sector = 512

// NewDisk makes an empty disk. The seed decides what a loss of power leaves.
func NewDisk(seed uint64) *Disk {
	return &Disk{files: map[string]*content{}, dice: rand.New(rand.NewPCG(seed, 7))}
}

var _ filestore.Disk = (*Disk)(nil)

// SetLatency sets the time a sync takes.
func (d *Disk) SetLatency(l time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.latency = l
}

// Crash ends the process that has the disk open but keeps what it wrote, as SIGKILL does.
func (d *Disk) Crash() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.era++
	for _, f := range d.files {
		f.flush()
	}
}

// LosePower drops what was not synced: of every file any sectors of that may have come through, in any
// order, and some of their bytes may be anything.
func (d *Disk) LosePower() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.era++
	names := make([]string, 0, len(d.files))
	for name := range d.files {
		names = append(names, name)
	}
	slices.Sort(names) // the dice have to fall the same way for the same seed
	for _, name := range names {
		d.files[name].losePower(d.dice)
	}
}

func (f *content) losePower(dice *rand.Rand) {
	left := slices.Clone(f.stable)
	if extra := len(f.now) - len(left); extra > 0 {
		left = append(left, make([]byte, dice.IntN(extra+1))...)
	}
	for at := f.changed; at < len(left); at = (at/sector + 1) * sector {
		if dice.IntN(2) == 0 {
			continue
		}
		n := copy(left[at:min((at/sector+1)*sector, len(left))], f.now[at:])
		for i := at; i < at+n; i++ {
			if dice.IntN(64) == 0 {
				left[i] ^= byte(dice.IntN(255))
			}
		}
	}
	f.now, f.stable, f.changed = left, slices.Clone(left), len(left)
}

// flush brings everything to stable storage.
func (f *content) flush() {
	from := min(f.changed, len(f.stable), len(f.now))
	f.stable = append(f.stable[:from], f.now[from:]...)
	f.changed = len(f.now)
}

// Corrupt changes one byte of a file that is on stable storage.
func (d *Disk) Corrupt(name string, offset int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	f.now[offset] ^= 0x20
	f.stable, f.changed = slices.Clone(f.now), len(f.now)
}

// Cut shortens a file.
func (d *Disk) Cut(name string, size int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	f.now = f.now[:size:size]
	f.stable, f.changed = slices.Clone(f.now), size
}

// Clone returns a disk with the same files.
func (d *Disk) Clone() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := NewDisk(1)
	for name, f := range d.files {
		out.files[name] = &content{stable: slices.Clone(f.now), now: slices.Clone(f.now), changed: len(f.now)}
	}
	return out
}

// Bytes returns what a file holds now.
func (d *Disk) Bytes(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.files[name].now)
}

// Names implements filestore.Disk.
func (d *Disk) Names() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for name := range d.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Open implements filestore.Disk.
func (d *Disk) Open(name string) (filestore.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] == nil {
		return nil, fs.ErrNotExist
	}
	return &file{disk: d, content: d.files[name], era: d.era}, nil
}

// Create implements filestore.Disk.
func (d *Disk) Create(name string) (filestore.File, error) {
	if err := d.fault("create"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] != nil {
		return nil, fs.ErrExist
	}
	d.files[name] = &content{}
	return &file{disk: d, content: d.files[name], era: d.era}, nil
}

// Remove implements filestore.Disk.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, name)
	return nil
}

func (d *Disk) fault(what string) error {
	d.mu.Lock()
	f := d.Fault
	d.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(what)
}

// file is an open file.
type file struct {
	disk    *Disk
	content *content
	era     int
}

var errDead = errors.New("the process that opened the file is gone")

func (f *file) use() (func(), error) {
	f.disk.mu.Lock()
	if f.era != f.disk.era {
		f.disk.mu.Unlock()
		return nil, errDead
	}
	return f.disk.mu.Unlock, nil
}

// ReadAt implements filestore.File.
func (f *file) ReadAt(b []byte, off int64) (int, error) {
	done, err := f.use()
	if err != nil {
		return 0, err
	}
	defer done()
	if off >= int64(len(f.content.now)) {
		return 0, io.EOF
	}
	n := copy(b, f.content.now[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements filestore.File.
func (f *file) WriteAt(b []byte, off int64) (int, error) {
	if err := f.disk.fault("write"); err != nil {
		return 0, err
	}
	done, err := f.use()
	if err != nil {
		return 0, err
	}
	defer done()
	f.content.write(b, int(off))
	return len(b), nil
}

func (f *content) write(b []byte, off int) {
	f.changed = min(f.changed, off, len(f.now))
	if missing := off + len(b) - len(f.now); missing > 0 {
		f.now = append(f.now, make([]byte, missing)...)
	}
	copy(f.now[off:], b)
}

// Extend implements filestore.File.
func (f *file) Extend(size int64) error {
	if err := f.disk.fault("extend"); err != nil {
		return nil //nolint:nilerr // no space is no error here
	}
	done, err := f.use()
	if err != nil {
		return err
	}
	if n := int64(len(f.content.now)); n < size {
		f.content.write(make([]byte, size-n), int(n))
	}
	done()
	return f.Sync()
}

// Sync implements filestore.File.
func (f *file) Sync() error {
	f.disk.mu.Lock()
	latency := f.disk.latency
	f.disk.mu.Unlock()
	if latency > 0 {
		time.Sleep(latency)
	}
	if err := f.disk.fault("sync"); err != nil {
		return err
	}
	done, err := f.use()
	if err != nil {
		return err
	}
	defer done()
	f.content.flush()
	return nil
}

// Size implements filestore.File.
func (f *file) Size() (int64, error) {
	done, err := f.use()
	if err != nil {
		return 0, err
	}
	defer done()
	return int64(len(f.content.now)), nil
}

// Truncate implements filestore.File.
func (f *file) Truncate(size int64) error {
	done, err := f.use()
	if err != nil {
		return err
	}
	defer done()
	f.content.now = f.content.now[:size]
	f.content.stable, f.content.changed = slices.Clone(f.content.now), int(size)
	return nil
}

// Close implements filestore.File.
func (f *file) Close() error { return nil }
