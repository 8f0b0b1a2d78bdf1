// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"encoding/binary"
	"errors"
	"math"
	"net/http"
	"slices"
	"time"

	"lintel/transforms"
)

// What the journal keeps as a reply begins with one of these.
const (
	storedAnswerV1 = 'A' // an answer as it went to the caller
	storedAnswerV2 = 'S' // the same, behind the sum of the reply that it was made of
	storedUnreadV1 = 'U' // the bytes of a reply that could not be read
)

// storedAnswer is an answer as it is kept.
type storedAnswer struct {
	status int
	header http.Header
	body   []byte
	// sum is that of the reply behind it, if that may come again; nil for others.
	sum []byte
}

// fleeting are headers that belong to one transmission and not to the answer.
func fleeting(name string) bool {
	switch name {
	case "Cache-Control", "X-Content-Type-Options", "Connection", "Content-Length", "Retry-After", headerReplay, headerDegraded,
		// of the caller and the moment: whoever asks again has its own
		"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers", "Ratelimit", "Ratelimit-Policy",
		"Content-Security-Policy", "Strict-Transport-Security":
		return true
	}
	return false
}

func encodeAnswer(a *storedAnswer) []byte { return appendAnswer(nil, a) }

func appendAnswer(b []byte, a *storedAnswer) []byte {
	b = slices.Grow(b, len(a.body)+256)
	if a.sum == nil {
		b = append(b, storedAnswerV1)
	} else {
		b = append(append(b, storedAnswerV2), a.sum...)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(a.status))
	var room [16]string
	names, lines := room[:0], 0
	for name, values := range a.header {
		if !fleeting(name) {
			names = append(names, name)
			lines += len(values)
		}
	}
	slices.Sort(names)
	b = binary.AppendUvarint(b, uint64(lines))
	for _, name := range names {
		for _, value := range a.header[name] {
			b = appendSized(b, name)
			b = appendSized(b, value)
		}
	}
	return append(b, a.body...)
}

func appendSized(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func encodeUnread(reply []byte) []byte { return append([]byte{storedUnreadV1}, reply...) }

var errStored = errors.New("the answer that was kept cannot be read")

func decodeAnswer(b []byte) (*storedAnswer, error) {
	a := &storedAnswer{header: http.Header{}}
	switch {
	case len(b) > sumSize && b[0] == storedAnswerV2:
		a.sum, b = b[1:1+sumSize], b[1+sumSize:]
	case len(b) > 0 && b[0] == storedAnswerV1:
		b = b[1:]
	default:
		return nil, errStored
	}
	if len(b) < 2 {
		return nil, errStored
	}
	a.status, b = int(binary.BigEndian.Uint16(b)), b[2:]
	count, used := binary.Uvarint(b)
	if used <= 0 || count > uint64(len(b)) {
		return nil, errStored
	}
	b = b[used:]
	for range count {
		var line [2]string
		for i := range line {
			n, used := binary.Uvarint(b)
			if used <= 0 || n > uint64(len(b)-used) {
				return nil, errStored
			}
			line[i] = string(b[used : used+int(n)])
			b = b[used+int(n):]
		}
		a.header[line[0]] = append(a.header[line[0]], line[1])
	}
	a.body = b
	return a, nil
}

// storedInputV1 is the first byte of what an exchange was made of, so that the host can be asked about it.
const storedInputV1 = 'I'

// appendInput writes the input: the time, then each text with its length plus one, 0 for one that is not
// there, then the number of the media type.
func appendInput(b []byte, in *transforms.Input) []byte {
	b = slices.Grow(b, len(in.Params)+len(in.Body)+len(in.Identity)+len(in.ExchangeID)+32)
	b = append(b, storedInputV1)
	b = binary.AppendVarint(b, in.Now.UnixNano())
	for _, text := range [...][]byte{in.Params, in.Body, in.Identity} {
		if text == nil {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(text))+1)
		b = append(b, text...)
	}
	b = append(binary.AppendUvarint(b, uint64(len(in.ExchangeID))+1), in.ExchangeID...)
	return binary.AppendUvarint(b, uint64(in.Media))
}

func decodeInput(b []byte) (transforms.Input, error) {
	var in transforms.Input
	if len(b) == 0 || b[0] != storedInputV1 {
		return in, errStored
	}
	now, used := binary.Varint(b[1:])
	if used <= 0 {
		return in, errStored
	}
	in.Now, b = time.Unix(0, now), b[1+used:]
	var exchange []byte
	for _, to := range []*[]byte{&in.Params, &in.Body, &in.Identity, &exchange} {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)-used)+1 {
			return in, errStored
		}
		b = b[used:]
		if n > 0 {
			*to, b = b[:n-1:n-1], b[n-1:]
		}
	}
	in.ExchangeID = string(exchange)
	if len(b) > 0 { // older ones end here
		media, used := binary.Uvarint(b)
		if used <= 0 || media > math.MaxInt32 {
			return in, errStored
		}
		in.Media = int(media)
	}
	return in, nil
}
