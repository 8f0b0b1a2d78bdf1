// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// A recording is a file of exchanges, sealed with AES-256-GCM. docs/reference/recordings.md describes it.
const (
	tapeMagic = "LINTEL-RECORDING-1\n"
	tapeSalt  = 16
	// maxTapeFrame bounds one exchange, sealed.
	maxTapeFrame = 16 << 20
	// minTapeKey is the least length of a key, in bytes.
	minTapeKey = 32
)

// taped is one exchange as it is kept: sensitive values are masked already.
type taped struct {
	Time      time.Time `json:"time"`
	Exchange  string    `json:"exchange"`
	Operation string    `json:"operation,omitempty"`
	// Part names the step, or the undo of one; empty for an operation without steps, and for the call of one with steps,
	// which has no messages and comes after them.
	Part string `json:"part,omitempty"`
	// Listener is set for a message of a listener in place of Operation; Said is what it says, nil if it cannot be read.
	Listener string     `json:"listener,omitempty"`
	Said     *tapedSaid `json:"said,omitempty"`
	// Params and Body are what the app sent; nil for a step.
	Params json.RawMessage `json:"params,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`
	// Media numbers the media type of Body in the contract, from 1; 0 if there is no body.
	Media int `json:"media,omitempty"`
	// Request and Reply are the messages; no reply came if Reply is nil.
	Request *tapedMessage `json:"request,omitempty"`
	Reply   *tapedMessage `json:"reply,omitempty"`
	// Millis is how long the reply took.
	Millis float64 `json:"millis"`
	// Answer is what the reply meant; nil if there was none, or one that cannot be read.
	Answer *tapedAnswer `json:"answer,omitempty"`
}

// tapedMessage is one message of a host.
type tapedMessage struct {
	Bytes      []byte                   `json:"bytes"`
	Properties map[string]tapedProperty `json:"properties,omitempty"`
	// Masked is how many values were masked.
	Masked int `json:"masked,omitempty"`
}

// tapedProperty keeps the type of a message property.
type tapedProperty struct {
	Text  *string `json:"text,omitempty"`
	Whole *int64  `json:"whole,omitempty"`
	Flag  *bool   `json:"flag,omitempty"`
	Bytes []byte  `json:"bytes,omitempty"`
}

// tapedSaid is what a message says: attributes of its event or call by name, and the data or body.
type tapedSaid struct {
	Attributes map[string]string `json:"attributes,omitempty"`
	Body       json.RawMessage   `json:"body,omitempty"`
}

// tapedAnswer is what the app got.
type tapedAnswer struct {
	Status  int             `json:"status"`
	Outcome string          `json:"outcome"`
	Body    json.RawMessage `json:"body,omitempty"`
}

// tapeKey reads the key that a reference names: env:NAME or file:PATH.
func tapeKey(ref string, env func(string) (string, bool)) ([]byte, error) {
	kind, name, _ := strings.Cut(ref, ":")
	var key []byte
	switch {
	case kind == "env" && name != "":
		text, set := env(name)
		if !set {
			return nil, &exitError{code: exitLoad, err: fmt.Errorf("the environment variable %s with the key is not set", name)}
		}
		key = []byte(text)
	case kind == "file" && name != "":
		info, err := os.Stat(name)
		if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			return nil, &exitError{code: exitLoad, err: fmt.Errorf("the key in %s can be read by others: chmod 600", name)}
		}
		if err == nil {
			key, err = os.ReadFile(name) // #nosec G304 -- the file that the user names
		}
		if err != nil {
			return nil, &exitError{code: exitLoad, err: fmt.Errorf("the key cannot be read: %w", err)}
		}
	default:
		return nil, usageError("--key must be env:NAME or file:PATH: a key is never an argument itself")
	}
	if key = bytes.TrimSpace(key); len(key) < minTapeKey {
		return nil, &exitError{code: exitLoad, err: fmt.Errorf("the key must have at least %d characters; make one with: openssl rand -hex 32", minTapeKey)}
	}
	return key, nil
}

// tapeSeal makes the cipher of a recording.
func tapeSeal(key, salt []byte) (cipher.AEAD, error) {
	k, err := hkdf.Key(sha256.New, key, salt, "lintel recording 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// frameLabel is authenticated with a frame: its place in the file, and whether it is the last.
func frameLabel(n uint64, last bool) []byte {
	b := binary.BigEndian.AppendUint64(nil, n)
	if last {
		return append(b, 1)
	}
	return append(b, 0)
}

// tapeWriter writes a recording.
type tapeWriter struct {
	f     *os.File
	w     *bufio.Writer
	seal  cipher.AEAD
	n     uint64
	bytes int64
}

// createTape begins a recording in a new file, for this user only.
func createTape(path string, key []byte) (*tapeWriter, error) {
	salt := make([]byte, tapeSalt)
	_, _ = rand.Read(salt) // never fails
	seal, err := tapeSeal(key, salt)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the file that the user names
	if err != nil {
		return nil, err
	}
	t := &tapeWriter{f: f, w: bufio.NewWriter(f), seal: seal}
	head := append([]byte(tapeMagic), salt...)
	t.bytes = int64(len(head))
	_, err = t.w.Write(head)
	return t, err
}

// add appends an exchange and brings it to the file.
func (t *tapeWriter) add(x *taped) error {
	text, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return t.frame(text, false)
}

func (t *tapeWriter) frame(text []byte, last bool) error {
	sealed := t.seal.Seal(nil, nil, text, frameLabel(t.n, last))
	if len(sealed) > maxTapeFrame {
		return errors.New("the exchange is too large for a recording")
	}
	t.n++
	t.bytes += int64(len(sealed)) + 4
	_, err := t.w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(sealed))), sealed...))
	return errors.Join(err, t.w.Flush())
}

func (t *tapeWriter) size() int64 { return t.bytes }

// Close ends the recording: what comes after, or is cut off, is noticed.
func (t *tapeWriter) Close() error {
	return errors.Join(t.frame(nil, true), t.f.Sync(), t.f.Close())
}

// errTapeOpen says that a recording has no end: its process was killed, or it was cut off.
var errTapeOpen = errors.New("the recording has no end: whoever wrote it was stopped, or it was cut off; what is there can be used")

// readTape reads a recording, exchange by exchange. The error is errTapeOpen where all that is there could be read.
func readTape(path string, key []byte, each func(n int, x *taped) error) error {
	f, err := os.Open(path) // #nosec G304 -- the file that the user names
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	r := bufio.NewReader(f)
	head := make([]byte, len(tapeMagic)+tapeSalt)
	if _, err := io.ReadFull(r, head); err != nil || string(head[:len(tapeMagic)]) != tapeMagic {
		return fmt.Errorf("%s is no recording", path)
	}
	seal, err := tapeSeal(key, head[len(tapeMagic):])
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		text, last, err := readFrame(r, seal, uint64(n))
		if err != nil {
			return err
		}
		if last {
			if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
				return fmt.Errorf("%s goes on behind its end", path)
			}
			return nil
		}
		x := &taped{}
		if err := json.Unmarshal(text, x); err != nil || x.Request == nil {
			return fmt.Errorf("exchange %d of the recording cannot be read", n+1)
		}
		if err := each(n+1, x); err != nil {
			return err
		}
	}
}

func readFrame(r io.Reader, seal cipher.AEAD, n uint64) (text []byte, last bool, err error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, false, errTapeOpen
	}
	size := binary.BigEndian.Uint32(length[:])
	if size > maxTapeFrame {
		return nil, false, errTapeSeal
	}
	sealed := make([]byte, size)
	if _, err := io.ReadFull(r, sealed); err != nil {
		return nil, false, errTapeOpen
	}
	if text, err = seal.Open(nil, nil, sealed, frameLabel(n, false)); err == nil {
		return text, false, nil
	}
	if text, err = seal.Open(nil, nil, sealed, frameLabel(n, true)); err == nil {
		return text, true, nil
	}
	return nil, false, errTapeSeal
}

var errTapeSeal = errors.New("the recording cannot be opened: the key is another one, or the file was changed")
