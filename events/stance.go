package events

import (
	"fmt"

	"github.com/onrecord/onrecord/internal/enum"
)

// Stance is how surely a voice holds a claim, and which way (FactBank, Saurí
// and Pustejovsky 2009, section 3): CT+, CT-, CTu, PR+, PR-, PRu, PS+, PS-,
// PSu and Uu. "CTu" knows but does not tell. The zero Stance is not a stance.
type Stance struct {
	Certainty Certainty `cbor:"1,keyasint"`
	Polarity  Polarity  `cbor:"2,keyasint"`
}

// Certainty orders how surely something is held; a larger one is surer.
type Certainty uint8

// The certainties. The numbers are part of the stored format.
const (
	Uncommitted Certainty = 1 // U
	Possible    Certainty = 2 // PS
	Probable    Certainty = 3 // PR
	Certain     Certainty = 4 // CT
)

var certaintyNames = enum.Of("events", "Certainty", "", "uncommitted", "possible", "probable", "certain")

func (c Certainty) String() string { return certaintyNames.Of(uint8(c)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (c Certainty) MarshalText() ([]byte, error) {
	return certaintyNames.Marshal(uint8(c))
}

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (c *Certainty) UnmarshalText(text []byte) error {
	return enum.Unmarshal(certaintyNames, text, c)
}

// Polarity says whether a claim is affirmed or denied.
type Polarity uint8

// The polarities. The numbers are part of the stored format.
const (
	Affirmed     Polarity = 1 // +
	Denied       Polarity = 2 // -
	Undetermined Polarity = 3 // u
)

var polarityNames = enum.Of("events", "Polarity", "", "affirmed", "denied", "undetermined")

func (p Polarity) String() string { return polarityNames.Of(uint8(p)) }

// MarshalText returns the word that String prints, an empty text for 0, which is not in use. Any
// other number that is not in use is an error.
func (p Polarity) MarshalText() ([]byte, error) { return polarityNames.Marshal(uint8(p)) }

// UnmarshalText sets it to what a word stands for, to 0 if text is empty. Another word is an error,
// which names the nearest, and changes nothing.
func (p *Polarity) UnmarshalText(text []byte) error {
	return enum.Unmarshal(polarityNames, text, p)
}

// The stances, by FactBank's names.
var (
	certaintyCodes = [...]string{"", "U", "PS", "PR", "CT"}
	polarityCodes  = [...]string{"", "+", "-", "u"}
)

// CertainAffirmed returns the stance that is assumed where nothing else is said: CT+.
func CertainAffirmed() Stance { return Stance{Certain, Affirmed} }

// String returns FactBank's name of the stance, such as "PS+".
func (s Stance) String() string {
	if !s.Valid() {
		return fmt.Sprintf("Stance(%d,%d)", s.Certainty, s.Polarity)
	}
	return certaintyCodes[s.Certainty] + polarityCodes[s.Polarity]
}

// Valid reports whether s is one of the ten stances.
func (s Stance) Valid() bool {
	return s.Certainty >= Uncommitted && s.Certainty <= Certain &&
		s.Polarity >= Affirmed && s.Polarity <= Undetermined &&
		(s.Certainty != Uncommitted || s.Polarity == Undetermined)
}

// ParseStance returns the stance that FactBank calls by this name.
func ParseStance(name string) (Stance, error) {
	for c := Uncommitted; c <= Certain; c++ {
		for p := Affirmed; p <= Undetermined; p++ {
			if s := (Stance{c, p}); s.Valid() && s.String() == name {
				return s, nil
			}
		}
	}
	return Stance{}, fmt.Errorf("events: stance %q: want %s", name, stances)
}

const stances = "one of CT+ CT- CTu PR+ PR- PRu PS+ PS- PSu Uu"
