// SPDX-License-Identifier: Apache-2.0

package gateway

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Content codings (RFC 9110, 8.4.1; RFC 8878).
const (
	codingNone = ""
	codingGzip = "gzip"
	codingZstd = "zstd"
)

// compressor compresses answers for callers who ask for it. It is safe for concurrent use.
type compressor struct {
	// least is the size in bytes from which an answer is compressed; 0 means never.
	least int
	gzips sync.Pool
	zstds *zstd.Encoder
}

// zstdWindow is the memory that a caller needs for an answer, in bytes. RFC 9659 allows 8 MiB.
const zstdWindow = 1 << 20

func newCompressor(least int64) (*compressor, error) {
	c := &compressor{least: int(least)}
	c.gzips.New = func() any {
		w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a valid one
		return w
	}
	var err error
	c.zstds, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow), zstd.WithZeroFrames(true))
	return c, err
}

// compress returns body in the coding, or body itself and no coding where that makes it no smaller.
func (c *compressor) compress(coding string, body []byte) ([]byte, string) {
	var out []byte
	switch coding {
	case codingZstd:
		out = c.zstds.EncodeAll(body, make([]byte, 0, len(body)/2))
	case codingGzip:
		w, _ := c.gzips.Get().(*gzip.Writer)
		var b bytes.Buffer
		w.Reset(&b)
		_, err := w.Write(body)
		if err == nil {
			err = w.Close()
		}
		w.Reset(nil)
		c.gzips.Put(w)
		if err != nil { // a buffer takes everything
			return body, codingNone
		}
		out = b.Bytes()
	default:
		return body, codingNone
	}
	if len(out) >= len(body) {
		return body, codingNone
	}
	return out, coding
}

// coding chooses from Accept-Encoding (RFC 9110, 12.5.3): zstd before gzip where the caller likes both
// equally. A header that cannot be read asks for nothing.
func coding(accept []string) string {
	best, most := codingNone, 0.0
	for _, header := range accept {
		for item := range strings.SplitSeq(header, ",") {
			name, params, _ := strings.Cut(item, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			if name == "x-gzip" {
				name = codingGzip
			}
			if name != codingGzip && name != codingZstd {
				continue
			}
			q := quality(params)
			if q > most || q == most && q > 0 && name == codingZstd {
				best, most = name, q
			}
		}
	}
	return best
}

// quality reads the weight of an item: q=0.5. None means 1; one that cannot be read 0.
func quality(params string) float64 {
	params = strings.TrimSpace(params)
	if params == "" {
		return 1
	}
	text, ok := strings.CutPrefix(strings.ToLower(params), "q=")
	if !ok {
		return 0
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
