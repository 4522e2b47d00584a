package events

import "encoding/binary"

// The major types of RFC 8949, section 3.1, that are written and read by hand, and the
// only simple value.
const (
	cborUnsigned = 0
	cborNegative = 1
	cborBytes    = 2
	cborText     = 3
	cborArray    = 4
	cborMap      = 5
	cborTrue     = 0xf5
)

// appendHead writes the head of a data item (RFC 8949, section 3) as shortly as it
// can be.
func appendHead(data []byte, major byte, argument uint64) []byte {
	major <<= 5
	switch {
	case argument < 24:
		return append(data, major|byte(argument))
	case argument < 1<<8:
		return append(data, major|24, byte(argument))
	case argument < 1<<16:
		return binary.BigEndian.AppendUint16(append(data, major|25), uint16(argument))
	case argument < 1<<32:
		return binary.BigEndian.AppendUint32(append(data, major|26), uint32(argument))
	}
	return binary.BigEndian.AppendUint64(append(data, major|27), argument)
}

// headSize returns how many bytes the shortest head takes.
func headSize(argument uint64) int {
	var room [9]byte
	return len(appendHead(room[:0], cborArray, argument))
}

func appendInt(data []byte, n int64) []byte {
	if n < 0 {
		return appendHead(data, cborNegative, uint64(^n))
	}
	return appendHead(data, cborUnsigned, uint64(n))
}

func appendBytes(data, b []byte) []byte {
	return append(appendHead(data, cborBytes, uint64(len(b))), b...)
}

func appendText(data []byte, s string) []byte {
	return append(appendHead(data, cborText, uint64(len(s))), s...)
}

// cutHead reads the head of a data item, which data has the whole of.
func cutHead(data []byte) (major byte, argument uint64, rest []byte) {
	major, short, data := data[0]>>5, data[0]&31, data[1:]
	switch short {
	case 24:
		return major, uint64(data[0]), data[1:]
	case 25:
		return major, uint64(binary.BigEndian.Uint16(data)), data[2:]
	case 26:
		return major, uint64(binary.BigEndian.Uint32(data)), data[4:]
	case 27:
		return major, binary.BigEndian.Uint64(data), data[8:]
	}
	return major, uint64(short), data
}
