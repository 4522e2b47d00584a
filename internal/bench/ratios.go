package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
)

// Ratio is what the library takes divided by what something else takes in the
// same run; less is better.
type Ratio struct {
	Name     string
	Value    float64
	Spread   float64 // see samples.spread; 0: not known
	Recorded float64 // 0: none
}

// tolerance is how much worse than recorded a ratio may be.
const tolerance = 1.2

// worse reports whether a ratio is worse than the recorded one by more than is
// tolerated.
func (r Ratio) worse() bool { return r.Recorded > 0 && r.Value > r.Recorded*tolerance }

// compare fills in what was recorded and returns the ratios that are worse.
func compare(ratios []Ratio, recorded map[string]float64) (worse []Ratio) {
	for i := range ratios {
		r := &ratios[i]
		r.Recorded = recorded[r.Name]
		if r.worse() {
			worse = append(worse, *r)
		}
	}
	return worse
}

// readRatios reads a file of recorded ratios by name; it is empty if there is no
// file.
func readRatios(file string) (map[string]float64, error) {
	recorded := map[string]float64{}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return recorded, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		return nil, fmt.Errorf("%s: want an object of numbers: %w", file, err)
	}
	return recorded, nil
}

// writeRatios records ratios in a file, in the order of their names. What was
// recorded of other names, such as those of another size, stays.
func writeRatios(file string, ratios []Ratio, recorded map[string]float64) error {
	all := maps.Clone(recorded)
	for _, r := range ratios {
		// Three digits: more would change with every run.
		var v float64
		if _, err := fmt.Sscan(fmt.Sprintf("%.3g", r.Value), &v); err != nil {
			return fmt.Errorf("ratio %q is %v: %w", r.Name, r.Value, err)
		}
		all[r.Name] = v
	}
	data, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}
