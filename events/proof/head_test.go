package proof

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

// FuzzDecodeHead wants a head that is read from a tree's file to be written as the same
// bytes.
func FuzzDecodeHead(f *testing.F) {
	f.Add(encodeHead(noHead))
	f.Add(encodeHead(Head{Size: 7, Root: [32]byte{1}, Record: 3, Position: 4, SHA256: [32]byte{2}}))
	f.Add(make([]byte, headSize))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < headSize {
			return
		}
		data = data[:headSize]
		for range 2 {
			if h, err := decodeHead(data); err == nil && !bytes.Equal(encodeHead(h), data) {
				t.Fatalf("%x is read as %+v, which is written as %x", data, h, encodeHead(h))
			}
			// Past the checksum, which the fuzzer cannot guess.
			data = binary.BigEndian.AppendUint32(data[:headSize-4:headSize-4], crc32.Checksum(data[:headSize-4], castagnoli))
		}
	})
}
